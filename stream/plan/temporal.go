package plan

import (
	"errors"

	"weir/stream/expr"
)

// TemporalFilter keeps a row while From <= now() < Until, over two timestamp columns of the
// input (in UTC); -1: no bound on that side. A NULL bound keeps the row out for ever. It is what
// conditions "x op now() +/- constant" become: the planner projects each bound, with a
// microsecond added where the comparison asks for it. Time moves rows without any input.
type TemporalFilter struct {
	Input       Node
	From, Until int
}

// Schema implements Node.
func (n *TemporalFilter) Schema() []Field { return n.Input.Schema() }

// Children implements Node.
func (n *TemporalFilter) Children() []Node { return []Node{n.Input} }

// With implements Node.
func (n *TemporalFilter) With(in []Node) Node {
	c := *n
	c.Input = in[0]
	return &c
}

// Scalars implements Node.
func (n *TemporalFilter) Scalars() []expr.Expr { return nil }

// WithScalars implements Node.
func (n *TemporalFilter) WithScalars([]expr.Expr) Node { return n }

// props: rows leave, and enter late, so nothing is frozen; without an end nothing leaves.
func (n *TemporalFilter) props(in []Props) Props {
	return Props{
		Key: in[0].Key, AppendOnly: in[0].AppendOnly && n.Until < 0,
		Frozen: make([]bool, len(in[0].Frozen)),
	}
}

func (n *TemporalFilter) check() error {
	in := n.Input.Schema()
	if n.From < 0 && n.Until < 0 {
		return errors.New("temporal filter without a bound")
	}
	for _, c := range [...]int{n.From, n.Until} {
		if c == -1 {
			continue
		}
		if err := timeColumn(in, c); err != nil {
			return err
		}
	}
	return nil
}

func (n *TemporalFilter) describe() string {
	in := n.Input.Schema()
	text := "TemporalFilter "
	if n.From >= 0 {
		text += in[n.From].Name + " <= now()"
	}
	if n.From >= 0 && n.Until >= 0 {
		text += ", "
	}
	if n.Until >= 0 {
		text += "now() < " + in[n.Until].Name
	}
	return text
}

func (n *TemporalFilter) encode(b []byte) []byte {
	b = appendPlus1(append(b, tagTemporal), int64(n.From))
	return appendPlus1(b, int64(n.Until))
}

func (r *reader) temporal(depth int) Node {
	n := &TemporalFilter{From: r.col() - 1, Until: r.col() - 1}
	n.Input = r.node(depth + 1)
	return n
}

package plan

import (
	"errors"
	"slices"
	"strings"

	"weir/internal/canon"
	"weir/stream/expr"
)

// Session is the SESSION window table function: it appends window_start and window_end to every
// row. Rows of a partition belong to one session while each follows the one before by less than
// the gap; a session goes from its first time to its last plus the gap. A NULL time drops a row,
// one whose session would end after the last timestamp is an error (22008).
type Session struct {
	Input       Node
	PartitionBy []int
	TimeCol     int
	GapMicros   int64
}

// Schema implements Node.
func (n *Session) Schema() []Field { return withWindow(n.Input.Schema(), n.TimeCol) }

// Children implements Node.
func (n *Session) Children() []Node { return []Node{n.Input} }

// With implements Node.
func (n *Session) With(in []Node) Node {
	c := *n
	c.Input = in[0]
	return &c
}

// Scalars implements Node.
func (n *Session) Scalars() []expr.Expr { return nil }

// WithScalars implements Node.
func (n *Session) WithScalars([]expr.Expr) Node { return n }

// props: rows grow and join sessions, so nothing is append-only. With watermark W of the time
// column, a session whose end is at or below W changes no more: any row to come is a gap or more
// after its last. So the mark of window_end is W plus a microsecond. The mark of window_start and
// of the time column is the least start of a session that is open, W when none is: rows before it
// are in closed sessions. A partition is frozen where its rows are.
func (n *Session) props(inputs []Props) Props {
	in := inputs[0]
	frozen := in.Frozen[n.TimeCol]
	p := Props{Key: in.Key, Frozen: make([]bool, len(in.Frozen), len(in.Frozen)+2)}
	p.Frozen[n.TimeCol] = frozen
	for _, c := range n.PartitionBy {
		p.Frozen[c] = in.Frozen[c]
	}
	p.Frozen = append(slices.Clone(p.Frozen), frozen, frozen)
	return p
}

func (n *Session) check() error {
	if n.GapMicros <= 0 {
		return errors.New("gap of a session is not positive")
	}
	in := n.Input.Schema()
	if err := allInRange(n.PartitionBy, len(in)); err != nil {
		return err
	}
	return timeColumn(in, n.TimeCol)
}

func (n *Session) describe() string {
	in := n.Input.Schema()
	text := "Session(" + in[n.TimeCol].Name + ", gap " + seconds(n.GapMicros) + ")"
	if len(n.PartitionBy) > 0 {
		text += " by [" + strings.Join(pick(in, n.PartitionBy), ", ") + "]"
	}
	return text
}

func (n *Session) encode(b []byte) []byte {
	b = appendInts(append(b, tagSession), n.PartitionBy)
	b = canon.AppendUvarint(b, uint64(n.TimeCol))
	return canon.AppendUvarint(b, uint64(n.GapMicros))
}

func (r *reader) session(depth int) Node {
	n := &Session{PartitionBy: r.ints(), TimeCol: r.col(), GapMicros: r.int64()}
	n.Input = r.node(depth + 1)
	return n
}

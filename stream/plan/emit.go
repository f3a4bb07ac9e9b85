package plan

import (
	"errors"

	"weir/internal/canon"
	"weir/stream/expr"
)

// EmitOnClose holds back rows of its input until the watermark of a time column passes: a row
// with time e leaves once W > e in the order of the column, and is never retracted; the output is
// append-only. With Lateness L > 0 the input's watermark stands L below the streams' (see the node
// Lateness): rows leave when the streams' own watermarks pass (those of Clock of the input), and
// what changes from then on follows as corrections until the input's watermark passes too, which
// is the one that goes on to what reads this.
type EmitOnClose struct {
	Input     Node
	WindowEnd int   // column of the input
	Lateness  int64 // microseconds, 0: none
}

// Schema implements Node.
func (n *EmitOnClose) Schema() []Field { return n.Input.Schema() }

// Children implements Node.
func (n *EmitOnClose) Children() []Node { return []Node{n.Input} }

// With implements Node.
func (n *EmitOnClose) With(in []Node) Node {
	c := *n
	c.Input = in[0]
	return &c
}

// Scalars implements Node.
func (n *EmitOnClose) Scalars() []expr.Expr { return nil }

// WithScalars implements Node.
func (n *EmitOnClose) WithScalars([]expr.Expr) Node { return n }

// props: a window leaves once and for all; the window end comes first in the key.
func (n *EmitOnClose) props(inputs []Props) Props {
	in := inputs[0]
	p := Props{AppendOnly: n.Lateness == 0, Frozen: in.Frozen}
	if in.Key == nil {
		return p
	}
	p.Key = []int{n.WindowEnd}
	for _, k := range in.Key {
		if k != n.WindowEnd {
			p.Key = append(p.Key, k)
		}
	}
	return p
}

func (n *EmitOnClose) check() error {
	if n.Lateness < 0 {
		return errors.New("negative lateness")
	}
	return timeColumn(n.Input.Schema(), n.WindowEnd)
}

func (n *EmitOnClose) describe() string {
	text := "EmitOnClose " + n.Input.Schema()[n.WindowEnd].Name
	if n.Lateness > 0 {
		text += ", lateness " + seconds(n.Lateness)
	}
	return text
}

func (n *EmitOnClose) encode(b []byte) []byte {
	b = canon.AppendUvarint(append(b, tagEmitOnClose), uint64(n.WindowEnd))
	return canon.AppendUvarint(b, uint64(n.Lateness))
}

func (r *reader) emit(depth int) Node {
	n := &EmitOnClose{WindowEnd: r.col(), Lateness: r.int64()}
	n.Input = r.node(depth + 1)
	return n
}

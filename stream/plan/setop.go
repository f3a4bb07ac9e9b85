package plan

import (
	"weir/internal/canon"
	"weir/stream/expr"
)

// SetOp is INTERSECT or EXCEPT over inputs of equal schema. A row that stands l times on the left
// and r times on the right comes, with All, min(l, r) times for INTERSECT and max(l-r, 0) times
// for EXCEPT; without, once if both are positive, or only the left.
type SetOp struct {
	Left, Right Node
	Except      bool
	All         bool
}

// Schema implements Node.
func (n *SetOp) Schema() []Field { return n.Left.Schema() }

// Children implements Node.
func (n *SetOp) Children() []Node { return []Node{n.Left, n.Right} }

// With implements Node.
func (n *SetOp) With(in []Node) Node {
	c := *n
	c.Left, c.Right = in[0], in[1]
	return &c
}

// Scalars implements Node.
func (n *SetOp) Scalars() []expr.Expr { return nil }

// WithScalars implements Node.
func (n *SetOp) WithScalars([]expr.Expr) Node { return n }

// props: equal rows meet, so a column is frozen where it is on both sides.
func (n *SetOp) props(in []Props) Props {
	l, r := in[0], in[1]
	p := Props{Frozen: make([]bool, len(l.Frozen))}
	for c := range p.Frozen {
		p.Frozen[c] = l.Frozen[c] && r.Frozen[c]
	}
	p.AppendOnly = !n.Except && l.AppendOnly && r.AppendOnly
	p.Key = l.Key // what comes is a part of the left side
	return p
}

func (n *SetOp) check() error { return sameTypes(n.Left, n.Right) }

func (n *SetOp) describe() string {
	text := "Intersect"
	if n.Except {
		text = "Except"
	}
	if n.All {
		text += " all"
	}
	return text
}

func (n *SetOp) encode(b []byte) []byte {
	b = canon.AppendBool(append(b, tagSetOp), n.Except)
	return canon.AppendBool(b, n.All)
}

func (r *reader) setOp(depth int) Node {
	n := &SetOp{Except: r.Bool(), All: r.Bool()}
	n.Left = r.node(depth + 1)
	n.Right = r.node(depth + 1)
	return n
}

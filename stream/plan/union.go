package plan

import (
	"errors"
	"slices"

	"weir/internal/canon"
	"weir/stream/expr"
)

// UnionAll concatenates inputs of equal schema.
type UnionAll struct{ Inputs []Node }

// Schema implements Node.
func (n *UnionAll) Schema() []Field { return n.Inputs[0].Schema() }

// Children implements Node.
func (n *UnionAll) Children() []Node { return n.Inputs }

// With implements Node.
func (n *UnionAll) With(in []Node) Node { return &UnionAll{Inputs: in} }

// Scalars implements Node.
func (n *UnionAll) Scalars() []expr.Expr { return nil }

// WithScalars implements Node.
func (n *UnionAll) WithScalars([]expr.Expr) Node { return n }

// props: rows of different inputs may be equal, so there is no key.
func (n *UnionAll) props(in []Props) Props {
	p := Props{AppendOnly: true, Frozen: make([]bool, len(n.Schema()))}
	for c := range p.Frozen {
		p.Frozen[c] = !slices.ContainsFunc(in, func(q Props) bool { return !q.Frozen[c] })
	}
	for _, q := range in {
		p.AppendOnly = p.AppendOnly && q.AppendOnly
	}
	return p
}

func (n *UnionAll) check() error {
	if len(n.Inputs) == 0 {
		return errors.New("union of nothing")
	}
	for _, in := range n.Inputs[1:] {
		if err := sameTypes(n.Inputs[0], in); err != nil {
			return err
		}
	}
	return nil
}

// sameTypes judges inputs whose rows mix.
func sameTypes(a, b Node) error {
	x, y := Types(a.Schema()), Types(b.Schema())
	if len(x) != len(y) {
		return errors.New("inputs differ in number of columns")
	}
	if !slices.Equal(x, y) {
		return errors.New("inputs differ in type")
	}
	return nil
}

func (n *UnionAll) describe() string { return "UnionAll" }

func (n *UnionAll) encode(b []byte) []byte {
	return canon.AppendUvarint(append(b, tagUnionAll), uint64(len(n.Inputs)))
}

func (r *reader) union(depth int) Node {
	n := &UnionAll{}
	for range r.Count() {
		n.Inputs = append(n.Inputs, r.node(depth+1))
	}
	return n
}

package plan

import (
	"errors"
	"slices"

	"weir/internal/canon"
	"weir/stream/expr"
	"weir/stream/value"
)

// Flatten calls a set-returning function for every row: its rows stand beside the input's, as in
// LATERAL. Output: the input's columns, the function's (Fields), and with Ordinality a bigint
// that counts from 1. Outer keeps rows for which the function gives none, with NULLs.
type Flatten struct {
	Input      Node
	Fn         expr.SetFunc
	Args       []expr.Expr // over the input
	Fields     []Field     // with the column of Ordinality
	Ordinality bool
	Outer      bool
}

// Schema implements Node.
func (n *Flatten) Schema() []Field {
	in := n.Input.Schema()
	return append(append(make([]Field, 0, len(in)+len(n.Fields)), in...), n.Fields...)
}

// Children implements Node.
func (n *Flatten) Children() []Node { return []Node{n.Input} }

// With implements Node.
func (n *Flatten) With(in []Node) Node {
	c := *n
	c.Input = in[0]
	return &c
}

// Scalars implements Node.
func (n *Flatten) Scalars() []expr.Expr { return n.Args }

// WithScalars implements Node.
func (n *Flatten) WithScalars(es []expr.Expr) Node {
	c := *n
	c.Args = es
	return &c
}

// props: linear; with an ordinal number a row of the input and it are a key.
func (n *Flatten) props(inputs []Props) Props {
	in := inputs[0]
	p := Props{
		AppendOnly: in.AppendOnly,
		Frozen:     append(slices.Clone(in.Frozen), make([]bool, len(n.Fields))...),
	}
	if in.Key != nil && n.Ordinality {
		p.Key = append(slices.Clone(in.Key), len(p.Frozen)-1)
	}
	return p
}

func (n *Flatten) check() error {
	in := Types(n.Input.Schema())
	kinds := make([]value.Type, len(n.Args))
	for i, e := range n.Args {
		if err := checkExpr(e, in); err != nil {
			return err
		}
		kinds[i] = e.Type()
	}
	fields := Types(n.Fields)
	if n.Ordinality {
		if len(fields) == 0 || fields[len(fields)-1] != value.Of(value.Int8) {
			return errors.New("ordinality is no bigint")
		}
		fields = fields[:len(fields)-1]
	}
	if err := expr.CheckSet(n.Fn, kinds, fields); err != nil {
		return err
	}
	return nil
}

func (n *Flatten) describe() string {
	in := names(n.Input.Schema())
	text := "Flatten " + string(n.Fn) + "("
	for i, e := range n.Args {
		if i > 0 {
			text += ", "
		}
		text += expr.Print(e, in)
	}
	text += ")"
	if n.Ordinality {
		text += " with ordinality"
	}
	if n.Outer {
		text += " outer"
	}
	return text
}

func (n *Flatten) encode(b []byte) []byte {
	b = canon.AppendString(append(b, tagFlatten), n.Fn)
	b = canon.AppendUvarint(b, uint64(len(n.Args)))
	for _, e := range n.Args {
		b = appendExpr(b, e)
	}
	b = appendFields(b, n.Fields)
	b = canon.AppendBool(b, n.Ordinality)
	return canon.AppendBool(b, n.Outer)
}

func (r *reader) flatten(depth int) Node {
	n := &Flatten{Fn: expr.SetFunc(r.String())}
	for range r.Count() {
		n.Args = append(n.Args, r.expr())
	}
	n.Fields = r.fields()
	n.Ordinality, n.Outer = r.Bool(), r.Bool()
	n.Input = r.node(depth + 1)
	return n
}

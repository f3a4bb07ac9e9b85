package plan

import (
	"errors"
	"slices"

	"weir/internal/canon"
	"weir/stream/expr"
	"weir/stream/value"
)

// Flatten calls set-returning functions for every row: their rows stand beside the input's, as in
// LATERAL ROWS FROM. Several go in step, and the shorter ones are filled up with NULLs. Output:
// the input's columns, the functions' (Fields), and with Ordinality a bigint that counts from 1.
// Outer keeps rows for which no function gives any, with NULLs.
type Flatten struct {
	Input      Node
	Calls      []SetCall
	Fields     []Field // with the column of Ordinality
	Ordinality bool
	Outer      bool
}

// SetCall is one function of a Flatten.
type SetCall struct {
	Fn    expr.SetFunc
	Args  []expr.Expr // over the input
	Width int         // columns of Fields that it gives
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

// Scalars implements Node: the arguments of all calls.
func (n *Flatten) Scalars() []expr.Expr {
	var out []expr.Expr
	for _, c := range n.Calls {
		out = append(out, c.Args...)
	}
	return out
}

// WithScalars implements Node.
func (n *Flatten) WithScalars(es []expr.Expr) Node {
	c := *n
	c.Calls = slices.Clone(n.Calls)
	for i := range c.Calls {
		k := len(c.Calls[i].Args)
		c.Calls[i].Args, es = es[:k:k], es[k:]
	}
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
	fields := Types(n.Fields)
	if n.Ordinality {
		if len(fields) == 0 || fields[len(fields)-1] != value.Of(value.Int8) {
			return errors.New("ordinality is no bigint")
		}
		fields = fields[:len(fields)-1]
	}
	if len(n.Calls) == 0 {
		return errors.New("a flatten calls nothing")
	}
	for _, c := range n.Calls {
		if c.Width < 0 || c.Width > len(fields) {
			return errors.New("a call gives more columns than there are")
		}
		kinds := make([]value.Type, len(c.Args))
		for i, e := range c.Args {
			if err := checkExpr(e, in); err != nil {
				return err
			}
			kinds[i] = e.Type()
		}
		if err := expr.CheckSet(c.Fn, kinds, fields[:c.Width]); err != nil {
			return err
		}
		fields = fields[c.Width:]
	}
	if len(fields) > 0 {
		return errors.New("no call gives the last columns")
	}
	return nil
}

func (n *Flatten) describe() string {
	in := names(n.Input.Schema())
	text := "Flatten "
	for i, c := range n.Calls {
		if i > 0 {
			text += ", "
		}
		text += string(c.Fn) + "("
		for j, e := range c.Args {
			if j > 0 {
				text += ", "
			}
			text += expr.Print(e, in)
		}
		text += ")"
	}
	if n.Ordinality {
		text += " with ordinality"
	}
	if n.Outer {
		text += " outer"
	}
	return text
}

// encode writes a single call without its width, which the columns tell.
func (n *Flatten) encode(b []byte) []byte {
	if len(n.Calls) == 1 {
		b = n.Calls[0].encode(append(b, tagFlatten))
	} else {
		b = canon.AppendUvarint(append(b, tagInStep), uint64(len(n.Calls)))
		for _, c := range n.Calls {
			b = canon.AppendUvarint(c.encode(b), uint64(c.Width))
		}
	}
	b = appendFields(b, n.Fields)
	b = canon.AppendBool(b, n.Ordinality)
	return canon.AppendBool(b, n.Outer)
}

func (c *SetCall) encode(b []byte) []byte {
	b = canon.AppendString(b, c.Fn)
	b = canon.AppendUvarint(b, uint64(len(c.Args)))
	for _, e := range c.Args {
		b = appendExpr(b, e)
	}
	return b
}

func (r *reader) setCall() SetCall {
	c := SetCall{Fn: expr.SetFunc(r.String())}
	for range r.Count() {
		c.Args = append(c.Args, r.expr())
	}
	return c
}

// flatten reads a node with one call.
func (r *reader) flatten(depth int) Node {
	n := &Flatten{Calls: []SetCall{r.setCall()}}
	r.sets(n, depth)
	if n.Calls[0].Width = len(n.Fields); n.Ordinality {
		n.Calls[0].Width--
	}
	return n
}

// inStep reads a node with several calls.
func (r *reader) inStep(depth int) Node {
	n := &Flatten{}
	for range r.Count() {
		c := r.setCall()
		c.Width = r.col()
		n.Calls = append(n.Calls, c)
	}
	if len(n.Calls) == 1 {
		r.Fail(canon.ErrValue) // one call has a tag of its own
	}
	r.sets(n, depth)
	return n
}

func (r *reader) sets(n *Flatten, depth int) {
	n.Fields = r.fields()
	n.Ordinality, n.Outer = r.Bool(), r.Bool()
	n.Input = r.node(depth + 1)
}

package plan

import "weir/stream/value"

// Names of the columns that a Window appends.
const (
	WindowStartName = "window_start"
	WindowEndName   = "window_end"
)

// Schema implements Node.
func (n *Scan) Schema() []Field { return n.Fields }

// Schema implements Node.
func (n *Filter) Schema() []Field { return n.Input.Schema() }

// Schema implements Node.
func (n *Project) Schema() []Field {
	out := make([]Field, len(n.Exprs))
	for i, e := range n.Exprs {
		out[i] = Field{Name: n.Names[i], Type: e.Type(), Hidden: n.Hide != nil && n.Hide[i]}
	}
	return out
}

// Schema implements Node.
func (n *Window) Schema() []Field {
	in := n.Input.Schema()
	t := in[n.TimeCol].Type
	out := make([]Field, 0, len(in)+2)
	out = append(out, in...)
	return append(out, Field{Name: WindowStartName, Type: t}, Field{Name: WindowEndName, Type: t})
}

// Schema implements Node.
func (n *Aggregate) Schema() []Field {
	in := n.Input.Schema()
	out := make([]Field, 0, len(n.Names))
	for i, g := range n.GroupBy {
		out = append(out, Field{Name: n.Names[i], Type: in[g].Type})
	}
	for i, c := range n.Calls {
		out = append(out, Field{Name: n.Names[len(n.GroupBy)+i], Type: c.Type})
	}
	return out
}

// Schema implements Node.
func (n *EmitOnClose) Schema() []Field { return n.Input.Schema() }

// Schema implements Node.
func (n *Join) Schema() []Field {
	l, r := n.Left.Schema(), n.Right.Schema()
	out := make([]Field, 0, len(l)+len(r))
	return append(append(out, l...), r...)
}

// Schema implements Node.
func (n *UnionAll) Schema() []Field { return n.Inputs[0].Schema() }

// Schema implements Node.
func (n *Values) Schema() []Field { return n.Fields }

// Schema implements Node.
func (n *Sort) Schema() []Field { return n.Input.Schema() }

// Children implements Node.
func (n *Scan) Children() []Node { return nil }

// Children implements Node.
func (n *Filter) Children() []Node { return []Node{n.Input} }

// Children implements Node.
func (n *Project) Children() []Node { return []Node{n.Input} }

// Children implements Node.
func (n *Window) Children() []Node { return []Node{n.Input} }

// Children implements Node.
func (n *Aggregate) Children() []Node { return []Node{n.Input} }

// Children implements Node.
func (n *EmitOnClose) Children() []Node { return []Node{n.Input} }

// Children implements Node.
func (n *Join) Children() []Node { return []Node{n.Left, n.Right} }

// Children implements Node.
func (n *UnionAll) Children() []Node { return n.Inputs }

// Children implements Node.
func (n *Values) Children() []Node { return nil }

// Children implements Node.
func (n *Sort) Children() []Node { return []Node{n.Input} }

func (*Scan) isNode()        {}
func (*Filter) isNode()      {}
func (*Project) isNode()     {}
func (*Window) isNode()      {}
func (*Aggregate) isNode()   {}
func (*EmitOnClose) isNode() {}
func (*Join) isNode()        {}
func (*UnionAll) isNode()    {}
func (*Values) isNode()      {}
func (*Sort) isNode()        {}

// Visible returns the indexes of the fields that SELECT * shows.
func Visible(fields []Field) []int {
	var out []int
	for i, f := range fields {
		if !f.Hidden {
			out = append(out, i)
		}
	}
	return out
}

// Types returns the column types of a schema.
func Types(fields []Field) []value.Type {
	out := make([]value.Type, len(fields))
	for i, f := range fields {
		out[i] = f.Type
	}
	return out
}

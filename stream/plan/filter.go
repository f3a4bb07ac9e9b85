package plan

import "weir/stream/expr"

// Filter keeps rows whose predicate is true.
type Filter struct {
	Input Node
	Pred  expr.Expr
}

// Schema implements Node.
func (n *Filter) Schema() []Field { return n.Input.Schema() }

// Children implements Node.
func (n *Filter) Children() []Node { return []Node{n.Input} }

// With implements Node.
func (n *Filter) With(in []Node) Node { return &Filter{Input: in[0], Pred: n.Pred} }

// Scalars implements Node.
func (n *Filter) Scalars() []expr.Expr { return []expr.Expr{n.Pred} }

// WithScalars implements Node.
func (n *Filter) WithScalars(es []expr.Expr) Node { return &Filter{Input: n.Input, Pred: es[0]} }

func (n *Filter) props(in []Props) Props { return in[0] } // what holds of all holds of some

func (n *Filter) check() error { return checkPredicate(n.Pred, n.Input.Schema()) }

func (n *Filter) describe() string {
	return "Filter " + expr.Print(n.Pred, names(n.Input.Schema()))
}

func (n *Filter) encode(b []byte) []byte { return appendExpr(append(b, tagFilter), n.Pred) }

func (r *reader) filter(depth int) Node {
	p := r.expr()
	return &Filter{Pred: p, Input: r.node(depth + 1)}
}

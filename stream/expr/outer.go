package expr

import "weir/stream/value"

// Outer stands for a value that comes from around the expression's own query: a column of an
// enclosing query, or the answer of a subquery. It lives only while a statement is bound; whoever
// binds knows what ID means and puts columns in its place. Check refuses it, so no plan has one.
type Outer struct {
	ID int
	T  value.Type
}

// Type implements Expr.
func (e Outer) Type() value.Type { return e.T }

func (Outer) isExpr() {}

// Outers returns the IDs of the Outers in e in the order in which they stand, each once.
func Outers(e Expr) []int {
	var out []int
	seen := map[int]bool{}
	Walk(e, func(e Expr) bool {
		if o, ok := e.(Outer); ok && !seen[o.ID] {
			seen[o.ID] = true
			out = append(out, o.ID)
		}
		return true
	})
	return out
}

package rewrite

import (
	"slices"
	"strings"

	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/value"
)

// joinConditions moves conditions over both sides of an inner join into it: an equality between
// columns becomes a key, what else cannot fail a condition on the pair.
func joinConditions(n plan.Node) plan.Node {
	f, ok := n.(*plan.Filter)
	if !ok {
		return n
	}
	j, ok := f.Input.(*plan.Join)
	if !ok || j.Kind != plan.InnerJoin {
		return n
	}
	c := *j
	c.LeftKeys, c.RightKeys = slices.Clone(j.LeftKeys), slices.Clone(j.RightKeys)
	left := len(j.Left.Schema())
	var pairs, stay []expr.Expr
	for _, cond := range conjuncts(f.Pred) {
		cols := expr.Columns(cond)
		switch l, r, isKey := keyColumns(cond, left); {
		case isKey:
			c.LeftKeys, c.RightKeys = append(c.LeftKeys, l), append(c.RightKeys, r)
		case len(cols) > 0 && cols[0] < left && cols[len(cols)-1] >= left && !expr.CanFail(cond):
			pairs = append(pairs, cond)
		default:
			stay = append(stay, cond)
		}
	}
	if len(pairs) == 0 && len(c.LeftKeys) == len(j.LeftKeys) {
		return n
	}
	if j.Residual != nil {
		pairs = append(conjuncts(j.Residual), pairs...)
	}
	switch {
	case len(pairs) > expr.MaxArgs:
		return n
	case len(pairs) == 1:
		c.Residual = pairs[0]
	case len(pairs) > 1:
		c.Residual = &expr.And{Args: pairs}
	}
	return filtered(&c, stay)
}

// keyColumns reads a condition as an equality between columns of the two sides.
func keyColumns(cond expr.Expr, left int) (l, r int, ok bool) {
	c, ok := cond.(*expr.Call)
	if !ok || len(c.Args) != 2 || !strings.HasPrefix(string(c.Fn), "eq(") {
		return 0, 0, false
	}
	a, okA := c.Args[0].(expr.Column)
	b, okB := c.Args[1].(expr.Column)
	if !okA || !okB || a.T.Kind != b.T.Kind || a.T.Kind == value.Array && a.T.Elem != b.T.Elem {
		return 0, 0, false
	}
	if a.Index >= left {
		a, b = b, a
	}
	return a.Index, b.Index - left, a.Index < left && b.Index >= left
}

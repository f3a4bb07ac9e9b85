package rewrite

import (
	"slices"
	"strings"

	"weir/stream/expr"
	"weir/stream/plan"
)

// joinConditions gives joins the conditions that are theirs: a filter over an inner join, if it
// compares both sides, becomes a part of the join's residual condition. Equalities between columns
// of the two sides become keys. What reads one side only and cannot fail goes to that side, if a
// row that it drops is no match anyway.
func joinConditions(n plan.Node) plan.Node {
	switch n := n.(type) {
	case *plan.Filter:
		if j, ok := n.Input.(*plan.Join); ok && j.Kind == plan.InnerJoin {
			return takeFilter(n, j)
		}
	case *plan.Join:
		return splitResidual(n)
	}
	return n
}

// takeFilter moves the whole filter, so that its conditions stay in their order and fail for the
// same pairs. Behind another condition they must not be able to fail: AND goes on after a NULL, at
// which a pair did not reach the filter.
func takeFilter(f *plan.Filter, j *plan.Join) plan.Node {
	left := len(j.Left.Schema())
	conds := conjuncts(f.Pred)
	if !slices.ContainsFunc(conds, func(c expr.Expr) bool { return spans(c, left) }) {
		return f
	}
	if j.Residual != nil {
		if slices.ContainsFunc(conds, expr.CanFail) {
			return f
		}
		conds = append(conjuncts(j.Residual), conds...)
	}
	c := *j
	c.Residual = conjunction(conds)
	if expr.Check(c.Residual, plan.Types(j.Pairs())) != nil {
		return f // too many or too deep
	}
	return splitResidual(&c)
}

// spans reports whether a condition reads columns of both sides.
func spans(c expr.Expr, left int) bool {
	l, r := reads(c, left)
	return l && r
}

// reads says of which sides a condition reads columns.
func reads(c expr.Expr, left int) (l, r bool) {
	for _, i := range expr.Columns(c) {
		l, r = l || i < left, r || i >= left
	}
	return l, r
}

func conjunction(conds []expr.Expr) expr.Expr {
	switch len(conds) {
	case 0:
		return nil
	case 1:
		return conds[0]
	}
	return &expr.And{Args: conds}
}

func splitResidual(j *plan.Join) plan.Node {
	if j.Residual == nil {
		return j
	}
	left := len(j.Left.Schema())
	c := *j
	c.LeftKeys, c.RightKeys = slices.Clone(j.LeftKeys), slices.Clone(j.RightKeys)
	var stay, toLeft, toRight []expr.Expr
	for _, cond := range conjuncts(j.Residual) {
		l, r := reads(cond, left)
		lk, rk, key := keyPair(cond, left)
		switch {
		case key:
			c.LeftKeys, c.RightKeys = append(c.LeftKeys, lk), append(c.RightKeys, rk)
		case l && !r && dropsLeft(j.Kind) && !expr.CanFail(cond):
			toLeft = append(toLeft, cond)
		case r && !l && j.Kind != plan.FullJoin && !expr.CanFail(cond):
			toRight = append(toRight, expr.Shift(cond, -left))
		default:
			stay = append(stay, cond)
		}
	}
	if len(c.LeftKeys) == len(j.LeftKeys) && len(toLeft)+len(toRight) == 0 {
		return j
	}
	c.Left, c.Right = push(j.Left, toLeft, same), push(j.Right, toRight, same)
	c.Residual = conjunction(stay)
	return &c
}

// dropsLeft reports whether a left row without a match does not come out.
func dropsLeft(k plan.JoinKind) bool { return k == plan.InnerJoin || k == plan.SemiJoin }

// keyPair reads a condition as the equality of a left and a right column of one type.
func keyPair(cond expr.Expr, left int) (l, r int, ok bool) {
	c, ok := cond.(*expr.Call)
	if !ok || !strings.HasPrefix(string(c.Fn), "eq(") || len(c.Args) != 2 {
		return 0, 0, false
	}
	a, ok := c.Args[0].(expr.Column)
	b, also := c.Args[1].(expr.Column)
	if !ok || !also || !spans(cond, left) {
		return 0, 0, false
	}
	if a.Index > b.Index {
		a, b = b, a
	}
	return a.Index, b.Index - left, a.T.Kind == b.T.Kind && a.T.Elem == b.T.Elem
}

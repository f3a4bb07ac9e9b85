package rewrite

import (
	"slices"
	"strings"

	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/value"
)

// outerToInner makes an outer join stricter where a condition above it is never true of the rows
// that it adds, with NULLs for one side: a left join becomes an inner one, a full join a left or
// an inner one. A condition says so if it is true only when a column of that side is not NULL.
func outerToInner(n plan.Node) plan.Node {
	f, ok := n.(*plan.Filter)
	if !ok {
		return n
	}
	if in, ok := stricter(f.Input, conjuncts(f.Pred)); ok {
		return &plan.Filter{Input: in, Pred: f.Pred}
	}
	return n
}

// stricter looks for the join through projections and filters.
func stricter(n plan.Node, conds []expr.Expr) (plan.Node, bool) {
	switch n := n.(type) {
	case *plan.Project:
		moved := make([]expr.Expr, len(conds))
		for i, c := range conds {
			moved[i] = expr.Substitute(c, n.Exprs)
		}
		in, ok := stricter(n.Input, moved)
		return n.With([]plan.Node{in}), ok
	case *plan.Filter:
		in, ok := stricter(n.Input, conds)
		return n.With([]plan.Node{in}), ok
	case *plan.Join:
		return stricterJoin(n, conds)
	}
	return n, false
}

func stricterJoin(n *plan.Join, conds []expr.Expr) (plan.Node, bool) {
	left := len(n.Left.Schema())
	rejects := func(ok func(col int) bool) bool {
		return slices.ContainsFunc(conds, func(c expr.Expr) bool { return rejectsNull(c, ok) })
	}
	c := *n
	switch n.Kind {
	case plan.LeftJoin:
		if !rejects(func(i int) bool { return i >= left }) {
			break
		}
		c.Kind = plan.InnerJoin
		return &c, true
	case plan.FullJoin:
		noRight := rejects(func(i int) bool { return i >= left })
		noLeft := rejects(func(i int) bool { return i < left })
		switch {
		case noRight && noLeft:
			c.Kind = plan.InnerJoin
		case noLeft: // every row has its left side
			c.Kind = plan.LeftJoin
		default:
			return n, false
		}
		return &c, true
	case plan.InnerJoin: // on to the sides, whose rows are the join's
		l, r := sideConditions(conds, left)
		a, okA := stricter(n.Left, l)
		b, okB := stricter(n.Right, r)
		if okA || okB {
			return n.With([]plan.Node{a, b}), true
		}
	}
	return n, false
}

// sideConditions splits off conditions that read one side alone.
func sideConditions(conds []expr.Expr, left int) (l, r []expr.Expr) {
	for _, c := range conds {
		cols := expr.Columns(c)
		switch {
		case len(cols) == 0:
		case cols[len(cols)-1] < left:
			l = append(l, c)
		case cols[0] >= left:
			r = append(r, expr.Shift(c, -left))
		}
	}
	return l, r
}

// rejectsNull reports whether e cannot be true when all columns that ok accepts are NULL, and
// whether it cannot fail then, so that no row loses its error.
func rejectsNull(e expr.Expr, ok func(col int) bool) bool {
	if expr.CanFail(e) {
		return false
	}
	switch e := e.(type) {
	case *expr.And:
		return slices.ContainsFunc(e.Args, func(a expr.Expr) bool { return rejectsNull(a, ok) })
	case *expr.Or:
		return !slices.ContainsFunc(e.Args, func(a expr.Expr) bool { return !rejectsNull(a, ok) })
	case expr.Const:
		return e.D.IsNull() || e.T.Kind == value.Bool && !e.D.Bool()
	case *expr.Call:
		name, _, _ := strings.Cut(string(e.Fn), "(")
		if name == "is_not_null" || name == "is_true" {
			return nullWith(e.Args[0], ok)
		}
	}
	return nullWith(e, ok)
}

// strict are functions that give NULL for a NULL argument.
var strict = map[string]bool{
	"eq": true, "ne": true, "lt": true, "le": true, "gt": true, "ge": true, "not": true,
	"cast": true, "like": true, "not_like": true, "length": true, "lower": true, "upper": true,
}

// nullWith reports whether e is NULL when all columns that ok accepts are.
func nullWith(e expr.Expr, ok func(col int) bool) bool {
	switch e := e.(type) {
	case expr.Column:
		return ok(e.Index)
	case expr.Const:
		return e.D.IsNull()
	case *expr.Coalesce:
		return !slices.ContainsFunc(e.Args, func(a expr.Expr) bool { return !nullWith(a, ok) })
	case *expr.Call:
		name, _, _ := strings.Cut(string(e.Fn), "(")
		return strict[name] &&
			slices.ContainsFunc(e.Args, func(a expr.Expr) bool { return nullWith(a, ok) })
	}
	return false
}

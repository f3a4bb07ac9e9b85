package rewrite

import (
	"slices"

	"weir/stream/expr"
	"weir/stream/plan"
)

// pushFilters moves conditions towards the rows that they judge. A condition moves only if it
// cannot fail, so that no row fails which did not fail before; a row that is dropped earlier may
// escape a failure further up, as in PostgreSQL.
func pushFilters(n plan.Node) plan.Node {
	f, ok := n.(*plan.Filter)
	if !ok {
		return n
	}
	var down, stay []expr.Expr
	for _, c := range conjuncts(f.Pred) {
		if !expr.CanFail(c) && movable(f.Input, c) {
			down = append(down, c)
		} else {
			stay = append(stay, c)
		}
	}
	if len(down) == 0 {
		return n
	}
	return filtered(below(f.Input, down), stay)
}

func conjuncts(e expr.Expr) []expr.Expr {
	a, ok := e.(*expr.And)
	if !ok {
		return []expr.Expr{e}
	}
	var out []expr.Expr
	for _, c := range a.Args {
		out = append(out, conjuncts(c)...)
	}
	return out
}

// filtered puts conditions over a node, pushing them further if they can go.
func filtered(n plan.Node, conds []expr.Expr) plan.Node {
	switch {
	case len(conds) == 0:
		return n
	case len(conds) == 1:
		return &plan.Filter{Input: n, Pred: conds[0]}
	case len(conds) > expr.MaxArgs:
		first := filtered(n, conds[:expr.MaxArgs])
		return filtered(first, conds[expr.MaxArgs:])
	}
	return &plan.Filter{Input: n, Pred: &expr.And{Args: conds}}
}

// movable reports whether a condition over a node can judge the node's input instead.
func movable(n plan.Node, c expr.Expr) bool {
	cols := expr.Columns(c)
	all := func(ok func(i int) bool) bool {
		return !slices.ContainsFunc(cols, func(i int) bool { return !ok(i) })
	}
	switch n := n.(type) {
	case *plan.Filter:
		return true // the two become one
	case *plan.Project:
		return all(func(i int) bool { return leaf(n.Exprs[i]) })
	case *plan.Window:
		width := len(n.Input.Schema())
		return all(func(i int) bool { return i < width })
	case *plan.Aggregate: // whole groups go; the one group of all rows always stays
		return len(n.GroupBy) > 0 && all(func(i int) bool { return i < len(n.GroupBy) })
	case *plan.Join:
		left := len(n.Left.Schema())
		switch n.Kind {
		case plan.InnerJoin:
			return len(cols) > 0 && (all(func(i int) bool { return i < left }) ||
				all(func(i int) bool { return i >= left }))
		case plan.FullJoin:
			return false
		} // an outer row that goes would be no match for anything
		return len(cols) > 0 && all(func(i int) bool { return i < left })
	case *plan.Asof: // a right row that goes would let another one match
		left := len(n.Left.Schema())
		return len(cols) > 0 && all(func(i int) bool { return i < left })
	case *plan.Session: // whole partitions go
		return len(cols) > 0 && all(func(i int) bool { return slices.Contains(n.PartitionBy, i) })
	case *plan.UnionAll, *plan.SetOp, *plan.TemporalFilter, *plan.Lateness:
		return true
	case *plan.TopN: // whole partitions go
		return len(cols) > 0 && all(func(i int) bool { return slices.Contains(n.PartitionBy, i) })
	case *plan.Over:
		return len(cols) > 0 && all(func(i int) bool { return slices.Contains(n.PartitionBy, i) })
	case *plan.Flatten:
		width := len(n.Input.Schema())
		return all(func(i int) bool { return i < width })
	}
	return false
}

// below puts conditions under a node.
func below(n plan.Node, conds []expr.Expr) plan.Node {
	switch n := n.(type) {
	case *plan.Filter: // the lower condition goes first, as before
		return filtered(n.Input, append(conjuncts(n.Pred), conds...))
	case *plan.Project:
		return n.With([]plan.Node{push(n.Input, conds, func(c expr.Expr) expr.Expr {
			return expr.Substitute(c, n.Exprs)
		})})
	case *plan.Window, *plan.TopN, *plan.Over, *plan.Flatten:
		return n.With([]plan.Node{push(n.Children()[0], conds, same)})
	case *plan.Aggregate:
		return n.With([]plan.Node{push(n.Input, conds, func(c expr.Expr) expr.Expr {
			return expr.Remap(c, func(i int) int { return n.GroupBy[i] })
		})})
	case *plan.Join:
		left := len(n.Left.Schema())
		var l, r []expr.Expr
		for _, c := range conds {
			if expr.Columns(c)[0] < left {
				l = append(l, c)
			} else {
				r = append(r, expr.Shift(c, -left))
			}
		}
		return n.With([]plan.Node{push(n.Left, l, same), push(n.Right, r, same)})
	case *plan.Asof:
		return n.With([]plan.Node{push(n.Left, conds, same), n.Right})
	case *plan.Session, *plan.TemporalFilter:
		return n.With([]plan.Node{push(n.Children()[0], conds, same)})
	case *plan.UnionAll, *plan.SetOp, *plan.Lateness:
		old := n.Children()
		kids := make([]plan.Node, len(old))
		for i, in := range old {
			kids[i] = push(in, conds, same)
		}
		return n.With(kids)
	}
	return filtered(n, conds)
}

func same(e expr.Expr) expr.Expr { return e }

// push puts conditions over an input and on through it.
func push(n plan.Node, conds []expr.Expr, over func(expr.Expr) expr.Expr) plan.Node {
	moved := make([]expr.Expr, len(conds))
	for i, c := range conds {
		moved[i] = over(c)
	}
	return pushFilters(filtered(n, moved))
}

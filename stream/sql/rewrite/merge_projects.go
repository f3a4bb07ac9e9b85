package rewrite

import (
	"weir/stream/expr"
	"weir/stream/plan"
)

// mergeProjects makes one projection of two, unless that would compute something twice.
func mergeProjects(n plan.Node) plan.Node {
	outer, ok := n.(*plan.Project)
	if !ok {
		return n
	}
	inner, ok := outer.Input.(*plan.Project)
	if !ok {
		return n
	}
	uses := make([]int, len(inner.Exprs))
	for _, e := range outer.Exprs {
		expr.Walk(e, func(e expr.Expr) bool {
			if c, ok := e.(expr.Column); ok {
				uses[c.Index]++
			}
			return true
		})
	}
	for i, e := range inner.Exprs {
		if uses[i] > 1 && !leaf(e) {
			return n
		}
	}
	c := *outer
	c.Input = inner.Input
	c.Exprs = make([]expr.Expr, len(outer.Exprs))
	for i, e := range outer.Exprs {
		c.Exprs[i] = expr.Substitute(e, inner.Exprs)
	}
	if plan.Check(&plan.Project{Input: inner.Input, Exprs: c.Exprs, Names: c.Names}) != nil {
		return n // too deep
	}
	return &c
}

// leaf reports whether an expression costs nothing to repeat.
func leaf(e expr.Expr) bool {
	switch e.(type) {
	case expr.Column, expr.Const:
		return true
	}
	return false
}

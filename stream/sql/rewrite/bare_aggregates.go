package rewrite

import (
	"slices"

	"weir/stream/expr"
	"weir/stream/plan"
)

// bareAggregates lets an aggregate read its columns where a projection below only picks them.
func bareAggregates(n plan.Node) plan.Node {
	a, ok := n.(*plan.Aggregate)
	if !ok {
		return n
	}
	p, ok := a.Input.(*plan.Project)
	if !ok {
		return n
	}
	at := make([]int, len(p.Exprs))
	for i, e := range p.Exprs {
		c, ok := e.(expr.Column)
		if !ok {
			return n
		}
		at[i] = c.Index
	}
	return remapAggregate(a, p.Input, func(i int) int { return at[i] })
}

// remapAggregate puts an aggregate over another input, whose columns lie at to(i).
func remapAggregate(a *plan.Aggregate, in plan.Node, to func(int) int) *plan.Aggregate {
	c := *a
	c.Input = in
	c.GroupBy = make([]int, len(a.GroupBy))
	for i, g := range a.GroupBy {
		c.GroupBy[i] = to(g)
	}
	c.Calls = slices.Clone(a.Calls)
	for i := range c.Calls {
		c.Calls[i] = c.Calls[i].Moved(to)
	}
	return &c
}

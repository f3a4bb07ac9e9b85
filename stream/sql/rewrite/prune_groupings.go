package rewrite

import (
	"bytes"
	"slices"

	"weir/stream/expr"
	"weir/stream/plan"
)

// pruneGroupings prunes grouping sets, a union of aggregates over one input: every aggregate keeps
// the columns that any of them needs, so that the input stays one and is computed once. ok is
// false if n is no such union.
func pruneGroupings(n *plan.UnionAll, need []bool) (out plan.Node, m moved, ok bool) {
	input := groupingsInput(n)
	if input == nil {
		return nil, nil, false
	}
	below := make([]bool, len(input.Schema()))
	for _, c := range n.Inputs {
		regroup(c, need, func(a *plan.Aggregate, wanted []bool) (plan.Node, moved) {
			kept, m := keepCalls(a, wanted)
			for _, g := range kept.GroupBy {
				below[g] = true
			}
			for _, c := range kept.Calls {
				c.Columns(func(col int) { below[col] = true })
			}
			return kept, m
		})
	}
	in, im := prune(input, below)
	union := &plan.UnionAll{}
	for _, c := range n.Inputs {
		p, pm := regroup(c, need, func(a *plan.Aggregate, wanted []bool) (plan.Node, moved) {
			kept, m := keepCalls(a, wanted)
			return remapAggregate(kept, in, func(c int) int { return im[c] }), m
		})
		union.Inputs = append(union.Inputs, trimmed(p, pm, need))
	}
	return union, kept(need), true
}

// groupingsInput returns the one input of all the aggregates below a union; nil if n is no union
// of aggregates over one input.
func groupingsInput(n *plan.UnionAll) plan.Node {
	if len(n.Inputs) < 2 {
		return nil
	}
	var input plan.Node
	var code []byte
	for _, c := range n.Inputs {
		a := aggregateBelow(c)
		switch {
		case a == nil:
			return nil
		case input == nil:
			input, code = a.Input, plan.Encode(a.Input)
		case a.Input != input && !bytes.Equal(code, plan.Encode(a.Input)):
			return nil
		}
	}
	return input
}

// aggregateBelow finds an aggregate below projections and filters.
func aggregateBelow(n plan.Node) *plan.Aggregate {
	for {
		switch at := n.(type) {
		case *plan.Aggregate:
			return at
		case *plan.Project:
			n = at.Input
		case *plan.Filter:
			n = at.Input
		default:
			return nil
		}
	}
}

// regroup prunes projections and filters down to an aggregate, which at replaces.
func regroup(
	n plan.Node, need []bool, at func(a *plan.Aggregate, wanted []bool) (plan.Node, moved),
) (plan.Node, moved) {
	switch n := n.(type) {
	case *plan.Aggregate:
		return at(n, need)
	case *plan.Filter:
		below := append([]bool(nil), need...)
		want(below, n.Pred)
		in, m := regroup(n.Input, below, at)
		return &plan.Filter{Input: in, Pred: m.expr(n.Pred)}, m
	case *plan.Project:
		below := make([]bool, len(n.Input.Schema()))
		for i, e := range n.Exprs {
			if need[i] {
				want(below, e)
			}
		}
		in, m := regroup(n.Input, below, at)
		return keepExprs(n, need, in, m), kept(need)
	}
	return n, kept(all(len(need)))
}

// keepCalls drops the calls of an aggregate that nobody wants.
func keepCalls(n *plan.Aggregate, wanted []bool) (*plan.Aggregate, moved) {
	stay := append([]bool(nil), wanted...)
	some := len(n.GroupBy) > 0
	for i := range n.GroupBy {
		stay[i] = true
	}
	for _, s := range stay {
		some = some || s
	}
	if !some { // the one row of all rows needs something to say
		stay[0] = true
	}
	c := *n
	c.Calls, c.Names = nil, nil
	for i, name := range n.Names {
		if !stay[i] {
			continue
		}
		c.Names = append(c.Names, name)
		if i >= len(n.GroupBy) {
			c.Calls = append(c.Calls, n.Calls[i-len(n.GroupBy)])
		}
	}
	return &c, kept(stay)
}

// trimmed gives the needed columns of a pruned node and no others.
func trimmed(p plan.Node, m moved, need []bool) plan.Node {
	pick := &plan.Project{Input: p}
	for i, f := range p.Schema() {
		if at := slices.Index(m, i); at >= 0 && need[at] {
			pick.Exprs = append(pick.Exprs, expr.Column{Index: i, T: f.Type})
			pick.Names = append(pick.Names, f.Name)
			pick.Hide = append(pick.Hide, f.Hidden)
		}
	}
	if len(pick.Exprs) == len(p.Schema()) {
		return p
	}
	return pick
}

package rewrite

import (
	"bytes"

	"weir/stream/plan"
)

// pruneGroupings prunes grouping sets, a union of projections of aggregates over one input: every
// aggregate keeps the columns that any of them needs, so that the input stays one and is computed
// once. ok is false if n is no such union.
func pruneGroupings(n *plan.UnionAll, need []bool) (out plan.Node, m moved, ok bool) {
	projects, input := groupings(n)
	if projects == nil {
		return nil, nil, false
	}
	below := make([]bool, len(input.Schema()))
	aggregates := make([]*plan.Aggregate, len(projects))
	shifts := make([]moved, len(projects))
	for i, p := range projects {
		a := p.Input.(*plan.Aggregate)
		wanted := make([]bool, len(a.Names))
		for c, e := range p.Exprs {
			if need[c] {
				want(wanted, e)
			}
		}
		aggregates[i], shifts[i] = keepCalls(a, wanted)
		for _, g := range a.GroupBy {
			below[g] = true
		}
		for _, c := range aggregates[i].Calls {
			c.Columns(func(col int) { below[col] = true })
		}
	}
	in, im := prune(input, below)
	union := &plan.UnionAll{}
	for i, p := range projects {
		a := remapAggregate(aggregates[i], in, func(c int) int { return im[c] })
		c := &plan.Project{Input: a}
		for k, e := range p.Exprs {
			if !need[k] {
				continue
			}
			c.Exprs, c.Names = append(c.Exprs, shifts[i].expr(e)), append(c.Names, p.Names[k])
			if p.Hide != nil {
				c.Hide = append(c.Hide, p.Hide[k])
			}
		}
		union.Inputs = append(union.Inputs, c)
	}
	return union, kept(need), true
}

// groupings returns the branches of a union of grouping sets and their one input; nil if n is no
// such union.
func groupings(n *plan.UnionAll) ([]*plan.Project, plan.Node) {
	var out []*plan.Project
	var input plan.Node
	var code []byte
	for _, c := range n.Inputs {
		p, ok := c.(*plan.Project)
		if !ok {
			return nil, nil
		}
		a, ok := p.Input.(*plan.Aggregate)
		if !ok {
			return nil, nil
		}
		switch {
		case input == nil:
			input, code = a.Input, plan.Encode(a.Input)
		case a.Input != input && !bytes.Equal(code, plan.Encode(a.Input)):
			return nil, nil
		}
		out = append(out, p)
	}
	if len(out) < 2 {
		return nil, nil
	}
	return out, input
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

package streamtest

import (
	"fmt"

	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/value"
)

// pairing draws a node with two inputs.
func (p *planner) pairing(depth int) plan.Node {
	var n plan.Node
	switch p.pick(7, "pairing") {
	case 0, 1:
		return p.join(depth)
	case 2:
		n = p.setOp(depth)
	case 3:
		n = p.asof(depth)
	default:
		n = p.anyJoin(depth)
	}
	if len(n.Schema()) > maxWidth {
		return p.project(n)
	}
	return n
}

// sameType lists pairs of columns of one type; those that both carry a watermark stand thrice.
func sameType(l, r plan.Node, ok func(value.Type) bool) (out [][2]int) {
	lf, rf := plan.Derive(l).Frozen, plan.Derive(r).Frozen
	for i, f := range l.Schema() {
		for k, g := range r.Schema() {
			if f.Type != g.Type || !ok(f.Type) {
				continue
			}
			out = append(out, [2]int{i, k})
			if lf[i] && rf[k] {
				out = append(out, [2]int{i, k}, [2]int{i, k})
			}
		}
	}
	return out
}

func anyType(value.Type) bool { return true }

func isTime(t value.Type) bool { return t == tTS }

// anyJoin draws a join of any kind, with and without keys, conditions and bands. A band need not
// be implied by the condition: pairs outside of it do not match.
func (p *planner) anyJoin(depth int) plan.Node {
	l, r := p.node(depth-1), p.node(depth-1)
	n := &plan.Join{Left: l, Right: r, Kind: plan.JoinKind(p.pick(5, "kind of join"))}
	if pairs := sameType(l, r, anyType); len(pairs) > 0 {
		for range p.pick(3, "pairs") {
			at := pairs[p.pick(len(pairs), "pair")]
			n.LeftKeys, n.RightKeys = append(n.LeftKeys, at[0]), append(n.RightKeys, at[1])
		}
		if p.pick(2, "residual?") == 0 {
			n.Residual = p.spanning(n, pairs)
		}
	}
	if pairs := sameType(l, r, isTime); len(pairs) > 0 && p.pick(2, "band?") == 0 {
		at := pairs[p.pick(len(pairs), "times")]
		low := int64(p.pick(5, "low")-3) * 20 * second
		n.Band = &plan.Band{
			Left: at[0], Right: at[1], Low: low, High: low + int64(p.pick(4, "width"))*20*second,
		}
		switch p.pick(6, "open") {
		case 0:
			n.Band.Low = plan.NoLow
		case 1:
			n.Band.High = plan.NoHigh
		}
	}
	return n
}

// spanning draws a condition over both sides, or over one.
func (p *planner) spanning(n *plan.Join, pairs [][2]int) expr.Expr {
	all := &plan.Join{Left: n.Left, Right: n.Right}
	if p.pick(3, "one side?") == 0 {
		return p.predicate(all)
	}
	at := pairs[p.pick(len(pairs), "compared")]
	op := []string{"<", "<=", ">", ">=", "<>", "="}[p.pick(6, "comparison")]
	x, y := col(all, at[0]), col(all, len(n.Left.Schema())+at[1])
	if x.Type() == tTS && p.pick(2, "moved?") == 0 {
		by := value.IntervalValue{Micros: int64(p.pick(7, "by")-3) * 20 * second}
		y = fn([]string{"+", "-"}[p.pick(2, "sign")], y, lit(value.NewInterval(by)))
	}
	if p.pick(2, "flip") == 0 {
		x, y = y, x
	}
	c := fn(op, x, y)
	if c.Type().Kind != value.Bool {
		return p.predicate(all)
	}
	if p.pick(3, "and?") == 0 {
		return &expr.And{Args: []expr.Expr{p.predicate(all), c}}
	}
	return c
}

// setOp draws a set operation over a few columns of two inputs, with duplicates on the left.
func (p *planner) setOp(depth int) plan.Node {
	l, r := p.node(depth-1), p.node(depth-1)
	pairs := sameType(l, r, anyType)
	if len(pairs) == 0 {
		return l
	}
	left, right := &plan.Project{Input: l}, &plan.Project{Input: r}
	for i := range 1 + p.pick(2, "columns") {
		at := pairs[p.pick(len(pairs), "pair")]
		left.Exprs = append(left.Exprs, col(l, at[0]))
		right.Exprs = append(right.Exprs, col(r, at[1]))
		left.Names = append(left.Names, fmt.Sprint("s", i))
		right.Names = append(right.Names, fmt.Sprint("s", i))
	}
	n := &plan.SetOp{Left: left, Right: right, Except: p.pick(2, "except") == 0}
	n.All = p.pick(2, "all") == 0
	if p.pick(2, "twice?") == 0 {
		n.Left = &plan.UnionAll{Inputs: []plan.Node{
			left, &plan.Filter{Input: left, Pred: p.predicate(left)},
		}}
	}
	return n
}

// asof draws an as-of join; some right columns are hidden and then decide no tie.
func (p *planner) asof(depth int) plan.Node {
	l, r := p.node(depth-1), p.node(depth-1)
	times, pairs := sameType(l, r, isTime), sameType(l, r, anyType)
	if len(times) == 0 || p.pick(6, "any type") == 0 {
		times = pairs
	}
	if len(times) == 0 {
		return l
	}
	if p.pick(2, "hide?") == 0 {
		h := &plan.Project{Input: r}
		for i, f := range r.Schema() {
			h.Exprs, h.Names = append(h.Exprs, col(r, i)), append(h.Names, f.Name)
			h.Hide = append(h.Hide, p.pick(3, "hidden") == 0)
		}
		r = h
	}
	at := times[p.pick(len(times), "time")]
	n := &plan.Asof{
		Left: l, Right: r, LeftTime: at[0], RightTime: at[1],
		Op: plan.AsofOp(p.pick(4, "comparison")), Outer: p.pick(2, "outer") == 0,
	}
	for range p.pick(2, "pairs") {
		at := pairs[p.pick(len(pairs), "pair")]
		n.LeftKeys, n.RightKeys = append(n.LeftKeys, at[0]), append(n.RightKeys, at[1])
	}
	return n
}

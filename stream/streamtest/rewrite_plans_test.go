package streamtest

import (
	"testing"

	"pgregory.net/rapid"

	"weir/stream/expr"
	"weir/stream/oracle"
	"weir/stream/plan"
	"weir/stream/sql/rewrite"
	"weir/stream/value"
)

// TestRewritingDrawnPlans evaluates drawn plans before and after each rule and after all of them:
// where no row failed, none fails afterwards, and the rows are the same. (Failures are not
// counted here: a rule alone may make equal parts differ, which fail once; all together do not.)
func TestRewritingDrawnPlans(t *testing.T) {
	used := map[string]int{}
	check(t, 4, func(t *rapid.T) {
		p := planner{t: t}
		n := p.rewritable()
		w := newWorld(nil)
		for _, s := range drawSteps(t) {
			_, err := w.step(s)
			must(err)
		}
		in := w.input()
		before, failed := oracle.Eval(n, in)
		rules := append(rewrite.Rules(), rewrite.Rule{Name: "all", Apply: rewrite.Apply})
		for _, r := range rules {
			changed := r.Apply(n)
			if err := plan.Check(changed); err != nil {
				t.Fatalf("%s: %v\n%s->\n%s", r.Name, err, plan.Print(n), plan.Print(changed))
			}
			if plan.Print(n) != plan.Print(changed) {
				used[r.Name]++
			}
			after, failedAfter := oracle.Eval(changed, in)
			if failed == 0 && (failedAfter > 0 || lines(after) != lines(before)) {
				t.Fatalf("%s changes\n%s%s->\n%s%s", r.Name, plan.Print(n), lines(before),
					plan.Print(changed), lines(after))
			}
		}
	})
	for _, rule := range []string{"top_n", "top1_on_max", "prune_columns", "push_filters"} {
		if used[rule] < 20 {
			t.Errorf("%s changed only %d plans", rule, used[rule])
		}
	}
}

// rewritable draws an ordered operator under what the rules about it look for.
func (p *planner) rewritable() plan.Node {
	in := p.typed()
	var n plan.Node
	switch p.pick(4, "shape") {
	case 0:
		n = p.ownMax(in)
	case 1:
		n = p.ordered(in)
	default:
		o := &plan.Over{
			Input: in, PartitionBy: p.partition(in), Keys: p.sortKeys(in, 2), Names: []string{"rn"},
		}
		f := plan.OverFunc(1 + p.pick(3, "number"))
		frame := plan.Frame{End: plan.Bound{Kind: plan.CurrentRow}}
		o.Calls = []plan.OverCall{{Func: f, Type: tInt, Frame: frame}}
		n = &plan.Filter{Input: o, Pred: p.bounds(o)}
	}
	if p.pick(2, "condition?") == 0 {
		n = &plan.Filter{Input: n, Pred: p.predicate(n)}
	}
	return p.project(n)
}

// bounds are conditions on the last column.
func (p *planner) bounds(in plan.Node) expr.Expr {
	last := col(in, len(in.Schema())-1)
	and := &expr.And{}
	for range 2 {
		op := []string{"<", "<=", "=", ">", ">=", "<>"}[p.pick(6, "op")]
		args := []expr.Expr{last, lit(value.NewInt8(int64(p.pick(5, "bound"))))}
		if p.pick(3, "turn") == 0 {
			args[0], args[1] = args[1], args[0]
		}
		and.Args = append(and.Args, fn(op, args...))
	}
	return and
}

// ownMax joins rows with the extremum of one of their columns, mostly by the group's columns.
func (p *planner) ownMax(in plan.Node) plan.Node {
	width := len(in.Schema())
	a := &plan.Aggregate{Input: in, GroupBy: []int{p.pick(width, "group")}}
	if p.pick(3, "filtered?") == 0 {
		a.Input = &plan.Filter{Input: in, Pred: p.predicate(in)}
	}
	arg := p.pick(width, "argument")
	call := plan.Call(plan.Min+plan.AggFunc(p.pick(2, "max?")), arg, in.Schema()[arg].Type)
	if k := call.Type.Kind; k == value.Bool || k == value.Bytea || k == value.Null {
		return in
	}
	a.Calls = []plan.AggCall{call}
	j := &plan.Join{
		Left: in, Right: named(a), LeftKeys: []int{a.GroupBy[0], arg}, RightKeys: []int{0, 1},
	}
	if p.pick(2, "same?") == 0 {
		j.Left = a.Input
	}
	if p.pick(3, "turn?") == 0 {
		j.Left, j.Right, j.LeftKeys, j.RightKeys = j.Right, j.Left, j.RightKeys, j.LeftKeys
	}
	return j
}

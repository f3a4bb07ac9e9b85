package streamtest

import (
	"testing"

	"pgregory.net/rapid"

	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/sql/rewrite"
	"weir/stream/value"
)

// overlapping draws an aggregate over overlapping windows, of calls that panes can share.
func (p *planner) overlapping(in plan.Node) plan.Node {
	w := &plan.Window{
		Input: in, Kind: plan.Hop, TimeCol: 0, SizeMicros: 60 * second,
		SlideMicros:  []int64{10, 20, 30}[p.pick(3, "slide")] * second,
		OffsetMicros: int64(p.pick(4, "offset")) * 7 * second,
	}
	if p.pick(3, "cumulate?") == 0 {
		w.Kind = plan.Cumulate
	}
	pre := &plan.Project{Input: w}
	for i := range w.Schema() {
		pre.Exprs, pre.Names = append(pre.Exprs, col(w, i)), append(pre.Names, w.Schema()[i].Name)
	}
	v := col(w, 2)
	small := value.Type{Kind: value.Numeric, Precision: 12, Scale: 2}
	pre.Exprs = append(pre.Exprs, cast(fn("%", v, lit(value.NewInt8(7))), value.Of(value.Int4)),
		fn(">", v, lit(value.NewInt8(1))), cast(fn("%", v, lit(value.NewInt8(9))), small))
	pre.Names = append(pre.Names, "i", "b", "m")
	width := len(w.Schema())
	n := &plan.Aggregate{Input: pre, GroupBy: []int{width - 1}}
	if p.pick(2, "start?") == 0 {
		n.GroupBy = append(n.GroupBy, width-2)
	}
	if p.pick(2, "key?") == 0 {
		n.GroupBy = append(n.GroupBy, 1)
	}
	i, b, m := width, width+1, width+2
	all := []plan.AggCall{
		plan.Call(plan.CountStar, -1, tInt), plan.Call(plan.Count, 2, tInt),
		plan.Call(plan.Sum, 2, tNum), plan.Call(plan.Sum, i, tInt), plan.Call(plan.Avg, 2, tNum),
		plan.Call(plan.Avg, m, tNum), plan.Call(plan.Sum, m, tNum), plan.Call(plan.Min, 3, tNum),
		plan.Call(plan.Max, 1, tText), plan.Call(plan.BoolAnd, b, value.Of(value.Bool)),
		plan.Call(plan.BoolOr, b, value.Of(value.Bool)), plan.Call(plan.BitAnd, 2, tInt),
		plan.Call(plan.BitXor, i, value.Of(value.Int4)), plan.Call(plan.BitOr, 2, tInt),
	}
	for range 1 + p.pick(4, "calls") {
		c := all[p.pick(len(all), "call")]
		if p.pick(3, "filter?") == 0 {
			c.Filter = b
		}
		n.Calls = append(n.Calls, c)
	}
	named(n)
	if p.pick(3, "emit?") == 0 && plan.Derive(n).Frozen[0] {
		return &plan.EmitOnClose{Input: n, WindowEnd: 0}
	}
	return n
}

func panesOf(n plan.Node) plan.Node {
	for _, r := range rewrite.Rules() {
		if r.Name == "shared_panes" {
			return r.Apply(n)
		}
	}
	panic("no rule shared_panes")
}

// TestPanesEqualWindows runs aggregates over overlapping windows as they are and by panes, over a
// stream and over what changes: the rows are the same at every step.
func TestPanesEqualWindows(t *testing.T) {
	check(t, 8, func(t *rapid.T) {
		p := planner{t: t}
		in := plan.Node(scan(events))
		if p.pick(2, "changing?") == 0 {
			j := &plan.Join{Left: in, Right: scan(names), LeftKeys: []int{1}, RightKeys: []int{0}}
			out := &plan.Project{Input: j}
			for i, f := range in.Schema() {
				out.Exprs, out.Names = append(out.Exprs, expr.Expr(col(j, i))), append(out.Names, f.Name)
			}
			in = out
		}
		n := p.overlapping(in)
		made := panesOf(n)
		if plan.Size(made) <= plan.Size(n) || plan.Check(made) != nil {
			t.Fatalf("no panes:\n%s->\n%s", plan.Print(n), plan.Print(made))
		}
		w := newWorld([]view{newView(0, n), newView(1, made)})
		for i, s := range drawSteps(t) {
			if _, err := w.step(s); err != nil {
				t.Fatal(err)
			}
			if err := w.compare(); err != nil {
				t.Fatalf("step %d: %v", i, err)
			}
			types := plan.Types(n.Schema())
			a, b := lines(w.stored(firstView, types)), lines(w.stored(firstView+2, types))
			if a != b {
				t.Fatalf("step %d\n%s->\n%s:\n%s\n%s", i, plan.Print(n), plan.Print(made), a, b)
			}
		}
	})
}

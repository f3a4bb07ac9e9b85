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

// failing draws a plan that takes the root of a column, and fails where it is negative, over what
// cannot fail.
func (p *planner) failing() plan.Node {
	in := p.scan()
	ints := columns(in, tInt)
	if len(ints) == 0 {
		in = scan(events)
		ints = columns(in, tInt)
	}
	if p.pick(2, "window?") == 0 {
		if w := p.window(in); w != nil {
			in = w
		}
	}
	root := fn("sqrt", cast(col(in, ints[p.pick(len(ints), "of")]), value.Of(value.Float8)))
	if p.pick(3, "condition?") == 0 {
		zero := cast(lit(value.NewInt8(0)), root.Type())
		return &plan.Filter{Input: in, Pred: fn(">", root, zero)}
	}
	n := &plan.Project{Input: in}
	for i, f := range in.Schema() {
		n.Exprs, n.Names = append(n.Exprs, col(in, i)), append(n.Names, f.Name)
	}
	n.Exprs, n.Names = append(n.Exprs, root), append(n.Names, "root")
	return n
}

// twice draws a plan that reads a part in two places, under different conditions and for
// different columns.
func (p *planner) twice(part plan.Node) plan.Node {
	filtered := func() plan.Node {
		if p.pick(3, "all?") == 0 {
			return part
		}
		return &plan.Filter{Input: part, Pred: p.predicate(part)}
	}
	switch p.pick(3, "shape") {
	case 0:
		return p.project(&plan.UnionAll{Inputs: []plan.Node{filtered(), filtered()}})
	case 1:
		k := p.pick(len(part.Schema()), "key")
		j := &plan.Join{
			Left: filtered(), Right: filtered(), LeftKeys: []int{k}, RightKeys: []int{k},
			Kind: []plan.JoinKind{plan.InnerJoin, plan.LeftJoin, plan.SemiJoin}[p.pick(3, "kind")],
		}
		return p.project(&plan.Filter{Input: j, Pred: p.predicate(j)})
	}
	outer := p.project(filtered())
	return p.project(&plan.UnionAll{Inputs: []plan.Node{
		&plan.Filter{Input: outer, Pred: p.predicate(outer)}, outer,
	}})
}

// roots counts the failures of the part; what is above it may fail in other ways.
func roots(errors []oracle.Row) (n int64) {
	for _, r := range errors {
		if r.Vals[2].S == "2201F" {
			n += r.Weight
		}
	}
	return n
}

// TestRewritingDoesNotMultiplyErrors reads a part that fails in several places, under different
// conditions: a row that failed once in the plan as bound fails at most once in what runs.
func TestRewritingDoesNotMultiplyErrors(t *testing.T) {
	failed, kept := 0, 0
	check(t, 4, func(t *rapid.T) {
		p := planner{t: t}
		n := p.twice(p.failing())
		if plan.Check(n) != nil {
			return
		}
		w := newWorld(nil)
		for _, s := range drawSteps(t) {
			_, err := w.step(s)
			must(err)
		}
		before := oracle.EvalView(n, nil, w.input())
		changed := rewrite.Apply(n)
		if err := plan.Check(changed); err != nil {
			t.Fatalf("%v\n%s->\n%s", err, plan.Print(n), plan.Print(changed))
		}
		if again := rewrite.Apply(changed); plan.Print(again) != plan.Print(changed) {
			t.Fatalf("rewriting does not settle\n%s->\n%s", plan.Print(changed), plan.Print(again))
		}
		after := oracle.EvalView(changed, nil, w.input())
		was, is := roots(before.Errors), roots(after.Errors)
		if is > was {
			t.Fatalf("%d failures became %d\n%s->\n%s", was, is, plan.Print(n),
				plan.Print(changed))
		}
		if was > 0 {
			failed++
		}
		if was > 0 && is == was {
			kept++
		}
		if len(before.Errors) == 0 && lines(after.Rows) != lines(before.Rows) {
			t.Fatalf("%s->\n%s", plan.Print(n), plan.Print(changed))
		}
	})
	if failed < 20 || kept < 20 {
		t.Errorf("of %d plans that failed, %d kept their errors", failed, kept)
	}
}

// TestOneFailureOfASharedPartIsOneError reads a common table expression twice with different
// conditions; the engine, the oracle and the plan as bound count one failure.
func TestOneFailureOfASharedPartIsOneError(t *testing.T) {
	in := numbered()
	part := &plan.Project{
		Input: in, Names: []string{"k", "v", "ratio"},
		Exprs: []expr.Expr{
			col(in, 0), col(in, 3), fn("/", lit(value.NewInt8(10)), col(in, 3)),
		},
	}
	above := func(than int64) plan.Node {
		return &plan.Filter{Input: part, Pred: fn(">=", col(part, 1), lit(value.NewInt8(than)))}
	}
	union := &plan.UnionAll{Inputs: []plan.Node{above(0), above(-1)}}
	join := &plan.Filter{
		Input: &plan.Join{Left: part, Right: above(-1), LeftKeys: []int{0}, RightKeys: []int{0}},
	}
	join.Pred = fn(">=", col(join.Input, 1), lit(value.NewInt8(0)))
	for _, p := range []plan.Node{union, join} {
		for _, n := range []plan.Node{p, rewrite.Apply(p)} {
			got := tableSteps(t, n,
				[]oracle.Row{label("a", "x", 1), label("b", "x", 1)},
				[]oracle.Row{label("a", "x", -1), label("a", "y", 1)},
				[]oracle.Row{label("a", "y", -1)},
			)
			equal(t, "errors of\n"+plan.Print(n), got, []int64{1, 1, 0})
		}
	}
}

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

// TestRewritingKeepsJoins evaluates random plans before and after rewriting: where no row failed
// none does afterwards, and the rows are the same. (Where some did, they can count twice, since
// parts of a plan that were equal, and ran once, need not be afterwards.)
func TestRewritingKeepsJoins(t *testing.T) {
	check(t, 10, func(t *rapid.T) {
		p := planner{t: t, joins: maxJoins - 1}
		n := p.pairing(rapid.IntRange(1, 3).Draw(t, "depth"))
		if j, ok := n.(*plan.Join); ok && !j.Kind.Half() {
			if pairs := sameType(j.Left, j.Right, anyType); len(pairs) > 0 {
				n = &plan.Filter{Input: n, Pred: &expr.And{Args: []expr.Expr{
					p.spanning(j, pairs), p.spanning(j, pairs),
				}}}
			}
		}
		h := history{steps: drawSteps(t)}
		w := newWorld(nil)
		for _, s := range h.steps {
			_, err := w.step(s)
			must(err)
		}
		changed := rewrite.Apply(n)
		if err := plan.Check(changed); err != nil {
			t.Fatal(err)
		}
		before, failed := oracle.Eval(n, w.input())
		after, failedAfter := oracle.Eval(changed, w.input())
		if failed == 0 && (failedAfter > 0 || lines(after) != lines(before)) {
			t.Fatalf("%s->\n%s\n%d failed, %d after:\n%s\nwant\n%s", plan.Print(n),
				plan.Print(changed), failed, failedAfter, lines(after), lines(before))
		}
	})
}

// TestJoinConditionsByKind splits the condition of every kind of join.
func TestJoinConditionsByKind(t *testing.T) {
	for kind := plan.InnerJoin; kind <= plan.AntiJoin; kind++ {
		all := &plan.Join{Left: scan(events), Right: scan(events)}
		n := plan.Node(&plan.Join{
			Left: all.Left, Right: all.Right, Kind: kind,
			Residual: &expr.And{Args: []expr.Expr{
				fn("=", col(all, 5), col(all, 1)), fn("is_not_null", col(all, 2)),
				fn("is_not_null", col(all, 6)), fn(">", col(all, 0), col(all, 4)),
			}},
		})
		for _, r := range rewrite.Rules() {
			if r.Name == "join_conditions" || r.Name == "band_joins" {
				n = r.Apply(n)
			}
		}
		j := n.(*plan.Join)
		_, left := j.Left.(*plan.Filter)
		_, right := j.Right.(*plan.Filter)
		if len(j.LeftKeys) != 1 || j.LeftKeys[0] != 1 || j.RightKeys[0] != 1 ||
			left != (kind == plan.InnerJoin || kind == plan.SemiJoin) ||
			right != (kind != plan.FullJoin) || j.Band == nil || j.Band.Low != 1 {
			t.Errorf("kind %d:\n%s", kind, plan.Print(n))
		}
	}
}

// TestBandsAreNarrowed lets a filter narrow the band of the condition below it.
func TestBandsAreNarrowed(t *testing.T) {
	all := &plan.Join{Left: scan(events), Right: scan(events)}
	minute := lit(value.NewInterval(value.IntervalValue{Micros: 60 * second}))
	join := &plan.Join{
		Left: all.Left, Right: all.Right, LeftKeys: []int{1}, RightKeys: []int{1},
		Residual: fn(">=", col(all, 0), fn("-", col(all, 4), minute)),
	}
	n := rewrite.Apply(&plan.Filter{
		Input: join, Pred: fn("<", col(all, 0), fn("+", col(all, 4), minute)),
	})
	b := n.(*plan.Filter).Input.(*plan.Join).Band
	if b == nil || b.Low != -60*second || b.High != 60*second-1 {
		t.Fatalf("%s", plan.Print(n))
	}
}

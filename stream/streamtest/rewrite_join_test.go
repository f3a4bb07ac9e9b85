package streamtest

import (
	"testing"

	"pgregory.net/rapid"

	"weir/stream/oracle"
	"weir/stream/plan"
	"weir/stream/sql/rewrite"
)

// TestRewritingKeepsAnswers rewrites random plans, a filter and a choice of columns on top so that
// there is something to push and to prune, and evaluates them before and after. Where a row fails,
// counts may differ: it may escape its failure. TestRewritingDoesNotMultiplyErrors counts.
func TestRewritingKeepsAnswers(t *testing.T) {
	check(t, 10, func(t *rapid.T) {
		p := planner{t: t}
		n := p.node(rapid.IntRange(1, 4).Draw(t, "depth"))
		n = p.project(&plan.Filter{Input: n, Pred: p.predicate(n)})
		w := newWorld(nil)
		for _, s := range drawSteps(t) {
			for _, tx := range s.txs {
				w.rows[tx.relation] = append(w.rows[tx.relation], tx.rows...)
			}
			w.mark, w.now = s.mark, s.now
		}
		w.rows[names] = oracle.Consolidate(w.rows[names])
		before, failed := oracle.Eval(n, w.input())
		rules := append(rewrite.Rules(), rewrite.Rule{Name: "all", Apply: rewrite.Apply})
		for _, rule := range rules {
			changed := rule.Apply(n)
			if err := plan.Check(changed); err != nil {
				t.Fatalf("%s: %v\n%s->\n%s", rule.Name, err, plan.Print(n), plan.Print(changed))
			}
			after, failedAfter := oracle.Eval(changed, w.input())
			if failed == 0 && (failedAfter > 0 || lines(after) != lines(before)) {
				t.Fatalf("%s changes the answer of\n%s->\n%s\n%s\n->\n%s", rule.Name,
					plan.Print(n), plan.Print(changed), lines(before), lines(after))
			}
		}
	})
}

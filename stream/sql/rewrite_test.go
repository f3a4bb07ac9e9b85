package sql_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
	"pgregory.net/rapid"

	"weir/stream/catalog"
	"weir/stream/plan"
	"weir/stream/sql"
	"weir/stream/sql/bind"
	"weir/stream/sql/rewrite"
	"weir/stream/value"
)

// untidy returns the plan of a statement as the binder makes it, nil if it has none.
func untidy(cat *catalog.Catalog, text string) (plan.Node, error) {
	raws, err := sql.Parse(text)
	if err != nil || len(raws) != 1 {
		return nil, err
	}
	st, err := bind.Bind(raws[0], cat, sql.Options{}, nil)
	if err != nil {
		return nil, err
	}
	return planOf(st), nil
}

// TestRules shows each rule alone: the plan that it gets, and what it makes of it.
func TestRules(t *testing.T) {
	cat := newCatalog(t)
	datadriven.Walk(t, "testdata/rewrite", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			n, err := untidy(cat, d.Input)
			if err != nil {
				return describeError(d.Input, err)
			}
			for _, a := range d.CmdArgs {
				n = rule(t, a.Key)(n)
			}
			after := rule(t, d.Cmd)(n)
			if err := plan.Check(after); err != nil {
				return err.Error()
			}
			return fmt.Sprintf("%s->\n%s", plan.Print(n), plan.Print(after))
		})
	})
}

func rule(t *testing.T, name string) func(plan.Node) plan.Node {
	for _, r := range rewrite.Rules() {
		if r.Name == name {
			return r.Apply
		}
	}
	t.Fatalf("no rule %q", name)
	return nil
}

// TestRewritingKeepsResults evaluates the plans of all goldens before and after each rule and
// after all of them, over random rows. No row may fail that did not fail before; where none
// failed, the rows are the same.
func TestRewritingKeepsResults(t *testing.T) {
	cat := newCatalog(t)
	plans := map[string]plan.Node{}
	var texts []string
	for _, text := range goldenStatements(t) {
		n, err := untidy(cat, text)
		if err == nil && n != nil {
			plans[text] = n
			texts = append(texts, text)
		}
	}
	rapid.Check(t, func(r *rapid.T) {
		seed := rapid.Uint64().Draw(r, "seed")
		rows := randomRows(cat, rand.New(rand.NewPCG(seed, 1)))
		for _, text := range texts {
			n := plans[text]
			before, failed := results(n, rows)
			all := append(rewrite.Rules(), rewrite.Rule{Name: "all", Apply: rewrite.Apply})
			for _, rule := range all {
				changed := rule.Apply(n)
				after, failedAfter := results(changed, rows)
				if failedAfter > failed || failed == 0 && after != before {
					r.Fatalf("%s changes the result of\n%s\n%s->\n%s%s\n->\n%s", rule.Name, text,
						plan.Print(n), plan.Print(changed), before, after)
				}
			}
		}
	})
}

// results are the rows of a plan, one a line: in order where the plan has one.
func results(n plan.Node, rows map[uint32][][]value.Datum) (string, int) {
	v := &naive{rows: rows}
	return resultsOf(v, n), v.failed
}

func resultsOf(v *naive, n plan.Node) string {
	visible := plan.Visible(n.Schema())
	var lines []string
	for _, r := range v.eval(n) {
		lines = append(lines, fmt.Sprintf("%x", text(pick(r, visible))))
	}
	if _, ok := n.(*plan.Sort); !ok {
		slices.Sort(lines)
	}
	return strings.Join(lines, "\n")
}

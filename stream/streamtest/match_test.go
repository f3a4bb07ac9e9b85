package streamtest

import (
	"testing"

	"pgregory.net/rapid"

	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/value"
)

// pattern draws a row pattern over three symbols that matches some row.
func (p *planner) pattern(depth int) *plan.Pattern {
	if depth == 0 || p.pick(3, "symbol?") == 0 {
		return &plan.Pattern{Kind: plan.PatternSymbol, Symbol: p.pick(3, "symbol")}
	}
	switch p.pick(3, "form") {
	case 0:
		return &plan.Pattern{Kind: plan.PatternAlt, Parts: []*plan.Pattern{
			p.pattern(depth - 1), p.pattern(depth - 1),
		}}
	case 1:
		least := p.pick(2, "min")
		r := &plan.Pattern{
			Kind: plan.PatternRepeat, Parts: []*plan.Pattern{{
				Kind: plan.PatternSymbol, Symbol: p.pick(3, "repeated"),
			}},
			Min: least, Max: p.pick(3, "max") + 1, Reluctant: p.pick(2, "reluctant") == 0,
		}
		return &plan.Pattern{Kind: plan.PatternConcat, Parts: []*plan.Pattern{
			r, {Kind: plan.PatternSymbol, Symbol: p.pick(3, "then")},
		}}
	}
	return &plan.Pattern{Kind: plan.PatternConcat, Parts: []*plan.Pattern{
		p.pattern(depth - 1), p.pattern(depth - 1),
	}}
}

// matching draws MATCH_RECOGNIZE over events: their columns are ts, k, v, n.
func (p *planner) matching() *plan.Match {
	in := scan(events)
	n := &plan.Match{
		Input: in, TimeCol: 0, Symbols: []string{"a", "b", "c"}, Pattern: p.pattern(3),
		Subsets: []plan.Subset{{Name: "s", Symbols: []int{0, 2}}},
		Defines: make([]expr.Expr, 3), AllRows: p.pick(4, "one row?") > 0,
		WithinMicros: int64(p.pick(3, "within")) * 45 * second,
		Skip:         plan.SkipMode(p.pick(4, "skip")), SkipTo: p.pick(4, "skip to"),
	}
	if p.pick(2, "by k?") == 0 {
		n.PartitionBy = []int{1}
	}
	last := func(symbol int) plan.Nav {
		return plan.Nav{Kind: plan.NavLast, Symbol: symbol, Col: 2, Type: tInt}
	}
	shifted, first, sum := last(-1), last(3), last(-1)
	shifted.Shift = -1
	first.Kind = plan.NavFirst
	sum.Kind, sum.Col = plan.NavAggregate, 0
	sum.Call = plan.Call(plan.Count, 2, tInt)
	sum.Symbol = p.pick(5, "counted") - 1
	n.Navs = []plan.Nav{
		last(-1), shifted, first, sum, last(3),
		{Kind: plan.NavClassifier, Symbol: -1, Type: tText},
		{Kind: plan.NavNumber, Symbol: -1, Type: tInt},
	}
	for _, k := range []int{2, 3, 4, 5} {
		n.Navs[k].Final = n.AllRows && p.pick(2, "final?") == 0
	}
	nav := func(i int) expr.Expr { return expr.Column{Index: i, T: n.Navs[i].Type} }
	n.Defines[0] = fn(">", nav(0), lit(value.NewInt8(int64(p.pick(3, "above")))))
	n.Defines[1] = fn(">=", nav(0), nav(1))
	if p.pick(3, "fails?") == 0 {
		n.Defines[2] = fn("<", fn("/", lit(value.NewInt8(4)), nav(0)), lit(value.NewInt8(2)))
	}
	for _, i := range []int{2, 3, 4, 5, 6} {
		n.Measures = append(n.Measures, nav(i))
	}
	if p.pick(3, "measure fails?") == 0 {
		n.Measures[1] = fn("/", lit(value.NewInt8(12)), nav(3))
	}
	for _, c := range n.Lead() {
		n.Names = append(n.Names, in.Fields[c].Name)
	}
	n.Names = append(n.Names, "m1", "m2", "m3", "m4", "m5")
	for _, c := range n.Rest() {
		n.Names = append(n.Names, in.Fields[c].Name)
	}
	return n
}

// TestMatchesEqualTheOracle runs drawn patterns, one row or all rows per match, over drawn rows in
// drawn cuts, with discarded and reloaded steps, and compares view and errors after each.
func TestMatchesEqualTheOracle(t *testing.T) {
	rowsOut, all := 0, 0
	check(t, 4, func(t *rapid.T) {
		p := planner{t: t}
		n := p.matching()
		must(plan.Check(n))
		if _, err := plan.Decode(plan.Encode(n)); err != nil {
			t.Fatalf("%v\n%s", err, plan.Print(n))
		}
		w := newWorld([]view{newView(0, n)})
		for _, s := range drawSteps(t) {
			res, err := w.step(s)
			if err != nil || len(res.Suspensions) > 0 {
				t.Fatal(err, res)
			}
			if err := w.compare(); err != nil {
				t.Fatalf("%v\n%s", err, plan.Print(n))
			}
			for _, v := range res.Views {
				rowsOut += v.Delta.Len
				if n.AllRows {
					all += v.Delta.Len
				}
			}
		}
	})
	if rowsOut < 50 || all < 50 {
		t.Errorf("only %d rows, %d of ALL ROWS", rowsOut, all)
	}
}

package verify_test

import (
	"fmt"
	"testing"

	"weir/client/verify"
	"weir/client/verify/refusal"
	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/value"
)

// TestPlans evaluates sorting, cutting, aggregates and failing expressions over proven rows.
func TestPlans(t *testing.T) {
	w := newWorld(t, 6) // keys 0..5, each 1 or 2 times
	scan, err := plan.Decode(encodePlan(1024, [2]string{"k", "v"}, -1))
	if err != nil {
		t.Fatal(err)
	}
	k := expr.Column{Index: 0, T: int8Type}
	div := &plan.Project{Input: scan, Names: []string{"q"}, Exprs: []expr.Expr{
		&expr.Call{Fn: "div(int8,int8)", Args: []expr.Expr{k, k}, T: int8Type},
	}}
	now := &plan.Project{Input: scan, Names: []string{"n"}, Exprs: []expr.Expr{
		&expr.Call{Fn: expr.NowFunc, T: value.Type{Kind: value.TimestampTZ}},
	}}
	for name, c := range map[string]struct {
		n    plan.Node
		want string
		code refusal.Code
	}{
		"sort": {n: &plan.Sort{
			Input: scan, Keys: []plan.SortKey{{Col: 0, Desc: true}}, Limit: 4, Offset: 1,
		}, want: "5 4 3 3"},
		"ties": {n: &plan.Sort{
			Input: scan, Keys: []plan.SortKey{{Col: 1}}, Limit: 3,
		}, want: "0 1 1"},
		"count": {n: &plan.Aggregate{Input: scan, Names: []string{"n"}, Calls: []plan.AggCall{
			plan.Call(plan.CountStar, -1, int8Type),
		}}, want: "9"},
		"join": {n: &plan.Join{
			Left: scan, Right: scan, LeftKeys: []int{0}, RightKeys: []int{0},
		}, want: "0 1 1 1 1 2 3 3 3 3 4 5 5 5 5"},
		"division by zero": {n: div, code: refusal.Evaluation},
		"clock":            {n: now, code: refusal.Evaluation},
	} {
		e := w.evidence(t, 1024, -1)
		e.Plan = plan.Encode(c.n)
		rep, err := verify.Verify(build(t, e), w.root, opts)
		wantCode(t, err, c.code)
		if err != nil {
			continue
		}
		got := ""
		for _, r := range rep.Answer.Rows {
			got += fmt.Sprint(" ", r[0].I)
		}
		if got != " "+c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

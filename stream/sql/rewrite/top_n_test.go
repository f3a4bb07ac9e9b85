package rewrite

import (
	"strings"
	"testing"

	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/value"
)

var tInt = value.Of(value.Int8)

// numbered is a window function over (g, v), for which the key is v.
func numbered(f plan.OverFunc) *plan.Over {
	return &plan.Over{
		Input: &plan.Scan{
			Relation: 1024, Name: "r", Columns: []int{0, 1}, Key: []int{1},
			Fields: []plan.Field{{Name: "g", Type: tInt}, {Name: "v", Type: tInt}},
		},
		PartitionBy: []int{0}, Keys: []plan.SortKey{{Col: 1, Desc: true, NullsFirst: true}},
		Calls: []plan.OverCall{{
			Func: f, Type: tInt, Frame: plan.Frame{End: plan.Bound{Kind: plan.CurrentRow}},
		}},
		Names: []string{"n"},
	}
}

// condition compares the number with a constant; turned puts the constant first.
func condition(t *testing.T, op string, v int64, turned bool) expr.Expr {
	t.Helper()
	fn, _, b, err := expr.Resolve(op, []value.Type{tInt, tInt})
	if err != nil {
		t.Fatal(err)
	}
	args := []expr.Expr{
		expr.Column{Index: 2, T: tInt}, expr.Const{D: value.NewInt8(v), T: tInt},
	}
	if turned {
		args[0], args[1] = args[1], args[0]
	}
	return &expr.Call{Fn: fn, Args: args, T: b}
}

// TestTopN shows what each form of a bound becomes.
func TestTopN(t *testing.T) {
	type cond struct {
		op     string
		v      int64
		turned bool
	}
	for _, c := range []struct {
		f     plan.OverFunc
		conds []cond
		want  string // lines above the scan
	}{
		{plan.OverRowNumber, []cond{{"<=", 3, false}}, "TopN limit 3"},
		{plan.OverRowNumber, []cond{{"<", 3, false}}, "TopN limit 2"},
		{plan.OverRowNumber, []cond{{">=", 3, true}}, "TopN limit 3"},
		{plan.OverRowNumber, []cond{{"=", 1, false}}, "TopN limit 1"},
		{plan.OverRowNumber, []cond{{"=", 4, false}}, "TopN limit 1 offset 3"},
		{plan.OverRowNumber, []cond{{">=", 2, false}, {"<=", 5, false}}, "TopN limit 4 offset 1"},
		{plan.OverRowNumber, []cond{{">", 2, false}}, "TopN offset 2"},
		{plan.OverRowNumber, []cond{{"<=", 0, false}}, "TopN limit 0"},
		{
			plan.OverRowNumber,
			[]cond{{"<=", 5, false}, {"<>", 3, false}},
			"Filter (n <> '3'::bigint) | TopN limit 5",
		},
		{plan.OverRank, []cond{{"<=", 3, false}}, "TopN limit 3 by rank"},
		{plan.OverRank, []cond{{"=", 1, false}}, "TopN limit 1 by rank"},
		{plan.OverRank, []cond{{"=", 2, false}}, "Filter (n = '2'::bigint) | TopN limit 2 by rank"},
		{
			plan.OverDenseRank,
			[]cond{{">=", 1, false}, {"<=", 5, false}},
			"TopN limit 5 by dense rank",
		},
		{
			plan.OverDenseRank,
			[]cond{{">=", 2, false}, {"<=", 5, false}},
			"Filter (n >= '2'::bigint) | TopN limit 5 by dense rank",
		},
		{plan.OverRank, []cond{{">=", 2, false}}, ""},
		{plan.OverRowNumber, []cond{{"<>", 2, false}}, ""},
		{plan.OverPercentRank, []cond{{"<=", 1, false}}, ""},
	} {
		and := &expr.And{}
		for _, k := range c.conds {
			and.Args = append(and.Args, condition(t, k.op, k.v, k.turned))
		}
		n := &plan.Filter{Input: numbered(c.f), Pred: and}
		got := topN(n)
		if c.want == "" {
			if got != plan.Node(n) {
				t.Errorf("%v becomes\n%s", c.conds, plan.Print(got))
			}
			continue
		}
		var lines []string
		for _, line := range strings.Split(strings.TrimSpace(plan.Print(got)), "\n") {
			line = strings.TrimSpace(line)
			line = strings.Replace(line, "by [g] order [v DESC] ", "", 1)
			lines = append(lines, strings.Replace(line, " number AS n", "", 1))
		}
		if above := strings.Join(lines[:len(lines)-1], " | "); above != c.want {
			t.Errorf("%v becomes %s, want %s", c.conds, above, c.want)
		}
	}
}

// TestPruneKeepsTies drops columns below ordered nodes only where no tie can show it.
func TestPruneKeepsTies(t *testing.T) {
	for _, c := range []struct {
		kind plan.RankKind
		key  []int
		want string
	}{
		{plan.RowNumber, []int{2}, "Scan r [g, v, w]"},
		{plan.RowNumber, []int{1}, "Scan r [g, v]"},
		{plan.RowNumber, nil, "Scan r [g, v, w]"},
		{plan.Rank, nil, "Scan r [g, v]"},
	} {
		n := &plan.TopN{
			Input: &plan.Scan{
				Relation: 1024, Name: "r", Columns: []int{0, 1, 2}, Key: c.key,
				Fields: []plan.Field{
					{Name: "g", Type: tInt}, {Name: "v", Type: tInt}, {Name: "w", Type: tInt},
				},
			},
			PartitionBy: []int{0}, Keys: []plan.SortKey{{Col: 1}}, Kind: c.kind, Limit: 1,
			Numbered: true, Name: "n",
		}
		top := &plan.Project{
			Input: n, Exprs: []expr.Expr{expr.Column{Index: 0, T: tInt}}, Names: []string{"g"},
		}
		got := plan.Print(pruneColumns(top))
		if !strings.Contains(got, c.want) || strings.Contains(got, "number") {
			t.Errorf("kind %d, key %v:\n%s", c.kind, c.key, got)
		}
	}
}

package streamtest

import (
	"strings"
	"testing"

	"weir/stream/expr"
	"weir/stream/oracle"
	"weir/stream/plan"
	"weir/stream/row"
	"weir/stream/value"
)

func label(k, text string, weight int64) oracle.Row {
	return oracle.Row{Weight: weight, Vals: []value.Datum{value.NewText(k), value.NewText(text)}}
}

// steps runs segments of table changes and compares after each; it returns error counts of the
// first view.
func tableSteps(t *testing.T, p plan.Node, steps ...[]oracle.Row) (counts []int64) {
	t.Helper()
	w := newWorld([]view{newView(0, p)})
	for i, rows := range steps {
		res, err := w.step(step{txs: []transaction{{names, rows}}, discard: i%2 == 1, reload: true})
		if err != nil || len(res.Suspensions) > 0 {
			t.Fatal(err, res)
		}
		if err := w.compare(); err != nil {
			t.Fatal(err)
		}
		counts = append(counts, w.count[firstView])
	}
	return counts
}

func equal(t *testing.T, what string, got, want []int64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %v, want %v", what, got, want)
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("%s: %v, want %v", what, got, want)
		}
	}
}

// numbered joins the table with constants: a gives 0, b gives 5, c and d give 9 * 10^37 each.
func numbered() plan.Node {
	row := func(k string, v int64, n value.Decimal) []value.Datum {
		return []value.Datum{value.NewText(k), value.NewInt8(v), value.NewDecimal(n)}
	}
	one := value.DecimalFromInt64(1)
	return &plan.Join{
		Left: scan(names), LeftKeys: []int{0}, RightKeys: []int{0},
		Right: &plan.Values{Fields: []plan.Field{
			{Name: "k", Type: tText},
			{Name: "v", Type: tInt},
			{Name: "n", Type: tNum},
		}, Rows: [][]value.Datum{
			row("a", 0, one), row("b", 5, one), row("c", 7, huge()), row("d", 7, huge()),
		}},
	}
}

// TestScalarErrorHeals divides by zero in a predicate and in a projection: the row leaves, stands
// in the error relation, and a retraction of the row heals it.
func TestScalarErrorHeals(t *testing.T) {
	in := numbered()
	ratio := fn("/", lit(value.NewInt8(10)), col(in, 3))
	filter := &plan.Filter{Input: in, Pred: fn(">", ratio, lit(value.NewInt8(0)))}
	project := &plan.Project{
		Input: in, Names: []string{"k", "ratio"},
		Exprs: []expr.Expr{col(in, 0), ratio},
	}
	for _, p := range []plan.Node{filter, project} {
		got := tableSteps(t, p,
			[]oracle.Row{label("a", "x", 1), label("b", "x", 1)},
			[]oracle.Row{label("a", "x", -1), label("a", "y", 1)},
			[]oracle.Row{label("a", "y", -1)},
		)
		equal(t, "errors", got, []int64{1, 1, 0})
	}
}

// TestAggregateOverflowMovesItsGroup sums beyond numeric: only the group that overflows leaves,
// and comes back when it fits again.
func TestAggregateOverflowMovesItsGroup(t *testing.T) {
	got := tableSteps(t, agg(numbered(), 1),
		[]oracle.Row{label("c", "x", 1), label("b", "y", 1)},
		[]oracle.Row{label("d", "x", 1)},
		[]oracle.Row{label("b", "y", -1), label("b", "z", 1)},
		[]oracle.Row{label("c", "x", -1)},
		[]oracle.Row{label("d", "x", -1)},
	)
	equal(t, "errors", got, []int64{0, 1, 1, 0, 0})
}

// TestKeyLimit stores keys of as many bytes as are allowed, and of one more.
func TestKeyLimit(t *testing.T) {
	key := func(text string) int {
		return len(row.AppendKeyDatums(nil, []value.Datum{value.NewText("a"), value.NewText(text)}))
	}
	fits := strings.Repeat("x", row.MaxKey-key(""))
	none := &plan.Filter{Input: scan(names), Pred: fn("is_null", col(scan(names), 0))}
	whole := &plan.UnionAll{Inputs: []plan.Node{scan(names), none}}
	if plan.Derive(whole).Key != nil {
		t.Fatal("a union has a key")
	}
	got := tableSteps(t, whole,
		[]oracle.Row{label("a", fits, 1)},
		[]oracle.Row{label("a", fits, -1), label("a", fits+"x", 1)},
		[]oracle.Row{label("a", fits+"x", -1), label("a", fits, 1)},
	)
	if key(fits) != row.MaxKey {
		t.Fatalf("the key has %d bytes", key(fits))
	}
	equal(t, "errors", got, []int64{0, 1, 0})
}

// TestErrorRowsAreBounded lets a row with long values fail: its input and text are cut, and two
// long rows that differ at their ends stay two.
func TestErrorRowsAreBounded(t *testing.T) {
	long := strings.Repeat("ä", 2000)
	in := numbered()
	p := &plan.Filter{Input: in, Pred: fn(">", fn("/", lit(value.NewInt8(10)), col(in, 3)),
		lit(value.NewInt8(0)))}
	twice := &plan.UnionAll{Inputs: []plan.Node{p, p}}
	got := tableSteps(t, twice,
		[]oracle.Row{label("a", long+"1", 1)},
		[]oracle.Row{label("a", long+"1", -1), label("a", long+"2", 1)},
	)
	equal(t, "errors", got, []int64{1, 1}) // the two branches are equal, so they run once
}

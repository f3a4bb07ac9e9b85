package sql_test

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"weir/stream/catalog"
	"weir/stream/oracle"
	"weir/stream/plan"
	weirsql "weir/stream/sql"
	"weir/stream/value"
)

var (
	groupSeed  = flag.Uint64("group.seed", 1, "seed of the queries asked of PostgreSQL")
	groupCount = flag.Int("group.n", 400, "how many queries of each kind to ask it")
)

// failer is the part of testing.T that asking needs.
type failer interface{ Fatalf(string, ...any) }

// answer is what a database says to a query: rows as text, or the SQLSTATE of a refusal.
type answer struct {
	rows  [][]string
	state string
}

// weir answers with the plan of a query and the naive evaluator of plans.
type weir struct {
	cat   *catalog.Catalog
	rows  map[uint32][]oracle.Row
	plain bool // the evaluator of the rewriting tests answers
}

func (w weir) ask(t failer, text string) answer {
	raws, err := weirsql.Parse(text)
	if err != nil {
		return answer{state: err.(*weirsql.Error).SQLState}
	}
	st, err := weirsql.Bind(raws[0], w.cat, weirsql.Options{})
	if err != nil {
		return answer{state: err.(*weirsql.Error).SQLState}
	}
	n := st.(*weirsql.Select).Plan
	rows, failed := w.answers(n)
	if failed > 0 {
		return answer{state: "22"}
	}
	var out answer
	visible := plan.Visible(n.Schema())
	for _, r := range rows {
		var row []string
		for _, c := range visible {
			if r[c].IsNull() {
				row = append(row, "NULL")
			} else {
				row = append(row, string(value.AppendText(nil, r[c])))
			}
		}
		out.rows = append(out.rows, row)
	}
	return out
}

func (w weir) answers(n plan.Node) ([][]value.Datum, int64) {
	if !w.plain {
		return oracle.Query(n, oracle.Input{Rows: w.rows})
	}
	v := &naive{rows: map[uint32][][]value.Datum{}}
	for id, rows := range w.rows {
		for _, r := range rows {
			v.rows[id] = append(v.rows[id], r.Vals)
		}
	}
	rows := v.eval(n)
	return rows, int64(v.failed)
}

const diffTable = "CREATE TABLE t (id bigint PRIMARY KEY, k text, g int, a int, b bigint, " +
	"f numeric(6,2), ts timestamp)"

// diffRows fills t in Weir and returns the INSERT for the others.
func diffRows(t *testing.T, rnd *rand.Rand) (weir, string) {
	cat := catalog.New()
	if _, err := run(cat, diffTable, weirsql.Options{Role: "weir"}); err != nil {
		t.Fatal(err)
	}
	r := cat.Lookup("t")
	w := weir{cat: cat, rows: map[uint32][]oracle.Row{}}
	var tuples []string
	for id := range 4 + rnd.IntN(12) {
		texts := []string{
			strconv.Itoa(id), string(rune('a' + rnd.IntN(3))), strconv.Itoa(rnd.IntN(3)),
			strconv.Itoa(rnd.IntN(9) - 3), strconv.Itoa(rnd.IntN(5) * 1000),
			fmt.Sprintf("%d.%02d", rnd.IntN(4), rnd.IntN(3)*25),
			fmt.Sprintf("2024-01-0%d 0%d:00:00", 1+rnd.IntN(3), rnd.IntN(9)),
		}
		vals := make([]value.Datum, len(texts))
		quoted := make([]string, len(texts))
		for i, text := range texts {
			if quoted[i] = "NULL"; i > 0 && rnd.IntN(6) == 0 {
				continue
			}
			d, err := value.Parse(text, r.Columns[i].Type)
			if err != nil {
				t.Fatal(err)
			}
			vals[i], quoted[i] = d, "'"+text+"'"
		}
		w.rows[r.ID] = append(w.rows[r.ID], oracle.Row{Vals: vals, Weight: 1})
		tuples = append(tuples, "("+strings.Join(quoted, ", ")+")")
	}
	return w, "INSERT INTO t VALUES " + strings.Join(tuples, ", ")
}

// differ asks both and reports where they differ. Queries with ORDER BY have a total order.
func differ(t *testing.T, w weir, j postgres, text string) {
	t.Helper()
	got, want := w.ask(t, text), j.ask(t, text)
	if (got.state != "") != (want.state != "") ||
		len(got.state) == 5 && len(want.state) == 5 && got.state != want.state {
		t.Fatalf("-group.seed=%d\n%s\nrefused by Weir with %q, by PostgreSQL with %q", *groupSeed,
			text, got.state, want.state)
	}
	if !strings.HasPrefix(text, "SELECT DISTINCT ON") {
		slices.SortFunc(got.rows, slices.Compare[[]string])
		slices.SortFunc(want.rows, slices.Compare[[]string])
	}
	if !slices.EqualFunc(got.rows, want.rows, sameCells) {
		t.Fatalf("-group.seed=%d\n%s\nWeir:       %v\nPostgreSQL: %v", *groupSeed, text, got.rows,
			want.rows)
	}
}

// sameCells compares rows; numbers with a fraction up to the last digits of a double.
func sameCells(a, b []string) bool {
	return slices.EqualFunc(a, b, func(x, y string) bool {
		if x == y {
			return true
		}
		v, err1 := strconv.ParseFloat(x, 64)
		w, err2 := strconv.ParseFloat(y, 64)
		return err1 == nil && err2 == nil && math.Abs(v-w) <= 1e-9*max(1, math.Abs(v))
	})
}

// TestGroupingDifferential asks PostgreSQL queries with aggregates, grouping sets, window
// functions, rows and DISTINCT ON over small random tables full of NULLs and ties.
func TestGroupingDifferential(t *testing.T) {
	pg := postgres{newPostgres(t)}
	for _, k := range []struct {
		name  string
		query func(q *querier) string
		needs plan.Node // that the naive evaluator has to know
	}{
		{"aggregates", (*querier).simpleAggregates, nil},
		{"statistics", (*querier).moreAggregates, aggregateProbe()},
		{"groupingsets", (*querier).groupingSets, nil},
		{"rows", (*querier).rowValues, nil},
		{"over", (*querier).over, overProbe()},
		{"overgroups", (*querier).overGroups, overProbe()},
		{"distincton", (*querier).distinctOn, topNProbe()},
		{"sets", (*querier).selectSets, nil},
	} {
		t.Run(k.name, func(t *testing.T) {
			if k.needs != nil {
				if rows, _ := oracle.Query(k.needs, oracle.Input{}); len(rows) == 0 {
					t.Skipf("the evaluator does not know %s", plan.Describe(k.needs))
				}
			}
			diff(t, pg, false, *groupCount, k.query)
		})
	}
	// Pairs of rows with subqueries make the naive evaluation slow.
	t.Run("outeron", func(t *testing.T) { diff(t, pg, false, *groupCount/8, (*querier).outerOn) })
	t.Run("naive", func(t *testing.T) { diff(t, pg, true, *groupCount, (*querier).over) })
	t.Run("naivesets", func(t *testing.T) { diff(t, pg, true, *groupCount, (*querier).selectSets) })
	t.Run("naivegroups", func(t *testing.T) { diff(t, pg, true, *groupCount, (*querier).overGroups) })
}

// diff asks the queries of one kind over several tables.
func diff(t *testing.T, j postgres, plain bool, count int, query func(*querier) string) {
	rnd := rand.New(rand.NewPCG(*groupSeed, 7))
	q := &querier{rnd: rnd}
	for range max(count/20, 1) {
		w, insert := diffRows(t, rnd)
		w.plain = plain
		for _, text := range []string{"DROP TABLE IF EXISTS t", diffTable, insert} {
			if a := j.ask(t, text); a.state != "" {
				t.Fatalf("%s: %s", text, a.state)
			}
		}
		for range 20 {
			differ(t, w, j, query(q))
		}
	}
}

func oneRowOf(d value.Datum) plan.Node {
	return &plan.Values{
		Fields: []plan.Field{{Name: "x", Type: value.Of(d.Kind)}}, Rows: [][]value.Datum{{d}},
	}
}

func overProbe() plan.Node {
	return &plan.Over{
		Input: oneRowOf(value.NewInt4(1)), Names: []string{"n"}, Calls: []plan.OverCall{{
			Func: plan.OverRowNumber, Frame: plan.Frame{End: plan.Bound{Kind: plan.CurrentRow}},
			Type: value.Of(value.Int8),
		}},
	}
}

func topNProbe() plan.Node {
	return &plan.TopN{Input: oneRowOf(value.NewInt4(1)), PartitionBy: []int{0}, Limit: 1}
}

// aggregateProbe yields no row where bool_or is not known: its result cannot be true then.
func aggregateProbe() plan.Node {
	return &plan.Filter{
		Input: &plan.Aggregate{
			Input: oneRowOf(value.NewBool(true)), Names: []string{"b"},
			Calls: []plan.AggCall{plan.Call(plan.BoolOr, 0, value.Of(value.Bool))},
		},
		Pred: columnOf(0, value.Of(value.Bool)),
	}
}

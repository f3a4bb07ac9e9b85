package streamtest

import (
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"weir/stream/batch"
	"weir/stream/compile"
	"weir/stream/engine"
	"weir/stream/expr"
	"weir/stream/operator"
	"weir/stream/oracle"
	"weir/stream/plan"
	"weir/stream/value"
)

// TestReachability keeps the pairs of connected nodes of a graph while edges come and go, cycles
// and all, and compares with Warshall's algorithm.
func TestReachability(t *testing.T) {
	const nodes = 9
	edges := &plan.Scan{
		Relation: 1, Columns: []int{0, 1}, Stored: true,
		Fields: []plan.Field{{Name: "a", Type: tInt}, {Name: "b", Type: tInt}},
	}
	check(t, 3, func(t *rapid.T) {
		prog, err := compile.Compile(closureOf(edges))
		must(err)
		var graph, got [nodes][nodes]int64
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			b := batch.NewBuilder([]value.Type{tInt, tInt}, 0)
			for range rapid.IntRange(1, 6).Draw(t, "changes") {
				x := rapid.IntRange(0, nodes-1).Draw(t, "from")
				y := rapid.IntRange(0, nodes-1).Draw(t, "to")
				w := 1 - 2*graph[x][y]
				graph[x][y] += w
				b.Add([]value.Datum{value.NewInt8(int64(x)), value.NewInt8(int64(y))}, w)
			}
			ctx := &operator.Context{Errors: operator.NewErrors()}
			out, _ := prog.Circuit.Step(ctx, func(uint32) operator.Delta {
				return operator.Delta{Rows: b.Batch()}
			})
			for i := range out.Len() {
				row := out.Rows.Row(i)
				got[row[0].I][row[1].I] += out.Rows.Weight(i)
			}
			if want := warshall(graph); got != want {
				t.Fatalf("graph %v\n got %v\nwant %v", graph, got, want)
			}
		}
	})
}

func warshall[G ~[9][9]int64](g G) G {
	for k := range g {
		for i := range g {
			for j := range g {
				if g[i][k] > 0 && g[k][j] > 0 {
					g[i][j] = 1
				}
			}
		}
	}
	return g
}

func closureOf(edges plan.Node) *plan.Recursive {
	self := &plan.Self{Fields: edges.Schema()}
	j := &plan.Join{Left: self, Right: edges, LeftKeys: []int{1}, RightKeys: []int{0}}
	return &plan.Recursive{Init: edges, Distinct: true, Step: &plan.Project{
		Input: j, Names: []string{"a", "b"},
		Exprs: []expr.Expr{expr.Column{Index: 0, T: tInt}, expr.Column{Index: 3, T: tInt}},
	}}
}

// TestLossBehindGain takes the only way to a node away and adds one that comes from the node
// itself, in one step, behind operators that see only the sum of the two.
func TestLossBehindGain(t *testing.T) {
	edges, same := scan(names), labels()
	self := &plan.Self{Fields: []plan.Field{{Name: "k", Type: tText}, {Name: "label", Type: tText}}}
	a := value.NewText("a")
	w := newWorld([]view{newView(0, &plan.Recursive{
		Init: &plan.Values{Fields: self.Fields, Rows: [][]value.Datum{{a, a}}},
		Step: extend(extend(self, edges), same), Distinct: true,
	})})
	for i, s := range []change{
		{rows: []oracle.Row{label("a", "x", 1), label("x", "y", 1)}, stream: []string{"x", "y"}},
		{rows: []oracle.Row{label("a", "x", -1), label("y", "x", 1)}},
		{rows: []oracle.Row{label("a", "y", 1)}},
		{rows: []oracle.Row{label("x", "y", -1), label("a", "y", -1), label("a", "x", 1)}},
	} {
		txs := []transaction{{names, s.rows}}
		for k, name := range s.stream {
			txs = append(txs, transaction{events, []oracle.Row{event(int64(k), 1, name, 1)}})
		}
		_, err := w.step(step{txs: txs, reload: i%2 == 1})
		must(err)
		if err := w.compare(); err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
	}
}

// change is what one step does to the table and appends to the stream.
type change struct {
	rows   []oracle.Row
	stream []string
}

// counting counts from 1 to a number, one a round.
func counting(to int64, distinct bool) plan.Node {
	one := &plan.Values{
		Fields: []plan.Field{{Name: "n", Type: tInt}}, Rows: [][]value.Datum{{value.NewInt8(1)}},
	}
	self := &plan.Self{Fields: one.Fields}
	below := &plan.Filter{Input: self, Pred: fn("<", col(self, 0), lit(value.NewInt8(to)))}
	return &plan.Recursive{Init: one, Distinct: distinct, Step: &plan.Project{
		Input: below, Names: []string{"n"},
		Exprs: []expr.Expr{fn("+", col(self, 0), lit(value.NewInt8(1)))},
	}}
}

// TestRoundsAtTheirLimit asks for as many rounds as are allowed, and for one more.
func TestRoundsAtTheirLimit(t *testing.T) {
	for _, distinct := range []bool{false, true} {
		for more, want := range []error{nil, engine.ErrTooManyRounds} {
			q := counting(int64(plan.MaxRounds+more), distinct)
			w := newWorld([]view{newView(0, q)})
			got, err := w.eng.Query(q, w.env())
			if !errors.Is(err, want) || err == nil && len(got.Rows) != plan.MaxRounds {
				t.Errorf("distinct %v, %d more: %v", distinct, more, err)
			}
			res, err := w.step(step{})
			must(err)
			if stopped := len(res.Suspensions) > 0; stopped != (want != nil) ||
				stopped && res.Suspensions[0].Reason != engine.ReasonBudget {
				t.Errorf("distinct %v, %d more: suspended %v", distinct, more, res.Suspensions)
			}
			if reason := oracleRounds(q); (reason != nil) != (want != nil) {
				t.Errorf("distinct %v, %d more: the oracle says %v", distinct, more, reason)
			}
		}
	}
}

func oracleRounds(q plan.Node) (reason any) {
	defer func() { reason = recover() }()
	if rows, _ := oracle.Eval(q, oracle.Input{}); len(rows) != plan.MaxRounds {
		return fmt.Sprint(len(rows), " rows")
	}
	return nil
}

// TestCycleInUnionAll never settles: the view stops, the query fails.
func TestCycleInUnionAll(t *testing.T) {
	edges := scan(names)
	self := &plan.Self{Fields: edges.Schema()}
	endless := &plan.Recursive{Init: edges, Step: extend(self, edges)}
	w := newWorld([]view{newView(0, endless)})
	steps := [][]oracle.Row{{label("a", "b", 1)}, {label("b", "c", 1)}, {label("c", "a", 1)}}
	for i, rows := range steps {
		res, err := w.step(step{txs: []transaction{{names, rows}}})
		must(err)
		if stopped := len(res.Suspensions) > 0; stopped != (i == 2) {
			t.Fatalf("step %d: suspended %v", i, res.Suspensions)
		}
	}
	if _, err := w.eng.Query(endless, w.env()); !errors.Is(err, engine.ErrTooManyRounds) {
		t.Fatal(err)
	}
}

package streamtest

import (
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"weir/stream/engine"
	"weir/stream/oracle"
	"weir/stream/plan"
)

// TestQueryEqualsOracle runs every view's plan once over the whole history, ordered and cut.
func TestQueryEqualsOracle(t *testing.T) {
	check(t, 10, func(t *rapid.T) {
		h := histories().Draw(t, "history")
		w := newWorld(h.views)
		for _, s := range h.steps {
			_, err := w.step(s)
			must(err)
		}
		in := w.input()
		for _, v := range h.views {
			q := drawSort(t, v.plan)
			got, err := w.eng.Query(q, w.env())
			must(err)
			want, failed := oracle.Query(q, in)
			if got.Errors != failed {
				t.Fatalf("query %d: %d errors, want %d", v.id, got.Errors, failed)
			}
			if a, b := answer(got), shown(q, want); a != b {
				t.Fatalf("query %d\n got %s\nwant %s", v.id, a, b)
			}
			made := oracle.EvalView(v.plan, v.key, in)
			in.Rows[v.id], in.Rows[v.errors()] = made.Rows, made.Errors
			in.Marks[v.id] = made.Marks
		}
	})
}

func drawSort(t *rapid.T, in plan.Node) plan.Node {
	s := &plan.Sort{
		Input: in, Limit: rapid.Int64Range(-1, 6).Draw(t, "limit"),
		Offset: rapid.Int64Range(0, 2).Draw(t, "offset"), Ties: rapid.Bool().Draw(t, "ties"),
	}
	for range rapid.IntRange(0, 2).Draw(t, "keys") {
		s.Keys = append(s.Keys, plan.SortKey{
			Col:        rapid.IntRange(0, len(in.Schema())-1).Draw(t, "col"),
			Desc:       rapid.Bool().Draw(t, "desc"),
			NullsFirst: rapid.Bool().Draw(t, "nulls first"),
		})
	}
	return s
}

func answer(r *engine.Rows) (s string) {
	for _, vals := range r.Rows {
		s += show(vals) + "\n"
	}
	return s
}

// TestQueryRowLimit asks for as many rows as are allowed, and for one more.
func TestQueryRowLimit(t *testing.T) {
	w := newWorld(nil)
	_, err := w.step(step{mark: 0, txs: []transaction{{events, []oracle.Row{
		event(0, 1, "a", 1), event(1, 2, "b", 2), event(2, 3, "c", 3),
	}}}})
	must(err)
	env := w.env()
	for limit, want := range map[int64]error{3: nil, 2: engine.ErrTooManyRows} {
		env.MaxRows = limit
		got, err := w.eng.Query(scan(events), env)
		if !errors.Is(err, want) || want == nil && len(got.Rows) != 3 {
			t.Errorf("limit %d: %v, %v", limit, got, err)
		}
	}
	twice := &plan.UnionAll{Inputs: []plan.Node{scan(events), scan(events)}}
	for limit, want := range map[int64]error{6: nil, 5: engine.ErrTooManyRows} {
		env.MaxRows = limit
		if _, err := w.eng.Query(twice, env); !errors.Is(err, want) {
			t.Errorf("limit %d: %v", limit, err)
		}
	}
	unknown := &plan.Scan{Relation: 77}
	if _, err := w.eng.Query(unknown, env); !errors.Is(err, engine.ErrUnknown) {
		t.Errorf("unknown relation: %v", err)
	}
}

// TestQueryReadsSparseHistory pages over a log that answers some calls with nothing yet.
func TestQueryReadsSparseHistory(t *testing.T) {
	w := newWorld(nil)
	_, err := w.step(step{mark: 0, txs: []transaction{{rejected, []oracle.Row{
		{Vals: append(event(0, 1, "a", 1).Vals[:4:4], event(0, 0, "far", 0).Vals[1]), Weight: 1},
	}}}})
	must(err)
	env := w.env()
	env.History = &sparse{world: w}
	got, err := w.eng.Query(scan(rejected), env)
	if err != nil || len(got.Rows) != 1 {
		t.Fatalf("%v, %v", got, err)
	}
	if fmt.Sprint(got.Names) != "[ts k v n weir_reason]" {
		t.Errorf("names %v", got.Names)
	}
}

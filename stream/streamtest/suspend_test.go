package streamtest

import (
	"errors"
	"fmt"
	"testing"

	"weir/stream/catalog"
	"weir/stream/engine"
	"weir/stream/oracle"
	"weir/stream/plan"
)

// chain is a view keyed by label although two rows can share one, a view over it, one over its
// errors, and one that has nothing to do with them.
func chain() []view {
	bad := view{id: firstView, plan: scan(names), key: []int{1}}
	over := newView(1, agg(bad.scan(), 1))
	errs := &plan.Scan{
		Relation: bad.errors(), Columns: []int{0, 2}, Stored: true,
		Fields: []plan.Field{
			{Name: "operator", Type: errorTypes()[0]},
			{Name: "sqlstate", Type: tText},
		},
	}
	return []view{bad, over, newView(2, errs), newView(3, agg(scan(names)))}
}

// TestSuspensionCascades breaks one view: it and its dependents are suspended with stable
// reasons, others go on, and Resume rebuilds them, inputs first.
func TestSuspensionCascades(t *testing.T) {
	w := newWorld(chain())
	put := func(rows ...oracle.Row) *engine.Result {
		res, err := w.step(step{txs: []transaction{{names, rows}}})
		must(err)
		return res
	}
	put(label("a", "x", 1))
	res := put(label("b", "x", 1))
	want := "[{2000 INTERNAL} {2002 INPUT} {2004 INPUT}]"
	if got := fmt.Sprint(res.Suspensions); got != want {
		t.Fatalf("suspended %s, want %s", got, want)
	}
	if len(res.Views) != 1 || res.Views[0].ID != 2006 {
		t.Fatalf("%d views go on", len(res.Views))
	}
	if res = put(label("c", "y", 1)); len(res.Suspensions) != 0 {
		t.Fatal("suspended twice")
	}
	for _, dependent := range []uint32{2002, 2004} {
		if w.eng.Resume(dependent) == nil {
			t.Fatal("a dependent was resumed before its input")
		}
	}
	resume(t, w, 2000)
	if _, err := w.eng.Fill(2000, w.env(), 10); !isFill(err, engine.ReasonInternal) {
		t.Fatalf("the fault is still there, but: %v", err)
	}
	put(label("b", "x", -1))
	resume(t, w, 2000, 2002, 2004)
	for range 8 {
		w.fill(nil, 10)
	}
	put(label("d", "z", 1))
	if err := w.compare(); err != nil {
		t.Fatal(err)
	}
}

func resume(t *testing.T, w *world, ids ...uint32) {
	t.Helper()
	for _, id := range ids {
		for _, of := range []uint32{id, id + 1} {
			w.mem.Drop(of)
			w.delta[of] = nil
		}
		w.count[id] = 0
		if err := w.eng.Resume(id); err != nil {
			t.Fatal(err)
		}
	}
}

func isFill(err error, reason string) bool {
	var f *engine.FillError
	return errors.As(err, &f) && f.Reason == reason
}

// TestSuspendByCaller suspends a view for the caller's reason and lists inputs before dependents.
func TestSuspendByCaller(t *testing.T) {
	w := newWorld(chain())
	got, err := w.eng.Suspend(2000, "BUDGET")
	must(err)
	if fmt.Sprint(got) != "[{2000 BUDGET} {2002 INPUT} {2004 INPUT}]" {
		t.Fatalf("suspended %v", got)
	}
	if _, err := w.eng.Suspend(names, "BUDGET"); !errors.Is(err, engine.ErrUnknown) {
		t.Errorf("a table was suspended: %v", err)
	}
	def := &catalog.Relation{ID: 3000, Kind: catalog.View, Key: []int{0}}
	must(w.eng.Define(def, w.views[1].plan))
	if r := w.eng.Suspended(3000); r != engine.ReasonInput {
		t.Errorf("a view over a suspended one starts with reason %q", r)
	}
}

// TestBudgetIsReported steps a view with a budget of exactly its rows, and of one fewer.
func TestBudgetIsReported(t *testing.T) {
	w := newWorld([]view{newView(0, agg(scan(events), 1))})
	s := step{mark: 0, txs: []transaction{{events, []oracle.Row{
		event(0, 1, "a", 1), event(1, 2, "b", 2), event(2, 3, "a", 3),
	}}}}
	res, err := w.eng.Step(w.segment(s))
	must(err)
	m := res.Views[0].Meter
	// 3 rows from the source, 2 groups from the aggregate, 2 rows from the sink
	if m.RowsIn != 3 || m.RowsOut != 2 || m.Rows != 7 || m.StateEntries == 0 || m.StateBytes == 0 {
		t.Fatalf("metered %+v", m)
	}
	for limit, over := range map[int64]bool{m.Rows: false, m.Rows - 1: true} {
		e := w.engine(engine.Limits{StepRows: limit})
		res, err := e.Step(w.segment(s))
		must(err)
		if res.Views[0].OverBudget != over {
			t.Errorf("budget %d: over is %v", limit, !over)
		}
	}
}

// TestStepRowLimit joins every event with every other: as many rows as are allowed, then more.
func TestStepRowLimit(t *testing.T) {
	self := &plan.Join{
		Left: scan(events), Right: scan(events), LeftKeys: []int{1},
		RightKeys: []int{1},
	}
	w := newWorld([]view{newView(0, self)})
	s := step{mark: 0, txs: []transaction{{events, []oracle.Row{
		event(0, 1, "a", 1), event(1, 2, "a", 2), event(2, 3, "a", 3),
	}}}}
	for limit, want := range map[int64]string{9: "[]", 8: "[{2000 BUDGET}]"} {
		e := w.engine(engine.Limits{MaxStepRows: limit})
		res, err := e.Step(w.segment(s))
		must(err)
		if got := fmt.Sprint(res.Suspensions); got != want {
			t.Errorf("limit %d: suspended %s, want %s", limit, got, want)
		}
		e.Accept()
	}
}

// TestOpenStep refuses what needs the step under way to end first.
func TestOpenStep(t *testing.T) {
	w := newWorld(chain())
	_, err := w.eng.Step(w.segment(step{}))
	must(err)
	_, again := w.eng.Step(w.segment(step{}))
	_, suspend := w.eng.Suspend(2000, "X")
	_, fill := w.eng.Fill(2000, w.env(), 1)
	for i, err := range []error{
		again, suspend, fill, w.eng.Drop(2000), w.eng.Resume(2000),
		w.eng.Refill(2000), w.eng.Define(&catalog.Relation{ID: 9}, nil), w.eng.Load(nil),
	} {
		if !errors.Is(err, engine.ErrOpen) {
			t.Errorf("call %d during a step: %v", i, err)
		}
	}
	w.eng.Accept()
	must(w.eng.Drop(2006))
}

package streamtest

import (
	"testing"

	"weir/stream/engine"
	"weir/stream/oracle"
	"weir/stream/plan"
	"weir/stream/value"
	"weir/stream/window"
)

// lateEvent is a row of events_late that missed a watermark, both in seconds.
func lateEvent(offset, ts, mark int64) oracle.Row {
	r := event(offset, ts, "a", 1)
	r.Vals = append(r.Vals, value.NewTimestamp(mark*second))
	return r
}

// perWindow counts rows by window_start and window_end.
func perWindow(in plan.Node) *plan.Aggregate {
	w := tumble(in)
	n := len(in.Schema())
	return named(&plan.Aggregate{
		Input: w, GroupBy: []int{n, n + 1},
		Calls: []plan.AggCall{plan.Call(plan.CountStar, -1, tInt)},
	})
}

// TestCorrectionsFollow emits windows when the stream's watermark passes them, corrects them for
// late rows, and lets the mark behind go on.
func TestCorrectionsFollow(t *testing.T) {
	v := newView(0, &plan.EmitOnClose{
		Input: perWindow(allow(100 * second)), WindowEnd: 1, Lateness: 100 * second,
	})
	w := newWorld([]view{v})
	for i, s := range []struct {
		mark   int64
		onTime []oracle.Row
		late   []oracle.Row
		want   string
		closed int64 // mark of window_end, in seconds
	}{
		{59, []oracle.Row{event(0, 10, "a", 1), event(1, 70, "a", 1)}, nil, "", 0},
		{60, nil, nil, "+1 1970-01-01 00:00:00, 1970-01-01 00:01:00, 1\n", 0},
		{
			90, nil,
			[]oracle.Row{lateEvent(2, 20, 60)},
			"+1 1970-01-01 00:00:00, 1970-01-01 00:01:00, 2\n", 0,
		},
		{159, nil, []oracle.Row{lateEvent(3, -200, 90)}, // too late: it stays out
			"+1 1970-01-01 00:00:00, 1970-01-01 00:01:00, 2\n" +
				"+1 1970-01-01 00:01:00, 1970-01-01 00:02:00, 1\n", 60},
		{160, nil, nil, "+1 1970-01-01 00:00:00, 1970-01-01 00:01:00, 2\n" +
			"+1 1970-01-01 00:01:00, 1970-01-01 00:02:00, 1\n", 120},
	} {
		res, err := w.step(step{mark: s.mark * second, reload: true, txs: []transaction{
			{events, s.onTime}, {late, s.late},
		}})
		must(err)
		if err := w.compare(); err != nil {
			t.Fatal(err)
		}
		if got := lines(w.delta[v.id]); got != s.want {
			t.Errorf("step %d: %s", i, got)
		}
		if m := res.Views[0].Marks; s.closed > 0 && m[1] != s.closed*second {
			t.Errorf("step %d: marks %v", i, m)
		}
	}
}

// TestMarksReachViewsOverViews closes windows of a view that reads a view that reads another, over
// restarts, and in a query.
func TestMarksReachViewsOverViews(t *testing.T) {
	first := newView(0, perWindow(scan(events)))
	second1 := newView(1, &plan.Filter{
		Input: first.scan(), Pred: fn(">", col(first.scan(), 2), lit(value.NewInt8(0))),
	})
	third := newView(2, &plan.EmitOnClose{Input: second1.scan(), WindowEnd: 1})
	if got := second1.scan().Frozen; len(got) != 2 {
		t.Fatalf("watermarks on columns %v of the view", got)
	}
	w := newWorld([]view{first, second1, third})
	closed := func() int { return len(w.delta[third.id]) }
	for i, mark := range []int64{30, 60, 119, 120} {
		_, err := w.step(step{mark: mark * second, reload: true, txs: []transaction{
			{events, []oracle.Row{event(int64(i), mark+1, "a", 1)}},
		}})
		must(err)
		if err := w.compare(); err != nil {
			t.Fatal(err)
		}
		if want := int(mark / 60); closed() != want {
			t.Errorf("watermark %d: %d windows are closed", mark, closed())
		}
		q := &plan.EmitOnClose{Input: first.scan(), WindowEnd: 1}
		got, err := w.eng.Query(q, w.env())
		must(err)
		if len(got.Rows) != closed() {
			t.Errorf("watermark %d: the query sees %d closed windows", mark, len(got.Rows))
		}
	}
}

// TestTimeIsOffTheMeter lets more rows leave by time than one piece and one budget hold.
func TestTimeIsOffTheMeter(t *testing.T) {
	in, until := moved(scan(events), 0, 10*second)
	w := newWorld([]view{newView(0, &plan.TemporalFilter{Input: in, From: -1, Until: until})})
	w.eng = w.engine(engine.Limits{StepRows: 1000})
	n := int64(2*engine.DrainRows + 5)
	var rows []oracle.Row
	for i := range n {
		rows = append(rows, event(i, 0, "a", i))
	}
	res, err := w.step(step{mark: window.None, txs: []transaction{{events, rows}}})
	must(err)
	if m := res.Views[0]; !m.OverBudget || m.Meter.RowsOut != n || w.eng.Due(10*second-1) {
		t.Fatalf("insert: %+v", m.Meter)
	}
	if !w.eng.Due(10 * second) {
		t.Fatal("nothing is due when the rows end")
	}
	res, err = w.step(step{mark: window.None, now: 10 * second, discard: true})
	must(err)
	if m := res.Views[0]; m.OverBudget || m.Meter.Rows != 0 || m.Meter.RowsOut != n {
		t.Fatalf("time: %+v", m.Meter)
	}
	if len(w.delta[firstView]) != 0 || w.eng.Due(1<<50) {
		t.Fatal("rows are left")
	}
	res, err = w.step(step{mark: window.None, now: 20 * second})
	must(err)
	if m := res.Views[0]; len(m.Changes) != 0 || m.Meter != (engine.Meter{}) {
		t.Fatalf("a step in which no row moves: %+v", m.Meter)
	}
}

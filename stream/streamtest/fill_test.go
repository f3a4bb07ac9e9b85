package streamtest

import (
	"testing"

	"pgregory.net/rapid"

	"weir/stream/batch"
	"weir/stream/engine"
	"weir/stream/oracle"
	"weir/stream/plan"
	"weir/stream/value"
)

// event is one row of the stream, placed at an offset.
func event(offset, ts int64, k string, v int64) oracle.Row {
	return oracle.Row{Weight: 1, Vals: []value.Datum{
		value.NewTimestamp(ts * second), value.NewText(k), value.NewInt8(v),
		value.NewDecimal(value.DecimalFromInt64(v)), value.NewInt8(offset), value.NewInt8(1),
		value.NewTimestampTZ(0), value.NewText("r/w"),
	}}
}

// shown prints the rows that a query answers.
func shown(q plan.Node, rows [][]value.Datum) (s string) {
	for _, r := range rows {
		s += show(r) + "\n"
	}
	return s
}

// sparse is a history that answers every other call with no rows but more to come.
type sparse struct {
	*world
	calls int
}

func (s *sparse) Rows(id uint32, after int64, limit int) (*batch.Batch, int64, bool, error) {
	if s.calls++; s.calls%2 == 1 {
		return nil, after, true, nil
	}
	return s.world.Rows(id, after, limit)
}

// TestFillEqualsOracle refills views in small pieces between steps, reloads in the middle, and
// compares at the end.
func TestFillEqualsOracle(t *testing.T) {
	check(t, 10, func(t *rapid.T) {
		h := histories().Draw(t, "history")
		w := newWorld(h.views)
		start := rapid.IntRange(0, len(h.steps)-1).Draw(t, "refill at")
		piece := rapid.IntRange(1, 7).Draw(t, "piece")
		for i, s := range h.steps {
			if i == start {
				w.refill(t, h.views)
			}
			if res, err := w.step(s); err != nil || len(res.Suspensions) > 0 {
				t.Fatal(err, res)
			}
			if i >= start && rapid.Bool().Draw(t, "fill") {
				w.fill(t, piece)
			}
		}
		for range 100 {
			w.fill(t, 50)
		}
		// one more step: marks that the backfill held back reach the views that read views
		for range h.views {
			_, err := w.step(step{mark: w.mark + second, now: w.now})
			must(err)
		}
		if err := w.compare(); err != nil {
			t.Fatal(err)
		}
	})
}

// refill starts views over, dependents too.
func (w *world) refill(t *rapid.T, views []view) {
	for _, v := range views {
		must(w.eng.Refill(v.id))
		for _, id := range []uint32{v.id, v.errors()} {
			w.mem.Drop(id)
			w.delta[id] = nil
		}
		w.count[v.id] = 0
	}
}

// fill runs one piece of the first view that is not full: a view's inputs are filled before it.
func (w *world) fill(t *rapid.T, piece int) {
	for _, v := range w.views {
		if !w.eng.Filling(v.id) {
			continue
		}
		res, err := w.eng.Fill(v.id, w.env(), piece)
		if err != nil {
			t.Fatal(err)
		}
		if res.RowsRead > piece {
			t.Fatalf("a piece of %d rows, allowed %d", res.RowsRead, piece)
		}
		w.apply(res.ViewResult)
		w.eng.Accept()
		return
	}
}

// TestFillThenDiscard discards a piece: the next call reads the same rows again.
func TestFillThenDiscard(t *testing.T) {
	v := newView(0, agg(scan(events), 1))
	w := newWorld([]view{v})
	rows := []oracle.Row{event(0, 1, "a", 1), event(1, 2, "b", 2), event(2, 3, "a", 3)}
	_, err := w.step(step{mark: 0, txs: []transaction{{events, rows}}})
	must(err)
	w.refill(nil, w.views)
	for _, discard := range []bool{true, false, true, false, false} {
		if !w.eng.Filling(v.id) {
			break
		}
		res, err := w.eng.Fill(v.id, engine.Env{Relations: w.mem, History: w}, 2)
		must(err)
		if discard {
			w.eng.Discard()
			continue
		}
		w.apply(res.ViewResult)
		w.eng.Accept()
	}
	if err := w.compare(); err != nil {
		t.Fatal(err)
	}
}

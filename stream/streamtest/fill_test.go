package streamtest

import (
	"testing"

	"pgregory.net/rapid"

	"weir/stream/batch"
	"weir/stream/engine"
	"weir/stream/oracle"
	"weir/stream/plan"
	"weir/stream/row"
	"weir/stream/state"
	"weir/stream/value"
)

// log gives the stream's rows to backfills and queries.
type log struct{ w *world }

func (l log) Rows(_ uint32, after int64, limit int) (*batch.Batch, int64, bool, error) {
	var rows [][]value.Datum
	more := false
	off := after + 1
	for ; off < l.w.offset; off++ {
		if len(rows) >= limit {
			more = true
			break
		}
		for _, r := range l.w.rows[events] {
			if r.Vals[4].I == off {
				rows = append(rows, r.Vals)
			}
		}
	}
	types := []value.Type{tTS, tText, tInt, tNum, tInt, tInt, value.Of(value.TimestampTZ), tText}
	return batch.FromRows(types, rows, nil), off - 1, more, nil
}

// store keeps the table's rows in the form that the engine scans.
func (w *world) store(rows []oracle.Row) {
	set := &state.Runs{}
	for _, r := range rows {
		k := row.AppendKeyDatums(nil, r.Vals[:1])
		set.Apply([]state.Change{{Key: k, Value: append([]byte{1}, row.AppendRowDatums(nil, r.Vals)...)}})
	}
	w.mem.Drop(names)
	set.Version().Scan(nil, nil, func(k, v []byte) bool {
		w.mem.Apply(names, []state.Change{{Key: k, Value: v}})
		return true
	})
}

// TestFillAndQueryEqualIncremental refills every view in small pieces between steps and compares
// it, and one-shot queries, with the oracle.
func TestFillAndQueryEqualIncremental(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld()
		w.marks[events] = 0
		step := func() {
			seg, rows, mark := w.draw(t)
			res, err := w.eng.Step(seg)
			must(err)
			w.commit(res, rows, mark)
			w.store(w.rows[names])
		}
		for range rapid.IntRange(0, 4).Draw(t, "before") {
			step()
		}
		for id := range plans() {
			must(w.eng.Refill(id))
			w.mem.Drop(id)
		}
		for w.eng.Filling(2000) || w.eng.Filling(2005) || w.eng.Filling(2009) {
			w.fillAll(rapid.IntRange(1, 7).Draw(t, "piece"))
			if rapid.Bool().Draw(t, "step") {
				step()
			}
		}
		for range 40 {
			w.fillAll(50)
		}
		step()
		w.compare(t)
		for id, v := range plans() {
			got, err := w.eng.Query(v.p, engine.Env{Watermarks: w.marks, Relations: w.mem, History: log{w}})
			must(err)
			var rows []oracle.Row
			for _, r := range got.Rows {
				rows = append(rows, oracle.Row{Vals: r, Weight: 1})
			}
			want, _ := oracle.Eval(v.p, oracle.Input{Rows: w.rows, Marks: w.marks})
			if a, b := oracle.Consolidate(rows), want; len(a) != len(b) {
				t.Fatalf("query %d: %d rows, want %d", id, len(a), len(b))
			}
			_ = plan.Types
		}
	})
}

func (w *world) fillAll(rows int) {
	for id := uint32(2000); id <= 2010; id++ {
		if !w.eng.Filling(id) {
			continue
		}
		res, err := w.eng.Fill(id, engine.Env{Relations: w.mem, History: log{w}}, rows)
		must(err)
		w.mem.Apply(id, res.Changes)
		w.eng.Accept()
	}
}

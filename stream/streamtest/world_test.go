package streamtest

import (
	"fmt"
	"strings"

	"weir/stream/batch"
	"weir/stream/catalog"
	"weir/stream/engine"
	"weir/stream/expr"
	"weir/stream/oracle"
	"weir/stream/plan"
	"weir/stream/row"
	"weir/stream/state"
	"weir/stream/value"
	"weir/stream/window"
)

// world is an engine beside the full multisets that the oracle recomputes from.
type world struct {
	views []view
	run   engine.Runner
	eng   *engine.Engine
	mem   *state.Mem
	rows  map[uint32][]oracle.Row // base relations; logs in order of arrival
	delta map[uint32][]oracle.Row // sums of the deltas of views and error relations
	mark  int64
	now   int64            // block time of the last step
	count map[uint32]int64 // errors per view, by ErrorCount
}

func newWorld(views []view) *world {
	w := &world{
		views: views, mem: state.NewMem(), rows: map[uint32][]oracle.Row{},
		delta: map[uint32][]oracle.Row{}, count: map[uint32]int64{}, mark: window.None,
	}
	w.eng = w.engine(engine.Limits{})
	return w
}

// engine returns an engine with all definitions.
func (w *world) engine(l engine.Limits) *engine.Engine {
	e := engine.New(engine.Config{Limits: l, Runner: w.run})
	for _, def := range definitions() {
		must(e.Define(def, nil))
	}
	for _, v := range w.views {
		must(e.Define(v.define(), v.plan))
		must(e.Define(&catalog.Relation{ID: v.errors(), Kind: catalog.Errors, Of: v.id}, nil))
	}
	return e
}

// step runs a segment, discarding it once first if it says so.
func (w *world) step(s step) (*engine.Result, error) {
	seg := w.segment(s)
	res, err := w.eng.Step(seg)
	if err == nil && s.discard {
		w.eng.Discard()
		res, err = w.eng.Step(seg)
	}
	if err != nil {
		return nil, err
	}
	w.commit(s, res)
	if s.reload {
		w.reload()
	}
	return res, nil
}

func (w *world) segment(s step) engine.Segment {
	seg := engine.Segment{
		Relations: w.mem, Deltas: map[uint32][]*batch.Batch{},
		Watermarks: map[uint32][]int64{events: {s.mark}}, BlockTime: s.now,
	}
	for _, tx := range s.txs {
		b := batch.NewBuilder(rowTypes(tx.relation), len(tx.rows))
		for _, r := range tx.rows {
			b.Add(r.Vals, r.Weight)
		}
		seg.Deltas[tx.relation] = append(seg.Deltas[tx.relation], b.Batch())
	}
	return seg
}

func (w *world) commit(s step, res *engine.Result) {
	for _, v := range res.Views {
		w.apply(v)
	}
	w.eng.Accept()
	for _, tx := range s.txs {
		w.rows[tx.relation] = append(w.rows[tx.relation], tx.rows...)
	}
	w.rows[names] = oracle.Consolidate(w.rows[names])
	w.storeTable()
	w.mark, w.now = s.mark, s.now
}

func (w *world) apply(v engine.ViewResult) {
	w.mem.Apply(v.ID, v.Changes)
	w.mem.Apply(v.ErrorsID, v.ErrorChanges)
	w.sum(v.ID, v.Delta)
	w.sum(v.ErrorsID, v.ErrorDelta)
	w.count[v.ID] += v.ErrorCount
}

func (w *world) sum(id uint32, b *batch.Batch) {
	rows, weights := b.Rows()
	for i, r := range rows {
		w.delta[id] = append(w.delta[id], oracle.Row{Vals: r, Weight: weights[i]})
	}
	w.delta[id] = oracle.Consolidate(w.delta[id])
}

// storeTable keeps the table's rows in the form that the engine scans.
func (w *world) storeTable() {
	w.mem.Drop(names)
	for _, r := range w.rows[names] {
		v := batch.FromRows(rowTypes(names), [][]value.Datum{r.Vals}, nil)
		w.mem.Apply(names, []state.Change{{
			Key:   row.AppendKeyDatums(nil, r.Vals[:1]),
			Value: row.AppendEntry(nil, 1, v.Cols, 0),
		}})
	}
}

// reload replaces the engine by a new one that loads the saved state.
func (w *world) reload() {
	var saved []engine.Entry
	w.eng.Save(func(rel uint32, stream int, key, val []byte) {
		saved = append(saved, engine.Entry{
			Relation: rel, Stream: stream,
			Key: append([]byte{}, key...), Value: append([]byte{}, val...),
		})
	})
	w.eng = w.engine(engine.Limits{})
	i := -1
	must(w.eng.Load(func() (engine.Entry, bool) {
		if i++; i >= len(saved) {
			return engine.Entry{}, false
		}
		return saved[i], true
	}))
}

// input is what the oracle evaluates over.
func (w *world) input() oracle.Input {
	in := oracle.Input{
		Rows:  map[uint32][]oracle.Row{},
		Marks: map[uint32][]int64{events: eventMarks(w.mark)}, Env: expr.Env{Now: w.now},
	}
	for _, id := range sortedKeys(w.rows) {
		in.Rows[id] = w.rows[id]
	}
	return in
}

// compare recomputes every view and says which differs from the stored relations.
func (w *world) compare() error {
	in := w.input()
	for _, v := range w.views {
		want := oracle.EvalView(v.plan, v.key, in)
		in.Rows[v.id], in.Rows[v.errors()] = want.Rows, want.Errors
		in.Marks[v.id] = want.Marks
		errs := int64(0)
		for _, r := range want.Errors {
			errs += r.Weight
		}
		if w.count[v.id] != errs {
			return fmt.Errorf("view %d counts %d errors, want %d", v.id, w.count[v.id], errs)
		}
		if err := w.same(v.id, plan.Types(v.plan.Schema()), want.Rows); err != nil {
			return err
		}
		if err := w.same(v.errors(), errorTypes(), want.Errors); err != nil {
			return err
		}
	}
	return nil
}

// same compares the stored relation and the sum of its deltas with what they should be.
func (w *world) same(id uint32, types []value.Type, want []oracle.Row) error {
	stored := w.stored(id, types)
	for _, got := range []struct {
		what string
		rows []oracle.Row
	}{{"relation", stored}, {"sum of deltas of", w.delta[id]}} {
		if a, b := lines(oracle.Consolidate(got.rows)), lines(want); a != b {
			return fmt.Errorf("%s %d\n got:\n%s\nwant:\n%s", got.what, id, a, b)
		}
	}
	return nil
}

func (w *world) stored(id uint32, types []value.Type) (out []oracle.Row) {
	w.mem.Relation(id).Scan(nil, nil, func(_, entry []byte) bool {
		weight, vals, err := row.DecodeEntry(types, entry)
		must(err)
		out = append(out, oracle.Row{Vals: vals, Weight: int64(weight)})
		return true
	})
	return out
}

func lines(rows []oracle.Row) string {
	var b strings.Builder
	for _, r := range rows {
		fmt.Fprintf(&b, "%+d %s\n", r.Weight, show(r.Vals))
	}
	return b.String()
}

func errorTypes() []value.Type {
	return []value.Type{value.Of(value.Int4), tText, tText, value.Of(value.Bytea), tText}
}

// Rows implements engine.History.
func (w *world) Rows(id uint32, after int64, limit int) (*batch.Batch, int64, bool, error) {
	rows := w.rows[id]
	from := min(int(after+1), len(rows))
	to := min(from+limit, len(rows))
	b := batch.NewBuilder(rowTypes(id), to-from)
	for _, r := range rows[from:to] {
		b.Add(r.Vals, r.Weight)
	}
	return b.Batch(), int64(to) - 1, to < len(rows), nil
}

// env is what queries and backfills see.
func (w *world) env() engine.Env {
	return engine.Env{
		Relations: w.mem, History: w, BlockTime: w.now,
		Watermarks: map[uint32][]int64{events: {w.mark}},
	}
}

// eventMarks are the marks of the stream's row space when its watermark is w.
func eventMarks(w int64) []int64 { return oracle.StreamMarks(definitions()[0], w) }

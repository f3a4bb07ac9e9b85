package streamtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"weir/stream/batch"
	"weir/stream/catalog"
	"weir/stream/engine"
	"weir/stream/oracle"
	"weir/stream/plan"
	"weir/stream/row"
	"weir/stream/sql"
	"weir/stream/state"
	"weir/stream/value"
	"weir/stream/window"
)

// scenario runs SQL text against an engine: sql buffers rows and defines relations, step runs the
// buffered rows as one segment and prints what each view changes, query answers.
type scenario struct {
	cat       *catalog.Catalog
	eng       *engine.Engine
	mem       *state.Mem
	plans     map[uint32]plan.Node
	rows      map[uint32][]oracle.Row // of logs and tables, the buffered ones included
	pending   map[uint32][]oracle.Row
	producers map[uint32]window.Watermarks
	offset    int64
	now       int64 // block time: microseconds since 1970-01-01 UTC
	stepped   int64 // that of the last step
}

// TestScenarios runs testdata/scenarios; every view and query is compared with the oracle too.
func TestScenarios(t *testing.T) {
	datadriven.Walk(t, "testdata/scenarios", func(t *testing.T, path string) {
		s := newScenario()
		datadriven.RunTest(t, path, s.command)
	})
}

// command runs one command of a scenario and returns what it shows.
func (s *scenario) command(t *testing.T, d *datadriven.TestData) string {
	out, err := "", error(nil)
	switch d.Cmd {
	case "sql", "query":
		producer := "p"
		d.MaybeScanArgs(t, "producer", &producer)
		s.blockTime(t, d)
		out, err = s.run(d.Input, producer)
	case "step":
		s.blockTime(t, d)
		out, err = s.step()
	default:
		out, err = s.more(t, d)
	}
	if err != nil {
		return "error: " + err.Error() + "\n"
	}
	return out
}

func (s *scenario) run(text, producer string) (out string, err error) {
	raws, err := sql.Parse(text)
	if err != nil {
		return "", err
	}
	for _, raw := range raws {
		st, err := sql.Bind(raw, s.cat, sql.Options{Role: "r"})
		if err != nil {
			return "", err
		}
		one, err := s.statement(st, producer)
		if err != nil {
			return "", err
		}
		out += one
	}
	return out, nil
}

func (s *scenario) statement(st sql.Statement, producer string) (string, error) {
	switch st := st.(type) {
	case *sql.CreateStream:
		return "", s.create(st.Relation, nil)
	case *sql.CreateTable:
		return "", s.create(st.Relation, nil)
	case *sql.CreateView:
		return "", s.create(st.Relation, st.Plan)
	case *sql.Insert:
		return "", s.insert(st, producer)
	case *sql.Update:
		return "", s.update(st)
	case *sql.Delete:
		return "", s.remove(st)
	case *sql.Select:
		return s.query(st.Plan)
	}
	return s.statementMore(st)
}

// create defines a relation; a view is filled from what there is.
func (s *scenario) create(def *catalog.Relation, p plan.Node) error {
	made, err := s.cat.Create(def)
	if err != nil {
		return err
	}
	for _, r := range made {
		if r.Kind == catalog.View {
			must(s.eng.Define(r, p))
			s.plans[r.ID] = p
			continue
		}
		must(s.eng.Define(r, nil))
		for _, w := range r.Watermarks {
			cfg := window.Config{DelayMicros: w.DelayMicros, Global: w.Global}
			s.producers[r.ID] = append(s.producers[r.ID], window.New(cfg))
		}
	}
	if p == nil {
		return nil
	}
	must(s.eng.Refill(def.ID))
	for s.eng.Filling(def.ID) {
		res, err := s.eng.Fill(def.ID, s.env(), 3)
		must(err)
		s.apply(res.ViewResult)
		s.eng.Accept()
	}
	return s.compare()
}

func (s *scenario) apply(v engine.ViewResult) {
	s.mem.Apply(v.ID, v.Changes)
	s.mem.Apply(v.ErrorsID, v.ErrorChanges)
}

func (s *scenario) insert(st *sql.Insert, producer string) error {
	got, err := s.eng.Query(st.Source, s.env())
	if err != nil {
		return err
	}
	def := s.cat.ByID(st.Target)
	if st.Kind == catalog.Stream {
		s.judge(def, producer, got.Rows)
		return nil
	}
	for _, vals := range got.Rows {
		s.drop(def, keyOf(def, vals))
		s.buffer(def.ID, vals, 1)
		s.version(def, vals, false)
	}
	return nil
}

// judge buffers an append to a stream: on-time rows to it, late ones to its late relation.
func (s *scenario) judge(def *catalog.Relation, producer string, rows [][]value.Datum) {
	p := s.producers[def.ID]
	times := make([]*value.Vec, len(p))
	for k, w := range def.Watermarks {
		times[k] = value.NewVec(def.Columns[w.Column].Type, len(rows))
		for _, r := range rows {
			times[k].AppendDatum(r[w.Column])
		}
	}
	j := p.Judge(producer, times, farFuture, farFuture)
	for i, r := range rows {
		vals := append(slices.Clone(r), value.NewInt8(s.offset), value.NewInt8(1),
			value.NewTimestampTZ(s.now), value.NewText("r/"+producer))
		s.offset++
		if !j.Late.Get(i) {
			s.buffer(def.ID, vals, 1)
			continue
		}
		for k, w := range def.Watermarks {
			lost := value.NullDatum
			if m := j.ProducerBefore[k]; vals[w.Column].I < m {
				lost = value.NewInt(def.Columns[w.Column].Type.Kind, m)
			}
			vals = append(vals, lost)
		}
		s.buffer(s.cat.Lookup(def.Name+catalog.LateSuffix).ID, vals, 1)
	}
	p.Advance(producer, times, j.Rejected, farFuture, farFuture, false)
}

func keyOf(def *catalog.Relation, vals []value.Datum) []value.Datum {
	var key []value.Datum
	for _, c := range def.Key {
		key = append(key, vals[c])
	}
	return key
}

// drop retracts the row of a table that has a key, if there is one.
func (s *scenario) drop(def *catalog.Relation, key []value.Datum) {
	for _, r := range s.rows[def.ID] {
		if show(keyOf(def, r.Vals)) == show(key) {
			s.buffer(def.ID, r.Vals, -1)
			s.version(def, r.Vals, true)
			return
		}
	}
}

// version writes to the history of a table, if it has one, what a row has become.
func (s *scenario) version(def *catalog.Relation, vals []value.Datum, deleted bool) {
	h := s.cat.HistoryOf(def)
	if h == nil {
		return
	}
	v := def.VersionOf(vals, s.now, deleted)
	s.drop(h, keyOf(h, v))
	s.buffer(h.ID, v, 1)
}

func (s *scenario) buffer(id uint32, vals []value.Datum, weight int64) {
	r := oracle.Row{Vals: vals, Weight: weight}
	s.pending[id] = append(s.pending[id], r)
	s.rows[id] = append(s.rows[id], r)
	if s.cat.ByID(id).Stored() {
		s.rows[id] = oracle.Consolidate(s.rows[id])
	}
}

func (s *scenario) marks() map[uint32][]int64 {
	out := map[uint32][]int64{}
	for _, id := range sortedKeys(s.producers) {
		out[id] = window.Capped(s.producers[id].Uncapped(), farFuture)
	}
	return out
}

func (s *scenario) types(id uint32) (out []value.Type) {
	for _, c := range s.cat.ByID(id).RowSpace() {
		out = append(out, c.Type)
	}
	return out
}

func (s *scenario) step() (out string, err error) {
	seg := engine.Segment{
		Relations: s.mem, Deltas: map[uint32][]*batch.Batch{},
		Watermarks: s.marks(), BlockTime: s.now,
	}
	for _, id := range sortedKeys(s.pending) {
		b := batch.NewBuilder(s.types(id), 0)
		for _, r := range s.pending[id] {
			b.Add(r.Vals, r.Weight)
		}
		seg.Deltas[id] = []*batch.Batch{b.Batch()}
	}
	s.stepped = s.now
	res, err := s.eng.Step(seg)
	if err != nil {
		return "", err
	}
	for _, v := range res.Views {
		s.apply(v)
		for _, part := range []struct {
			id    uint32
			delta *batch.Batch
		}{{v.ID, v.Delta}, {v.ErrorsID, v.ErrorDelta}} {
			rows, weights := part.delta.Rows()
			for i, r := range rows {
				out += fmt.Sprintf("%s: %+d %s\n", s.cat.ByID(part.id).Name, weights[i], show(r))
			}
		}
	}
	for _, x := range res.Suspensions {
		out += fmt.Sprintf("%s: suspended, %s\n", s.cat.ByID(x.ID).Name, x.Reason)
	}
	s.eng.Accept()
	for _, id := range sortedKeys(s.pending) {
		if s.cat.ByID(id).Stored() {
			s.store(id)
		}
	}
	clear(s.pending)
	if err := s.compare(); err != nil {
		return "", err
	}
	return out, s.compareBatch(s.input())
}

// store keeps a table's rows as the engine scans them.
func (s *scenario) store(id uint32) {
	s.mem.Drop(id)
	var all []state.Change
	for _, r := range s.rows[id] {
		b := batch.FromRows(s.types(id), [][]value.Datum{r.Vals}, nil)
		all = append(all, state.Change{
			Key:   row.AppendKeyDatums(nil, keyOf(s.cat.ByID(id), r.Vals)),
			Value: row.AppendEntry(nil, 1, b.Cols, 0),
		})
	}
	slices.SortFunc(all, func(a, b state.Change) int {
		return strings.Compare(string(a.Key), string(b.Key))
	})
	s.mem.Apply(id, all)
}

// input has the rows of base relations, and of views and their errors as they are stored.
func (s *scenario) input() oracle.Input {
	in := oracle.Input{Rows: map[uint32][]oracle.Row{}, Marks: map[uint32][]int64{}}
	in.Env.Now = s.now
	marks := s.marks()
	for _, id := range sortedKeys(marks) {
		in.Marks[id] = oracle.StreamMarks(s.cat.ByID(id), marks[id]...)
	}
	for _, r := range s.cat.All() {
		if r.Kind == catalog.History {
			in.Marks[r.ID] = oracle.StreamMarks(r, s.stepped)
		}
		if r.Kind != catalog.View && r.Kind != catalog.Errors {
			in.Rows[r.ID] = s.rows[r.ID]
			continue
		}
		s.mem.Relation(r.ID).Scan(nil, nil, func(_, entry []byte) bool {
			weight, vals, err := row.DecodeEntry(s.types(r.ID), entry)
			must(err)
			in.Rows[r.ID] = append(in.Rows[r.ID], oracle.Row{Vals: vals, Weight: int64(weight)})
			return true
		})
	}
	return in
}

// compare recomputes every view from its stored inputs.
func (s *scenario) compare() error {
	in := s.input()
	for _, id := range sortedKeys(s.plans) {
		want := oracle.EvalView(s.plans[id], s.cat.ByID(id).Key, in)
		in.Marks[id] = want.Marks
		got := lines(oracle.Consolidate(in.Rows[id]))
		if b := lines(want.Rows); got != b {
			return fmt.Errorf("%s holds\n%s, the oracle says\n%s", s.cat.ByID(id).Name, got, b)
		}
	}
	return nil
}

func (s *scenario) query(p plan.Node) (string, error) {
	got, err := s.eng.Query(p, s.env())
	if err != nil {
		return "", err
	}
	want, failed := oracle.Query(p, s.input())
	if a, b := answer(got), shown(p, want); a != b || got.Errors != failed {
		return "", fmt.Errorf("the engine answers\n%s, the oracle\n%s", a, b)
	}
	if got.Errors > 0 {
		return fmt.Sprintf("%s%d rows failed\n", visible(got), got.Errors), nil
	}
	return visible(got), nil
}

func (s *scenario) env() engine.Env {
	return engine.Env{Relations: s.mem, History: s, Watermarks: s.marks(), BlockTime: s.now}
}

// Rows implements engine.History.
func (s *scenario) Rows(id uint32, after int64, limit int) (*batch.Batch, int64, bool, error) {
	rows := s.rows[id]
	from := min(int(after+1), len(rows))
	to := min(from+limit, len(rows))
	b := batch.NewBuilder(s.types(id), to-from)
	for _, r := range rows[from:to] {
		b.Add(r.Vals, r.Weight)
	}
	return b.Batch(), int64(to) - 1, to < len(rows), nil
}

package streamtest

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"weir/stream/batch"
	"weir/stream/catalog"
	"weir/stream/engine"
	"weir/stream/oracle"
	"weir/stream/plan"
	"weir/stream/row"
	"weir/stream/state"
	"weir/stream/value"
)

const (
	events = 1024 // stream (ts timestamp, k text, v int8, n numeric)
	names  = 1025 // table (k text primary key, label text)
	second = int64(1_000_000)
)

var (
	tTS, tText = value.Of(value.Timestamp), value.Of(value.Text)
	tInt, tNum = value.Of(value.Int8), value.Of(value.Numeric)
)

func eventsDef() *catalog.Relation {
	return &catalog.Relation{ID: events, Name: "events", Kind: catalog.Stream, AppendOnly: true,
		Columns: []catalog.Column{
			{Name: "ts", Type: tTS}, {Name: "k", Type: tText}, {Name: "v", Type: tInt},
			{Name: "n", Type: tNum},
		}, Watermark: &catalog.Watermark{Column: 0}}
}

func namesDef() *catalog.Relation {
	return &catalog.Relation{ID: names, Name: "names", Kind: catalog.Table, Key: []int{0},
		Columns: []catalog.Column{{Name: "k", Type: tText}, {Name: "label", Type: tText}}}
}

func scanEvents() plan.Node {
	return &plan.Scan{Relation: events, Columns: []int{0, 1, 2, 3}, TimeCol: 0, AppendOnly: true,
		Fields: []plan.Field{{Name: "ts", Type: tTS}, {Name: "k", Type: tText}, {Name: "v", Type: tInt},
			{Name: "n", Type: tNum}}}
}

func scanNames() plan.Node {
	return &plan.Scan{Relation: names, Columns: []int{0, 1}, TimeCol: -1, Stored: true, Key: []int{0},
		Fields: []plan.Field{{Name: "k", Type: tText}, {Name: "label", Type: tText}}}
}

func window(kind plan.WindowKind) plan.Node {
	return &plan.Window{Input: scanEvents(), Kind: kind, TimeCol: 0, SizeMicros: 60 * second,
		SlideMicros: 20 * second}
}

func agg(in plan.Node, by ...int) plan.Node {
	call := func(f plan.AggFunc, arg int, t value.Type) plan.AggCall {
		return plan.AggCall{Func: f, Arg: arg, Filter: -1, Type: t}
	}
	n := &plan.Aggregate{Input: in, GroupBy: by, Calls: []plan.AggCall{
		call(plan.CountStar, -1, tInt), call(plan.Count, 2, tInt), call(plan.Sum, 2, tNum),
		call(plan.Sum, 3, tNum), call(plan.Avg, 3, tNum), call(plan.Min, 2, tInt),
		call(plan.Max, 3, tNum),
	}}
	for i := range len(by) + len(n.Calls) {
		n.Names = append(n.Names, fmt.Sprint("c", i))
	}
	return n
}

func joined() plan.Node {
	return &plan.Join{Left: scanEvents(), Right: scanNames(), LeftKeys: []int{1}, RightKeys: []int{0}}
}

// plans are the views under test, each with its key.
func plans() map[uint32]struct {
	p   plan.Node
	key []int
} {
	type v = struct {
		p   plan.Node
		key []int
	}
	tumble := agg(window(plan.Tumble), 4, 5, 1)
	return map[uint32]v{
		2000: {scanEvents(), nil},
		2001: {agg(scanEvents()), nil},
		2002: {tumble, []int{0, 1, 2}},
		2003: {agg(window(plan.Hop), 5, 1), []int{0, 1}},
		2004: {agg(window(plan.Cumulate), 4, 5), []int{0, 1}},
		2005: {joined(), nil},
		2006: {agg(joined(), 5), []int{0}},
		2007: {&plan.EmitOnClose{Input: tumble, WindowEnd: 1}, []int{0, 1, 2}},
		2008: {&plan.UnionAll{Inputs: []plan.Node{scanEvents(), scanEvents()}}, nil},
		2009: {&plan.Join{Left: scanEvents(), Right: scanEvents(), LeftKeys: []int{1, 0},
			RightKeys: []int{1, 0}}, nil},
		2010: {agg(scanEvents(), 3), []int{0}},
	}
}

// world is an engine beside the full multisets that the oracle recomputes from.
type world struct {
	eng    *engine.Engine
	mem    *state.Mem
	rows   map[uint32][]oracle.Row
	offset int64
	marks  map[uint32]int64
}

func newWorld() *world {
	w := &world{eng: engine.New(engine.Config{}), mem: state.NewMem(), rows: map[uint32][]oracle.Row{},
		marks: map[uint32]int64{}}
	w.define()
	return w
}

func (w *world) define() {
	must(w.eng.Define(eventsDef(), nil))
	must(w.eng.Define(namesDef(), nil))
	all := plans()
	for id := uint32(2000); all[id].p != nil; id++ {
		must(w.eng.Define(&catalog.Relation{ID: id, Kind: catalog.View, Key: all[id].key}, all[id].p))
	}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// TestIncrementalEqualsOracle drives random histories through every plan and compares every
// view with a full recompute after every step, with discards and reloads in between.
func TestIncrementalEqualsOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld()
		w.marks[events] = 0
		for range rapid.IntRange(1, 8).Draw(t, "steps") {
			seg, rows, mark := w.draw(t)
			res, err := w.eng.Step(seg)
			must(err)
			if rapid.IntRange(0, 4).Draw(t, "discard") == 0 {
				w.eng.Discard()
				res, err = w.eng.Step(seg)
				must(err)
			}
			w.commit(res, rows, mark)
			w.compare(t)
			if rapid.IntRange(0, 4).Draw(t, "reload") == 0 {
				w.reload()
			}
		}
	})
}

func (w *world) commit(res *engine.Result, rows map[uint32][]oracle.Row, mark int64) {
	if len(res.Suspensions) > 0 {
		panic(fmt.Sprint("suspended: ", res.Suspensions))
	}
	for _, v := range res.Views {
		w.mem.Apply(v.ID, v.Changes)
	}
	w.eng.Accept()
	for _, id := range []uint32{events, names} {
		w.rows[id] = oracle.Consolidate(append(w.rows[id], rows[id]...))
	}
	w.marks[events] = mark
}

func (w *world) draw(t *rapid.T) (engine.Segment, map[uint32][]oracle.Row, int64) {
	mark := w.marks[events]
	rows := map[uint32][]oracle.Row{}
	key := func() value.Datum {
		if rapid.IntRange(0, 5).Draw(t, "null") == 0 {
			return value.Datum{}
		}
		return value.NewText(string(rune('a' + rapid.IntRange(0, 3).Draw(t, "k"))))
	}
	for range rapid.IntRange(0, 8).Draw(t, "rows") {
		v, n := value.Datum{}, value.Datum{}
		if rapid.Bool().Draw(t, "v") {
			v = value.NewInt8(rapid.Int64().Draw(t, "int"))
		}
		if rapid.Bool().Draw(t, "n") {
			c := value.Int128FromInt64(rapid.Int64Range(-50, 50).Draw(t, "dec"))
			n = value.NewDecimal(value.Decimal{Coef: c, Scale: uint8(rapid.IntRange(0, 2).Draw(t, "scale"))})
		}
		ts := mark + rapid.Int64Range(0, 200).Draw(t, "ts")*second
		rows[events] = append(rows[events], oracle.Row{Weight: 1, Vals: []value.Datum{
			value.NewTimestamp(ts), key(), v, n, value.NewInt8(w.offset), value.NewInt8(1),
			value.NewTimestampTZ(0), value.NewText("r/w"),
		}})
		w.offset++
	}
	have := map[string]oracle.Row{}
	for _, r := range w.rows[names] {
		have[r.Vals[0].S] = r
	}
	for range rapid.IntRange(0, 3).Draw(t, "changes") {
		k := string(rune('a' + rapid.IntRange(0, 3).Draw(t, "tk")))
		if old, ok := have[k]; ok {
			rows[names] = append(rows[names], oracle.Row{Vals: old.Vals, Weight: -1})
			delete(have, k)
		}
		if rapid.IntRange(0, 2).Draw(t, "upsert") > 0 {
			r := oracle.Row{Weight: 1, Vals: []value.Datum{value.NewText(k),
				value.NewText(fmt.Sprint(rapid.IntRange(0, 9).Draw(t, "label")))}}
			have[k] = r
			rows[names] = append(rows[names], r)
		}
	}
	mark += rapid.Int64Range(0, 90).Draw(t, "advance") * second
	return segment(rows, mark, w.mem), rows, mark
}

func segment(rows map[uint32][]oracle.Row, mark int64, mem *state.Mem) engine.Segment {
	seg := engine.Segment{Deltas: map[uint32][]*batch.Batch{}, Relations: mem,
		Watermarks: map[uint32]int64{events: mark}}
	types := map[uint32][]value.Type{
		events: {tTS, tText, tInt, tNum, tInt, tInt, value.Of(value.TimestampTZ), tText},
		names:  {tText, tText},
	}
	for id, rs := range rows {
		b := batch.NewBuilder(types[id], len(rs))
		for i, r := range rs {
			b.Add(r.Vals, r.Weight)
			if i == len(rs)/2 { // two transactions
				seg.Deltas[id] = append(seg.Deltas[id], b.Batch())
				b = batch.NewBuilder(types[id], len(rs))
			}
		}
		seg.Deltas[id] = append(seg.Deltas[id], b.Batch())
	}
	return seg
}

func (w *world) compare(t *rapid.T) {
	for id, v := range plans() {
		want, _ := oracle.Eval(v.p, oracle.Input{Rows: w.rows, Marks: w.marks})
		for i, r := range want { // whole-row keys are stored canonically
			if v.key == nil {
				want[i].Vals = canonical(v.p, r.Vals)
			}
		}
		want = oracle.Consolidate(want)
		var got []oracle.Row
		w.mem.Relation(id).Scan(nil, nil, func(_, entry []byte) bool {
			weight, vals, err := row.DecodeEntry(plan.Types(v.p.Schema()), entry)
			must(err)
			got = append(got, oracle.Row{Vals: vals, Weight: int64(weight)})
			return true
		})
		got = oracle.Consolidate(got)
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("view %d\n got %v\nwant %v", id, got, want)
		}
	}
}

func canonical(p plan.Node, vals []value.Datum) []value.Datum {
	out := make([]value.Datum, len(vals))
	for i, f := range p.Schema() {
		out[i] = row.Canonical(f.Type, vals[i])
	}
	return out
}

// reload replaces the engine by a new one that loads the saved state.
func (w *world) reload() {
	var saved []engine.Entry
	w.eng.Save(func(rel uint32, stream int, key, val []byte) {
		saved = append(saved, engine.Entry{Relation: rel, Stream: stream,
			Key: append([]byte{}, key...), Value: append([]byte{}, val...)})
	})
	w.eng = engine.New(engine.Config{})
	w.define()
	i := -1
	must(w.eng.Load(func() (engine.Entry, bool) {
		if i++; i >= len(saved) {
			return engine.Entry{}, false
		}
		return saved[i], true
	}))
}

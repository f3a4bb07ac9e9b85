package streamtest

import (
	"fmt"
	"testing"

	"weir/stream/batch"
	"weir/stream/catalog"
	"weir/stream/engine"
	"weir/stream/plan"
	"weir/stream/state"
	"weir/stream/value"
)

// BenchmarkStep steps segments of 8,192 events through one view; the stored relation is kept.
func BenchmarkStep(b *testing.B) {
	tumble := agg(window(plan.Tumble), 4, 5, 1)
	for _, c := range []struct {
		name string
		p    plan.Node
		key  []int
	}{
		{"tumble", tumble, []int{0, 1, 2}},
		{"totals", agg(scanEvents(), 1), []int{0}},
		{"join", joined(), nil},
		{"emit", &plan.EmitOnClose{Input: tumble, WindowEnd: 1}, []int{0, 1, 2}},
	} {
		b.Run(c.name, func(b *testing.B) { benchView(b, c.p, c.key) })
	}
}

func benchView(b *testing.B, p plan.Node, key []int) {
	const rows = 8192
	e, mem := engine.New(engine.Config{}), state.NewMem()
	must(e.Define(eventsDef(), nil))
	must(e.Define(namesDef(), nil))
	must(e.Define(&catalog.Relation{ID: 2000, Kind: catalog.View, Key: key}, p))
	ts := int64(0)
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		nb := batch.NewBuilder([]value.Type{tTS, tText, tInt, tNum, tInt, tInt,
			value.Of(value.TimestampTZ), tText}, rows)
		for i := range rows {
			nb.Add([]value.Datum{value.NewTimestamp(ts), value.NewText(fmt.Sprint("key", i%500)),
				value.NewInt8(int64(i)), value.NewDecimal(value.DecimalFromInt64(int64(i))), value.NewInt8(ts),
				value.NewInt8(1), value.NewTimestampTZ(0), value.NewText("r/w")}, 1)
			ts += second / 400
		}
		seg := engine.Segment{Relations: mem, Watermarks: map[uint32]int64{events: ts},
			Deltas: map[uint32][]*batch.Batch{events: {nb.Batch()}}}
		b.StartTimer()
		res, err := e.Step(seg)
		must(err)
		b.StopTimer()
		mem.Apply(2000, res.Views[0].Changes)
		b.StartTimer()
		e.Accept()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*rows), "ns/event")
}

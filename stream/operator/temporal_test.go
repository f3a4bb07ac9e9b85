package operator

import (
	"testing"

	"weir/stream/batch"
	"weir/stream/value"
)

var spanTypes = []value.Type{
	value.Of(value.Timestamp), value.Of(value.Timestamp), value.Of(value.Int8),
}

func between(from, until, n int64) []value.Datum {
	return []value.Datum{value.NewTimestamp(from), value.NewTimestamp(until), value.NewInt8(n)}
}

// TestTemporalFilterAtItsBounds moves time to the microsecond of each bound.
func TestTemporalFilterAtItsBounds(t *testing.T) {
	f := NewTemporalFilter(0, 1, spanTypes)
	null := between(0, 0, 4)
	null[1] = value.NullDatum
	rows := batch.FromRows(spanTypes, [][]value.Datum{
		between(10, 20, 1), between(5, 5, 2), between(0, 6, 3), null,
	}, nil)
	want := map[int64]int{5: 1, 6: -1, 9: 0, 10: 1, 19: 0, 20: -1, 21: 0}
	for _, now := range []int64{5, 6, 9, 10, 19, 20, 21} {
		ctx := stepOf(now)
		d := f.Step(ctx, []Delta{{Rows: rowsOrNil(rows)}})
		sum := 0
		for i := range d.Len() {
			sum += int(d.Rows.Weight(i))
		}
		if sum != want[now] {
			t.Errorf("at %d: %s", now, shown(d))
		}
		if d.Rows == nil && ctx.Entries > 0 {
			t.Errorf("at %d nothing moves, and %d entries are written", now, ctx.Entries)
		}
		rows = batch.FromRows(spanTypes, nil, nil)
	}
	if f.waiting.Version().Len()+f.inside.Version().Len() != 0 {
		t.Error("state is left behind")
	}
}

// TestTemporalFilterSkipsAnInterval lets time jump over all of a row's interval.
func TestTemporalFilterSkipsAnInterval(t *testing.T) {
	f := NewTemporalFilter(0, 1, spanTypes)
	rows := batch.FromRows(spanTypes, [][]value.Datum{between(10, 20, 1)}, nil)
	f.Step(stepOf(0), []Delta{{Rows: rows}})
	if d := f.Step(stepOf(30), []Delta{{}}); d.Rows != nil || f.Due(1<<40) {
		t.Fatal(shown(d))
	}
	if d := f.Step(stepOf(30), []Delta{{Rows: rows.Negate()}}); d.Rows != nil {
		t.Fatalf("a retraction of what is over: %s", shown(d))
	}
}

// TestTemporalFilterDrainsInPieces moves at most so many rows a step, until nothing is due.
func TestTemporalFilterDrainsInPieces(t *testing.T) {
	f := NewTemporalFilter(0, 1, spanTypes)
	b := batch.NewBuilder(spanTypes, 0)
	for i := range int64(25) {
		b.Add(between(i%2*10, 50+i, i), 1)
	}
	f.Step(stepOf(0), []Delta{{Rows: b.Batch()}})
	moved := 0
	for _, at := range []int64{60, 100} {
		for f.Due(at) {
			ctx := stepOf(at)
			ctx.DrainRows = 10
			d := f.Step(ctx, []Delta{{}})
			if d.Len() > 10 {
				t.Fatalf("%d rows in a piece of 10", d.Len())
			}
			moved += d.Len()
		}
	}
	// Of 13 rows inside 6 leave at first, of 12 that wait 7 enter; all 14 leave in the end.
	if f.waiting.Version().Len()+f.inside.Version().Len() != 0 || moved != 6+7+14 {
		t.Fatalf("%d rows moved", moved)
	}
}

// BenchmarkTemporalFilter lets as many rows leave in each step as enter.
func BenchmarkTemporalFilter(b *testing.B) {
	const rows = 1000
	f := NewTemporalFilter(-1, 1, spanTypes)
	step := int64(0)
	b.ReportAllocs()
	for b.Loop() {
		now := step * 1_000_000
		in := batch.NewBuilder(spanTypes, rows)
		for i := range int64(rows) {
			in.Cols[0].AppendInt(now)
			in.Cols[1].AppendInt(now + 60_000_000 + i)
			in.Cols[2].AppendInt(i)
			in.Close(1)
		}
		f.Step(stepOf(now), []Delta{{Rows: in.Batch()}})
		for _, st := range f.States() {
			st.Accept()
		}
		step++
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*rows), "ns/row")
}

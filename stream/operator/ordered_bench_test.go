package operator

import (
	"fmt"
	"testing"

	"weir/stream/agg"
	"weir/stream/batch"
	"weir/stream/value"
)

var (
	benchInt  = value.Of(value.Int8)
	benchTime = value.Of(value.Timestamp)
)

// bids makes rows (auction, bidder, price, ts) from row number first on; times ascend.
func bids(first, n, auctions int) *batch.Batch {
	cols := make([]*value.Vec, 4)
	for i := range cols {
		cols[i] = value.NewVec(benchInt, n)
	}
	cols[3] = value.NewVec(benchTime, n)
	for i := first; i < first+n; i++ {
		h := uint64(i) * 0x9E3779B97F4A7C15
		cols[0].AppendInt(int64(h>>33) % int64(auctions))
		cols[1].AppendInt(int64(h>>40) % 1000)
		cols[2].AppendInt(int64(h>>20) % 10_000)
		cols[3].AppendInt(int64(i) * 100)
	}
	return batch.New(cols)
}

// benchOrdered feeds batches of a thousand bids to an operator that has seen 200,000.
func benchOrdered(b *testing.B, op Operator, auctions int) {
	const size = 1000
	next := 0
	step := func(n int) {
		in := bids(next, n, auctions)
		next += n
		ctx := &Context{Errors: NewErrors()}
		b.StartTimer()
		op.Step(ctx, []Delta{{Rows: in}})
		for _, s := range op.States() {
			s.Accept()
		}
		b.StopTimer()
	}
	for range 20 {
		step(10_000)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		step(size)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*size), "ns/row")
}

func bidOrder(partition int, keys ...OrderKey) Order {
	return Order{
		Types: []value.Type{benchInt, benchInt, benchInt, benchTime}, Partition: []int{partition},
		Keys: keys, Visible: []int{0, 1, 2, 3},
	}
}

// BenchmarkTopN keeps the best bids of many auctions: with limit 1 the last bid, as deduplication
// does, with 10 the highest.
func BenchmarkTopN(b *testing.B) {
	byTime := bidOrder(0, OrderKey{Col: 3, Desc: true})
	byPrice := bidOrder(0, OrderKey{Col: 2, Desc: true})
	for _, c := range []struct {
		name string
		spec TopNSpec
	}{
		{"last", TopNSpec{Order: byTime, Limit: 1}},
		{"last,append-only", TopNSpec{Order: byTime, Limit: 1, AppendOnly: true}},
		{"best10", TopNSpec{Order: byPrice, Limit: 10}},
		{"best10,append-only", TopNSpec{Order: byPrice, Limit: 10, AppendOnly: true}},
		{"best10,numbered", TopNSpec{Order: byPrice, Limit: 10, AppendOnly: true, Numbered: true}},
	} {
		for _, auctions := range []int{1000, 50_000} {
			b.Run(fmt.Sprintf("%s/%d", c.name, auctions), func(b *testing.B) {
				c.spec.Timed = -1
				benchOrdered(b, NewTopN(c.spec), auctions)
			})
		}
	}
}

// BenchmarkOver appends rows in order of time.
func BenchmarkOver(b *testing.B) {
	order := bidOrder(0, OrderKey{Col: 3})
	sum := func(f Frame) OverCall {
		return OverCall{
			Agg: Call{Call: agg.Call{
				Func: agg.Sum, Arg: 2, Extra: -1, Filter: -1, Type: value.Of(value.Numeric),
			}}, Frame: f,
			Type: value.Of(value.Numeric),
		}
	}
	current := Bound{Kind: CurrentRow}
	rows10 := Frame{
		Mode: FrameRows, Start: Bound{Preceding, value.NewInt8(10)}, End: current,
	}
	second := value.NewInterval(value.IntervalValue{Micros: 1_000_000})
	for _, c := range []struct {
		name string
		call OverCall
	}{
		{"row_number", OverCall{Func: OverRowNumber, Type: benchInt}},
		{"lag", OverCall{Func: OverLag, Args: []int{2}, Shift: 1, Shifts: true, Type: benchInt}},
		{"sum,10 rows", sum(rows10)},
		{"sum,1 second", sum(Frame{Start: Bound{Preceding, second}, End: current})},
		{"sum,running", sum(Frame{End: current})},
	} {
		for _, auctions := range []int{100, 10_000} {
			b.Run(fmt.Sprintf("%s/%d", c.name, auctions), func(b *testing.B) {
				spec := OverSpec{Order: order, Calls: []OverCall{c.call}, Timed: -1}
				benchOrdered(b, NewOver(1, spec), auctions)
			})
		}
	}
}

package enginebench

import (
	"fmt"
	"testing"

	"weir/stream/batch"
	"weir/stream/catalog"
	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/sql/rewrite"
	"weir/stream/value"
)

// bids makes segments of the bids of Nexmark, in the columns of flights: flight_id is the auction,
// delay_min the price. Of 50 events, 3 open auctions and 46 are bids, half of which go to a hot
// auction, at 10,000 events a second.
func bids(events int) (out []segment) {
	rng := uint64(0x9E3779B97F4A7C15)
	next := func(n uint64) int64 { // splitmix64
		rng += 0x9E3779B97F4A7C15
		z := (rng ^ rng>>30) * 0xBF58476D1CE4E5B9
		z = (z ^ z>>27) * 0x94D049BB133111EB
		return int64((z ^ z>>31) % n)
	}
	types := append(columnTypes(), catalog.HiddenTypes[:]...)
	for n := int64(0); n < int64(events); {
		b := batch.NewBuilder(types, SegmentRows)
		ts := int64(0)
		for ; b.Len() < SegmentRows && n < int64(events); n++ {
			if n%50 < 4 {
				continue
			}
			last := 1000 + n/50*3 + 3
			auction := last / 100 * 100
			if next(2) == 0 {
				auction = max(last-100, 1000) + next(110)
			}
			ts = n * 100
			for c, x := range []int64{auction, ts, 1 + next(10_000), 0} {
				b.Cols[c].AppendInt(x)
			}
			b.Cols[origin].AppendBytes(nil)
			b.Cols[destination].AppendBytes(nil)
			b.Cols[numColumns].AppendInt(n)
			b.Cols[numColumns+1].AppendInt(1)
			b.Cols[numColumns+2].AppendInt(0)
			b.Cols[numColumns+3].AppendBytes([]byte("bidder"))
			b.Close(1)
		}
		out = append(out, segment{b.Batch(), ts - 1_000_000})
	}
	return out
}

func hop(in plan.Node) plan.Node {
	return &plan.Window{
		Input: in, Kind: plan.Hop, TimeCol: 0, SizeMicros: 10_000_000, SlideMicros: 2_000_000,
	}
}

// hottest is query 5 of Nexmark: the auctions with the most bids of each window of 10 seconds every
// 2 seconds.
func hottest() (counts, top, q5 plan.Node) {
	counts = aggregate(hop(scan(departedAt, flightID)), []int{2, 3, 1},
		call(plan.CountStar, -1, value.Int8))
	top = aggregate(counts, []int{0, 1}, call(plan.Max, 3, value.Int8))
	fn, _, t, err := expr.Resolve(">=", []value.Type{value.Of(value.Int8), value.Of(value.Int8)})
	if err != nil {
		panic(err)
	}
	big := value.Of(value.Int8)
	q5 = &plan.Join{
		Left: counts, Right: top, LeftKeys: []int{0, 1}, RightKeys: []int{0, 1},
		Residual: &expr.Call{T: t, Fn: fn, Args: []expr.Expr{
			expr.Column{Index: 3, T: big}, expr.Column{Index: 6, T: big},
		}},
	}
	return counts, top, q5
}

// BenchmarkHottestAuctions measures query 5 and its parts, window by window and by panes.
func BenchmarkHottestAuctions(b *testing.B) {
	segs := bids(1_000_000)
	counts, top, q5 := hottest()
	for i, n := range []plan.Node{counts, top, q5} {
		for _, how := range []string{"windows", "panes"} {
			v := view{fmt.Sprint([]string{"counts", "max of counts", "q5"}[i], " by ", how), n}
			if how == "panes" {
				v.plan = rewrite.Apply(n)
			}
			b.Run(v.name, func(b *testing.B) {
				var r Result
				for b.Loop() {
					r = measure(v, segs)
				}
				b.ReportMetric(r.CPUNsPerEvent, "cpu-ns/event")
				b.ReportMetric(r.AllocsPerEvent, "allocs/event")
				b.ReportMetric(1e9/r.NsPerEvent, "events/s")
				for _, s := range stages(v, segs, r.Events) {
					b.Logf("%-16s %6.0f ns/event", s.Name, s.NsPerEvent)
				}
			})
		}
	}
}

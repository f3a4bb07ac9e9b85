package enginebench

import (
	"fmt"
	"testing"

	"weir/stream/plan"
	"weir/stream/value"
)

// BenchmarkJoin joins each flight with the row of its origin; both sides are kept.
func BenchmarkJoin(b *testing.B) { bench(b, counted("join", 4, withCities(plan.InnerJoin, 1))) }

// BenchmarkLeftJoin is BenchmarkJoin with every second airport unknown.
func BenchmarkLeftJoin(b *testing.B) {
	bench(b, counted("left join", 4, withCities(plan.LeftJoin, 2)))
}

// BenchmarkFullJoin is BenchmarkLeftJoin with the airports that have no flight yet.
func BenchmarkFullJoin(b *testing.B) {
	bench(b, counted("full join", 4, withCities(plan.FullJoin, 2)))
}

// BenchmarkSemiJoin picks the flights of routes that were ever late.
func BenchmarkSemiJoin(b *testing.B) {
	bench(b, counted("semi join", 0, &plan.Join{
		Left: scan(origin, destination, flightID), Right: scan(origin, destination),
		Kind: plan.SemiJoin, LeftKeys: []int{0, 1}, RightKeys: []int{0, 1},
	}))
}

// BenchmarkBandJoin pairs the flights of a route that leave within an hour of each other.
func BenchmarkBandJoin(b *testing.B) { bench(b, counted("band join", 1, nearby(plan.InnerJoin))) }

// BenchmarkBandLeftJoin is BenchmarkBandJoin that counts matches.
func BenchmarkBandLeftJoin(b *testing.B) {
	bench(b, counted("band left join", 1, nearby(plan.LeftJoin)))
}

// BenchmarkAsof gives each flight the one of its route before it.
func BenchmarkAsof(b *testing.B) {
	bench(b, counted("asof join", 1, &plan.Asof{
		Left: scan(departedAt, origin, destination), Right: scan(departedAt, origin, destination),
		LeftKeys: []int{1, 2}, RightKeys: []int{1, 2}, Op: plan.AsofGT, Outer: true,
	}))
}

// BenchmarkExcept takes from the routes of all flights those of late ones, which are all.
func BenchmarkExcept(b *testing.B) {
	bench(b, counted("except", 0, &plan.SetOp{
		Left: scan(origin, destination), Right: scan(destination, origin), Except: true,
	}))
}

// withCities joins each flight with the row of its origin, if it is one of every nth airport.
func withCities(kind plan.JoinKind, nth int) *plan.Join {
	names := &plan.Values{Fields: []plan.Field{
		{Name: "code", Type: value.Of(value.Text)}, {Name: "city", Type: value.Of(value.Text)},
	}}
	for i := 0; i < airports; i += nth {
		names.Rows = append(names.Rows, []value.Datum{
			value.NewText(fmt.Sprintf("A%02d", i)), value.NewText(fmt.Sprint("city ", i)),
		})
	}
	return &plan.Join{
		Left: scan(origin, delayMin, flightID), Right: names, Kind: kind,
		LeftKeys: []int{0}, RightKeys: []int{0},
	}
}

// nearby joins the flights of a route that leave within an hour of each other.
func nearby(kind plan.JoinKind) *plan.Join {
	return &plan.Join{
		Left:  scan(departedAt, origin, destination, flightID),
		Right: scan(departedAt, origin, destination, flightID), Kind: kind,
		LeftKeys: []int{1, 2}, RightKeys: []int{1, 2},
		Band: &plan.Band{Left: 0, Right: 0, Low: -delayMicros, High: delayMicros},
	}
}

// counted counts rows by a column.
func counted(name string, by int, in plan.Node) view {
	return view{name, aggregate(in, []int{by}, call(plan.CountStar, -1, value.Int8))}
}

func bench(b *testing.B, v view) {
	segs := generate(300_000)
	var r Result
	for b.Loop() {
		r = measure(v, segs)
	}
	b.ReportMetric(r.CPUNsPerEvent, "cpu-ns/event")
	b.ReportMetric(r.AllocsPerEvent, "allocs/event")
	for _, s := range stages(v, segs, r.Events) {
		b.Logf("%-16s %6.0f ns/event", s.Name, s.NsPerEvent)
	}
}

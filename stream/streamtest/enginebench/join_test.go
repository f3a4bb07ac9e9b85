package enginebench

import (
	"fmt"
	"testing"

	"weir/stream/plan"
	"weir/stream/value"
)

// BenchmarkJoin joins each flight with the row of its origin; both sides are kept.
func BenchmarkJoin(b *testing.B) {
	names := &plan.Values{Fields: []plan.Field{
		{Name: "code", Type: value.Of(value.Text)}, {Name: "city", Type: value.Of(value.Text)},
	}}
	for i := range airports {
		names.Rows = append(names.Rows, []value.Datum{
			value.NewText(fmt.Sprintf("A%02d", i)), value.NewText(fmt.Sprint("city ", i)),
		})
	}
	v := view{"join", aggregate(&plan.Join{
		Left: scan(origin, delayMin, flightID), Right: names,
		LeftKeys: []int{0}, RightKeys: []int{0},
	}, []int{4}, call(plan.CountStar, -1, value.Int8))}
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

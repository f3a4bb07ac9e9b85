package nexmark_test

import (
	"testing"

	"weir/testnet/nexmark"
)

// BenchmarkQueries steps every query through the same load; ns/op is for one event.
func BenchmarkQueries(b *testing.B) {
	for _, q := range nexmark.Queries() {
		b.Run(q.Name, func(b *testing.B) {
			r, err := nexmark.Bench(q, nexmark.Options{
				Config: nexmark.Config{Seed: 1}, Events: max(b.N, 100_000),
			})
			if err != nil {
				b.Skip(err)
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(r.PerSecond(), "events/s")
			b.ReportMetric(r.CPUMicros(), "cpu-us/event")
			b.ReportMetric(r.AllocsPerEvent, "allocs/event")
			b.ReportMetric(r.BytesPerEvent, "B/event")
			b.ReportMetric(float64(r.StateEntries), "entries")
			b.ReportMetric(float64(r.ViewRows), "rows")
		})
	}
}

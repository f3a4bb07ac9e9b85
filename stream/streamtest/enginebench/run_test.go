package enginebench

import "testing"

// TestRun checks that every view does the work it is measured for.
func TestRun(t *testing.T) {
	rows := map[string]int{}
	for _, r := range Run(5 * SegmentRows) {
		rows[r.Name] = r.Rows
		if r.Events != 5*SegmentRows || r.Seconds <= 0 || r.NsPerEvent <= 0 || len(r.Stages) < 4 {
			t.Errorf("%+v", r)
		}
	}
	if rows["worst airports"] != airports || rows["daily delays"] < 2*airports ||
		rows["daily delays, on window close"] < airports || rows["route totals"] < 10*airports {
		t.Errorf("rows: %v", rows)
	}
}

// BenchmarkViews measures each view over a million flights.
func BenchmarkViews(b *testing.B) {
	segs := generate(1_000_000)
	for _, v := range views() {
		b.Run(v.name, func(b *testing.B) {
			var r Result
			for b.Loop() {
				r = measure(v, segs)
			}
			b.ReportMetric(r.NsPerEvent, "ns/event")
			b.ReportMetric(r.AllocsPerEvent, "allocs/event")
			b.ReportMetric(r.CPUNsPerEvent, "cpu-ns/event")
			b.ReportMetric(1e9/r.NsPerEvent, "events/s")
			for _, s := range stages(v, segs, r.Events) {
				b.Logf("%-16s %6.0f ns/event", s.Name, s.NsPerEvent)
			}
		})
	}
}

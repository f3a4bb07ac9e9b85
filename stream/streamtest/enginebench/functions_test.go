package enginebench

import (
	"testing"

	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/value"
)

// BenchmarkFunctions measures one aggregate function at a time over the delays of each route, as
// floats where the function takes those.
func BenchmarkFunctions(b *testing.B) {
	segs := generate(300_000)
	f8, num, i4 := value.Float8, value.Numeric, value.Int4
	for _, c := range []struct {
		name   string
		fn     plan.AggFunc
		arg    int
		result value.Kind
	}{
		{"sum int4", plan.Sum, 2, value.Int8},
		{"sum float8", plan.Sum, 3, f8},
		{"avg float8", plan.Avg, 3, f8},
		{"stddev int4", plan.StddevSamp, 2, num},
		{"stddev float8", plan.StddevSamp, 3, f8},
		{"bit_or", plan.BitOr, 2, i4},
		{"count distinct", plan.Count, 2, value.Int8},
		{"max", plan.Max, 2, i4},
		{"mode", plan.Mode, 2, i4},
		{"string_agg", plan.StringAgg, 0, value.Text},
	} {
		in := &plan.Project{Input: scan(origin, destination, delayMin)}
		fn, err := expr.Cast(value.Of(i4), value.Of(f8), true)
		if err != nil {
			b.Fatal(err)
		}
		for i, f := range in.Input.Schema() {
			in.Exprs = append(in.Exprs, expr.Column{Index: i, T: f.Type})
		}
		in.Exprs = append(in.Exprs, &expr.Call{Fn: fn, Args: in.Exprs[2:3], T: value.Of(f8)})
		in.Names = []string{"origin", "destination", "delay", "delay8"}
		agg := call(c.fn, c.arg, c.result)
		agg.Distinct = c.name == "count distinct"
		by := []int{0, 1}
		if c.fn == plan.StringAgg { // of the destinations of few flights: all are read again
			agg.Arg, agg.Extra, agg.Distinct = 1, 0, true
			by = []int{0}
		}
		v := view{c.name, aggregate(in, by, agg)}
		b.Run(c.name, func(b *testing.B) {
			var r Result
			for b.Loop() {
				r = measure(v, segs)
			}
			b.ReportMetric(r.CPUNsPerEvent, "cpu-ns/event")
			b.ReportMetric(r.AllocsPerEvent, "allocs/event")
			for _, s := range stages(v, segs, r.Events) {
				if s.Name == "aggregate" {
					b.ReportMetric(s.NsPerEvent, "aggregate-ns/event")
				}
			}
		})
	}
}

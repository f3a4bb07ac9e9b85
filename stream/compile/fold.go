package compile

import (
	"weir/stream/agg"
	"weir/stream/plan"
	"weir/stream/value"
)

// fold computes an aggregate over a list of rows.
func fold(call plan.AggCall, in []value.Type) func([][]value.Datum) (value.Datum, *value.Error) {
	acc := agg.NewAccumulator(AggCall(call), in)
	return func(rows [][]value.Datum) (value.Datum, *value.Error) {
		acc.Reset()
		cols := make([]*value.Vec, len(in))
		for _, r := range rows {
			for i, t := range in {
				cols[i] = value.FromDatums(t, r[i])
			}
			acc.Add(cols, 0)
		}
		return acc.Result()
	}
}

package compile

import (
	"weir/stream/plan"
	"weir/stream/value"
)

// fold computes an aggregate over a list of rows.
func fold(call plan.AggCall, in []value.Type) (
	func(rows [][]value.Datum) (value.Datum, *value.Error), error,
) {
	return nil, &Unsupported{"aggregates in MATCH_RECOGNIZE are not supported"}
}

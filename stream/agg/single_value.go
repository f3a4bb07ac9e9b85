package agg

import "weir/stream/value"

// ErrManyRows is the error of a scalar subquery with more than one row.
var ErrManyRows = &value.Error{
	SQLState: "21000",
	Msg:      "more than one row returned by a subquery used as an expression",
}

// singleValue is the value of the only row.
func singleValue(_ Call, cols []*value.Vec, weights []int64) (value.Datum, *value.Error) {
	switch {
	case len(weights) == 0:
		return value.Datum{}, nil
	case sumOf(weights) > 1:
		return value.Datum{}, ErrManyRows
	}
	return cols[0].Datum(0), nil
}

package expr

import "weir/stream/value"

// errSetRows is the refusal of a set that is too large.
var errSetRows = value.Errorf(value.StateTooLarge, "a set-returning function gives at most %d rows",
	MaxSetRows)

// seriesFunctions are generate_series over integers.
func seriesFunctions() []*setFunction {
	var out []*setFunction
	for _, k := range []value.Kind{value.Int4, value.Int8} {
		columns := func([]value.Type) []SetColumn {
			return []SetColumn{{"generate_series", value.Of(k)}}
		}
		for _, args := range [][]value.Kind{{k, k}, {k, k, k}} {
			out = append(out, &setFunction{
				name: "generate_series", args: args, columns: columns, rows: intSeries,
			})
		}
	}
	return out
}

// intSeries counts from the first argument to the second by the third, 1 if there is none.
func intSeries(a []value.Datum, emit func([]value.Datum)) *value.Error {
	step := int64(1)
	if len(a) == 3 {
		step = a[2].I
	}
	if step == 0 {
		return value.Errorf(value.StateBadParameter, "step size cannot equal zero")
	}
	count := 0
	for x, end := a[0].I, a[1].I; step > 0 && x <= end || step < 0 && x >= end; {
		if count++; count > MaxSetRows {
			return errSetRows
		}
		emit([]value.Datum{value.NewInt(a[0].Kind, x)})
		next := x + step
		if (next > x) != (step > 0) { // past the range of a bigint
			break
		}
		x = next
	}
	return nil
}

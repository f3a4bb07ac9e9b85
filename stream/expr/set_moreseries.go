package expr

import "weir/stream/value"

var errZeroStep = value.Errorf(value.StateBadParameter, "step size cannot equal zero")

// moreSeries are generate_series over numerics, timestamps and timestamptz.
func moreSeries() []*setFunction {
	n := value.Numeric
	column := oneColumn("generate_series", value.Of(n))
	fs := []*setFunction{
		{name: "generate_series", args: []shape{n, n}, columns: column, rows: numericSeries},
		{name: "generate_series", args: []shape{n, n, n}, columns: column, rows: numericSeries},
	}
	for _, k := range []shape{value.Timestamp, value.TimestampTZ} {
		fs = append(fs, &setFunction{
			name: "generate_series", args: []shape{k, k, value.Interval},
			columns: oneColumn("generate_series", value.Of(k)),
			rows: func(a []value.Datum, emit func([]value.Datum)) *value.Error {
				return timeSeries(k, a[0].I, a[1].I, a[2].V, emit)
			},
		})
	}
	return fs
}

func numericSeries(a []value.Datum, emit func([]value.Datum)) *value.Error {
	step := value.DecimalFromInt64(1)
	if len(a) == 3 {
		step = a[2].D
	}
	sign := step.Sign()
	if sign == 0 {
		return errZeroStep
	}
	count := 0
	for x := a[0].D; x.Cmp(a[1].D)*sign <= 0; {
		if count++; count > MaxSetRows {
			return errSetRows
		}
		emit([]value.Datum{value.NewDecimal(x)})
		var err *value.Error
		if x, err = x.Add(step); err != nil {
			return err
		}
	}
	return nil
}

func timeSeries(
	k shape, x, end int64, step value.IntervalValue, emit func([]value.Datum),
) *value.Error {
	sign := step.Cmp(value.IntervalValue{})
	if sign == 0 {
		return errZeroStep
	}
	for count := 1; sign > 0 && x <= end || sign < 0 && x >= end; count++ {
		if count > MaxSetRows {
			return errSetRows
		}
		emit([]value.Datum{value.NewInt(k, x)})
		var err *value.Error
		if x, err = value.AddInterval(x, step); err != nil {
			return err
		}
	}
	return nil
}

package expr

import "weir/stream/value"

type intervalOp func(a, b value.IntervalValue) (value.IntervalValue, *value.Error)

// intervalFunctions are the arithmetic of intervals and the functions that justify them.
func intervalFunctions() []*function {
	iv, f8 := value.Interval, value.Float8
	unary := func(name string, op func(value.IntervalValue) (value.IntervalValue, *value.Error),
	) *function {
		return define(name, iv, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			v, err := op(a[0].V)
			return value.NewInterval(v), err
		}, iv)
	}
	binary := func(name string, op intervalOp) *function {
		return define(name, iv, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			v, err := op(a[0].V, a[1].V)
			return value.NewInterval(v), err
		}, iv, iv)
	}
	scale := func(
		at, by int, op func(value.IntervalValue, float64) (value.IntervalValue, *value.Error),
	) scalar {
		return func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			v, err := op(a[at].V, a[by].F)
			return value.NewInterval(v), err
		}
	}
	return []*function{
		binary("add", value.IntervalValue.Add), binary("sub", value.IntervalValue.Sub),
		unary("neg", value.IntervalValue.Neg),
		define("mul", iv, scale(0, 1, value.IntervalValue.Mul), iv, f8),
		define("mul", iv, scale(1, 0, value.IntervalValue.Mul), f8, iv),
		define("div", iv, scale(0, 1, value.IntervalValue.Div), iv, f8),
		unary("justify_hours", value.IntervalValue.JustifyHours),
		unary("justify_days", value.IntervalValue.JustifyDays),
	}
}

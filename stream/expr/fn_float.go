package expr

import (
	"math"

	"weir/stream/value"
)

// floatFunctions are the IEEE operations of float4 and float8. float4 is computed in float64
// and rounded once, which IEEE shows to equal float32 arithmetic for + - * /.
func floatFunctions() []*function {
	var fs []*function
	for _, k := range []value.Kind{value.Float4, value.Float8} {
		fs = append(fs,
			floatBinary("add", k, func(a, b float64) float64 { return float64(a + b) }, never),
			floatBinary("sub", k, func(a, b float64) float64 { return float64(a - b) }, never),
			floatBinary("mul", k, func(a, b float64) float64 { return float64(a * b) },
				func(a, b float64) bool { return a != 0 && b != 0 }),
			floatDivide(k),
			floatUnary("neg", k, func(a float64) float64 { return -a }),
			floatUnary("pos", k, func(a float64) float64 { return a }),
			floatUnary("abs", k, math.Abs),
		)
	}
	f8 := value.Float8
	return append(fs,
		floatUnary("ceil", f8, math.Ceil), floatUnary("floor", f8, math.Floor),
		floatUnary("trunc", f8, math.Trunc), floatUnary("round", f8, math.RoundToEven),
		floatUnary("sign", f8, func(a float64) float64 {
			switch {
			case a > 0:
				return 1
			case a < 0:
				return -1
			}
			return 0
		}),
	)
}

func never(_, _ float64) bool { return false }

// floatResult raises PostgreSQL's overflow (infinite from finite operands) and underflow (0
// where the exact result is not) errors.
func floatResult(k value.Kind, r, a, b float64, nonzero bool) (value.Datum, *value.Error) {
	d := value.NewFloat(k, r)
	switch {
	case math.IsInf(d.F, 0) && !math.IsInf(a, 0) && !math.IsInf(b, 0):
		return value.NullDatum, value.ErrFloatOverflow
	case d.F == 0 && nonzero:
		return value.NullDatum, value.ErrFloatUnderflow
	}
	return d, nil
}

func floatBinary(
	name string, k value.Kind, op func(a, b float64) float64, nonzero func(a, b float64) bool,
) *function {
	return define(name, k, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
		x, y := a[0].F, a[1].F
		return floatResult(k, op(x, y), x, y, nonzero(x, y))
	}, k, k)
}

func floatDivide(k value.Kind) *function {
	return define("div", k, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
		x, y := a[0].F, a[1].F
		if y == 0 && x == x {
			return value.NullDatum, value.ErrDivisionByZero
		}
		return floatResult(k, float64(x/y), x, 0, x != 0 && !math.IsInf(y, 0))
	}, k, k)
}

func floatUnary(name string, k value.Kind, op func(a float64) float64) *function {
	return define(name, k, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
		return value.NewFloat(k, op(a[0].F)), nil
	}, k).safe()
}

package expr

import (
	"math"

	"weir/stream/value"
)

// angleFunctions are the functions of angles in radians.
func angleFunctions() []*function {
	f8 := value.Float8
	var fs []*function
	for _, f := range []struct {
		name string
		op   func(float64) (float64, *value.Error)
	}{
		{"sin", value.FloatSin},
		{"cos", value.FloatCos},
		{"tan", value.FloatTan},
		{"cot", value.FloatCot},
		{"asin", value.FloatAsin},
		{"acos", value.FloatAcos},
		{"atan", value.FloatAtan},
	} {
		fs = append(fs, define(f.name, f8, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			v, err := f.op(a[0].F)
			return value.NewFloat(f8, v), err
		}, f8))
	}
	return append(fs, define("atan2", f8, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
		v, err := value.FloatAtan2(a[0].F, a[1].F)
		return value.NewFloat(f8, v), err
	}, f8, f8), floatBucket())
}

// floatBucket is width_bucket of float8. Source: width_bucket_float8 of PostgreSQL's float.c.
func floatBucket() *function {
	f8 := value.Float8
	return define("width_bucket", value.Int4,
		func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			v, lo, hi, count := a[0].F, a[1].F, a[2].F, a[3].I
			switch {
			case count <= 0:
				return value.NullDatum, errBucket("count must be greater than zero")
			case v != v || lo != lo || hi != hi:
				return value.NullDatum, errBucket("operand, lower bound, and upper bound cannot be NaN")
			case math.IsInf(lo, 0) || math.IsInf(hi, 0):
				return value.NullDatum, errBucket("lower and upper bounds must be finite")
			case lo == hi:
				return value.NullDatum, errBucket("lower bound cannot equal upper bound")
			}
			span, into, below, above := float64(hi-lo), float64(v-lo), v < lo, v >= hi
			halves := float64(float64(hi/2) - float64(lo/2)) // where the span overflows
			intoHalves := float64(float64(v/2) - float64(lo/2))
			if lo > hi {
				span, into, below, above = float64(lo-hi), float64(lo-v), v > lo, v <= hi
				halves, intoHalves = -halves, -intoHalves
			}
			if below {
				return value.NewInt4(0), nil
			}
			if above {
				return intResult(value.Int4, count+1, true)
			}
			if math.IsInf(span, 0) {
				span, into = halves, intoHalves
			}
			n := int64(float64(float64(count) * float64(into/span)))
			return intResult(value.Int4, min(n, count-1)+1, true)
		}, f8, f8, f8, value.Int4)
}

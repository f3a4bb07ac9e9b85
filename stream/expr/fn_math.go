package expr

import (
	"math"

	"weir/stream/value"
)

// mathFunctions are powers, roots, logarithms and their like, of numeric and float8.
func mathFunctions() []*function {
	n, f8 := value.Numeric, value.Float8
	type decimalOp func(value.Decimal) (value.Decimal, *value.Error)
	type floatOp func(float64) (float64, *value.Error)
	var fs []*function
	decimal := func(name string, op decimalOp) {
		fs = append(fs, define(name, n, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			d, err := op(a[0].D)
			return value.NewDecimal(d), err
		}, n))
	}
	float := func(name string, op floatOp) {
		fs = append(fs, define(name, f8, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			f, err := op(a[0].F)
			return value.NewFloat(f8, f), err
		}, f8))
	}
	log10 := func(d value.Decimal) (value.Decimal, *value.Error) {
		return value.DecimalFromInt64(10).Log(d)
	}
	decimal("sqrt", value.Decimal.Sqrt)
	decimal("exp", value.Decimal.Exp)
	decimal("ln", value.Decimal.Ln)
	decimal("log", log10)
	decimal("log10", log10)
	float("sqrt", value.FloatSqrt)
	float("cbrt", value.FloatCbrt)
	float("exp", value.FloatExp)
	float("ln", value.FloatLn)
	float("log", value.FloatLog10)
	float("log10", value.FloatLog10)
	return append(fs,
		numericBinary("log", value.Decimal.Log), numericBinary("power", value.Decimal.Power),
		define("power", f8, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			f, err := value.FloatPower(a[0].F, a[1].F)
			return value.NewFloat(f8, f), err
		}, f8, f8),
		define("pi", f8, func(*ctx, []value.Datum) (value.Datum, *value.Error) {
			return value.NewFloat(f8, math.Pi), nil
		}).safe(),
		define("degrees", f8, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			f := a[0].F
			return floatResult(f8, float64(f/degree), f, 0, f != 0 && !math.IsInf(f, 0))
		}, f8),
		define("radians", f8, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			f := a[0].F
			return floatResult(f8, float64(f*degree), f, 0, false)
		}, f8),
		define("min_scale", value.Int4, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			return value.NewInt4(int32(a[0].D.MinScale())), nil
		}, n).safe(),
		define("factorial", n, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			d, err := value.Factorial(a[0].I)
			return value.NewDecimal(d), err
		}, value.Int8),
		numericBinary("gcd", value.Decimal.GCD), numericBinary("lcm", value.Decimal.LCM),
		bucketFunction(),
	)
}

// degree is PostgreSQL's RADIANS_PER_DEGREE.
const degree = 0.0174532925199432957692

// errBucket is invalid_argument_for_width_bucket_function.
func errBucket(msg string) *value.Error { return &value.Error{SQLState: "2201G", Msg: msg} }

func bucketFunction() *function {
	n := value.Numeric
	return define("width_bucket", value.Int4,
		func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			switch {
			case a[3].I <= 0:
				return value.NullDatum, errBucket("count must be greater than zero")
			case a[1].D.Cmp(a[2].D) == 0:
				return value.NullDatum, errBucket("lower bound cannot equal upper bound")
			}
			return intResult(value.Int4, a[0].D.Bucket(a[1].D, a[2].D, a[3].I), true)
		}, n, n, n, value.Int4)
}

// bucketsOf are width_bucket(value, thresholds): the number of thresholds not above the value.
func bucketsOf() []*function {
	var fs []*function
	for _, k := range scalarKinds() {
		fs = append(fs, define("width_bucket", value.Int4,
			func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
				elems := value.ArrayElems(a[1])
				for _, e := range elems {
					if e.IsNull() {
						return value.NullDatum, &value.Error{
							SQLState: "22004", Msg: "thresholds array must not contain NULLs",
						}
					}
				}
				lo, hi := 0, len(elems)
				for lo < hi {
					mid := (lo + hi) / 2
					if value.Compare(a[0], elems[mid]) < 0 {
						hi = mid
					} else {
						lo = mid + 1
					}
				}
				return value.NewInt4(int32(lo)), nil
			}, k, arrayOf(k)))
	}
	return fs
}

// bitFunctions are the operators on the bits of integers, and gcd and lcm.
func bitFunctions() []*function {
	var fs []*function
	for _, k := range []shape{value.Int2, value.Int4, value.Int8} {
		width := map[shape]uint{value.Int2: 16, value.Int4: 32, value.Int8: 64}[k]
		cut := func(v int64) (int64, bool) { return v << (64 - width) >> (64 - width), true }
		total := func(name string, op intOp) {
			fs = append(fs, intBinary(name, k, op, nil).safe())
		}
		total("bit_and_op", func(a, b int64) (int64, bool) { return a & b, true })
		total("bit_or_op", func(a, b int64) (int64, bool) { return a | b, true })
		total("bit_xor_op", func(a, b int64) (int64, bool) { return a ^ b, true })
		fs = append(fs, intUnary("bit_not_op", k, func(a int64) (int64, bool) { return ^a, true }).safe())
		shift := func(name string, op func(v int64, by uint) int64) {
			fs = append(fs, define(name, k, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
				by := uint(a[1].I) & (max(width, 32) - 1) // as the processor of PostgreSQL's reference
				v, _ := cut(op(a[0].I, by))
				return value.NewInt(k, v), nil
			}, k, value.Int4).safe())
		}
		shift("shift_left", func(v int64, by uint) int64 { return v << by })
		shift("shift_right", func(v int64, by uint) int64 { return v >> by })
		if k != value.Int2 {
			fs = append(fs, intBinary("gcd", k, gcdInt, nil), intBinary("lcm", k, lcmInt, nil))
		}
	}
	return fs
}

func gcdInt(a, b int64) (int64, bool) {
	for b != 0 {
		a, b = b, a%b
	}
	if a < 0 {
		return subInt(0, a)
	}
	return a, true
}

func lcmInt(a, b int64) (int64, bool) {
	if a == 0 || b == 0 {
		return 0, true
	}
	g, ok := gcdInt(a, b)
	if !ok {
		return 0, false
	}
	v, ok := mulInt(a/g, b)
	if v < 0 && ok {
		return subInt(0, v)
	}
	return v, ok
}

package oracle

import (
	"math"
	"math/big"

	"weir/stream/plan"
	"weir/stream/value"
)

// rational is the exact value of a number that is finite.
func rational(d value.Datum) *big.Rat {
	switch d.Kind.Class() {
	case value.ClassFloat:
		return new(big.Rat).SetFloat64(d.F)
	case value.ClassDecimal:
		r, ok := new(big.Rat).SetString(d.D.String())
		if !ok {
			panic("oracle: numeric without a text form")
		}
		return r
	}
	return new(big.Rat).SetInt64(d.I)
}

func isFinite(d value.Datum) bool { return !math.IsNaN(d.F) && !math.IsInf(d.F, 0) }

func times(r *big.Rat, n int64) *big.Rat { return new(big.Rat).Mul(r, new(big.Rat).SetInt64(n)) }

// foldSum adds up exactly, and rounds at the end.
func foldSum(c plan.AggCall, k value.Kind, list []given, count int64) (value.Datum, *value.Error) {
	switch k {
	case value.Float4, value.Float8:
		return foldFloats(c, list, count)
	case value.Interval:
		return foldIntervals(c, list, count)
	}
	sum, scale := new(big.Rat), 0
	for _, g := range list {
		sum.Add(sum, times(rational(g.arg), g.weight))
		scale = max(scale, int(g.arg.D.Scale))
	}
	switch {
	case c.Type.Kind == value.Int8:
		if !sum.Num().IsInt64() {
			return value.Datum{}, value.ErrInt8Range
		}
		return value.NewInt8(sum.Num().Int64()), nil
	case c.Func == plan.Sum:
		return cutNumber(sum, scale)
	}
	n := new(big.Rat).SetInt64(count)
	return cutNumber(new(big.Rat).Quo(sum, n), divisionScale(sum, scale, n))
}

// foldFloats adds what is finite as rationals.
func foldFloats(c plan.AggCall, list []given, count int64) (value.Datum, *value.Error) {
	sum, odd := new(big.Rat), 0.0
	for _, g := range list {
		if isFinite(g.arg) {
			sum.Add(sum, times(rational(g.arg), g.weight))
		} else {
			odd = float64(odd + g.arg.F)
		}
	}
	if odd != 0 {
		return value.NewFloat(c.Type.Kind, odd), nil
	}
	x, _ := sum.Float64()
	if c.Type.Kind == value.Float4 {
		y, _ := sum.Float32()
		x = float64(y)
	}
	if math.IsInf(x, 0) {
		return value.Datum{}, value.ErrFloatOverflow
	}
	if c.Func == plan.Avg {
		x = float64(x / float64(count))
	}
	return value.NewFloat(c.Type.Kind, x), nil
}

func foldIntervals(c plan.AggCall, list []given, count int64) (value.Datum, *value.Error) {
	var parts [3]big.Int
	for _, g := range list {
		v := g.arg.V
		for i, x := range [3]int64{int64(v.Months), int64(v.Days), v.Micros} {
			x := big.NewInt(x)
			parts[i].Add(&parts[i], x.Mul(x, big.NewInt(g.weight)))
		}
	}
	m, d, us := parts[0].Int64(), parts[1].Int64(), parts[2].Int64()
	v := value.IntervalValue{Months: int32(m), Days: int32(d), Micros: us}
	for i, x := range [3]int64{int64(v.Months), int64(v.Days), v.Micros} {
		if parts[i].Cmp(big.NewInt(x)) != 0 {
			return value.Datum{}, value.ErrIntervalRange
		}
	}
	if c.Func == plan.Avg {
		var err *value.Error
		if v, err = v.Div(float64(count)); err != nil {
			return value.Datum{}, err
		}
	}
	return value.NewInterval(v), nil
}

// foldVariance is (n * sum(x*x) - sum(x)^2) / (n * n or n * (n-1)), or its root.
func foldVariance(c plan.AggCall, k value.Kind, list []given, n int64) (
	value.Datum, *value.Error,
) {
	sample := c.Func == plan.StddevSamp || c.Func == plan.VarSamp
	deviation := c.Func == plan.StddevSamp || c.Func == plan.StddevPop
	if sample && n == 1 {
		return value.Datum{}, nil
	}
	scale := 0
	var xs []given
	for _, g := range list {
		if !isFinite(g.arg) {
			return value.NewFloat(c.Type.Kind, math.NaN()), nil
		}
		scale = max(scale, int(g.arg.D.Scale))
		xs = append(xs, given{arg: g.arg, extra: g.arg, weight: g.weight})
	}
	num, den := comoment(xs, n), denominator(n, sample)
	v := new(big.Rat).Quo(num, den)
	if k == value.Float4 || k == value.Float8 {
		x, _ := v.Float64()
		if math.IsInf(x, 0) {
			return value.Datum{}, value.ErrFloatOverflow
		}
		if deviation {
			x = math.Sqrt(x)
		}
		return value.NewFloat(c.Type.Kind, x), nil
	}
	if num.Sign() == 0 {
		return value.NewDecimal(value.Decimal{}), nil
	}
	at := divisionScale(num, 2*scale, den)
	if !deviation {
		return cutNumber(v, at)
	}
	v.SetFrac(roundedAt(v, at), power(at))
	return cutBy(at, func(to int) *big.Int {
		up := v.Num() // 4 * v * 10^(2*to), cut
		up = new(big.Int).Mul(up, new(big.Int).Mul(big.NewInt(4), power(2*to)))
		up.Quo(up, v.Denom())
		return up.Rsh(up.Add(up.Sqrt(up), big.NewInt(1)), 1)
	})
}

// comoment is n * sum(x*y) - sum(x) * sum(y).
func comoment(list []given, n int64) *big.Rat {
	x, y, xy := new(big.Rat), new(big.Rat), new(big.Rat)
	for _, g := range list {
		a, b := rational(g.arg), rational(g.extra)
		y.Add(y, times(a, g.weight))
		x.Add(x, times(b, g.weight))
		xy.Add(xy, times(a.Mul(a, b), g.weight))
	}
	return xy.Sub(times(xy, n), x.Mul(x, y))
}

func denominator(n int64, sample bool) *big.Rat {
	if sample {
		return times(new(big.Rat).SetInt64(n), n-1)
	}
	return times(new(big.Rat).SetInt64(n), n)
}

// foldPairs covers covariance and correlation.
func foldPairs(c plan.AggCall, list []given, n int64) (value.Datum, *value.Error) {
	if c.Func == plan.CovarSamp && n == 1 {
		return value.Datum{}, nil
	}
	var ys, xs []given // each with itself, where finite
	oddY, oddX := false, false
	for _, g := range list {
		oddY, oddX = oddY || !isFinite(g.arg), oddX || !isFinite(g.extra)
		ys = append(ys, given{g.arg, g.arg, g.weight})
		xs = append(xs, given{g.extra, g.extra, g.weight})
	}
	constant := func(odd bool, list []given) bool {
		return !odd && comoment(list, n).Sign() == 0
	}
	switch {
	case c.Func == plan.Corr && (constant(oddY, ys) || constant(oddX, xs)):
		return value.Datum{}, nil
	case oddX || oddY:
		return value.NewFloat(c.Type.Kind, math.NaN()), nil
	}
	xy := comoment(list, n)
	if c.Func == plan.Corr {
		r := new(big.Rat).Mul(xy, xy)
		x, _ := r.Quo(r, new(big.Rat).Mul(comoment(xs, n), comoment(ys, n))).Float64()
		x = math.Sqrt(x)
		if xy.Sign() < 0 {
			x = -x
		}
		return value.NewFloat(c.Type.Kind, x), nil
	}
	x, _ := new(big.Rat).Quo(xy, denominator(n, c.Func == plan.CovarSamp)).Float64()
	if math.IsInf(x, 0) {
		return value.Datum{}, value.ErrFloatOverflow
	}
	if x == 0 {
		x = 0 // a covariance that is too small has no sign
	}
	return value.NewFloat(c.Type.Kind, x), nil
}

func power(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// divisionScale is how many digits PostgreSQL gives behind the point of num / den, where num has
// the given display scale and den is a whole number.
func divisionScale(num *big.Rat, scale int, den *big.Rat) int {
	weight, first := leading(num)
	denWeight, denFirst := leading(den)
	weight -= denWeight
	if first <= denFirst {
		weight--
	}
	return min(max(16-4*weight, scale, 0), 1000)
}

// leading finds w with 10000^w <= |x| < 10000^(w+1), and the digit there in base 10000.
func leading(x *big.Rat) (weight, digit int) {
	if x.Sign() == 0 {
		return 0, 0
	}
	x, base := new(big.Rat).Abs(x), big.NewRat(10000, 1)
	for ; x.Cmp(base) >= 0; weight++ {
		x.Quo(x, base)
	}
	for ; x.Cmp(big.NewRat(1, 1)) < 0; weight-- {
		x.Mul(x, base)
	}
	return weight, int(new(big.Int).Quo(x.Num(), x.Denom()).Int64())
}

// roundedAt is x in units of 10^-scale, rounded half away from zero.
func roundedAt(x *big.Rat, scale int) *big.Int {
	n := new(big.Int).Mul(new(big.Int).Abs(x.Num()), power(scale))
	n.Add(n.Mul(n, big.NewInt(2)), x.Denom())
	n.Quo(n, new(big.Int).Mul(x.Denom(), big.NewInt(2)))
	if x.Sign() < 0 {
		n.Neg(n)
	}
	return n
}

// cutNumber is a numeric of x with a display scale, or with as much of it as 38 digits leave.
func cutNumber(x *big.Rat, scale int) (value.Datum, *value.Error) {
	return cutBy(scale, func(to int) *big.Int { return roundedAt(x, to) })
}

func cutBy(scale int, at func(scale int) *big.Int) (value.Datum, *value.Error) {
	for to := min(scale, value.MaxPrecision); to >= 0; to-- {
		m := at(to)
		if new(big.Int).Abs(m).Cmp(power(value.MaxPrecision)) >= 0 {
			continue
		}
		text := m.String() + "e-" + big.NewInt(int64(to)).String()
		d, err := value.ParseDecimal(text)
		if err != nil {
			return value.Datum{}, err
		}
		d, err = d.Round(to)
		return value.NewDecimal(d), err
	}
	return value.Datum{}, value.ErrNumericRange
}

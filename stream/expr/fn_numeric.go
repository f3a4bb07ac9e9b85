package expr

import "weir/stream/value"

// numericFunctions are the operators and functions of numeric.
func numericFunctions() []*function {
	n, i4 := value.Numeric, value.Int4
	unary := func(name string, op func(d value.Decimal) (value.Decimal, *value.Error)) *function {
		return define(name, n, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			d, err := op(a[0].D)
			return value.NewDecimal(d), err
		}, n)
	}
	total := func(op func(d value.Decimal) value.Decimal) func(value.Decimal) (
		value.Decimal, *value.Error,
	) {
		return func(d value.Decimal) (value.Decimal, *value.Error) { return op(d), nil }
	}
	return []*function{
		numericBinary("add", value.Decimal.Add),
		numericBinary("sub", value.Decimal.Sub),
		numericBinary("mul", value.Decimal.Mul),
		numericBinary("div", value.Decimal.Div),
		numericBinary("mod", value.Decimal.Mod),
		numericBinary("quotient", value.Decimal.Quotient),
		unary("neg", total(value.Decimal.Neg)).safe(),
		unary("pos", total(func(d value.Decimal) value.Decimal { return d })).safe(),
		unary("abs", total(value.Decimal.Abs)).safe(),
		unary("sign", total(func(d value.Decimal) value.Decimal {
			return value.DecimalFromInt64(int64(d.Sign()))
		})).safe(),
		unary("ceil", value.Decimal.Ceil),
		unary("floor", value.Decimal.Floor),
		unary("round", func(d value.Decimal) (value.Decimal, *value.Error) { return d.Round(0) }),
		unary("trunc", func(d value.Decimal) (value.Decimal, *value.Error) { return d.Trunc(0) }),
		define("round", n, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			d, err := a[0].D.Round(clampScale(a[1].I))
			return value.NewDecimal(d), err
		}, n, i4),
		define("trunc", n, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			d, err := a[0].D.Trunc(clampScale(a[1].I))
			return value.NewDecimal(d), err
		}, n, i4),
		define("scale", i4, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			return value.NewInt(i4, int64(a[0].D.Scale)), nil
		}, n).safe(),
		unary("trim_scale", total(value.Decimal.Trim)).safe(),
	}
}

func clampScale(n int64) int { return int(max(min(n, 1000), -1000)) }

func numericBinary(
	name string, op func(a, b value.Decimal) (value.Decimal, *value.Error),
) *function {
	n := value.Numeric
	return define(name, n, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
		d, err := op(a[0].D, a[1].D)
		return value.NewDecimal(d), err
	}, n, n).fast(func(c *kernelCall) {
		a, b := c.args[0], c.args[1]
		x, y, out := a.vec.Decs, b.vec.Decs, c.out.Decs
		for i := range out {
			d, err := op(x[i&a.mask], y[i&b.mask])
			out[i] = d
			if err != nil {
				c.fail(i, err)
			}
		}
	})
}

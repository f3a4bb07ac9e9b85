package agg

import "weir/stream/value"

// Naive computes f over rows of the given weights (at least 0 in total per value) from scratch:
// the oracle's definition. Values of CountStar may be NULL.
func Naive(f Func, arg value.Type, vals []value.Datum, weights []int64) (
	value.Datum, *value.Error,
) {
	var n int64
	var sum value.Int256
	scale := 0
	best := value.NullDatum
	for _, d := range vals {
		if !d.IsNull() && d.Kind == value.Numeric {
			scale = max(scale, int(d.D.Scale))
		}
	}
	for i, d := range vals {
		if f == CountStar {
			n += weights[i]
			continue
		}
		if d.IsNull() || weights[i] == 0 {
			continue
		}
		n += weights[i]
		if f == Min || f == Max {
			sign := map[Func]int{Min: -1, Max: 1}[f]
			if best.IsNull() || value.Compare(d, best) == sign {
				best = d
			}
			continue
		}
		coef, ok := value.Int128FromInt64(d.I), true
		up := 0
		if d.Kind == value.Numeric {
			coef, up = d.D.Coef, scale-int(d.D.Scale)
		}
		term, ok := value.Int256{}.AddMul(coef, weights[i]).MulPow10(up)
		if !ok {
			return value.NullDatum, value.ErrNumericRange
		}
		sum = sum.Add(term)
	}
	switch f {
	case CountStar, Count:
		return value.NewInt8(n), nil
	case Min, Max:
		return best, nil
	}
	return finish(f, arg, sum, scale, n)
}

// finish turns an exact sum of n values into the result of Sum or Avg.
func finish(f Func, arg value.Type, sum value.Int256, scale int, n int64) (
	value.Datum, *value.Error,
) {
	if n == 0 {
		return value.NullDatum, nil
	}
	if f == Sum && (arg.Kind == value.Int2 || arg.Kind == value.Int4) {
		v, ok := sum.Int64()
		if !ok {
			return value.NullDatum, value.ErrInt8Range
		}
		return value.NewInt8(v), nil
	}
	d, err := sum.Decimal(scale)
	if err == nil && f == Avg {
		d, err = d.Div(value.DecimalFromInt64(n))
	}
	if err != nil {
		return value.NullDatum, err
	}
	return value.NewDecimal(d), nil
}

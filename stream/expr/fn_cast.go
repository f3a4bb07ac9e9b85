package expr

import "weir/stream/value"

// castFunctions are the casts among integers, numeric and boolean, from date to the timestamps
// and between these, and of every kind to text.
func castFunctions() []*function {
	var fs []*function
	add := func(from, to value.Kind, fn scalar) *function {
		f := define(castName, to, fn, from)
		f.hidden = true
		fs = append(fs, f)
		return f
	}
	ints := []value.Kind{value.Int2, value.Int4, value.Int8}
	for _, from := range ints {
		for _, to := range ints {
			if from != to {
				add(from, to, castInt(to)).fast(castIntKernel(to))
			}
		}
		add(from, value.Numeric, func(x *ctx, a []value.Datum) (value.Datum, *value.Error) {
			d, err := value.DecimalFromInt64(a[0].I).Rescale(x.t.Precision, x.t.Scale)
			return value.NewDecimal(d), err
		})
		add(value.Numeric, from, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			v, ok := a[0].D.Int64()
			return intResult(from, v, ok)
		})
	}
	add(value.Numeric, value.Numeric, func(x *ctx, a []value.Datum) (value.Datum, *value.Error) {
		d, err := a[0].D.Rescale(x.t.Precision, x.t.Scale)
		return value.NewDecimal(d), err
	})
	add(value.Int4, value.Bool, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
		return value.NewBool(a[0].I != 0), nil
	})
	add(value.Bool, value.Int4, castInt(value.Int4))
	for _, to := range []value.Kind{value.Timestamp, value.TimestampTZ} {
		add(value.Date, to, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			v, err := value.TimestampFromParts(a[0].I, 0)
			return value.NewInt(to, v), err
		})
		add(to, value.Date, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			days, _ := value.SplitTimestamp(a[0].I)
			return value.NewDate(days), nil
		})
	}
	add(value.Timestamp, value.TimestampTZ, castInt(value.TimestampTZ))
	add(value.TimestampTZ, value.Timestamp, castInt(value.Timestamp))
	for _, k := range allKinds() {
		switch k {
		case value.Text:
		case value.Record:
			add(k, value.Text, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
				return textResult(value.Format(a[0])) // quotes may double it
			})
		default:
			add(k, value.Text, castToText)
		}
	}
	return fs
}

// castToText writes the output form; boolean alone is spelled out.
func castToText(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
	if a[0].Kind == value.Bool {
		return value.NewText([2]string{"false", "true"}[a[0].I]), nil
	}
	return value.NewText(value.Format(a[0])), nil
}

func castInt(to value.Kind) scalar {
	return func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
		return intResult(to, a[0].I, true)
	}
}

func castIntKernel(to value.Kind) kernel {
	lo, hi := to.IntRange()
	return func(c *kernelCall) {
		o := c.args[0]
		for i := range c.out.Ints {
			v := o.vec.Ints[i&o.mask]
			c.out.Ints[i] = v
			if v < lo || v > hi {
				c.fail(i, value.IntRangeError(to))
			}
		}
	}
}

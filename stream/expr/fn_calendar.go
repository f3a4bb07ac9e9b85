package expr

import "weir/stream/value"

// calendarFunctions take times apart and put them together.
func calendarFunctions() []*function {
	n, iv := value.Numeric, value.Interval
	var fs []*function
	for _, k := range []value.Kind{
		value.Date, value.Time, value.Timestamp, value.TimestampTZ, iv,
	} {
		fs = append(fs,
			define("extract", n, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
				d, err := value.Extract(a[0].S, a[1])
				return value.NewDecimal(d), err
			}, value.Text, k),
			define("date_part", value.Float8, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
				return datePart(a[0].S, a[1])
			}, value.Text, k))
	}
	for _, k := range []value.Kind{value.Timestamp, value.TimestampTZ} {
		fs = append(fs, truncFunction(k), binFunction(k))
	}
	fs = append(fs, define("date_trunc", iv,
		func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			v, err := value.TruncInterval(a[0].S, a[1].V)
			return value.NewInterval(v), err
		}, value.Text, iv))
	return append(fs, makers()...)
}

// datePart is date_part, which sees a date as its midnight and answers in float8.
func datePart(field string, d value.Datum) (value.Datum, *value.Error) {
	if d.Kind == value.Date {
		t, err := value.TimestampFromParts(d.I, 0)
		if err != nil {
			return value.NullDatum, err
		}
		d = value.NewTimestamp(t)
	}
	n, err := value.Extract(field, d)
	if err != nil {
		return value.NullDatum, err
	}
	return value.NewFloat(value.Float8, n.Float()), nil
}

func truncFunction(k value.Kind) *function {
	return define("date_trunc", k, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
		v, err := value.TruncTimestamp(a[0].S, k, a[1].I)
		return value.NewInt(k, v), err
	}, value.Text, k).fast(func(c *kernelCall) {
		field, t := c.args[0], c.args[1]
		var trunc func(int64) (int64, *value.Error)
		for i := range c.rows {
			if trunc == nil || field.mask != 0 {
				trunc = value.Truncation(string(field.vec.Text(i&field.mask)), k)
			}
			v, err := trunc(t.vec.Ints[i&t.mask])
			c.out.Ints[i] = v
			if err != nil {
				c.fail(i, err)
			}
		}
	})
}

func binFunction(k value.Kind) *function {
	return define("date_bin", k, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
		v, err := value.Bin(a[0].V, a[1].I, a[2].I)
		return value.NewInt(k, v), err
	}, value.Interval, k, k).fast(func(c *kernelCall) {
		w, t, o := c.args[0], c.args[1], c.args[2]
		for i := range c.rows {
			v, err := value.Bin(w.vec.Ivs[i&w.mask], t.vec.Ints[i&t.mask], o.vec.Ints[i&o.mask])
			c.out.Ints[i] = v
			if err != nil {
				c.fail(i, err)
			}
		}
	})
}

// makers build times from numbers.
func makers() []*function {
	i4, f8 := value.Int4, value.Float8
	return []*function{
		define("make_date", value.Date, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			v, err := value.MakeDate(a[0].I, a[1].I, a[2].I)
			return value.NewDate(v), err
		}, i4, i4, i4),
		define("make_time", value.Time, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			v, err := value.MakeTime(a[0].I, a[1].I, a[2].F)
			return value.NewInt(value.Time, v), err
		}, i4, i4, f8),
		define("make_timestamp", value.Timestamp,
			func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
				day, err := value.MakeDate(a[0].I, a[1].I, a[2].I)
				if err != nil {
					return value.NullDatum, err
				}
				inDay, err := value.MakeTime(a[3].I, a[4].I, a[5].F)
				if err != nil {
					return value.NullDatum, err
				}
				v, err := value.TimestampFromParts(day, inDay)
				return value.NewTimestamp(v), err
			}, i4, i4, i4, i4, i4, f8),
		define("to_timestamp", value.TimestampTZ,
			func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
				v, err := value.TimestampFromEpoch(a[0].F)
				return value.NewTimestampTZ(v), err
			}, f8),
	}
}

package expr

import "weir/stream/value"

// timeFunctions are the operators between dates, times, timestamps and intervals.
func timeFunctions() []*function {
	fs := dateOperators()
	for _, k := range []value.Kind{value.Timestamp, value.TimestampTZ} {
		fs = append(fs, shiftFunctions(k)...)
		fs = append(fs, define("sub", value.Interval,
			func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
				return value.NewInterval(value.SubTimestamps(a[0].I, a[1].I)), nil
			}, k, k).safe())
	}
	return append(fs, clockOperators()...)
}

// shiftFunctions move a timestamp by an interval.
func shiftFunctions(k value.Kind) []*function {
	iv := value.Interval
	shift := func(name string, at, by int, op func(int64, value.IntervalValue) (int64, *value.Error),
		args ...value.Kind,
	) *function {
		return define(name, k, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			v, err := op(a[at].I, a[by].V)
			return value.NewInt(k, v), err
		}, args...).fast(func(c *kernelCall) {
			t, w := c.args[at], c.args[by]
			for i := range c.rows {
				v, err := op(t.vec.Ints[i&t.mask], w.vec.Ivs[i&w.mask])
				c.out.Ints[i] = v
				if err != nil {
					c.fail(i, err)
				}
			}
		})
	}
	return []*function{
		shift("add", 0, 1, value.AddInterval, k, iv),
		shift("add", 1, 0, value.AddInterval, iv, k),
		shift("sub", 0, 1, value.SubInterval, k, iv),
	}
}

// dateOperators: a date moves by days (int4), and by an interval or a time to a timestamp.
func dateOperators() []*function {
	d, i4, ts := value.Date, value.Int4, value.Timestamp
	days := func(at, by int, sign int64) scalar {
		return func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			v, err := value.AddDays(a[at].I, sign*a[by].I)
			return value.NewDate(v), err
		}
	}
	shift := func(at, by int, op func(int64, value.IntervalValue) (int64, *value.Error)) scalar {
		return func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			t, err := value.TimestampFromParts(a[at].I, 0)
			if err != nil {
				return value.NullDatum, err
			}
			t, err = op(t, a[by].V)
			return value.NewTimestamp(t), err
		}
	}
	join := func(date, clock int) scalar {
		return func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			t, err := value.TimestampFromParts(a[date].I, a[clock].I)
			return value.NewTimestamp(t), err
		}
	}
	return []*function{
		define("add", d, days(0, 1, 1), d, i4), define("add", d, days(1, 0, 1), i4, d),
		define("sub", d, days(0, 1, -1), d, i4),
		define("sub", i4, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			return intResult(i4, a[0].I-a[1].I, true)
		}, d, d).safe(),
		define("add", ts, shift(0, 1, value.AddInterval), d, value.Interval),
		define("add", ts, shift(1, 0, value.AddInterval), value.Interval, d),
		define("sub", ts, shift(0, 1, value.SubInterval), d, value.Interval),
		define("add", ts, join(0, 1), d, value.Time), define("add", ts, join(1, 0), value.Time, d),
	}
}

// clockOperators are those of time of day, which turns over at midnight.
func clockOperators() []*function {
	t, iv := value.Time, value.Interval
	move := func(at, by int, op func(int64, value.IntervalValue) int64) scalar {
		return func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			return value.NewInt(t, op(a[at].I, a[by].V)), nil
		}
	}
	return []*function{
		define("add", t, move(0, 1, value.AddTime), t, iv).safe(),
		define("add", t, move(1, 0, value.AddTime), iv, t).safe(),
		define("sub", t, move(0, 1, value.SubTime), t, iv).safe(),
		define("sub", iv, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			return value.NewInterval(value.IntervalValue{Micros: a[0].I - a[1].I}), nil
		}, t, t).safe(),
	}
}

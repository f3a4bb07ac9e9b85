package expr

import "weir/stream/value"

// castMaker collects casts.
type castMaker struct{ fs []*function }

func (m *castMaker) add(from, to value.Kind, fn scalar) {
	f := define(castName, to, fn, from)
	f.hidden = true
	m.fs = append(m.fs, f)
}

// textCastFunctions read every kind from text with its input function.
func textCastFunctions() []*function {
	var m castMaker
	for _, k := range allShapes() {
		if k == value.Text {
			continue
		}
		m.add(value.Text, k, func(x *ctx, a []value.Datum) (value.Datum, *value.Error) {
			return value.Parse(a[0].S, x.t)
		})
	}
	return m.fs
}

// floatCastFunctions are the casts between floats and the other numbers.
func floatCastFunctions() []*function {
	var m castMaker
	for _, fl := range []value.Kind{value.Float4, value.Float8} {
		for _, in := range []value.Kind{value.Int2, value.Int4, value.Int8} {
			m.add(in, fl, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
				if fl == value.Float4 {
					return value.NewFloat(fl, float64(float32(a[0].I))), nil
				}
				return value.NewFloat(fl, float64(a[0].I)), nil
			})
			m.add(fl, in, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
				v, err := value.IntFromFloat(in, a[0].F)
				return value.NewInt(in, v), err
			})
		}
		m.add(value.Numeric, fl, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			if fl == value.Float4 {
				return value.NewFloat(fl, a[0].D.Float32()), nil
			}
			return value.NewFloat(fl, a[0].D.Float()), nil
		})
		m.add(fl, value.Numeric, func(x *ctx, a []value.Datum) (value.Datum, *value.Error) {
			d, err := value.DecimalFromFloat(fl, a[0].F)
			if err == nil {
				d, err = d.Rescale(x.t.Precision, x.t.Scale)
			}
			return value.NewDecimal(d), err
		})
	}
	m.add(value.Float4, value.Float8, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
		return value.NewFloat(value.Float8, a[0].F), nil
	})
	m.add(value.Float8, value.Float4, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
		f, err := value.Float4FromFloat8(a[0].F)
		return value.NewFloat(value.Float4, f), err
	})
	return m.fs
}

// timeCastFunctions are the casts to and from time of day.
func timeCastFunctions() []*function {
	var m castMaker
	for _, from := range []value.Kind{value.Timestamp, value.TimestampTZ} {
		m.add(from, value.Time, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			_, inDay := value.SplitTimestamp(a[0].I)
			return value.NewInt(value.Time, inDay), nil
		})
	}
	m.add(value.Time, value.Interval, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
		return value.NewInterval(value.IntervalValue{Micros: a[0].I}), nil
	})
	m.add(value.Interval, value.Time, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
		_, inDay := value.SplitTimestamp(a[0].V.Micros)
		return value.NewInt(value.Time, inDay), nil
	})
	return m.fs
}

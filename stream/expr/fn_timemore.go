package expr

import (
	"math"

	"weir/stream/value"
)

// timeMore are functions of times that take no format.
func timeMore() []*function {
	iv := value.Interval
	fs := []*function{
		define("justify_interval", iv, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			v, err := a[0].V.JustifyInterval()
			return value.NewInterval(v), err
		}, iv),
	}
	for _, k := range []shape{value.Date, value.Timestamp, value.TimestampTZ, iv} {
		fs = append(fs, define("isfinite", value.Bool,
			func(*ctx, []value.Datum) (value.Datum, *value.Error) { return value.NewBool(true), nil },
			k).safe())
	}
	for _, k := range []shape{value.Timestamp, value.TimestampTZ} {
		fs = append(fs, define("age", iv, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			return value.NewInterval(value.Age(a[0].I, a[1].I)), nil
		}, k, k).safe())
	}
	fs = append(fs, makeIntervals()...)
	i4, f8 := value.Int4, value.Float8
	fs = append(fs, define("make_timestamptz", value.TimestampTZ,
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
			return value.NewTimestampTZ(v), err
		}, i4, i4, i4, i4, i4, f8))
	return append(append(fs, zoneFunctions()...), overlapsFunctions()...)
}

// makeIntervals is make_interval(years, months, weeks, days, hours, mins, secs), any of which may
// be left out from the end.
func makeIntervals() []*function {
	i4 := value.Int4
	args := []shape{i4, i4, i4, i4, i4, i4, value.Float8}
	var fs []*function
	for n := range len(args) + 1 {
		fs = append(fs, define("make_interval", value.Interval, makeInterval, args[:n]...))
	}
	return fs
}

func makeInterval(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
	var p [6]int64
	secs := 0.0
	for i, d := range a {
		if i == 6 {
			secs = d.F
		} else {
			p[i] = d.I
		}
	}
	us := math.RoundToEven(float64(secs * 1e6))
	if !(math.Abs(us) < 1<<63) {
		return value.NullDatum, value.ErrIntervalRange
	}
	months, ok1 := int32Of(p[0]*12 + p[1])
	days, ok2 := int32Of(p[2]*7 + p[3])
	clock := p[4]*value.MicrosPerHour + p[5]*value.MicrosPerMinute // below 2^63
	micros, ok3 := addInt(clock, int64(us))
	if !ok1 || !ok2 || !ok3 {
		return value.NullDatum, value.ErrIntervalRange
	}
	return value.NewInterval(value.IntervalValue{Months: months, Days: days, Micros: micros}), nil
}

// overlapsFunctions are (start, end) OVERLAPS (start, end); an end may be an interval.
func overlapsFunctions() []*function {
	var fs []*function
	for _, k := range []shape{value.Timestamp, value.TimestampTZ, value.Time} {
		for _, args := range [][]shape{
			{k, k, k, k},
			{k, value.Interval, k, value.Interval},
			{k, k, k, value.Interval},
			{k, value.Interval, k, k},
		} {
			fs = append(fs, define("overlaps", value.Bool, overlapsScalar, args...).callable())
		}
	}
	return fs
}

func overlapsScalar(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
	p := [4]value.Datum{a[0], a[1], a[2], a[3]}
	for _, i := range []int{1, 3} {
		if p[i].Kind != value.Interval {
			continue
		}
		if p[i-1].IsNull() {
			p[i] = value.NullDatum
			continue
		}
		if p[i-1].Kind == value.Time {
			p[i] = value.NewInt(value.Time, value.AddTime(p[i-1].I, p[i].V))
			continue
		}
		v, err := value.AddInterval(p[i-1].I, p[i].V)
		if err != nil {
			return value.NullDatum, err
		}
		p[i] = value.NewInt(p[i-1].Kind, v)
	}
	for _, i := range []int{0, 2} {
		switch s, e := p[i], p[i+1]; {
		case s.IsNull() && e.IsNull():
			return value.NullDatum, nil
		case s.IsNull(), !e.IsNull() && s.I > e.I:
			p[i], p[i+1] = e, s
		}
	}
	return overlapPlaces(p[0], p[1], p[2], p[3]), nil
}

// overlapPlaces decides for starts that are not NULL. Source: overlaps_timestamp of PostgreSQL's
// timestamp.c.
func overlapPlaces(s1, e1, s2, e2 value.Datum) value.Datum {
	if s1.I < s2.I {
		s1, e1, s2, e2 = s2, e2, s1, e1
	}
	switch {
	case s1.I == s2.I:
		if e1.IsNull() || e2.IsNull() {
			return value.NullDatum
		}
		return value.NewBool(true)
	case e2.IsNull():
		return value.NullDatum
	case s1.I < e2.I:
		return value.NewBool(true)
	case e1.IsNull():
		return value.NullDatum
	}
	return value.NewBool(false)
}

// countFunctions are num_nulls, num_nonnulls and pg_typeof.
func countFunctions() []*function {
	count := func(name string, null bool) *function {
		return define(name, value.Int4, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			n := int32(0)
			for _, d := range a {
				if d.IsNull() == null {
					n++
				}
			}
			return value.NewInt4(n), nil
		}, value.Text).callable().wild().safe()
	}
	fs := []*function{count("num_nulls", true), count("num_nonnulls", false)}
	for _, k := range allKinds() {
		name := value.NewText(plainType(k).String())
		fs = append(fs, define("pg_typeof", value.Text,
			func(*ctx, []value.Datum) (value.Datum, *value.Error) { return name, nil },
			k).callable().safe())
	}
	return fs
}

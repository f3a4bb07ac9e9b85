package value

import "math"

// Add returns v + w part by part; 22008 if a part overflows.
func (v IntervalValue) Add(w IntervalValue) (IntervalValue, *Error) {
	return intervalParts(int64(v.Months)+int64(w.Months), int64(v.Days)+int64(w.Days),
		Int128FromInt64(v.Micros).Add(Int128FromInt64(w.Micros)))
}

// Sub returns v - w part by part.
func (v IntervalValue) Sub(w IntervalValue) (IntervalValue, *Error) {
	return intervalParts(int64(v.Months)-int64(w.Months), int64(v.Days)-int64(w.Days),
		Int128FromInt64(v.Micros).Sub(Int128FromInt64(w.Micros)))
}

// Neg returns -v.
func (v IntervalValue) Neg() (IntervalValue, *Error) { return IntervalValue{}.Sub(v) }

func intervalParts(months, days int64, micros Int128) (IntervalValue, *Error) {
	us, ok := micros.Int64()
	if !ok || int64(int32(months)) != months || int64(int32(days)) != days {
		return IntervalValue{}, ErrIntervalRange
	}
	return IntervalValue{int32(months), int32(days), us}, nil
}

// JustifyHours moves whole days of 24 hours from the microseconds to the days; parts keep or get
// one sign.
func (v IntervalValue) JustifyHours() (IntervalValue, *Error) {
	days := int64(v.Days) + v.Micros/MicrosPerDay
	us := v.Micros % MicrosPerDay
	if days > 0 && us < 0 {
		days, us = days-1, us+MicrosPerDay
	} else if days < 0 && us > 0 {
		days, us = days+1, us-MicrosPerDay
	}
	return intervalParts(int64(v.Months), days, Int128FromInt64(us))
}

// JustifyDays moves whole months of 30 days from the days to the months.
func (v IntervalValue) JustifyDays() (IntervalValue, *Error) {
	months, days := int64(v.Months)+int64(v.Days)/30, int64(v.Days)%30
	if months > 0 && days < 0 {
		months, days = months-1, days+30
	} else if months < 0 && days > 0 {
		months, days = months+1, days-30
	}
	return intervalParts(months, days, Int128FromInt64(v.Micros))
}

// roundMicro is PostgreSQL's TSROUND: six digits after the point.
func roundMicro(f float64) float64 {
	return float64(math.RoundToEven(float64(f*1e6)) / 1e6)
}

// Mul returns v * f. Fractions of months become days of 30 a month, fractions of days become
// time; the steps and their roundings are those of interval_mul in PostgreSQL 15.
func (v IntervalValue) Mul(f float64) (IntervalValue, *Error) {
	return v.scale(func(x float64) float64 { return float64(x * f) })
}

// Div returns v / f; 22012 for 0.
func (v IntervalValue) Div(f float64) (IntervalValue, *Error) {
	if f == 0 {
		return IntervalValue{}, ErrDivisionByZero
	}
	return v.scale(func(x float64) float64 { return float64(x / f) })
}

func (v IntervalValue) scale(by func(float64) float64) (IntervalValue, *Error) {
	months, days := by(float64(v.Months)), by(float64(v.Days))
	const lo, hi = math.MinInt32, math.MaxInt32
	if !(months >= lo && months <= hi) || !(days >= lo && days <= hi) {
		return IntervalValue{}, ErrIntervalRange
	}
	m, d := int64(months), int64(days)
	restDays := roundMicro(float64(float64(months-float64(m)) * 30))
	sec := float64(float64(days-float64(d)) + restDays)
	sec = roundMicro(float64(float64(sec-float64(int64(restDays))) * 86400))
	if math.Abs(sec) >= 86400 {
		over := int64(float64(sec / 86400))
		d += over
		sec = float64(sec - float64(float64(over)*86400))
	}
	d += int64(restDays)
	us := math.RoundToEven(float64(by(float64(v.Micros)) + float64(sec*1e6)))
	if !(us >= math.MinInt64 && us < math.MaxInt64) {
		return IntervalValue{}, ErrIntervalRange
	}
	return intervalParts(m, d, Int128FromInt64(int64(us)))
}

package value

import "math"

// AddInterval returns t + v, t being a timestamp or timestamptz (in UTC): months first, the day
// cut to the month's length, then days, then microseconds. Source: timestamp_pl_interval of
// PostgreSQL's timestamp.c.
func AddInterval(t int64, v IntervalValue) (int64, *Error) {
	if v.Months != 0 {
		days, inDay := SplitTimestamp(t)
		var err *Error
		if t, err = TimestampFromParts(addMonths(days, int64(v.Months)), inDay); err != nil {
			return 0, err
		}
	}
	sum := Int128FromInt64(t)
	if v.Days != 0 {
		moved, err := checkTimestamp(sum.Add(mulInt64(int64(v.Days), MicrosPerDay)))
		if err != nil {
			return 0, err
		}
		sum = Int128FromInt64(moved)
	}
	return checkTimestamp(sum.Add(Int128FromInt64(v.Micros)))
}

// addMonths moves a day by months, cutting the day of the month to the month's length.
func addMonths(days, months int64) int64 {
	y, m, d := CivilFromDays(days)
	n := y*12 + int64(m-1) + months
	y, m = floorDiv(n, 12), int(floorMod(n, 12))+1
	return DaysFromCivil(y, m, min(d, DaysInMonth(y, m)))
}

// SubInterval returns t - v.
func SubInterval(t int64, v IntervalValue) (int64, *Error) {
	if v.Micros == math.MinInt64 { // -v does not exist, but t - v may
		return AddInterval(t, IntervalValue{-v.Months, -v.Days, math.MaxInt64})
	}
	return AddInterval(t, IntervalValue{-v.Months, -v.Days, -v.Micros})
}

// SubTimestamps returns a - b as days and microseconds of one sign.
func SubTimestamps(a, b int64) IntervalValue {
	d := Int128FromInt64(a).Sub(Int128FromInt64(b))
	days, micros := d.divSmall(MicrosPerDay)
	n, _ := days.Int64()
	us, _ := micros.Int64()
	return IntervalValue{Days: int32(n), Micros: us}
}

// AddDays returns the date d + n; 22008 outside the range of dates.
func AddDays(d, n int64) (int64, *Error) {
	if r := d + n; r >= MinDate && r <= MaxDate {
		return r, nil
	}
	return 0, ErrDateRange
}

// AddTime returns the time of day t + v; only the microseconds of v count, modulo a day.
func AddTime(t int64, v IntervalValue) int64 {
	return floorMod(t+v.Micros%MicrosPerDay, MicrosPerDay)
}

// SubTime returns the time of day t - v.
func SubTime(t int64, v IntervalValue) int64 {
	return floorMod(t-v.Micros%MicrosPerDay, MicrosPerDay)
}

// MakeDate returns the date of a year (negative: BC; never 0), month and day.
func MakeDate(year, month, day int64) (int64, *Error) {
	y := year
	if y < 0 {
		y++
	}
	if year == 0 || month < 1 || month > 12 || day < 1 || day > int64(DaysInMonth(y, int(month))) {
		return 0, Errorf(StateDatetimeOverflow,
			"date field value out of range: %d-%02d-%02d", year, month, day)
	}
	d := DaysFromCivil(y, int(month), int(day))
	if d < MinDate || d > MaxDate {
		return 0, Errorf(StateDatetimeOverflow,
			"date out of range: %d-%02d-%02d", year, month, day)
	}
	return d, nil
}

// MakeTime returns the time of day of an hour, a minute and seconds, 24:00 and 60 s included.
func MakeTime(hour, minute int64, sec float64) (int64, *Error) {
	us := math.RoundToEven(float64(sec * 1e6))
	if hour < 0 || hour > 24 || minute < 0 || minute > 59 || !(us >= 0 && us <= 60*MicrosPerSecond) ||
		hour*MicrosPerHour+minute*MicrosPerMinute+int64(us) > MicrosPerDay {
		return 0, Errorf(StateDatetimeOverflow,
			"time field value out of range: %d:%02d", hour, minute)
	}
	return hour*MicrosPerHour + minute*MicrosPerMinute + int64(us), nil
}

// postgresEpoch is 2000-01-01, from which PostgreSQL counts, in seconds since 1970-01-01.
const postgresEpoch = 946684800

// TimestampFromEpoch returns the timestamptz of seconds since 1970-01-01 UTC. As in PostgreSQL
// the microseconds are rounded after counting from 2000-01-01.
func TimestampFromEpoch(sec float64) (int64, *Error) {
	us := math.RoundToEven(float64(float64(sec-postgresEpoch) * 1e6))
	if !(us >= math.MinInt64 && us < math.MaxInt64) {
		return 0, ErrTimestampRange
	}
	return checkTimestamp(
		Int128FromInt64(int64(us)).Add(Int128FromInt64(postgresEpoch * MicrosPerSecond)))
}

// Bin returns the start of the bin of t among bins of stride from origin on. A stride with
// months is 0A000, one that is not positive 22008.
func Bin(stride IntervalValue, t, origin int64) (int64, *Error) {
	if stride.Months != 0 {
		return 0, &Error{
			StateUnsupported, "timestamps cannot be binned into intervals containing months or years",
		}
	}
	w, ok := stride.Span().Int64()
	switch {
	case !ok:
		return 0, ErrIntervalRange
	case w <= 0:
		return 0, &Error{StateDatetimeOverflow, "stride must be greater than zero"}
	}
	_, rest := Int128FromInt64(t).Sub(Int128FromInt64(origin)).divSmall(uint64(w))
	r, _ := rest.Int64()
	if r < 0 {
		r += w
	}
	return checkTimestamp(Int128FromInt64(t).Sub(Int128FromInt64(r)))
}

package value

// Time units in microseconds.
const (
	MicrosPerSecond = 1_000_000
	MicrosPerMinute = 60 * MicrosPerSecond
	MicrosPerHour   = 60 * MicrosPerMinute
	MicrosPerDay    = 24 * MicrosPerHour
)

// Ranges: dates as PostgreSQL's, from 4714-11-24 BC to 5874897-12-31. Timestamps from
// 4714-11-24 BC to the end of 294246, the last whole year that microseconds since 1970 reach;
// PostgreSQL counts from 2000 and goes on to 294276.
const (
	MinDate      = -2440588
	MaxDate      = 2145042905
	MinTimestamp = MinDate * MicrosPerDay
	MaxTimestamp = 106751982*MicrosPerDay - 1
)

// unixJulian is the Julian day number of 1970-01-01.
const unixJulian = 2440588

// DaysFromCivil returns the days since 1970-01-01 of a date of the proleptic Gregorian calendar;
// year 0 is 1 BC. The month may be any of 1..12. Source: H. Hinnant, chrono-Compatible Low-Level
// Date Algorithms, days_from_civil.
func DaysFromCivil(year int64, month, day int) int64 {
	if month <= 2 {
		year--
	}
	era := floorDiv(year, 400)
	yoe := year - era*400
	mp := int64(month+9) % 12
	doy := (153*mp+2)/5 + int64(day) - 1
	doe := yoe*365 + yoe/4 - yoe/100 + doy
	return era*146097 + doe - 719468
}

// CivilFromDays is the inverse of DaysFromCivil.
func CivilFromDays(days int64) (year int64, month, day int) {
	z := days + 719468
	era := floorDiv(z, 146097)
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	day = int(doy - (153*mp+2)/5 + 1)
	month = int(mp) + 3
	if month > 12 {
		month -= 12
	}
	year = yoe + era*400
	if month <= 2 {
		year++
	}
	return year, month, day
}

// floorDiv divides by d > 0, rounding toward negative infinity.
func floorDiv(v, d int64) int64 {
	q := v / d
	if v%d < 0 {
		q--
	}
	return q
}

// floorMod is the remainder of floorDiv, in 0..d-1.
func floorMod(v, d int64) int64 { return v - floorDiv(v, d)*d }

// SplitTimestamp returns the day since 1970-01-01 and the microsecond of that day.
func SplitTimestamp(micros int64) (days, inDay int64) {
	return floorDiv(micros, MicrosPerDay), floorMod(micros, MicrosPerDay)
}

// TimestampFromParts joins a day and a microsecond of the day, range-checked.
func TimestampFromParts(days, inDay int64) (int64, *Error) {
	if days < MinDate || days > MaxTimestamp/MicrosPerDay+1 {
		return 0, ErrTimestampRange
	}
	return checkTimestamp(Int128FromInt64(inDay).Add(mulInt64(days, MicrosPerDay)))
}

func checkTimestamp(v Int128) (int64, *Error) {
	t, ok := v.Int64()
	if !ok || t < MinTimestamp || t > MaxTimestamp {
		return 0, ErrTimestampRange
	}
	return t, nil
}

// IsLeap reports whether a year (0 is 1 BC) has a February 29th.
func IsLeap(year int64) bool { return year%4 == 0 && (year%100 != 0 || year%400 == 0) }

// DaysInMonth returns the length of a month.
func DaysInMonth(year int64, month int) int {
	switch month {
	case 2:
		if IsLeap(year) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

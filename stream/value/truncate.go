package value

// clockUnits are the lengths of the units that a day divides into.
var clockUnits = map[unit]int64{
	unitMicrosecond: 1, unitMillisecond: 1000, unitSecond: MicrosPerSecond,
	unitMinute: MicrosPerMinute, unitHour: MicrosPerHour, unitDay: MicrosPerDay,
}

// TruncTimestamp is date_trunc of a timestamp or timestamptz (in UTC): the start of the unit that
// t lies in. Errors: 22023 for an unknown unit, 0A000 for one without a start, 22008 out of range.
func TruncTimestamp(field string, k Kind, t int64) (int64, *Error) {
	return Truncation(field, k)(t)
}

// Truncation is TruncTimestamp with the field resolved once, for whole columns.
func Truncation(field string, k Kind) func(t int64) (int64, *Error) {
	u := unitByWord(lowerASCII(field))
	if n := clockUnits[u]; n > 0 {
		return func(t int64) (int64, *Error) { return t - floorMod(t, n), nil }
	}
	var err *Error
	switch {
	case u == unitNone:
		err = unitUnknown(field, k)
	case u < unitWeek || u > unitMillennium:
		err = unitUnsupported(field, k)
	}
	if err != nil {
		return func(int64) (int64, *Error) { return 0, err }
	}
	return func(t int64) (int64, *Error) {
		days, _ := SplitTimestamp(t)
		return TimestampFromParts(truncDay(u, days), 0)
	}
}

// TruncatesToDays reports whether what a field truncates to begins a day.
func TruncatesToDays(field string) bool {
	n := clockUnits[unitByWord(lowerASCII(field))]
	return n == 0 || n == MicrosPerDay
}

// truncDay returns the first day of the unit that a day lies in.
func truncDay(u unit, days int64) int64 {
	if u == unitWeek {
		return days - floorMod(days+3, 7)
	}
	y, m, _ := CivilFromDays(days)
	switch u {
	case unitMonth:
	case unitQuarter:
		m = (m-1)/3*3 + 1
	case unitDecade:
		y, m = floorDiv(y, 10)*10, 1
	case unitCentury:
		y, m = floorDiv(y-1, 100)*100+1, 1
	case unitMillennium:
		y, m = floorDiv(y-1, 1000)*1000+1, 1
	default:
		m = 1
	}
	return DaysFromCivil(y, m, 1)
}

// TruncInterval is date_trunc of an interval: lower units become zero, toward zero.
func TruncInterval(field string, v IntervalValue) (IntervalValue, *Error) {
	u := unitByWord(lowerASCII(field))
	if u == unitNone {
		return v, unitUnknown(field, Interval)
	}
	if n, ok := clockUnits[u]; ok && u != unitDay {
		v.Micros -= v.Micros % n
		return v, nil
	}
	v.Micros = 0
	months := int32(0)
	switch u {
	case unitDay:
		return v, nil
	case unitMonth:
		months = 1
	case unitQuarter:
		months = 3
	case unitYear:
		months = 12
	case unitDecade:
		months = 120
	case unitCentury:
		months = 1200
	case unitMillennium:
		months = 12000
	default:
		return v, unitUnsupported(field, Interval)
	}
	v.Days = 0
	v.Months -= v.Months % months
	return v, nil
}

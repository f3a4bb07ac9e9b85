package value

// unitByName finds the unit of extract and date_trunc; ok is false for an unknown word.
func unitByName(s string) (unit, bool) {
	s = lowerASCII(s)
	switch s {
	case "epoch":
		return unitEpoch, true
	case "dow":
		return unitDow, true
	case "doy":
		return unitDoy, true
	case "isodow":
		return unitISODow, true
	case "isoyear":
		return unitISOYear, true
	case "julian", "j", "jd":
		return unitJulian, true
	}
	u := unitByWord(s)
	return u, u != unitNone
}

func unitUnknown(name string, k Kind) *Error {
	return Errorf(StateBadParameter, "unit %q not recognized for type %s", lowerASCII(name), Of(k))
}

func unitUnsupported(name string, k Kind) *Error {
	return Errorf(StateUnsupported, "unit %q not supported for type %s", lowerASCII(name), Of(k))
}

// Extract returns the field of a date, time, timestamp, timestamptz or interval as a numeric
// with the scale that PostgreSQL gives: 6 for second and epoch (0 of a date), 3 for millisecond.
// Errors: 22023 for an unknown field, 0A000 for one that the type does not have.
func Extract(field string, d Datum) (Decimal, *Error) {
	u, ok := unitByName(field)
	if !ok {
		return Decimal{}, unitUnknown(field, d.Kind)
	}
	var r Decimal
	switch d.Kind {
	case Date:
		r, ok = extractDate(u, d.I)
		if u == unitEpoch {
			r, ok = DecimalFromInt64(d.I*86400), true
		}
	case Time:
		r, ok = extractClock(u, d.I)
		if u == unitEpoch {
			r, ok = scaled(d.I, 6), true
		}
	case Timestamp, TimestampTZ:
		r, ok = extractTimestamp(u, d)
	case Interval:
		r, ok = extractInterval(u, d.V)
	default:
		ok = false
	}
	if !ok {
		return Decimal{}, unitUnsupported(field, d.Kind)
	}
	return r, nil
}

// scaled is v * 10^-scale.
func scaled(v int64, scale uint8) Decimal { return Decimal{Int128FromInt64(v), scale} }

func extractTimestamp(u unit, d Datum) (Decimal, bool) {
	days, inDay := SplitTimestamp(d.I)
	switch u {
	case unitEpoch:
		return scaled(d.I, 6), true
	case unitJulian:
		frac, err := DecimalFromInt64(inDay).Div(DecimalFromInt64(MicrosPerDay))
		if err != nil {
			return Decimal{}, false
		}
		r, err := DecimalFromInt64(days + unixJulian).Add(frac)
		return r, err == nil
	case unitZone, unitZoneHour, unitZoneMinute:
		return Decimal{}, d.Kind == TimestampTZ
	}
	if r, ok := extractClock(u, inDay); ok {
		return r, true
	}
	return extractDate(u, days)
}

// extractClock serves the units below a day.
func extractClock(u unit, inDay int64) (Decimal, bool) {
	inMinute := inDay % MicrosPerMinute
	switch u {
	case unitMicrosecond:
		return DecimalFromInt64(inMinute), true
	case unitMillisecond:
		return scaled(inMinute, 3), true
	case unitSecond:
		return scaled(inMinute, 6), true
	case unitMinute:
		return DecimalFromInt64(inDay / MicrosPerMinute % 60), true
	case unitHour:
		return DecimalFromInt64(inDay / MicrosPerHour), true
	}
	return Decimal{}, false
}

// extractDate serves the units from a day up.
func extractDate(u unit, days int64) (Decimal, bool) {
	y, m, d := CivilFromDays(days)
	var v int64
	switch u {
	case unitDay:
		v = int64(d)
	case unitMonth:
		v = int64(m)
	case unitQuarter:
		v = int64(m-1)/3 + 1
	case unitWeek:
		_, v = isoWeek(days)
	case unitYear:
		v = skipZero(y)
	case unitISOYear:
		y, _ := isoWeek(days)
		v = skipZero(y)
	case unitDecade:
		v = floorDiv(y, 10)
	case unitCentury:
		v = period(y, 100)
	case unitMillennium:
		v = period(y, 1000)
	case unitJulian:
		v = days + unixJulian
	case unitDow:
		v = floorMod(days+4, 7)
	case unitISODow:
		v = floorMod(days+3, 7) + 1
	case unitDoy:
		v = days - DaysFromCivil(y, 1, 1) + 1
	default:
		return Decimal{}, false
	}
	return DecimalFromInt64(v), true
}

// skipZero: there is no year 0; 1 BC is -1.
func skipZero(y int64) int64 {
	if y <= 0 {
		return y - 1
	}
	return y
}

// period numbers centuries and millennia: years 1..n are the first, 1 BC is of -1.
func period(y, n int64) int64 {
	if y > 0 {
		return (y + n - 1) / n
	}
	return -((n - y) / n)
}

// isoWeek returns the year and week of ISO 8601, whose week 1 has the year's first Thursday.
func isoWeek(days int64) (year, week int64) {
	thursday := days - floorMod(days+3, 7) + 3
	y, _, _ := CivilFromDays(thursday)
	return y, (thursday-DaysFromCivil(y, 1, 1))/7 + 1
}

func extractInterval(u unit, v IntervalValue) (Decimal, bool) {
	years, months := int64(v.Months/12), int64(v.Months%12)
	inMinute := v.Micros % MicrosPerMinute
	n := int64(0)
	switch u {
	case unitMicrosecond:
		n = inMinute
	case unitMillisecond:
		return scaled(inMinute, 3), true
	case unitSecond:
		return scaled(inMinute, 6), true
	case unitMinute:
		n = v.Micros / MicrosPerMinute % 60
	case unitHour:
		n = v.Micros / MicrosPerHour
	case unitDay:
		n = int64(v.Days)
	case unitMonth:
		n = months
	case unitQuarter:
		n = months/3 + 1
	case unitYear:
		n = years
	case unitDecade:
		n = years / 10
	case unitCentury:
		n = years / 100
	case unitMillennium:
		n = years / 1000
	case unitEpoch:
		// a year has 365.25 days and a month 30: in quarter days, to stay in integers
		quarters := 1461*years + 120*months + 4*int64(v.Days)
		us := mulInt64(quarters, MicrosPerDay/4).Add(Int128FromInt64(v.Micros))
		return Decimal{us, 6}, true
	default:
		return Decimal{}, false
	}
	return DecimalFromInt64(n), true
}

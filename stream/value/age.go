package value

// Age returns the years, months, days and time from b to a, counted on the calendar. Source:
// timestamp_age of PostgreSQL's timestamp.c.
func Age(a, b int64) IntervalValue {
	adays, aday := SplitTimestamp(a)
	bdays, bday := SplitTimestamp(b)
	ay, am, ad := CivilFromDays(adays)
	by, bm, bd := CivilFromDays(bdays)
	sign := int64(1)
	if a < b {
		sign = -1
	}
	us := sign * (aday - bday)
	days := sign * int64(ad-bd)
	months := sign * ((ay-by)*12 + int64(am-bm))
	if us < 0 {
		us, days = us+MicrosPerDay, days-1
	}
	for days < 0 {
		if sign < 0 {
			days += int64(DaysInMonth(ay, am))
		} else {
			days += int64(DaysInMonth(by, bm))
		}
		months--
	}
	return IntervalValue{int32(sign * months), int32(sign * days), sign * us}
}

// JustifyInterval moves whole days to the days and whole months of 30 days to the months; the
// parts get one sign.
func (v IntervalValue) JustifyInterval() (IntervalValue, *Error) {
	days := int64(v.Days) + v.Micros/MicrosPerDay
	us := v.Micros % MicrosPerDay
	months := int64(v.Months) + days/30
	days %= 30
	switch {
	case months > 0 && (days < 0 || days == 0 && us < 0):
		days, months = days+30, months-1
	case months < 0 && (days > 0 || days == 0 && us > 0):
		days, months = days-30, months+1
	}
	switch {
	case days > 0 && us < 0:
		us, days = us+MicrosPerDay, days-1
	case days < 0 && us > 0:
		us, days = us-MicrosPerDay, days+1
	}
	return intervalParts(months, days, Int128FromInt64(us))
}

package value

import (
	"math"
	"strconv"
	"strings"
)

// unit is a unit of time in interval literals, extract and date_trunc.
type unit uint8

const (
	unitNone unit = iota
	unitMicrosecond
	unitMillisecond
	unitSecond
	unitMinute
	unitHour
	unitDay
	unitWeek
	unitMonth
	unitQuarter
	unitYear
	unitDecade
	unitCentury
	unitMillennium
	unitEpoch
	unitDow
	unitDoy
	unitISODow
	unitISOYear
	unitJulian
	unitZone
	unitZoneHour
	unitZoneMinute
)

// unitWords are PostgreSQL's deltatktbl; words count with their first unitWordLength bytes.
var unitWords = map[string]unit{
	"c": unitCentury, "cent": unitCentury, "centuries": unitCentury, "century": unitCentury,
	"d": unitDay, "day": unitDay, "days": unitDay,
	"dec": unitDecade, "decade": unitDecade, "decades": unitDecade, "decs": unitDecade,
	"h": unitHour, "hour": unitHour, "hours": unitHour, "hr": unitHour, "hrs": unitHour,
	"m": unitMinute, "microsecon": unitMicrosecond,
	"mil": unitMillennium, "millennia": unitMillennium, "millennium": unitMillennium,
	"mils": unitMillennium, "millisecon": unitMillisecond,
	"min": unitMinute, "mins": unitMinute, "minute": unitMinute, "minutes": unitMinute,
	"mon": unitMonth, "mons": unitMonth, "month": unitMonth, "months": unitMonth,
	"ms": unitMillisecond, "msec": unitMillisecond, "mseconds": unitMillisecond,
	"msecs": unitMillisecond, "qtr": unitQuarter, "quarter": unitQuarter,
	"s": unitSecond, "sec": unitSecond, "second": unitSecond, "seconds": unitSecond,
	"secs": unitSecond, "timezone": unitZone, "timezone_h": unitZoneHour,
	"timezone_m": unitZoneMinute, "us": unitMicrosecond, "usec": unitMicrosecond,
	"usecond": unitMicrosecond, "useconds": unitMicrosecond, "usecs": unitMicrosecond,
	"w": unitWeek, "week": unitWeek, "weeks": unitWeek,
	"y": unitYear, "year": unitYear, "years": unitYear, "yr": unitYear, "yrs": unitYear,
}

// unitWordLength is PostgreSQL's TOKMAXLEN.
const unitWordLength = 10

func unitByWord(s string) unit { return unitWords[s[:min(len(s), unitWordLength)]] }

// intervalParser sums the fields of an interval literal. Source of the rules: DecodeInterval and
// DecodeISO8601Interval of PostgreSQL 15's datetime.c. Fractions go through float64 as there.
type intervalParser struct {
	months, days, micros int64
	seen                 map[unit]bool
	fault                *Error
}

func intervalSyntax(text string) *Error {
	return Errorf(StateBadDatetime, "invalid input syntax for type interval: %q", text)
}

func intervalOverflow(text string) *Error {
	return Errorf(StateBadIntervalSize, "interval field value out of range: %q", text)
}

func parseInterval(text string) (Datum, *Error) {
	p := &intervalParser{seen: map[unit]bool{}}
	fields, ok := splitDateTime(text)
	fault := faultFormat
	if ok {
		fault = p.run(fields)
	}
	if fault == faultFormat {
		p = &intervalParser{seen: map[unit]bool{}}
		fault = p.iso(text)
	}
	switch fault {
	case faultNone:
	case faultRange:
		return NullDatum, intervalOverflow(text)
	case faultInfinite:
		return NullDatum, fault.err(Interval, text)
	default:
		return NullDatum, intervalSyntax(text)
	}
	return NewInterval(IntervalValue{int32(p.months), int32(p.days), p.micros}), nil
}

// run reads the fields from the last to the first, so that a unit is known before its number.
func (p *intervalParser) run(fields []dateField) dateFault {
	next, ago := unitNone, false
	for i := len(fields) - 1; i >= 0; i-- {
		f := fields[i]
		fault := faultNone
		switch f.kind {
		case fieldTime:
			fault = p.clock(f.text, 1)
			next = unitDay
		case fieldZone:
			if strings.IndexByte(f.text[1:], ':') > 0 {
				sign := int64(1)
				if f.text[0] == '-' {
					sign = -1
				}
				fault = p.clock(f.text[1:], sign)
				next = unitDay
				break
			}
			next, fault = p.number(f.text, next)
		case fieldDate, fieldNumber:
			next, fault = p.number(f.text, next)
		default:
			switch word := f.text; {
			case word == "ago":
				ago, next = true, unitEpoch // a number must not follow without a unit
			case word == "at" || word == "on":
			case dateWords[strings.TrimLeft(word, "+-")].kind == wordInfinite:
				return faultFormat // PostgreSQL 15 has no infinite intervals
			default:
				if next = unitByWord(word); next == unitNone {
					return faultFormat
				}
			}
		}
		if fault != faultNone {
			return fault
		}
	}
	if len(p.seen) == 0 {
		return faultFormat
	}
	if ago {
		return p.negate()
	}
	return faultNone
}

func (p *intervalParser) negate() dateFault {
	if p.months == math.MinInt32 || p.days == math.MinInt32 || p.micros == math.MinInt64 {
		return faultRange
	}
	p.months, p.days, p.micros = -p.months, -p.days, -p.micros
	return faultNone
}

// mark notes units as given; false if one of them was already.
func (p *intervalParser) mark(us ...unit) bool {
	for _, u := range us {
		if p.seen[u] {
			return false
		}
	}
	for _, u := range us {
		p.seen[u] = true
	}
	return true
}

func (p *intervalParser) clock(s string, sign int64) dateFault {
	c, fault := splitClock(s)
	if fault != faultNone {
		return fault
	}
	if !p.mark(unitHour, unitMinute, unitSecond, unitMillisecond, unitMicrosecond) {
		return faultFormat
	}
	p.micros = 0 // what stands to the right is forgotten, as in PostgreSQL
	for _, part := range [...]clockPart{
		{c.hour, MicrosPerHour}, {c.min, MicrosPerMinute}, {c.sec, MicrosPerSecond}, {c.micros, 1},
	} {
		if !p.addMicros(sign*part.n, 0, part.scale) {
			return faultRange
		}
	}
	return faultNone
}

type clockPart struct{ n, scale int64 }

// number adds a number of units: an integer, a decimal, or years-months. It returns the unit,
// which numbers further to the left share if they have none of their own.
func (p *intervalParser) number(s string, u unit) (unit, dateFault) {
	if u == unitNone {
		u = unitSecond
	}
	n := 0
	if s[0] == '-' || s[0] == '+' {
		n = 1
	}
	n += span(s[n:], isDigit)
	whole, rest := s[:n], s[n:]
	var v int64
	if strings.Trim(whole, "+-") != "" {
		var err error
		if v, err = strconv.ParseInt(whole, 10, 64); err != nil {
			return u, faultRange
		}
	}
	var frac float64
	switch {
	case rest == "":
	case rest[0] == '.':
		var ok bool
		if frac, ok = parseFraction(rest); !ok {
			return u, faultFormat
		}
		if s[0] == '-' {
			frac = -frac
		}
	case rest[0] == '-':
		n := 1 + span(rest[1:], isDigit)
		if n == 1 {
			return u, faultFormat
		}
		m, err := strconv.ParseInt(rest[1:n], 10, 32)
		if err != nil || m >= 12 || v > math.MaxInt32 || v < math.MinInt32 {
			return u, faultRange
		}
		if n < len(rest) {
			return u, faultFormat
		}
		if s[0] == '-' {
			m = -m
		}
		u, v = unitMonth, v*12+m
	default:
		return u, faultFormat
	}
	if u == unitQuarter || u >= unitEpoch || !p.markNumber(u, frac) {
		return u, faultFormat
	}
	if !p.add(u, v, frac) {
		return u, faultRange
	}
	if u == unitHour { // a number without a unit before hours counts days
		u = unitDay
	}
	return u, faultNone
}

// markNumber: a fraction of a second counts as milliseconds and microseconds too.
func (p *intervalParser) markNumber(u unit, frac float64) bool {
	if u == unitSecond && frac != 0 {
		return p.mark(unitSecond, unitMillisecond, unitMicrosecond)
	}
	return p.mark(u)
}

// add adds v + frac units; false beyond the range.
func (p *intervalParser) add(u unit, v int64, frac float64) bool {
	switch u {
	case unitMicrosecond:
		return p.addMicros(v, frac, 1)
	case unitMillisecond:
		return p.addMicros(v, frac, 1000)
	case unitSecond:
		return p.addMicros(v, frac, MicrosPerSecond)
	case unitMinute:
		return p.addMicros(v, frac, MicrosPerMinute)
	case unitHour:
		return p.addMicros(v, frac, MicrosPerHour)
	case unitDay:
		return addInt32(&p.days, v, 1) && p.addMicros(0, frac, MicrosPerDay)
	case unitWeek:
		return addInt32(&p.days, v, 7) && p.addFractDays(frac, 7)
	case unitMonth:
		return addInt32(&p.months, v, 1) && p.addFractDays(frac, 30)
	case unitYear:
		return p.addYears(v, frac, 1)
	case unitDecade:
		return p.addYears(v, frac, 10)
	case unitCentury:
		return p.addYears(v, frac, 100)
	}
	return p.addYears(v, frac, 1000)
}

func addInt32(to *int64, v, scale int64) bool {
	if v > math.MaxInt32 || v < math.MinInt32 {
		return false
	}
	r := *to + v*scale
	if r > math.MaxInt32 || r < math.MinInt32 {
		return false
	}
	*to = r
	return true
}

func (p *intervalParser) addMicros(v int64, frac float64, scale int64) bool {
	r, ok := mulInt64(v, scale).Add(Int128FromInt64(p.micros)).Int64()
	if !ok {
		return false
	}
	p.micros = r
	if frac == 0 {
		return true
	}
	f := float64(frac * float64(scale))
	us := int64(f)
	switch f = float64(f - float64(us)); {
	case f > 0.5:
		us++
	case f < -0.5:
		us--
	}
	p.micros, ok = Int128FromInt64(p.micros).Add(Int128FromInt64(us)).Int64()
	return ok
}

func (p *intervalParser) addFractDays(frac float64, scale int64) bool {
	f := float64(frac * float64(scale))
	whole := int64(f)
	return addInt32(&p.days, whole, 1) &&
		p.addMicros(0, float64(f-float64(whole)), MicrosPerDay)
}

func (p *intervalParser) addYears(v int64, frac float64, scale int64) bool {
	if v > math.MaxInt32 || v < math.MinInt32 {
		return false
	}
	extra := int64(math.RoundToEven(float64(float64(frac*float64(scale)) * 12)))
	return addInt32(&p.months, v*scale*12, 1) && addInt32(&p.months, extra, 1)
}

// iso reads ISO 8601's form with designators, such as P1Y2M3DT4H5.5M6S.
func (p *intervalParser) iso(s string) dateFault {
	if len(s) < 2 || s[0] != 'P' {
		return faultFormat
	}
	s = s[1:]
	date := true
	for s != "" {
		if s[0] == 'T' {
			date, s = false, s[1:]
			if s == "" {
				return faultFormat
			}
			continue
		}
		n := span(s, func(c byte) bool { return isDigit(c) || strings.IndexByte("+-.", c) >= 0 })
		if n == 0 || n == len(s) {
			return faultFormat
		}
		u := isoUnit(s[n], date)
		if u == unitNone {
			return faultFormat
		}
		v, frac, fault := isoNumber(s[:n])
		if fault != faultNone {
			return fault
		}
		if !p.add(u, v, frac) {
			return faultRange
		}
		s = s[n+1:]
	}
	return faultNone
}

func isoNumber(s string) (v int64, frac float64, fault dateFault) {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return 0, 0, faultFormat
	}
	if f < -1e15 || f > 1e15 {
		return 0, 0, faultRange
	}
	v = int64(f)
	return v, float64(f - float64(v)), faultNone
}

func isoUnit(c byte, date bool) unit {
	if date {
		switch c {
		case 'Y':
			return unitYear
		case 'M':
			return unitMonth
		case 'W':
			return unitWeek
		case 'D':
			return unitDay
		}
		return unitNone
	}
	switch c {
	case 'H':
		return unitHour
	case 'M':
		return unitMinute
	case 'S':
		return unitSecond
	}
	return unitNone
}

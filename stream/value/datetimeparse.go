package value

import (
	"strconv"
	"strings"

	"weir/stream/zone"
)

// Bits of the parts of a date and time that a literal has named so far.
const (
	hasYear = 1 << iota
	hasMonth
	hasDay
	hasDayOfYear
	hasHour
	hasMinute
	hasSecond
	hasZone
	hasHalf
	hasEra
	hasWeekday

	hasDate = hasYear | hasMonth | hasDay
	hasTime = hasHour | hasMinute | hasSecond
)

// dateFault says why a literal is refused.
type dateFault uint8

const (
	faultNone dateFault = iota
	faultFormat
	faultRange
	faultZoneRange
	faultClock
	faultInfinite
	faultZoneName
	faultZoneUnknown
)

func (f dateFault) err(k Kind, text string) *Error {
	switch f {
	case faultRange:
		return Errorf(StateDatetimeOverflow, "date/time field value out of range: %q", text)
	case faultZoneRange:
		return Errorf(stateZoneDisplacement, "time zone displacement out of range: %q", text)
	case faultClock:
		return Errorf(StateUnsupported, "%q depends on when it is read: use now()", text)
	case faultInfinite:
		return Errorf(StateUnsupported, "infinite values of type %s are not supported", Of(k))
	case faultZoneUnknown:
		return Errorf(StateBadParameter, "time zone not recognized: %q", text)
	case faultZoneName:
		return Errorf(StateUnsupported, "time zones other than UTC are not supported: %q", text)
	}
	return Errorf(StateBadDatetime, "invalid input syntax for type %s: %q", Of(k), text)
}

// stateZoneDisplacement is invalid_time_zone_displacement_value.
const stateZoneDisplacement = "22009"

// dateParser collects the parts of a literal. Source of the rules: DecodeDateTime, DecodeTimeOnly
// and what they call in PostgreSQL's datetime.c, with DateOrder MDY.
type dateParser struct {
	fields []dateField
	at     int // field in hand

	mask             int // parts seen
	year, month, day int64
	dayOfYear        int64
	hour, min, sec   int64
	micros           int64
	zone             int64      // seconds east of UTC
	place            *zone.Zone // instead of zone; nil: none
	half, era        int        // am 0, pm 1; ad 0, bc 1; only when in mask
	twoDigits        bool       // of the year
	textMonth        bool
	timeOnly         bool
	expectTime       bool // after the T of ISO 8601
	epoch            bool
}

func parseDated(text string, k Kind) (Datum, *Error) {
	fields, ok := splitDateTime(text)
	p := &dateParser{fields: fields}
	fault := faultFormat
	if ok {
		fault = p.run()
	}
	if fault != faultNone {
		return NullDatum, fault.err(k, text)
	}
	var days, inDay int64
	if !p.epoch {
		days = DaysFromCivil(p.year, int(p.month), int(p.day))
		inDay = p.clock()
	}
	if k == Date {
		if days < MinDate || days > MaxDate {
			return NullDatum, Errorf(StateDatetimeOverflow, "date out of range: %q", text)
		}
		return NewDate(days), nil
	}
	if k == TimestampTZ {
		inDay -= p.offset(days) * MicrosPerSecond
	}
	v, err := checkTimestamp(mulInt64(days, MicrosPerDay).Add(Int128FromInt64(inDay)))
	if err != nil {
		return NullDatum, Errorf(StateDatetimeOverflow, "timestamp out of range: %q", text)
	}
	return NewInt(k, v), nil
}

func parseTime(text string) (Datum, *Error) {
	fields, ok := splitDateTime(text)
	p := &dateParser{fields: fields, timeOnly: true}
	fault := faultFormat
	if ok {
		fault = p.run()
	}
	if fault != faultNone {
		return NullDatum, fault.err(Time, text)
	}
	return NewInt(Time, p.clock()), nil
}

// clock is the microsecond of the day.
func (p *dateParser) clock() int64 {
	return ((p.hour*60+p.min)*60+p.sec)*MicrosPerSecond + p.micros
}

func (p *dateParser) run() dateFault {
	for p.at = 0; p.at < len(p.fields); p.at++ {
		got, fault := p.field(p.fields[p.at])
		switch {
		case fault != faultNone:
			return fault
		case got&p.mask != 0:
			return faultFormat
		}
		p.mask |= got
	}
	if p.expectTime {
		return faultFormat
	}
	if p.epoch {
		return faultNone
	}
	if f := p.finishDate(); f != faultNone {
		return f
	}
	if f := p.finishTime(); f != faultNone {
		return f
	}
	need := hasDate
	if p.timeOnly {
		need = hasTime
	}
	if p.mask&need != need {
		return faultFormat
	}
	return faultNone
}

// field reads one field and returns the parts it gave.
func (p *dateParser) field(f dateField) (got int, fault dateFault) {
	switch f.kind {
	case fieldDate:
		return p.dateField(f.text)
	case fieldTime:
		p.expectTime = false
		if fault = p.clockField(f.text); fault != faultNone {
			return 0, fault
		}
		if p.hour > 24 || p.clock() > MicrosPerDay {
			return 0, faultRange
		}
		return hasTime, faultNone
	case fieldZone:
		return hasZone, p.zoneField(f.text)
	case fieldNumber:
		if p.expectTime {
			p.expectTime = false
			got, fault = p.numberRun(f.text, p.mask|hasDate)
			if fault == faultNone && got != hasTime {
				fault = faultFormat
			}
			return got, fault
		}
		return p.numberField(f.text)
	}
	return p.wordField(f.text)
}

func (p *dateParser) dateField(s string) (int, dateFault) {
	if p.takesDate() {
		return p.date(s)
	}
	if !isDigit(s[0]) {
		return p.zoneName(s, faultZoneUnknown)
	}
	i := strings.IndexByte(s, '-') // a run-together time with a zone
	if p.mask&hasTime == hasTime || i < 0 {
		return 0, faultFormat
	}
	p.expectTime = false
	if fault := p.zoneField(s[i:]); fault != faultNone {
		return 0, fault
	}
	got, fault := p.numberRun(s[:i], p.mask|hasDate)
	return got | hasZone, fault
}

// takesDate reports whether the field in hand may be a date: the first one, and before a time of
// day only if a date or time of day follows.
func (p *dateParser) takesDate() bool {
	if !p.timeOnly {
		return !p.expectTime && p.mask&(hasMonth|hasDay) != hasMonth|hasDay
	}
	n := len(p.fields)
	return p.at == 0 && n >= 2 &&
		(p.fields[n-1].kind == fieldDate || p.fields[1].kind == fieldTime)
}

// zoneNameFault tells the name of a time zone from a mistake by its slash.
func zoneNameFault(s string) dateFault {
	if strings.IndexByte(s, '/') > 0 {
		return faultZoneName
	}
	return faultFormat
}

// date reads parts joined by punctuation; text months first, as they are unambiguous.
func (p *dateParser) date(text string) (int, dateFault) {
	s := text
	var parts []string
	for s != "" {
		start := span(s, func(c byte) bool { return !isDigit(c) && !isAlpha(c) })
		if s = s[start:]; s == "" {
			return 0, faultFormat
		}
		n := span(s, isDigit)
		if n == 0 {
			n = span(s, isAlpha)
		}
		parts = append(parts, s[:n])
		if s = s[n:]; s != "" {
			s = s[1:] // whatever separates, be it a letter
		}
	}
	got := 0
	textMonth := false
	for i, w := range parts {
		if !isAlpha(w[0]) {
			continue
		}
		word, ok := dateWords[w]
		switch {
		case ok && word.kind == wordIgnore:
			continue
		case ok && word.kind == wordMonth && (p.mask|got)&hasMonth == 0:
			p.month, textMonth = int64(word.value), true
			got |= hasMonth
		default:
			return 0, zoneNameFault(text)
		}
		parts[i] = ""
	}
	for _, w := range parts {
		if w == "" {
			continue
		}
		g, fault := p.number(w, p.mask|got, textMonth)
		if fault != faultNone {
			return 0, fault
		}
		if g&(p.mask|got) != 0 {
			return 0, faultFormat
		}
		got |= g
	}
	if (p.mask|got)&^(hasDayOfYear|hasZone) != hasDate { // nothing but a zone may come before
		return 0, faultFormat
	}
	return got, faultNone
}

// numberField reads a number outside of a joined date.
func (p *dateParser) numberField(s string) (int, dateFault) {
	point := strings.IndexByte(s, '.')
	switch {
	case p.timeOnly && point >= 0 && p.takesDate() && p.fields[len(p.fields)-1].kind == fieldDate:
		return p.date(s)
	case p.timeOnly && point >= 0 && point <= 2:
		return 0, faultFormat
	case p.timeOnly:
		return p.numberRun(s, p.mask|hasDate)
	case point >= 0 && p.mask&hasDate == 0:
		return p.date(s)
	case point > 2:
		return p.numberRun(s, p.mask)
	case len(s) >= 6 && (p.mask&hasDate == 0 || p.mask&hasTime == 0):
		return p.numberRun(s, p.mask)
	}
	return p.number(s, p.mask, p.textMonth)
}

// number reads one number by what the parts in mask leave open.
func (p *dateParser) number(s string, mask int, textMonth bool) (int, dateFault) {
	point := strings.IndexByte(s, '.')
	if point > 2 {
		return p.numberRun(s, mask|hasDate)
	}
	whole := s
	if point >= 0 {
		whole = s[:point]
	}
	v, err := strconv.ParseInt(whole, 10, 32)
	if err != nil {
		if whole != "" && span(whole, isDigit) == len(whole) {
			return 0, faultRange
		}
		return 0, faultFormat
	}
	if len(s) == 3 && mask&hasDate == hasYear && v >= 1 && v <= 366 {
		p.dayOfYear = v
		return hasDayOfYear | hasMonth | hasDay, faultNone
	}
	got := 0
	switch mask & hasDate {
	case 0:
		got = hasMonth
		if len(s) >= 3 {
			got = hasYear
		}
	case hasYear, hasDay:
		got = hasMonth
	case hasMonth:
		got = hasDay
		if textMonth && len(s) >= 3 {
			got = hasYear
		}
	case hasYear | hasMonth:
		got = hasDay
		if textMonth && len(s) >= 3 && p.twoDigits {
			p.day, p.year, p.twoDigits = p.year, v, false
			return hasDay, faultNone
		}
	case hasMonth | hasDay:
		got = hasYear
	case hasDate:
		return p.numberRun(s, mask)
	default:
		return 0, faultFormat
	}
	switch got {
	case hasYear:
		p.year, p.twoDigits = v, len(s) <= 2
	case hasMonth:
		p.month = v
	case hasDay:
		p.day = v
	}
	return got, faultNone
}

// numberRun reads run-together digits: yyyymmdd, yymmdd, hhmmss, hhmm, with a fraction of the
// second.
func (p *dateParser) numberRun(s string, mask int) (int, dateFault) {
	if point := strings.IndexByte(s, '.'); point >= 0 {
		frac, ok := parseFraction(s[point:])
		if !ok {
			return 0, faultFormat
		}
		p.micros = roundMicros(frac)
		s = s[:point]
	} else if mask&hasDate != hasDate && len(s) >= 6 {
		n := len(s)
		if n > 14 {
			return 0, faultRange
		}
		p.year, p.month, p.day = atoi(s[:n-4]), atoi(s[n-4:n-2]), atoi(s[n-2:])
		p.twoDigits = p.twoDigits || n == 6
		return hasDate, faultNone
	}
	if mask&hasTime == hasTime || len(s) != 6 && len(s) != 4 || span(s, isDigit) != len(s) {
		return 0, faultFormat
	}
	p.hour, p.min, p.sec = atoi(s[:2]), atoi(s[2:4]), 0
	if len(s) == 6 {
		p.sec = atoi(s[4:])
	}
	return hasTime, faultNone
}

func (p *dateParser) wordField(s string) (int, dateFault) {
	word, ok := dateWords[s]
	if !ok && s[0] == '-' || s[0] == '+' {
		word, ok = dateWords[s[1:]]
		ok = ok && word.kind == wordInfinite
	}
	if !ok {
		return p.zoneName(s, faultFormat)
	}
	switch word.kind {
	case wordIgnore:
		return 0, faultNone
	case wordMonth, wordWeekday:
		if p.timeOnly {
			return 0, faultFormat
		}
		if word.kind == wordWeekday {
			return hasWeekday, faultNone
		}
		got := hasMonth
		if p.mask&hasMonth != 0 && !p.textMonth && p.mask&hasDay == 0 &&
			p.month >= 1 && p.month <= 31 {
			p.day, got = p.month, hasDay
		}
		p.month, p.textMonth = int64(word.value), true
		return got, faultNone
	case wordHalf:
		p.half = word.value
		return hasHalf, faultNone
	case wordEra:
		p.era = word.value
		return hasEra, faultNone
	case wordZone:
		return hasZone, faultNone
	case wordISOTime:
		if p.mask&hasDate != hasDate && !p.timeOnly || p.at+1 >= len(p.fields) ||
			p.fields[p.at+1].kind > fieldTime {
			return 0, faultFormat
		}
		p.expectTime = true
		return 0, faultNone
	case wordEpoch:
		p.epoch = !p.timeOnly
		if p.timeOnly {
			return 0, faultFormat
		}
		return hasDate | hasTime | hasZone, faultNone
	case wordAllBalls:
		return hasTime | hasZone, faultNone
	case wordClock:
		return 0, faultClock
	case wordInfinite:
		if p.timeOnly {
			return 0, faultFormat
		}
		return 0, faultInfinite
	}
	return 0, faultFormat
}

// finishDate is ValidateDate of datetime.c.
func (p *dateParser) finishDate() dateFault {
	if p.mask&hasYear != 0 {
		switch bc := p.mask&hasEra != 0 && p.era == 1; {
		case bc:
			if p.year <= 0 {
				return faultRange
			}
			p.year = 1 - p.year
		case p.twoDigits && p.year < 70:
			p.year += 2000
		case p.twoDigits && p.year < 100:
			p.year += 1900
		case p.year <= 0:
			return faultRange
		}
	}
	if p.mask&hasDayOfYear != 0 {
		y, m, d := CivilFromDays(DaysFromCivil(p.year, 1, 1) + p.dayOfYear - 1)
		p.year, p.month, p.day = y, int64(m), int64(d)
	}
	if p.mask&hasMonth != 0 && (p.month < 1 || p.month > 12) ||
		p.mask&hasDay != 0 && (p.day < 1 || p.day > 31) {
		return faultRange
	}
	if p.mask&hasDate == hasDate && p.day > int64(DaysInMonth(p.year, int(p.month))) {
		return faultRange
	}
	return faultNone
}

func (p *dateParser) finishTime() dateFault {
	if p.mask&hasHalf != 0 {
		switch {
		case p.hour > 12:
			return faultRange
		case p.half == 0 && p.hour == 12:
			p.hour = 0
		case p.half == 1 && p.hour != 12:
			p.hour += 12
		}
	}
	if p.timeOnly && (p.min > 59 || p.sec > 60 || p.clock() > MicrosPerDay) {
		return faultRange
	}
	return faultNone
}

package expr

import (
	"strconv"
	"strings"

	"weir/stream/value"
)

// MaxTimeFormat bounds the bytes of a format of times and numbers (54000 beyond).
const MaxTimeFormat = 1024

var errTimeFormat = value.Errorf(value.StateTooLarge, "a format is longer than %d bytes",
	MaxTimeFormat)

// timeWords are the words of formats, those first that begin with others. Case matters only for
// the words of timeCased.
var timeWords = strings.Fields(`A.D. A.M. AD AM B.C. BC CC DAY DDD DD DY D FF1 FF2 FF3 FF4 FF5 FF6
	FX HH24 HH12 HH IDDD ID IW IYYY IYY IY I J MI MM MONTH MON MS OF P.M. PM Q RM SSSSS SSSS SS TZH
	TZM TZ US WW W Y,YYY YYYY YYY YY Y`)

// timePart is a piece of a format: a word, or text if word is empty.
type timePart struct {
	word   string // in upper case
	text   string // as written
	quoted bool   // text in quotes
	fill   bool   // FM: no padding
	bare   bool   // TM: no padding of names
	suffix string // th or TH
}

// parseTimeFormat takes a format apart.
func parseTimeFormat(f string) []timePart {
	var parts []timePart
	literal := func(s string) { parts = append(parts, timePart{text: s}) }
	for f != "" {
		p := timePart{}
		rest := f
		for {
			if len(rest) >= 2 && strings.EqualFold(rest[:2], "FM") {
				p.fill, rest = true, rest[2:]
			} else if len(rest) >= 2 && rest[:2] == "TM" {
				p.bare, rest = true, rest[2:]
			} else {
				break
			}
		}
		if w := timeWord(rest); w != "" {
			p.word, p.text = w, rest[:len(w)]
			rest = rest[len(w):]
			if len(rest) >= 2 && (rest[:2] == "TH" || rest[:2] == "th") {
				p.suffix, rest = rest[:2], rest[2:]
			}
			parts, f = append(parts, p), rest
			continue
		}
		f = rest
		if f == "" {
			break
		}
		switch {
		case f[0] == '"':
			f = f[1:]
			for f != "" && f[0] != '"' {
				if f[0] == '\\' && len(f) > 1 {
					f = f[1:]
				}
				n := runeLen(f)
				parts = append(parts, timePart{text: f[:n], quoted: true})
				f = f[n:]
			}
			f = strings.TrimPrefix(f, `"`)
			continue
		case f[0] == '\\' && len(f) > 1 && f[1] == '"':
			f = f[1:]
		}
		n := runeLen(f)
		literal(f[:n])
		f = f[n:]
	}
	return parts
}

// timeWord is the word that f begins with, in upper case.
func timeWord(f string) string {
	for _, w := range timeWords {
		if len(f) < len(w) || !strings.EqualFold(f[:len(w)], w) {
			continue
		}
		switch w { // mixed case is understood in names only
		case "A.D.", "A.M.", "AD", "AM", "B.C.", "BC", "P.M.", "PM", "RM", "TZ":
			if f[:len(w)] != w && f[:len(w)] != mapASCII(w, 'A', 'Z') {
				continue
			}
		}
		return w
	}
	return ""
}

// fields are a time taken apart.
type fields struct {
	year, month, day             int64
	hour, minute, second, micro  int64
	yearDay, weekDay, days       int64
	isoYear, isoWeek, isoYearDay int64
	interval, zoned              bool
}

func timestampFields(d value.Datum) fields {
	days, inDay := value.SplitTimestamp(d.I)
	y, m, day := value.CivilFromDays(days)
	f := fields{
		year: y, month: int64(m), day: int64(day), days: days, zoned: d.Kind == value.TimestampTZ,
		yearDay: days - value.DaysFromCivil(y, 1, 1) + 1,
	}
	f.clock(inDay)
	f.weekDay = ((days+4)%7 + 7) % 7
	monday := (f.weekDay + 6) % 7
	iy, _, _ := value.CivilFromDays(days - monday + 3)
	first := value.DaysFromCivil(iy, 1, 4)
	first -= ((first+3)%7 + 7) % 7
	f.isoYear, f.isoWeek, f.isoYearDay = iy, (days-first)/7+1, days-first+1
	return f
}

func (f *fields) clock(us int64) {
	f.hour, us = us/value.MicrosPerHour, us%value.MicrosPerHour
	f.minute, us = us/value.MicrosPerMinute, us%value.MicrosPerMinute
	f.second, f.micro = us/value.MicrosPerSecond, us%value.MicrosPerSecond
}

func intervalFields(v value.IntervalValue) fields {
	f := fields{
		year: int64(v.Months / 12), month: int64(v.Months % 12), day: int64(v.Days), interval: true,
	}
	f.yearDay = (f.year*12+f.month)*30 + f.day
	f.clock(v.Micros)
	return f
}

var monthNames = strings.Fields("January February March April May June July August September " +
	"October November December")

var dayNames = strings.Fields("Sunday Monday Tuesday Wednesday Thursday Friday Saturday")

var romanMonths = strings.Fields("I II III IV V VI VII VIII IX X XI XII")

// padded writes v with zeros to width, one more for a negative one.
func padded(v int64, width int, fill bool) string {
	if fill {
		return strconv.FormatInt(v, 10)
	}
	sign := ""
	if v < 0 {
		sign, v = "-", -v
	}
	s := strconv.FormatInt(v, 10)
	return sign + strings.Repeat("0", max(width-len(s), 0)) + s
}

// cased writes a name in the case of the word: DAY, Day or day.
func cased(name, word string) string {
	switch {
	case word[1] >= 'a' && word[0] >= 'a':
		return mapASCII(name, 'A', 'Z')
	case word[1] < 'a':
		return mapASCII(name, 'a', 'z')
	}
	return name
}

func ordinal(s, suffix string) string {
	if suffix == "" || s == "" {
		return s
	}
	end := "th"
	teen := len(s) > 1 && s[len(s)-2] == '1'
	switch last := s[len(s)-1]; {
	case teen:
	case last == '1':
		end = "st"
	case last == '2':
		end = "nd"
	case last == '3':
		end = "rd"
	}
	if suffix == "TH" {
		end = mapASCII(end, 'a', 'z')
	}
	return s + end
}

var errIntervalFormat = &value.Error{
	SQLState: value.StateBadDatetime, Msg: "invalid format specification for an interval value",
}

// formatTime writes fields in a format: to_char. Source: DCH_to_char of PostgreSQL's formatting.c.
func formatTime(format string, f fields) (value.Datum, *value.Error) {
	if len(format) > MaxTimeFormat {
		return value.NullDatum, errTimeFormat
	}
	var b strings.Builder
	for _, p := range parseTimeFormat(format) {
		if p.word == "" {
			b.WriteString(p.text)
			continue
		}
		s, ok := f.name(p)
		if !ok {
			s, ok = f.number(p)
		}
		if !ok {
			return value.NullDatum, errIntervalFormat
		}
		b.WriteString(s)
	}
	return textResult(b.String())
}

// name writes the words that are not numbers; ok is false for the others and, all the same, for
// those that an interval does not have.
func (f *fields) name(p timePart) (s string, ok bool) {
	wide := func(s string, width int) string {
		if p.fill || p.bare {
			return s
		}
		return s + strings.Repeat(" ", max(width-len(s), 0))
	}
	switch p.word {
	case "AM", "PM", "A.M.", "P.M.":
		half := "AM"
		if (f.hour%24+24)%24 >= 12 {
			half = "PM"
		}
		if len(p.word) == 4 {
			half = half[:1] + ".M."
		}
		return cased(half, strings.ReplaceAll(p.text, ".", "")), true
	case "FX":
		return "", true
	case "RM":
		if f.month == 0 && f.year == 0 {
			return "", true
		}
		i := ((f.month-1)%12 + 12) % 12
		return wide(cased(romanMonths[i], p.text), 4), true
	}
	if f.interval {
		return "", false
	}
	switch p.word {
	case "AD", "BC", "A.D.", "B.C.":
		era := "AD"
		if f.year <= 0 {
			era = "BC"
		}
		if len(p.word) == 4 {
			era = era[:1] + "." + era[1:] + "."
		}
		return cased(era, strings.ReplaceAll(p.text, ".", "")), true
	case "MONTH":
		return wide(cased(monthNames[f.month-1], p.text), 9), true
	case "MON":
		return cased(monthNames[f.month-1][:3], p.text), true
	case "DAY":
		return wide(cased(dayNames[f.weekDay], p.text), 9), true
	case "DY":
		return cased(dayNames[f.weekDay][:3], p.text), true
	case "TZ":
		if !f.zoned {
			return "", true
		}
		return cased("UTC", p.text), true
	case "OF":
		return "+" + padded(0, 2, p.fill), true
	case "TZH":
		return "+00", true
	case "TZM":
		return "00", true
	}
	return "", false
}

// number writes the words that are numbers.
func (f *fields) number(p timePart) (s string, ok bool) {
	if s, ok = f.years(p); ok {
		return s, true
	}
	v, width := int64(0), 2
	switch p.word {
	case "HH", "HH12":
		if v = f.hour % 12; v == 0 {
			v = 12
		}
	case "HH24":
		v = f.hour
	case "MI":
		v = f.minute
	case "SS":
		v = f.second
	case "MS":
		v, width = f.micro/1000, 3
	case "US":
		v, width = f.micro, 6
	case "FF1", "FF2", "FF3", "FF4", "FF5", "FF6":
		width = int(p.word[2] - '0')
		v = f.micro
		for range 6 - width {
			v /= 10
		}
		return ordinal(padded(v, width, false), p.suffix), true
	case "SSSS", "SSSSS":
		v, width = f.hour*3600+f.minute*60+f.second, 1
	case "MM":
		v = f.month
	case "DD":
		v = f.day
	case "DDD":
		v, width = f.yearDay, 3
	case "W":
		v, width = (f.day-1)/7+1, 1
	case "WW":
		v = (f.yearDay-1)/7 + 1
	case "Q":
		if f.month == 0 {
			return "", true
		}
		v, width = (f.month-1)/3+1, 1
	case "CC":
		return f.century(p), true
	default:
		if f.interval && p.word != "J" {
			return "", false
		}
		v, width = f.dateOnly(p.word)
	}
	return ordinal(padded(v, width, p.fill), p.suffix), true
}

// years writes the words for the year.
func (f *fields) years(p timePart) (s string, ok bool) {
	year, isoYear := f.year, f.isoYear
	if f.interval {
		isoYear = f.year
	} else {
		if year <= 0 {
			year = 1 - year
		}
		if isoYear <= 0 {
			isoYear = 1 - isoYear
		}
	}
	v, width := int64(0), 2
	switch p.word {
	case "Y,YYY":
		s = strconv.FormatInt(year/1000, 10) + "," + padded(year%1000, 3, false)
		return ordinal(s, p.suffix), true
	case "YYYY":
		v, width = year, 4
	case "YYY":
		v, width = year%1000, 3
	case "YY":
		v = year % 100
	case "Y":
		v, width = year%10, 1
	case "IYYY":
		v, width = isoYear, 4
	case "IYY":
		v, width = isoYear%1000, 3
	case "IY":
		v = isoYear % 100
	case "I":
		v, width = isoYear%10, 1
	default:
		return "", false
	}
	return ordinal(padded(v, width, p.fill), p.suffix), true
}

// dateOnly are the numbers that an interval does not have.
func (f *fields) dateOnly(word string) (v int64, width int) {
	switch word {
	case "IDDD":
		return f.isoYearDay, 3
	case "D":
		return f.weekDay + 1, 1
	case "ID":
		return (f.weekDay+6)%7 + 1, 1
	case "IW":
		return f.isoWeek, 2
	}
	if f.interval {
		return f.julian(), 1
	}
	return f.days + 2440588, 1 // J: the Julian day
}

// julian takes the parts of an interval for a date, as PostgreSQL's date2j does.
func (f *fields) julian() int64 {
	y, m := f.year+4799, f.month+13
	if f.month > 2 {
		y, m = f.year+4800, f.month+1
	}
	century := y / 100
	return y*365 - 32167 + y/4 - century + century/4 + 7834*m/256 + f.day
}

func (f *fields) century(p timePart) string {
	v := f.year / 100
	switch {
	case f.interval:
	case f.year > 0:
		v = (f.year-1)/100 + 1
	default:
		v = f.year/100 - 1
	}
	if v > 99 || v < -99 {
		return ordinal(strconv.FormatInt(v, 10), p.suffix)
	}
	return ordinal(padded(v, 2, p.fill), p.suffix)
}

// timeFormats is to_char of times.
func timeFormats() []*function {
	t := value.Text
	var fs []*function
	for _, k := range []shape{value.Timestamp, value.TimestampTZ} {
		fs = append(fs, define("to_char", t, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			if a[1].S == "" {
				return value.NullDatum, nil
			}
			return formatTime(a[1].S, timestampFields(a[0]))
		}, k, t))
	}
	fs = append(fs, timeReaders()...)
	return append(fs, define("to_char", t, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
		if a[1].S == "" {
			return value.NullDatum, nil
		}
		return formatTime(a[1].S, intervalFields(a[0].V))
	}, value.Interval, t))
}

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

// appendPadded writes v with zeros to width, one more for a negative one.
func appendPadded(dst []byte, v int64, width int, fill bool) []byte {
	if fill {
		return strconv.AppendInt(dst, v, 10)
	}
	if v < 0 {
		dst, v = append(dst, '-'), -v
	}
	from := len(dst)
	dst = strconv.AppendInt(dst, v, 10)
	short := width - (len(dst) - from)
	if short <= 0 {
		return dst
	}
	for range short {
		dst = append(dst, '0')
	}
	copy(dst[from+short:], dst[from:])
	for i := range short {
		dst[from+i] = '0'
	}
	return dst
}

// appendCased writes a name in the case of the word: DAY, Day or day.
func appendCased(dst []byte, name, word string) []byte {
	switch {
	case word[1] >= 'a' && word[0] >= 'a':
		return appendASCII(dst, name, 'A', 'Z')
	case word[1] < 'a':
		return appendASCII(dst, name, 'a', 'z')
	}
	return append(dst, name...)
}

// appendOrdinal writes the end of the number s: st, nd, rd or th, in the case of suffix.
func appendOrdinal[T string | []byte](dst []byte, s T, suffix string) []byte {
	if suffix == "" || len(s) == 0 {
		return dst
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
		return appendASCII(dst, end, 'a', 'z')
	}
	return append(dst, end...)
}

func ordinal(s, suffix string) string { return s + string(appendOrdinal(nil, s, suffix)) }

var errIntervalFormat = &value.Error{
	SQLState: value.StateBadDatetime, Msg: "invalid format specification for an interval value",
}

// appendTime writes fields in a format: to_char. A format without text gives nil. Source:
// DCH_to_char of PostgreSQL's formatting.c.
func appendTime[T string | []byte](x *ctx, dst []byte, format T, f *fields) (
	[]byte, *value.Error,
) {
	if len(format) == 0 {
		return nil, nil
	}
	if len(format) > MaxTimeFormat {
		return nil, errTimeFormat
	}
	if x.format == nil || string(format) != x.formatText {
		x.formatText = string(format)
		x.format = parseTimeFormat(x.formatText)
	}
	from := len(dst)
	for i := range x.format {
		p := &x.format[i]
		if p.word == "" {
			dst = append(dst, p.text...)
			continue
		}
		start, ok := len(dst), false
		if dst, ok = f.appendName(dst, p); ok {
			continue
		}
		if dst, ok = f.appendNumber(dst, p); !ok {
			return nil, errIntervalFormat
		}
		dst = appendOrdinal(dst, dst[start:], p.suffix)
	}
	if len(dst)-from > MaxTextResult {
		return nil, errTextResult
	}
	return dst, nil
}

// appendName writes the words that are not numbers; ok is false for the others and, all the same,
// for those that an interval does not have.
func (f *fields) appendName(dst []byte, p *timePart) (_ []byte, ok bool) {
	switch p.word {
	case "AM", "PM", "A.M.", "P.M.":
		half := [2]string{"AM", "A.M."}
		if (f.hour%24+24)%24 >= 12 {
			half = [2]string{"PM", "P.M."}
		}
		return appendDotted(dst, half, p), true
	case "FX":
		return dst, true
	case "RM":
		if f.month == 0 && f.year == 0 {
			return dst, true
		}
		i := ((f.month-1)%12 + 12) % 12
		return appendWide(dst, romanMonths[i], 4, p), true
	}
	if f.interval {
		return dst, false
	}
	switch p.word {
	case "AD", "BC", "A.D.", "B.C.":
		era := [2]string{"AD", "A.D."}
		if f.year <= 0 {
			era = [2]string{"BC", "B.C."}
		}
		return appendDotted(dst, era, p), true
	case "MONTH":
		return appendWide(dst, monthNames[f.month-1], 9, p), true
	case "MON":
		return appendCased(dst, monthNames[f.month-1][:3], p.text), true
	case "DAY":
		return appendWide(dst, dayNames[f.weekDay], 9, p), true
	case "DY":
		return appendCased(dst, dayNames[f.weekDay][:3], p.text), true
	case "TZ":
		if !f.zoned {
			return dst, true
		}
		return appendCased(dst, "UTC", p.text), true
	case "OF":
		return appendPadded(append(dst, '+'), 0, 2, p.fill), true
	case "TZH":
		return append(dst, "+00"...), true
	case "TZM":
		return append(dst, "00"...), true
	}
	return dst, false
}

// appendDotted writes one of two letters, or them with dots, in the case of the word.
func appendDotted(dst []byte, names [2]string, p *timePart) []byte {
	if len(p.word) == 4 {
		return appendCased(dst, names[1], p.text[:1]+p.text[2:3])
	}
	return appendCased(dst, names[0], p.text)
}

// appendWide writes a name with blanks to width.
func appendWide(dst []byte, name string, width int, p *timePart) []byte {
	dst = appendCased(dst, name, p.text)
	if p.fill || p.bare {
		return dst
	}
	for range width - len(name) {
		dst = append(dst, ' ')
	}
	return dst
}

// appendNumber writes the words that are numbers.
func (f *fields) appendNumber(dst []byte, p *timePart) (_ []byte, ok bool) {
	if dst, ok = f.appendYear(dst, p); ok {
		return dst, true
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
		return appendPadded(dst, v, width, false), true
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
			return dst, true
		}
		v, width = (f.month-1)/3+1, 1
	case "CC":
		return f.appendCentury(dst, p), true
	default:
		if f.interval && p.word != "J" {
			return dst, false
		}
		v, width = f.dateOnly(p.word)
	}
	return appendPadded(dst, v, width, p.fill), true
}

// appendYear writes the words for the year.
func (f *fields) appendYear(dst []byte, p *timePart) (_ []byte, ok bool) {
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
		dst = append(strconv.AppendInt(dst, year/1000, 10), ',')
		return appendPadded(dst, year%1000, 3, false), true
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
		return dst, false
	}
	return appendPadded(dst, v, width, p.fill), true
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

func (f *fields) appendCentury(dst []byte, p *timePart) []byte {
	v := f.year / 100
	switch {
	case f.interval:
	case f.year > 0:
		v = (f.year-1)/100 + 1
	default:
		v = f.year/100 - 1
	}
	if v > 99 || v < -99 {
		return strconv.AppendInt(dst, v, 10)
	}
	return appendPadded(dst, v, 2, p.fill)
}

// timeFormats is to_char of times.
func timeFormats() []*function {
	timestamp := func(d *value.Datum) fields { return timestampFields(*d) }
	interval := func(d *value.Datum) fields { return intervalFields(d.V) }
	return append(timeReaders(), timeFormat(value.Timestamp, timestamp),
		timeFormat(value.TimestampTZ, timestamp), timeFormat(value.Interval, interval))
}

func timeFormat(k shape, take func(d *value.Datum) fields) *function {
	return define("to_char", value.Text, func(x *ctx, a []value.Datum) (value.Datum, *value.Error) {
		f := take(&a[0])
		b, err := appendTime(x, nil, a[1].S, &f)
		if err != nil || a[1].S == "" {
			return value.NullDatum, err
		}
		return value.NewText(string(b)), nil
	}, k, value.Text).building(
		func(x *ctx, dst []byte, args []operand, i int) ([]byte, *value.Error) {
			d := args[0].vec.Datum(i & args[0].mask)
			f := take(&d)
			return appendTime(x, dst, args[1].text(i), &f)
		})
}

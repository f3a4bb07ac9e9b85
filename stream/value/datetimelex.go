package value

import "strings"

// fieldKind is the shape of a field of a date, time or interval literal.
type fieldKind uint8

const (
	fieldNumber  fieldKind = iota // digits, at most one point
	fieldDate                     // digits or letters joined by - / .
	fieldTime                     // digits joined by :
	fieldZone                     // sign and digits
	fieldWord                     // letters
	fieldSpecial                  // sign and letters
)

// maxDateFields and maxDateLength bound a literal, as PostgreSQL's MAXDATEFIELDS, MAXDATELEN.
const (
	maxDateFields = 25
	maxDateLength = 128
)

type dateField struct {
	kind fieldKind
	text string // in lower case
}

// splitDateTime cuts a literal into fields. Source: ParseDateTime of PostgreSQL's datetime.c.
func splitDateTime(text string) ([]dateField, bool) {
	s := lowerASCII(text)
	var out []dateField
	used := 0
	for i := 0; i < len(s); {
		c := s[i]
		var f dateField
		n := 0
		switch {
		case strings.IndexByte(" \t\n\v\f\r", c) >= 0:
			i++
			continue
		case isDigit(c):
			f, n = lexDigits(s[i:])
		case c == '.':
			n = 1 + span(s[i+1:], isDigit)
			f = dateField{fieldNumber, s[i : i+n]}
		case isAlpha(c):
			f, n = lexLetters(s[i:])
		case c == '+' || c == '-':
			var ok bool
			if f, n, ok = lexSigned(s[i:]); !ok {
				return nil, false
			}
		case c > ' ' && c < 0x7F: // other punctuation separates
			i++
			continue
		default:
			return nil, false
		}
		i += n
		used += len(f.text) + 1
		if out = append(out, f); len(out) > maxDateFields || used > maxDateLength {
			return nil, false
		}
	}
	return out, true
}

// span is the length of the longest beginning of s whose bytes are all ok.
func span(s string, ok func(byte) bool) int {
	for i := range len(s) {
		if !ok(s[i]) {
			return i
		}
	}
	return len(s)
}

func lexDigits(s string) (dateField, int) {
	n := span(s, isDigit)
	if n == len(s) {
		return dateField{fieldNumber, s}, n
	}
	switch delim := s[n]; delim {
	case ':':
		n += span(s[n:], func(c byte) bool { return isDigit(c) || c == ':' || c == '.' })
		return dateField{fieldTime, s[:n]}, n
	case '-', '/', '.':
		kind := fieldDate
		n++
		if n < len(s) && isDigit(s[n]) {
			if delim == '.' {
				kind = fieldNumber
			}
			n += span(s[n:], isDigit)
			if n < len(s) && s[n] == delim {
				kind = fieldDate
				n += span(s[n:], func(c byte) bool { return isDigit(c) || c == delim })
			}
		} else {
			n += span(s[n:], func(c byte) bool { return isDigit(c) || isAlpha(c) || c == delim })
		}
		return dateField{kind, s[:n]}, n
	}
	return dateField{fieldNumber, s[:n]}, n
}

func lexLetters(s string) (dateField, int) {
	n := span(s, isAlpha)
	joined := false
	if n < len(s) {
		switch c := s[n]; {
		case c == '-' || c == '/' || c == '.':
			joined = true
		case c == '+' || isDigit(c):
			word, known := dateWords[s[:n]]
			joined = !known || word.kind == wordZone
		}
	}
	if !joined {
		return dateField{fieldWord, s[:n]}, n
	}
	n += span(s[n:], func(c byte) bool {
		return isDigit(c) || isAlpha(c) || strings.IndexByte("+-/_.:", c) >= 0
	})
	return dateField{fieldDate, s[:n]}, n
}

func lexSigned(s string) (f dateField, n int, ok bool) {
	n = 1 + span(s[1:], func(c byte) bool { return strings.IndexByte(" \t\n\v\f\r", c) >= 0 })
	if n == len(s) {
		return f, 0, false
	}
	start := n
	switch c := s[n]; {
	case isDigit(c):
		n += span(s[n:], func(c byte) bool {
			return isDigit(c) || c == ':' || c == '.' || c == '-'
		})
		f.kind = fieldZone
	case isAlpha(c):
		n += span(s[n:], isAlpha)
		f.kind = fieldSpecial
	default:
		return f, 0, false
	}
	f.text = s[:1] + s[start:n]
	return f, n, true
}

// wordKind is what a word of a date literal means.
type wordKind uint8

const (
	wordIgnore  wordKind = iota + 1 // at, on
	wordMonth                       // value 1..12
	wordWeekday                     // ignored
	wordHalf                        // value 0 am, 1 pm
	wordEra                         // value 0 ad, 1 bc
	wordZone                        // value 0: UTC and its names
	wordISOTime                     // t
	wordEpoch
	wordAllBalls // midnight UTC
	wordJulian
	wordClock    // depends on when it is read: now, today, ...
	wordInfinite // infinity, -infinity
	wordUnit     // y, m, d, h, mm, s: a number of ISO 8601 follows
)

type dateWord struct {
	kind  wordKind
	value int
}

// dateWords are the words of date and time literals.
var dateWords = map[string]dateWord{
	"at": {wordIgnore, 0}, "on": {wordIgnore, 0},
	"january": {wordMonth, 1}, "jan": {wordMonth, 1}, "february": {wordMonth, 2},
	"feb": {wordMonth, 2}, "march": {wordMonth, 3}, "mar": {wordMonth, 3},
	"april": {wordMonth, 4}, "apr": {wordMonth, 4}, "may": {wordMonth, 5},
	"june": {wordMonth, 6}, "jun": {wordMonth, 6}, "july": {wordMonth, 7}, "jul": {wordMonth, 7},
	"august": {wordMonth, 8}, "aug": {wordMonth, 8}, "september": {wordMonth, 9},
	"sep": {wordMonth, 9}, "sept": {wordMonth, 9}, "october": {wordMonth, 10},
	"oct": {wordMonth, 10}, "november": {wordMonth, 11}, "nov": {wordMonth, 11},
	"december": {wordMonth, 12}, "dec": {wordMonth, 12},
	"sunday": {wordWeekday, 0}, "sun": {wordWeekday, 0}, "monday": {wordWeekday, 1},
	"mon": {wordWeekday, 1}, "tuesday": {wordWeekday, 2}, "tue": {wordWeekday, 2},
	"tues": {wordWeekday, 2}, "wednesday": {wordWeekday, 3}, "wed": {wordWeekday, 3},
	"weds": {wordWeekday, 3}, "thursday": {wordWeekday, 4}, "thu": {wordWeekday, 4},
	"thur": {wordWeekday, 4}, "thurs": {wordWeekday, 4}, "friday": {wordWeekday, 5},
	"fri": {wordWeekday, 5}, "saturday": {wordWeekday, 6}, "sat": {wordWeekday, 6},
	"am": {wordHalf, 0}, "pm": {wordHalf, 1}, "ad": {wordEra, 0}, "bc": {wordEra, 1},
	"utc": {wordZone, 0}, "gmt": {wordZone, 0}, "z": {wordZone, 0}, "zulu": {wordZone, 0},
	"ut": {wordZone, 0}, "uct": {wordZone, 0},
	"t": {wordISOTime, 0}, "epoch": {wordEpoch, 0}, "allballs": {wordAllBalls, 0},
	"j": {wordJulian, 0}, "jd": {wordJulian, 0}, "julian": {wordJulian, 0},
	"now": {wordClock, 0}, "today": {wordClock, 0}, "tomorrow": {wordClock, 0},
	"yesterday": {wordClock, 0}, "infinity": {wordInfinite, 0}, "inf": {wordInfinite, 0},
	"y": {wordUnit, 0}, "m": {wordUnit, 0}, "d": {wordUnit, 0}, "h": {wordUnit, 0},
	"mm": {wordUnit, 0}, "s": {wordUnit, 0}, "dow": {wordUnit, 0}, "doy": {wordUnit, 0},
	"isodow": {wordUnit, 0}, "isoyear": {wordUnit, 0},
}

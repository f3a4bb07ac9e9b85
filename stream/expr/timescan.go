package expr

import (
	"strings"

	"weir/stream/value"
)

// timeScan reads a text in a format of times. Source: DCH_from_char of PostgreSQL's formatting.c.
type timeScan struct {
	parts []timePart
	in    string
	at    int
	fixed bool // FX
	extra int  // letters skipped beyond the format
	// got has the fields read; absent and 0 are the same
	got    map[string]int64
	iso    bool
	common bool
	twelve bool // a 12-hour clock
	width  int  // digits of the year
	west   bool
	zoned  bool
}

func badTime(format string, args ...any) *value.Error {
	return value.Errorf(value.StateBadDatetime, format, args...)
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

func isSeparator(c byte) bool {
	return c > ' ' && c < 0x7F && !isDigit(c) && (c|0x20 < 'a' || c|0x20 > 'z')
}

// scanTime reads the fields of a text.
func scanTime(format, in string) (*timeScan, *value.Error) {
	if len(format) > MaxTimeFormat {
		return nil, errTimeFormat
	}
	s := &timeScan{parts: parseTimeFormat(format), in: in, got: map[string]int64{}}
	for i, p := range s.parts {
		if s.at >= len(in) {
			break
		}
		if !s.fixed && p.word != "FX" && (p.word != "" || i == 0) {
			s.spaces()
		}
		if p.word == "" {
			s.literal(p)
			continue
		}
		if err := s.field(i, p); err != nil {
			return nil, err
		}
		if !s.fixed {
			s.extra = 0
			s.spaces()
		}
	}
	return s, nil
}

func (s *timeScan) spaces() {
	for s.at < len(s.in) && isSpace(s.in[s.at]) {
		s.at++
		s.extra++
	}
}

func (s *timeScan) letter() {
	if s.at < len(s.in) {
		s.at += runeLen(s.in[s.at:])
	}
}

// literal passes over what the format has between its words.
func (s *timeScan) literal(p timePart) {
	if s.at >= len(s.in) {
		return
	}
	c := p.text[0]
	switch {
	case s.fixed:
		s.letter()
	case !p.quoted && (isSpace(c) || isSeparator(c)):
		if d := s.in[s.at]; isSpace(d) || isSeparator(d) {
			s.at++
		} else {
			s.extra--
		}
	case s.extra > 0:
		s.extra--
	default:
		s.letter()
	}
}

// convention refuses weeks of ISO 8601 beside months.
func (s *timeScan) convention(word string) *value.Error {
	switch word {
	case "ID", "IDDD", "IW", "IYYY", "IYY", "IY", "I":
		s.iso = true
	case "D", "DD", "DDD", "MM", "MON", "MONTH", "RM", "W", "WW", "Y,YYY", "YYYY", "YYY", "YY", "Y":
		s.common = true
	}
	if s.iso && s.common {
		return badTime("invalid combination of date conventions")
	}
	return nil
}

// set gives a field its value, once.
func (s *timeScan) set(field string, v int64, word string) *value.Error {
	if old := s.got[field]; old != 0 && old != v {
		return badTime("conflicting values for %q field in formatting string", word)
	}
	s.got[field] = v
	return nil
}

// name reads one of names in any case.
func (s *timeScan) name(names []string, p timePart) (int64, *value.Error) {
	for i, n := range names {
		if rest := s.in[s.at:]; len(rest) >= len(n) && strings.EqualFold(rest[:len(n)], n) {
			s.at += len(n)
			return int64(i), nil
		}
	}
	return 0, badTime("invalid value for %q", p.text)
}

// noDigit reports whether part i is not followed by a digit.
func (s *timeScan) noDigit(i int) bool {
	if s.parts[i].suffix != "" || i+1 == len(s.parts) {
		return true
	}
	switch next := s.parts[i+1]; next.word {
	case "":
		return !isDigit(next.text[0])
	case "A.D.", "A.M.", "AD", "AM", "B.C.", "BC", "DAY", "DY", "FX", "MONTH", "MON", "OF", "P.M.",
		"PM", "RM", "TZH", "TZ":
		return true
	}
	return false
}

// number reads an integer of width letters, or as long as it goes; used is what it took.
func (s *timeScan) number(i, width int) (v int64, used int, err *value.Error) {
	p, init := s.parts[i], s.at
	for s.at < len(s.in) && isSpace(s.in[s.at]) {
		s.at++
	}
	open := p.fill || s.noDigit(i)
	end := len(s.in)
	if !open {
		if end = s.at + width; end > len(s.in) {
			return 0, 0, badTime("source string too short for %q formatting field", p.text)
		}
	}
	at := s.at
	negative := at < end && s.in[at] == '-'
	if at < end && (negative || s.in[at] == '+') {
		at++
	}
	digits := at
	for at < end && isDigit(s.in[at]) {
		v = min(v*10+int64(s.in[at]-'0'), 1<<40)
		at++
	}
	switch {
	case at == digits || !open && at < end:
		return 0, 0, badTime("invalid value for %q", p.text)
	case v > 1<<31-1:
		return 0, 0, value.Errorf(value.StateDatetimeOverflow,
			"value for %q in source string is out of range", p.text)
	}
	s.at = at
	if negative {
		v = -v
	}
	return v, at - init, nil
}

// numbers are the words that are plain numbers: their field and width.
var numbers = map[string]struct {
	field string
	width int
}{
	"HH": {"hh", 2}, "HH12": {"hh", 2}, "HH24": {"hh", 2}, "MI": {"mi", 2}, "SS": {"ss", 2},
	"SSSS": {"ssss", 4}, "SSSSS": {"ssss", 5}, "MM": {"mm", 2}, "DD": {"dd", 2}, "DDD": {"ddd", 3},
	"IDDD": {"ddd", 3}, "D": {"d", 1}, "WW": {"ww", 2}, "IW": {"ww", 2}, "W": {"w", 1}, "Q": {"", 1},
	"CC": {"cc", 2}, "J": {"j", 1}, "YYYY": {"year", 4}, "IYYY": {"year", 4}, "YYY": {"year", 3},
	"IYY": {"year", 3}, "YY": {"year", 2}, "IY": {"year", 2}, "Y": {"year", 1}, "I": {"year", 1},
	"MS": {"ms", 3}, "US": {"us", 6}, "ID": {"d", 1}, "TZM": {"tzm", 2}, "FF1": {"us", 1},
	"FF2": {"us", 2}, "FF3": {"us", 3}, "FF4": {"us", 4}, "FF5": {"us", 5}, "FF6": {"us", 6},
}

var (
	halfNames  = strings.Fields("am pm")
	halfDotted = strings.Fields("a.m. p.m.")
	eraNames   = strings.Fields("ad bc")
	eraDotted  = strings.Fields("a.d. b.c.")
	romanDown  = strings.Fields("XII XI X IX VIII VII VI V IV III II I")
)

// field reads the word of part i.
func (s *timeScan) field(i int, p timePart) *value.Error {
	if err := s.convention(p.word); err != nil {
		return err
	}
	switch p.word {
	case "FX":
		s.fixed = true
		return nil
	case "OF", "TZ":
		return value.Errorf(value.StateUnsupported,
			"formatting field %q is only supported in to_char", p.text)
	case "AM", "PM":
		s.twelve = true
		return s.named("pm", halfNames, 0, p)
	case "A.M.", "P.M.":
		s.twelve = true
		return s.named("pm", halfDotted, 0, p)
	case "AD", "BC":
		return s.named("bc", eraNames, 0, p)
	case "A.D.", "B.C.":
		return s.named("bc", eraDotted, 0, p)
	case "MONTH":
		return s.named("mm", monthNames, 1, p)
	case "MON":
		return s.named("mm", shortNames(monthNames), 1, p)
	case "DAY":
		return s.named("d", dayNames, 1, p)
	case "DY":
		return s.named("d", shortNames(dayNames), 1, p)
	case "RM":
		v, err := s.name(romanDown, p)
		if err != nil {
			return err
		}
		return s.set("mm", 12-v, p.text)
	case "TZH":
		s.zoneSign()
		v, _, err := s.number(i, 2)
		if err != nil {
			return err
		}
		return s.set("tzh", v, p.text)
	case "Y,YYY":
		return s.thousands(p)
	}
	return s.numeric(i, p)
}

func shortNames(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = n[:3]
	}
	return out
}

func (s *timeScan) named(field string, names []string, first int64, p timePart) *value.Error {
	v, err := s.name(names, p)
	if err != nil {
		return err
	}
	return s.set(field, v+first, p.text)
}

// zoneSign reads the sign of TZH, which may have been taken for a separator.
func (s *timeScan) zoneSign() {
	s.zoned = true
	switch c := s.in[s.at]; {
	case c == '+' || c == '-' || c == ' ':
		s.west = c == '-'
		s.at++
	default:
		s.west = s.extra > 0 && s.in[s.at-1] == '-'
	}
}

// thousands reads 2,024.
func (s *timeScan) thousands(p timePart) *value.Error {
	text := s.in[s.at:]
	comma := strings.IndexByte(text, ',')
	v := int64(0)
	end := comma + 1
	for i := 0; i < len(text) && i < comma+4; i++ {
		if i == comma {
			continue
		}
		if !isDigit(text[i]) {
			break
		}
		v, end = min(v*10+int64(text[i]-'0'), 1<<40), i+1
	}
	if comma < 1 || end <= comma+1 || v > 1<<31-1 {
		return badTime("invalid input string for %q", p.text)
	}
	s.at += end
	s.width = 4
	return s.set("year", v, p.text)
}

func (s *timeScan) numeric(i int, p timePart) *value.Error {
	n := numbers[p.word]
	v, used, err := s.number(i, n.width)
	if err != nil {
		return err
	}
	switch n.field {
	case "year":
		s.width = n.width
		if n.width < 4 && used < 4 {
			v = nearYear(v)
		}
	case "ms", "us":
		for full := map[string]int{"ms": 3, "us": 6}[n.field]; used < full; used++ {
			v *= 10
		}
	case "tzm":
		s.zoned = true
	case "hh":
		s.twelve = s.twelve || p.word != "HH24"
	case "d":
		if p.word == "ID" {
			if v++; v > 7 { // weeks begin on Sunday in the other convention
				v = 1
			}
		}
	}
	if n.field != "" {
		if err := s.set(n.field, v, p.text); err != nil {
			return err
		}
	}
	if p.suffix != "" {
		s.letter()
		s.letter()
	}
	return nil
}

// nearYear completes a year of less than four digits to the one nearest to 2020.
func nearYear(y int64) int64 {
	switch {
	case y < 70:
		return y + 2000
	case y < 100:
		return y + 1900
	case y < 520:
		return y + 2000
	case y < 1000:
		return y + 1000
	}
	return y
}

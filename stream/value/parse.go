package value

import (
	"math"
	"strconv"
	"strings"
)

// Parse reads the text form of a value of type t as PostgreSQL's input function of the type does
// (DateStyle ISO, MDY; IntervalStyle postgres; time zone UTC). The modifier of numeric is applied.
// What depends on a clock ('now', 'today') and what the type cannot hold here ('infinity' of
// numeric and of the time types, the name of a time zone behind a time of day) is refused with
// 0A000.
// Errors: 22P02 and 22007 for bad syntax, 22003, 22008 and 22015 for values out of range.
func Parse(text string, t Type) (Datum, *Error) {
	if err := CheckText(text); err != nil {
		return NullDatum, err
	}
	var d Datum
	var err *Error
	switch t.Kind {
	case Bool:
		d, err = parseBool(text)
	case Int2, Int4, Int8:
		d, err = parseInteger(text, t.Kind)
	case Numeric:
		d, err = parseNumeric(text, t)
	case Float4, Float8:
		d, err = parseFloat(text, t.Kind)
	case Text:
		d = NewText(text)
	case Bytea:
		d, err = parseBytea(text)
	case Date, Timestamp, TimestampTZ:
		d, err = parseDated(text, t.Kind)
	case Time:
		d, err = parseTime(text)
	case Interval:
		d, err = parseInterval(text)
	case UUID:
		d, err = parseUUID(text)
	case JSONB:
		var s string
		s, err = ParseJSON(text)
		d = NewBytes(JSONB, []byte(s))
	case Array:
		d, err = parseArray(text, t)
	default:
		err = Errorf(StateUnsupported, "type %s has no input form", t)
	}
	if err != nil {
		return NullDatum, err
	}
	return d, nil
}

// lowerASCII maps A-Z to a-z and leaves every other byte alone.
func lowerASCII(s string) string {
	for i := range len(s) {
		if s[i] >= 'A' && s[i] <= 'Z' {
			b := []byte(s)
			for j := i; j < len(b); j++ {
				b[j] = lowerByte(b[j])
			}
			return string(b)
		}
	}
	return s
}

func lowerByte(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
func isAlpha(c byte) bool { return lowerByte(c) >= 'a' && lowerByte(c) <= 'z' }

// parseBool takes any unambiguous beginning of true, false, yes, no, on, off, and 1 and 0.
func parseBool(text string) (Datum, *Error) {
	s := lowerASCII(trimSpace(text))
	for _, w := range [...]struct {
		word  string
		least int
		v     bool
	}{
		{"true", 1, true},
		{"false", 1, false},
		{"yes", 1, true},
		{"no", 1, false},
		{"on", 2, true},
		{"off", 2, false},
		{"1", 1, true},
		{"0", 1, false},
	} {
		if len(s) >= w.least && strings.HasPrefix(w.word, s) {
			return NewBool(w.v), nil
		}
	}
	return NullDatum, syntaxError(Bool, text)
}

// parseInteger notices an overflow before anything wrong behind the digits, as PostgreSQL does.
func parseInteger(text string, k Kind) (Datum, *Error) {
	s := trimSpace(text)
	n := 0
	if s != "" && (s[0] == '-' || s[0] == '+') {
		n = 1
	}
	digits := span(s[n:], isDigit)
	if digits == 0 {
		return NullDatum, syntaxError(k, text)
	}
	n += digits
	v, err := strconv.ParseInt(s[:n], 10, 64)
	if lo, hi := k.IntRange(); err != nil || v < lo || v > hi {
		return NullDatum, Errorf(StateOutOfRange, "value %q is out of range for type %s", text, Of(k))
	}
	if n < len(s) {
		return NullDatum, syntaxError(k, text)
	}
	return NewInt(k, v), nil
}

func parseNumeric(text string, t Type) (Datum, *Error) {
	d, err := ParseDecimal(text)
	if err == nil {
		d, err = d.Rescale(t.Precision, t.Scale)
	}
	return NewDecimal(d), err
}

// parseFloat takes decimal forms, NaN and infinities. C's hexadecimal form is refused.
func parseFloat(text string, k Kind) (Datum, *Error) {
	s := lowerASCII(trimSpace(text))
	switch strings.TrimLeft(s, "+-") {
	case "nan", "inf", "infinity":
	default:
		if strings.Trim(s, "0123456789+-.e") != "" || s == "" || strings.ContainsAny(s, "_x") {
			return NullDatum, syntaxError(k, text)
		}
	}
	if s == "+nan" || s == "-nan" { // C reads a signed NaN, Go does not
		s = "nan"
	}
	bits := 64
	if k == Float4 {
		bits = 32
	}
	f, err := strconv.ParseFloat(s, bits)
	if err != nil && !math.IsInf(f, 0) {
		return NullDatum, syntaxError(k, text)
	}
	mantissa, _, _ := strings.Cut(s, "e")
	if err != nil || f == 0 && strings.ContainsAny(mantissa, "123456789") {
		return NullDatum, Errorf(StateOutOfRange, "%q is out of range for type %s", text, Of(k))
	}
	return NewFloat(k, f), nil
}

// parseBytea reads the hex form (\x, pairs of digits, white space between pairs) and the escape
// form (\\ and three octal digits).
func parseBytea(text string) (Datum, *Error) {
	if strings.HasPrefix(text, `\x`) {
		return parseByteaHex(text[2:])
	}
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			out = append(out, text[i])
			continue
		}
		rest := text[i+1:]
		switch {
		case strings.HasPrefix(rest, `\`):
			out = append(out, '\\')
			i++
		case len(rest) >= 3 && rest[0] >= '0' && rest[0] <= '3' && isOctal(rest[1]) && isOctal(rest[2]):
			out = append(out, (rest[0]-'0')<<6|(rest[1]-'0')<<3|(rest[2]-'0'))
			i += 3
		default:
			return NullDatum, &Error{StateBadText, "invalid input syntax for type bytea"}
		}
	}
	return NewBytea(out), nil
}

func isOctal(c byte) bool { return c >= '0' && c <= '7' }

func parseByteaHex(s string) (Datum, *Error) {
	out := make([]byte, 0, len(s)/2)
	for i := 0; i < len(s); i++ {
		if strings.IndexByte(" \t\n\r", s[i]) >= 0 {
			continue
		}
		hi, ok := hexDigit(s[i])
		if !ok {
			return NullDatum, Errorf(StateBadParameter, "invalid hexadecimal digit: %q", s[i:i+1])
		}
		i++
		if i == len(s) {
			return NullDatum, &Error{StateBadParameter, "invalid hexadecimal data: odd number of digits"}
		}
		lo, ok := hexDigit(s[i])
		if !ok {
			return NullDatum, Errorf(StateBadParameter, "invalid hexadecimal digit: %q", s[i:i+1])
		}
		out = append(out, hi<<4|lo)
	}
	return NewBytea(out), nil
}

func hexDigit(c byte) (byte, bool) {
	switch c = lowerByte(c); {
	case isDigit(c):
		return c - '0', true
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10, true
	}
	return 0, false
}

// parseUUID reads 32 hex digits, hyphens after any group of four, braces around.
func parseUUID(text string) (Datum, *Error) {
	s := text
	if strings.HasPrefix(s, "{") {
		if !strings.HasSuffix(s, "}") {
			return NullDatum, syntaxError(UUID, text)
		}
		s = s[1 : len(s)-1]
	}
	var out [16]byte
	for i := range out {
		if len(s) < 2 {
			return NullDatum, syntaxError(UUID, text)
		}
		hi, ok1 := hexDigit(s[0])
		lo, ok2 := hexDigit(s[1])
		if !ok1 || !ok2 {
			return NullDatum, syntaxError(UUID, text)
		}
		out[i] = hi<<4 | lo
		s = s[2:]
		if i%2 == 1 && i < 15 {
			s = strings.TrimPrefix(s, "-")
		}
	}
	if s != "" {
		return NullDatum, syntaxError(UUID, text)
	}
	return NewBytes(UUID, out[:]), nil
}

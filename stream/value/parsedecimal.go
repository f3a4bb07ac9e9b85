package value

import "strings"

// trimSpace cuts the white space that PostgreSQL's input functions skip.
func trimSpace(s string) string { return strings.Trim(s, " \t\n\v\f\r") }

func syntaxError(t Kind, s string) *Error {
	return Errorf(StateBadText, "invalid input syntax for type %s: %q", Of(t), s)
}

// maxExponent bounds the exponent of a numeric literal; beyond it any nonzero value overflows
// or vanishes.
const maxExponent = 1 << 20

// ParseDecimal reads a numeric literal: sign, digits with an optional point, optional exponent,
// white space around. Digits that do not fit in 38 are rounded away if they are fraction digits.
func ParseDecimal(text string) (Decimal, *Error) {
	s := trimSpace(text)
	neg := false
	if s != "" && (s[0] == '-' || s[0] == '+') {
		neg, s = s[0] == '-', s[1:]
	}
	switch strings.ToLower(s) {
	case "nan", "infinity", "inf":
		return Decimal{}, Errorf(StateUnsupported, "numeric %s is not supported", s)
	}
	m, scale, rest, ok := scanDigits(s)
	if !ok {
		return Decimal{}, syntaxError(Numeric, text)
	}
	if rest != "" {
		exp, ok := scanExponent(rest)
		if !ok {
			return Decimal{}, syntaxError(Numeric, text)
		}
		scale -= exp
	}
	if m.isZero() {
		return Decimal{Scale: uint8(max(min(scale, MaxPrecision), 0))}, nil
	}
	if scale < 0 {
		if m.digits()-scale > MaxPrecision {
			return Decimal{}, ErrNumericRange
		}
		m, _ = m.mul(pow10[-scale])
		scale = 0
	}
	d, err := fitDecimal(neg, m, scale)
	if err == nil && d.Coef == (Int128{}) {
		return Decimal{Scale: d.Scale}, nil
	}
	return d, err
}

// scanDigits reads digits and a point. Beyond 76 significant digits it only counts: rounding
// half away from zero looks no further than the first digit that goes.
func scanDigits(s string) (m u256, scale int, rest string, ok bool) {
	point, n := false, 0
	i := 0
	for ; i < len(s); i++ {
		c := s[i]
		if c == '.' && !point {
			point = true
			continue
		}
		if c < '0' || c > '9' {
			break
		}
		ok = true
		if n < 76 {
			m, _ = m.mulSmall(10)
			m, _ = m.add(u256{uint64(c - '0')})
			if !m.isZero() {
				n++
			}
			if point {
				scale++
			}
		} else if !point {
			scale--
		}
	}
	return m, scale, s[i:], ok
}

func scanExponent(s string) (int, bool) {
	if s[0] != 'e' && s[0] != 'E' {
		return 0, false
	}
	s = s[1:]
	neg := false
	if s != "" && (s[0] == '-' || s[0] == '+') {
		neg, s = s[0] == '-', s[1:]
	}
	if s == "" {
		return 0, false
	}
	v := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		v = min(v*10+int(s[i]-'0'), maxExponent)
	}
	if neg {
		v = -v
	}
	return v, true
}

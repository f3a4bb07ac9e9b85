package expr

import (
	"math"
	"strconv"
	"strings"

	"weir/stream/value"
)

// numberFormats are to_char and to_number of numbers. Source: PostgreSQL's formatting.c.
func numberFormats() []*function {
	t := value.Text
	var fs []*function
	for _, f := range []struct {
		kind  shape
		write func(n *numberFormat, d value.Datum) (value.Datum, *value.Error)
	}{
		{value.Int4, formatInt},
		{value.Int8, formatInt},
		{value.Numeric, func(n *numberFormat, d value.Datum) (value.Datum, *value.Error) {
			return formatDecimal(n, d.D)
		}},
		{value.Float4, formatFloat},
		{value.Float8, formatFloat},
	} {
		fs = append(fs, define("to_char", t, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			if a[1].S == "" {
				return value.NewText(""), nil
			}
			n, err := readNumberFormat(a[1].S)
			if err != nil {
				return value.NullDatum, err
			}
			return f.write(n, a[0])
		}, f.kind, t))
	}
	return append(fs, define("to_number", value.Numeric,
		func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			if a[1].S == "" {
				return value.NullDatum, nil
			}
			n, err := readNumberFormat(a[1].S)
			if err != nil {
				return value.NullDatum, err
			}
			d, err := readNumber(n, a[0].S)
			return value.NewDecimal(d), err
		}, t, t))
}

// romanNumber writes 1 to 3999; 15 # otherwise.
func romanNumber(v int64) string {
	if v < 1 || v > 3999 {
		return strings.Repeat("#", 15)
	}
	var b strings.Builder
	for _, d := range []struct {
		v int64
		s string
	}{
		{1000, "M"},
		{900, "CM"},
		{500, "D"},
		{400, "CD"},
		{100, "C"},
		{90, "XC"},
		{50, "L"},
		{40, "XL"},
		{10, "X"},
		{9, "IX"},
		{5, "V"},
		{4, "IV"},
		{1, "I"},
	} {
		for ; v >= d.v; v -= d.v {
			b.WriteString(d.s)
		}
	}
	return b.String()
}

// digitsResult writes a number given by its decimal text; digits that do not fit are #.
func digitsResult(n *numberFormat, text string) (value.Datum, *value.Error) {
	number, negative := strings.CutPrefix(text, "-")
	pre := strings.IndexByte(number, '.')
	if pre < 0 {
		pre = len(number)
	}
	if pre > n.pre {
		number = strings.Repeat("#", n.pre) + "." + strings.Repeat("#", n.post)
	}
	return writeNumber(n, number, max(n.pre-pre, 0), negative)
}

func formatInt(n *numberFormat, d value.Datum) (value.Datum, *value.Error) {
	v := d.I
	switch {
	case n.roman:
		if v != int64(int32(v)) {
			return value.NullDatum, value.ErrInt4Range
		}
		return writeNumber(n, romanNumber(v), 0, false)
	case n.scientific && d.Kind == value.Int4:
		return scientificFloat(n, float64(v))
	case n.scientific:
		return textResult(scientific(value.DecimalFromInt64(v), n.post))
	}
	if n.shifted {
		for range n.multi {
			var ok bool
			if v, ok = mulInt(v, 10); !ok || d.Kind == value.Int4 && v != int64(int32(v)) {
				return value.NullDatum, value.IntRangeError(d.Kind)
			}
		}
		n.pre += n.multi
	}
	text := strconv.FormatInt(v, 10)
	if n.post > 0 {
		text += "." + strings.Repeat("0", n.post)
	}
	return digitsResult(n, text)
}

func formatDecimal(n *numberFormat, d value.Decimal) (value.Datum, *value.Error) {
	switch {
	case n.roman:
		v, ok := d.Int64()
		if !ok || v != int64(int32(v)) {
			return value.NullDatum, value.ErrInt4Range
		}
		return writeNumber(n, romanNumber(v), 0, false)
	case n.scientific:
		return textResult(scientific(d, n.post))
	}
	if n.shifted {
		for range n.multi {
			var err *value.Error
			if d, err = d.Mul(value.DecimalFromInt64(10)); err != nil {
				return value.NullDatum, err
			}
		}
		n.pre += n.multi
	}
	if n.post < int(d.Scale) {
		var err *value.Error
		if d, err = d.Round(n.post); err != nil {
			return value.NullDatum, err
		}
	}
	text := d.String()
	if missing := n.post - int(d.Scale); missing > 0 {
		if d.Scale == 0 {
			text += "."
		}
		text += strings.Repeat("0", missing)
	}
	return digitsResult(n, text)
}

// scientific writes d with one digit before the point and post behind it.
func scientific(d value.Decimal, post int) string {
	digits, exp := d.AppendDigits(nil)
	sign := " "
	if d.Sign() < 0 {
		sign = "-"
	}
	if len(digits) == 0 {
		exp = 1
	}
	exp--
	carry := false // PostgreSQL writes 9.99e+10, rounded up, as 10.0e+10
	if keep := post + 1; len(digits) > keep {
		up := digits[keep] >= 5
		digits = digits[:keep]
		for i := keep - 1; up && i >= 0; i-- {
			if digits[i]++; digits[i] < 10 {
				up = false
			} else {
				digits[i] = 0
			}
		}
		if carry = up; up {
			digits = append([]byte{1}, digits...)
		}
	}
	whole := 1
	if carry {
		whole = 2
	}
	for len(digits) < post+whole {
		digits = append(digits, 0)
	}
	for i := range digits {
		digits[i] += '0'
	}
	out := sign + string(digits[:whole])
	if post > 0 {
		out += "." + string(digits[whole:])
	}
	return out + exponent(exp)
}

// exponent writes e+05.
func exponent(exp int) string {
	sign := "+"
	if exp < 0 {
		sign, exp = "-", -exp
	}
	s := strconv.Itoa(exp)
	return "e" + sign + strings.Repeat("0", max(2-len(s), 0)) + s
}

func scientificFloat(n *numberFormat, f float64) (value.Datum, *value.Error) {
	if math.IsInf(f, 0) || f != f {
		return textResult(" " + strings.Repeat("#", n.pre) + "." + strings.Repeat("#", n.post+4))
	}
	s := strconv.FormatFloat(f, 'e', n.post, 64)
	if s[0] != '-' {
		s = " " + s
	}
	return textResult(s)
}

func formatFloat(n *numberFormat, d value.Datum) (value.Datum, *value.Error) {
	f := d.F
	digits := 15
	if d.Kind == value.Float4 {
		digits = 6
	}
	switch {
	case n.roman:
		r := int64(0) // which has no Roman numeral, as what is out of range
		if f > 0 && f < 4000 {
			r = int64(math.RoundToEven(f))
		}
		return writeNumber(n, romanNumber(r), 0, false)
	case n.scientific:
		return scientificFloat(n, f)
	}
	if n.shifted {
		for range n.multi {
			f = float64(f * 10)
		}
		if d.Kind == value.Float4 {
			f = float64(float32(f))
		}
		n.pre += n.multi
	}
	whole := len(floatText(math.Abs(f), 0))
	n.post = max(min(n.post, digits-whole), 0)
	return digitsResult(n, floatText(f, n.post))
}

// floatText is C's %.*f.
func floatText(f float64, post int) string {
	switch {
	case f != f:
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	}
	return strconv.FormatFloat(f, 'f', post, 64)
}

package expr

import (
	"strings"
	"unicode/utf8"

	"weir/stream/value"
)

// MaxTextResult bounds the bytes of a text or bytea that a function builds (54000 beyond): it is
// the limit of a row, which the value could not enter anyway.
const MaxTextResult = 64 << 10

var errTextResult = &value.Error{
	SQLState: value.StateTooLarge, Msg: "a text may not be longer than 65536 bytes",
}

// textResult makes a text of bounded length.
func textResult(s string) (value.Datum, *value.Error) {
	if len(s) > MaxTextResult {
		return value.NullDatum, errTextResult
	}
	return value.NewText(s), nil
}

// textMap is a function from text to text.
func textMap(name string, op func(string) string) *function {
	return define(name, value.Text, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
		return textResult(op(a[0].S))
	}, value.Text)
}

// textFunctions measure, cut and change texts. Characters are code points; case is that of ASCII,
// as under the C collation.
func textFunctions() []*function {
	t, i4 := value.Text, value.Int4
	fs := []*function{
		measure("length", value.Text, utf8.RuneCount),
		measure("octet_length", value.Text, func(b []byte) int { return len(b) }),
		measure("length", value.Bytea, func(b []byte) int { return len(b) }),
		measure("octet_length", value.Bytea, func(b []byte) int { return len(b) }),
		caseMap("lower", 'A', 'Z'), caseMap("upper", 'a', 'z'),
		textMap("reverse", reverse),
		define("substring", t, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			return value.NewText(substring(a[0].S, a[1].I, maxEnd)), nil
		}, t, i4).safe(),
		define("substring", t, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			end, err := substringEnd(a[1].I, a[2].I)
			return value.NewText(substring(a[0].S, a[1].I, end)), err
		}, t, i4, i4),
		define("left", t, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			n := fromEnd(a[0].S, a[1].I)
			return value.NewText(a[0].S[:runeOffset(a[0].S, n)]), nil
		}, t, i4).safe(),
		define("right", t, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			n := fromEnd(a[0].S, -a[1].I)
			if a[1].I == 0 {
				return value.NewText(""), nil
			}
			return value.NewText(a[0].S[runeOffset(a[0].S, n):]), nil
		}, t, i4).safe(),
	}
	fs = append(fs, byteaFunctions()...)
	return append(fs, searchFunctions()...)
}

// measure counts something of a text or bytea.
func measure(name string, k value.Kind, count func([]byte) int) *function {
	return define(name, value.Int4, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
		return value.NewInt(value.Int4, int64(count([]byte(a[0].S)))), nil
	}, k).safe().fast(func(c *kernelCall) {
		o := c.args[0]
		for i := range c.rows {
			c.out.Ints[i] = int64(count(o.vec.Text(i & o.mask)))
		}
	})
}

// caseMap flips the case of the bytes from lo to hi. A text keeps its length.
func caseMap(name string, lo, hi byte) *function {
	return textMap(name, func(s string) string { return mapASCII(s, lo, hi) }).building(
		func(_ *ctx, dst []byte, args []operand, i int) ([]byte, *value.Error) {
			s := args[0].text(i)
			if len(s) > MaxTextResult {
				return nil, errTextResult
			}
			return appendASCII(dst, s, lo, hi), nil
		})
}

// mapASCII flips the case of the bytes from lo to hi.
func mapASCII(s string, lo, hi byte) string { return string(appendASCII(nil, s, lo, hi)) }

func appendASCII[T string | []byte](dst []byte, s T, lo, hi byte) []byte {
	from := len(dst)
	dst = append(dst, s...)
	for i, c := range dst[from:] {
		if c >= lo && c <= hi {
			dst[from+i] = c ^ 0x20
		}
	}
	return dst
}

func reverse(s string) string {
	b := make([]byte, len(s))
	at := len(b)
	for s != "" {
		n := runeLen(s)
		at -= n
		copy(b[at:], s[:n])
		s = s[n:]
	}
	return string(b)
}

// runeOffset is the byte offset of character n, or the length of s.
func runeOffset(s string, n int64) int {
	at := 0
	for ; n > 0 && at < len(s); n-- {
		at += runeLen(s[at:])
	}
	return at
}

// fromEnd resolves a count that, when negative, counts from the end: how many characters stay.
func fromEnd(s string, n int64) int64 {
	if n < 0 {
		return max(n+int64(utf8.RuneCountInString(s)), 0)
	}
	return n
}

// maxEnd is an end behind every text.
const maxEnd = 1 << 40

// substringEnd returns the character behind a substring; 22011 for a negative length.
func substringEnd(start, length int64) (int64, *value.Error) {
	if length < 0 {
		return 0, &value.Error{
			SQLState: value.StateSubstring, Msg: "negative substring length not allowed",
		}
	}
	return start + length, nil
}

// substring returns the characters from start (1 is the first) up to, without, end.
func substring(s string, start, end int64) string {
	start = max(start, 1)
	if end <= start {
		return ""
	}
	s = s[runeOffset(s, start-1):]
	return s[:runeOffset(s, end-start)]
}

func byteaFunctions() []*function {
	b, i4 := value.Bytea, value.Int4
	cut := func(s string, start, end int64) value.Datum {
		start = min(max(start, 1), int64(len(s))+1)
		end = min(max(end, start), int64(len(s))+1)
		return value.NewBytea([]byte(s[start-1 : end-1]))
	}
	return []*function{
		define("substring", b, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			return cut(a[0].S, a[1].I, maxEnd), nil
		}, b, i4).safe(),
		define("substring", b, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			end, err := substringEnd(a[1].I, a[2].I)
			return cut(a[0].S, a[1].I, end), err
		}, b, i4, i4),
		define("concat_op", b, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			if len(a[0].S)+len(a[1].S) > MaxTextResult {
				return value.NullDatum, errTextResult
			}
			return value.NewBytea([]byte(a[0].S + a[1].S)), nil
		}, b, b),
	}
}

// searchFunctions look for a text within another.
func searchFunctions() []*function {
	t, i4 := value.Text, value.Int4
	return []*function{
		define("position", i4, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			at := strings.Index(a[0].S, a[1].S)
			if at >= 0 {
				at = utf8.RuneCountInString(a[0].S[:at]) + 1
			}
			return value.NewInt(i4, int64(max(at, 0))), nil
		}, t, t).safe(),
		define("starts_with", value.Bool, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			return value.NewBool(strings.HasPrefix(a[0].S, a[1].S)), nil
		}, t, t).safe(),
		define("split_part", t, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			s, err := splitPart(a[0].S, a[1].S, a[2].I)
			return value.NewText(s), err
		}, t, t, i4),
	}
}

// splitPart returns field n (from 1; negative: from the end) of s cut at sep.
func splitPart(s, sep string, n int64) (string, *value.Error) {
	switch {
	case n == 0:
		return "", &value.Error{
			SQLState: value.StateBadParameter, Msg: "field position must not be zero",
		}
	case s == "":
		return "", nil
	case sep == "":
		if n == 1 || n == -1 {
			return s, nil
		}
		return "", nil
	}
	if n < 0 {
		if n += int64(strings.Count(s, sep)) + 2; n <= 0 {
			return "", nil
		}
	}
	for ; n > 1; n-- {
		_, rest, found := strings.Cut(s, sep)
		if !found {
			return "", nil
		}
		s = rest
	}
	s, _, _ = strings.Cut(s, sep)
	return s, nil
}

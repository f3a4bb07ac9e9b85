package expr

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"weir/stream/value"
)

// textMore are functions of texts and characters.
func textMore() []*function {
	t, i4 := value.Text, value.Int4
	fs := []*function{
		define("overlay", t, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			return overlay(a[0].S, a[1].S, a[2].I, int64(utf8.RuneCountInString(a[1].S)))
		}, t, t, i4),
		define("overlay", t, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			return overlay(a[0].S, a[1].S, a[2].I, a[3].I)
		}, t, t, i4, i4),
		define("translate", t, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			return textResult(translate(a[0].S, a[1].S, a[2].S))
		}, t, t, t),
		textMap("initcap", initcap),
		define("ascii", i4, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			if a[0].S == "" {
				return value.NewInt4(0), nil
			}
			r, _ := utf8.DecodeRuneInString(a[0].S)
			return value.NewInt4(r), nil
		}, t).safe(),
		define("chr", t, chr, i4),
		measure("bit_length", t, func(b []byte) int { return 8 * len(b) }),
		measure("bit_length", value.Bytea, func(b []byte) int { return 8 * len(b) }),
	}
	for _, k := range []shape{value.Int4, value.Int8} {
		fs = append(fs, define("to_hex", t, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			u := uint64(a[0].I)
			if k == value.Int4 {
				u = uint64(uint32(a[0].I))
			}
			return value.NewText(strconv.FormatUint(u, 16)), nil
		}, k).safe())
	}
	return fs
}

// overlay replaces length characters from start (1 is the first) by with.
func overlay(s, with string, start, length int64) (value.Datum, *value.Error) {
	if start <= 0 {
		return value.NullDatum, &value.Error{
			SQLState: value.StateSubstring, Msg: "negative substring length not allowed",
		}
	}
	rest := start + length
	if _, ok := int32Of(rest); !ok {
		return value.NullDatum, value.ErrInt4Range
	}
	return textResult(substring(s, 1, start) + with + substring(s, rest, maxEnd))
}

func int32Of(v int64) (int32, bool) { return int32(v), int64(int32(v)) == v }

// translate replaces each character of from by the one at its place in to, or removes it.
func translate(s, from, to string) string {
	with := map[rune]string{}
	for _, r := range from {
		repl := ""
		if to != "" {
			n := runeLen(to)
			repl, to = to[:n], to[n:]
		}
		if _, known := with[r]; !known {
			with[r] = repl
		}
	}
	var b strings.Builder
	for _, r := range s {
		if repl, ok := with[r]; ok {
			b.WriteString(repl)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// initcap writes the first of each run of ASCII letters and digits in upper case, others in lower.
func initcap(s string) string {
	b := []byte(s)
	inside := false
	for i, c := range b {
		switch {
		case c >= 'a' && c <= 'z' && !inside, c >= 'A' && c <= 'Z' && inside:
			b[i] = c ^ 0x20
		}
		inside = c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9'
	}
	return string(b)
}

func chr(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
	switch n := a[0].I; {
	case n < 0:
		return value.NullDatum, &value.Error{
			SQLState: value.StateTooLarge,
			Msg:      "character number must be positive",
		}
	case n == 0:
		return value.NullDatum, &value.Error{
			SQLState: value.StateTooLarge,
			Msg:      "null character not permitted",
		}
	case n > utf8.MaxRune:
		return value.NullDatum, value.Errorf(value.StateTooLarge,
			"requested character too large for encoding: %d", uint32(n))
	case !utf8.ValidRune(rune(n)):
		return value.NullDatum, value.Errorf(value.StateTooLarge,
			"requested character not valid for encoding: %d", n)
	default:
		return value.NewText(string(rune(n))), nil
	}
}

package expr

import (
	"strings"
	"unicode/utf8"

	"weir/stream/value"
)

// MaxPattern bounds the bytes of a LIKE pattern: matching takes text length times pattern length.
const MaxPattern = 1024

var (
	errLikeEnd = &value.Error{
		SQLState: value.StateBadEscape, Msg: "LIKE pattern must not end with escape character",
	}
	errEscapeLength = &value.Error{
		SQLState: value.StateBadEscape, Msg: "invalid escape string",
	}
	errPatternLength = &value.Error{
		SQLState: value.StateTooLarge, Msg: "LIKE pattern is longer than 1024 bytes",
	}
)

type bytesOrString interface{ ~string | ~[]byte }

// matched is the answer of one matching step.
type matched int8

const (
	matchNo    matched = iota
	matchYes           // the whole text matches
	matchAbort         // nor does any later position of the text
	matchBad           // the pattern ends with the escape character
)

// likeFunctions are LIKE and ILIKE, plain and with an escape character (third argument). Case is
// that of ASCII.
func likeFunctions() []*function {
	var fs []*function
	for _, f := range []struct {
		name      string
		fold, not bool
	}{
		{"like", false, false}, {"not_like", false, true},
		{"ilike", true, false}, {"not_ilike", true, true},
	} {
		fs = append(fs, likePlain(f.name, f.fold, f.not), likeEscaped(f.name, f.fold, f.not))
	}
	return fs
}

func likePlain(name string, fold, not bool) *function {
	t := value.Text
	return define(name, value.Bool, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
		ok, err := like(a[0].S, a[1].S, fold)
		return value.NewBool(ok != not), err
	}, t, t).fast(func(c *kernelCall) {
		s, p := c.args[0], c.args[1]
		for i := range c.rows {
			ok, err := like(s.vec.Text(i&s.mask), p.vec.Text(i&p.mask), fold)
			if ok != not {
				c.out.Ints[i] = 1
			}
			if err != nil {
				c.fail(i, err)
			}
		}
	})
}

func likeEscaped(name string, fold, not bool) *function {
	t := value.Text
	return define(name, value.Bool, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
		if a[1].IsNull() || a[2].IsNull() {
			return value.NullDatum, nil
		}
		if len(a[1].S) > MaxPattern {
			return value.NullDatum, errPatternLength
		}
		p, err := escapePattern(a[1].S, a[2].S)
		if err != nil {
			return value.NullDatum, err
		}
		if a[0].IsNull() { // the pattern is judged all the same, as in PostgreSQL
			return value.NullDatum, nil
		}
		ok, err := likeResult(matchLike(a[0].S, p, fold))
		return value.NewBool(ok != not), err
	}, t, t, t).callable()
}

// escapePattern rewrites a pattern whose escape character is esc ("": none) to backslashes.
// Source: do_like_escape of PostgreSQL's like_match.c.
func escapePattern(p, esc string) (string, *value.Error) {
	switch {
	case esc == "":
		return strings.ReplaceAll(p, `\`, `\\`), nil
	case utf8.RuneCountInString(esc) != 1:
		return "", errEscapeLength
	case esc == `\`:
		return p, nil
	}
	var b strings.Builder
	after := false
	for p != "" {
		switch {
		case !after && strings.HasPrefix(p, esc):
			b.WriteByte('\\')
			p, after = p[len(esc):], true
			continue
		case p[0] == '\\':
			b.WriteByte('\\')
			if !after {
				b.WriteByte('\\')
			}
			p = p[1:]
		default:
			_, n := utf8.DecodeRuneInString(p)
			b.WriteString(p[:n])
			p = p[n:]
		}
		after = false
	}
	return b.String(), nil
}

func like[S, P bytesOrString](text S, pattern P, fold bool) (bool, *value.Error) {
	if len(pattern) > MaxPattern {
		return false, errPatternLength
	}
	return likeResult(matchLike(text, pattern, fold))
}

func likeResult(m matched) (bool, *value.Error) {
	if m == matchBad {
		return false, errLikeEnd
	}
	return m == matchYes, nil
}

// foldByte is c, or its lower case when fold.
func foldByte(c byte, fold bool) byte {
	if fold && c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// runeLen is the length in bytes of the first character of valid UTF-8.
func runeLen[S bytesOrString](s S) int {
	n := 1
	for n < len(s) && s[n]&0xC0 == 0x80 {
		n++
	}
	return n
}

// matchLike matches backslash-escaped patterns. Source: MatchText of PostgreSQL's like_match.c;
// matchAbort keeps it from trying more than text times pattern positions.
func matchLike[S, P bytesOrString](t S, p P, fold bool) matched {
	for len(t) > 0 && len(p) > 0 {
		switch p[0] {
		case '\\':
			if len(p) == 1 {
				return matchBad
			}
			if p = p[1:]; foldByte(p[0], fold) != foldByte(t[0], fold) {
				return matchNo
			}
			t, p = t[1:], p[1:]
		case '%':
			return matchRest(t, p[1:], fold)
		case '_':
			t, p = t[runeLen(t):], p[1:]
		default:
			if foldByte(p[0], fold) != foldByte(t[0], fold) {
				return matchNo
			}
			t, p = t[1:], p[1:]
		}
	}
	if len(t) > 0 {
		return matchNo
	}
	for len(p) > 0 && p[0] == '%' {
		p = p[1:]
	}
	if len(p) == 0 {
		return matchYes
	}
	return matchAbort
}

// matchRest matches what follows a % of the pattern.
func matchRest[S, P bytesOrString](t S, p P, fold bool) matched {
	for len(p) > 0 && (p[0] == '%' || p[0] == '_') {
		if p[0] == '_' {
			if len(t) == 0 {
				return matchAbort
			}
			t = t[runeLen(t):]
		}
		p = p[1:]
	}
	if len(p) == 0 {
		return matchYes
	}
	first := p[0]
	if first == '\\' {
		if len(p) == 1 {
			return matchBad
		}
		first = p[1]
	}
	first = foldByte(first, fold)
	for len(t) > 0 {
		if foldByte(t[0], fold) == first {
			if m := matchLike(t, p, fold); m != matchNo {
				return m
			}
		}
		t = t[runeLen(t):]
	}
	return matchAbort
}

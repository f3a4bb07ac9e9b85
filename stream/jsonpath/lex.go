package jsonpath

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"weir/stream/value"
)

type tokenKind uint8

const (
	tEnd tokenKind = iota
	tSymbol
	tWord
	tString
	tVariable
	tNumber
	tInteger
)

type token struct {
	kind tokenKind
	text string // of a symbol, word, string or variable
	num  value.Decimal
}

func syntaxError(format string, args ...any) *value.Error {
	return value.Errorf("42601", format, args...)
}

// special ends words.
const special = "?%$.[]{}()|&!=<>@#,*:-+/\\\" \t\n\r\f"

func isOther(s string, at int) bool {
	return at < len(s) && strings.IndexByte(special, s[at]) < 0
}

// lex takes a path apart.
func lex(s string) ([]token, *value.Error) {
	var out []token
	at := 0
	for at < len(s) {
		switch c := s[at]; {
		case strings.IndexByte(" \t\n\r\f", c) >= 0:
			at++
		case strings.HasPrefix(s[at:], "/*"):
			end := strings.Index(s[at+2:], "*/")
			if end < 0 {
				return nil, syntaxError("unexpected end of comment in jsonpath")
			}
			at += end + 4
		case c == '"':
			text, end, err := quoted(s, at+1)
			if err != nil {
				return nil, err
			}
			out, at = append(out, token{kind: tString, text: text}), end
		case c == '$':
			t, end, err := variable(s, at+1)
			if err != nil {
				return nil, err
			}
			out, at = append(out, t), end
		case c >= '0' && c <= '9' || c == '.' && at+1 < len(s) && s[at+1] >= '0' && s[at+1] <= '9':
			t, end, err := number(s, at)
			if err != nil {
				return nil, err
			}
			out, at = append(out, t), end
		case c == '\\' || isOther(s, at):
			text, end, err := word(s, at)
			if err != nil {
				return nil, err
			}
			out, at = append(out, token{kind: tWord, text: text}), end
		default:
			sym := symbol(s[at:])
			out = append(out, token{kind: tSymbol, text: sym})
			at += len(sym)
		}
	}
	return append(out, token{}), nil
}

func symbol(s string) string {
	for _, sym := range [...]string{"&&", "||", "==", "!=", "<>", "<=", ">=", "**"} {
		if strings.HasPrefix(s, sym) {
			return sym
		}
	}
	return s[:1]
}

func variable(s string, at int) (token, int, *value.Error) {
	switch {
	case at < len(s) && s[at] == '"':
		text, end, err := quoted(s, at+1)
		return token{kind: tVariable, text: text}, end, err
	case isOther(s, at) || at < len(s) && s[at] == '\\':
		text, end, err := word(s, at)
		return token{kind: tVariable, text: text}, end, err
	}
	return token{kind: tSymbol, text: "$"}, at, nil
}

// number reads 12, 1.5, .5, 1. and 1e3.
func number(s string, at int) (token, int, *value.Error) {
	start := at
	digits := func() {
		for at < len(s) && s[at] >= '0' && s[at] <= '9' {
			at++
		}
	}
	kind := tInteger
	if s[at] == '0' {
		at++
	} else {
		digits()
	}
	if at < len(s) && s[at] == '.' {
		kind = tNumber
		at++
		digits()
	}
	if at < len(s) && s[at]|0x20 == 'e' {
		exp := at
		at++
		if at < len(s) && (s[at] == '+' || s[at] == '-') {
			at++
		}
		from := at
		if digits(); at == from {
			return token{}, 0, syntaxError("invalid numeric literal in jsonpath at %q", s[exp:])
		}
		kind = tNumber
	}
	if isOther(s, at) {
		return token{}, 0, syntaxError("trailing junk after numeric literal in jsonpath")
	}
	d, err := value.ParseDecimal(s[start:at])
	return token{kind: kind, num: d}, at, err
}

func quoted(s string, at int) (string, int, *value.Error) {
	var out []byte
	for at < len(s) {
		switch s[at] {
		case '"':
			text := string(out)
			return text, at + 1, value.CheckText(text)
		case '\\':
			var err *value.Error
			if out, at, err = escape(out, s, at+1); err != nil {
				return "", 0, err
			}
		default:
			out = append(out, s[at])
			at++
		}
	}
	return "", 0, syntaxError("unterminated quoted string in jsonpath")
}

func word(s string, at int) (string, int, *value.Error) {
	var out []byte
	for at < len(s) {
		switch {
		case s[at] == '\\':
			var err *value.Error
			if out, at, err = escape(out, s, at+1); err != nil {
				return "", 0, err
			}
		case isOther(s, at):
			out = append(out, s[at])
			at++
		default:
			return string(out), at, value.CheckText(string(out))
		}
	}
	return string(out), at, value.CheckText(string(out))
}

// escape reads what follows a backslash at s[at-1].
func escape(out []byte, s string, at int) ([]byte, int, *value.Error) {
	if at >= len(s) {
		return nil, 0, syntaxError("unexpected end after backslash in jsonpath")
	}
	const from, to = "bfnrtv", "\b\f\n\r\t\v"
	switch c := s[at]; {
	case strings.IndexByte(from, c) >= 0:
		return append(out, to[strings.IndexByte(from, c)]), at + 1, nil
	case c == 'x':
		r, ok := hexRune(s, at+1, at+3)
		return appendRune(out, r, ok, at+3)
	case c == 'u' && at+1 < len(s) && s[at+1] == '{':
		end := strings.IndexByte(s[at:], '}') + at
		r, ok := hexRune(s, at+2, end)
		return appendRune(out, r, ok && end-at-2 <= 6, end+1)
	case c == 'u':
		r, ok := hexRune(s, at+1, at+5)
		at += 5
		if ok && r >= 0xD800 && r < 0xDC00 && strings.HasPrefix(s[at:], `\u`) {
			low, okLow := hexRune(s, at+2, at+6)
			ok = okLow && low >= 0xDC00 && low < 0xE000
			r, at = (r-0xD800)<<10+(low-0xDC00)+0x10000, at+6
		}
		return appendRune(out, r, ok, at)
	}
	r, n := utf8.DecodeRuneInString(s[at:])
	return utf8.AppendRune(out, r), at + n, nil
}

func hexRune(s string, from, to int) (rune, bool) {
	if from >= to || to > len(s) {
		return 0, false
	}
	v, err := strconv.ParseUint(s[from:to], 16, 32)
	return rune(v), err == nil && v <= utf8.MaxRune
}

func appendRune(out []byte, r rune, ok bool, at int) ([]byte, int, *value.Error) {
	switch {
	case !ok:
		return nil, 0, syntaxError("invalid escape sequence in jsonpath")
	case r == 0:
		return nil, 0, &value.Error{SQLState: "22P05", Msg: "unsupported Unicode escape sequence"}
	case !utf8.ValidRune(r):
		return nil, 0, &value.Error{
			SQLState: value.StateBadText, Msg: "invalid input syntax for type json",
		}
	}
	return utf8.AppendRune(out, r), at, nil
}

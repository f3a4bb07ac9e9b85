package regex

import (
	"strings"
	"unicode/utf8"

	"weir/stream/value"
)

// FromSimilar turns a pattern of SIMILAR TO, with its escape character ("" for none), into a
// regular expression. Source: similar_escape_internal of PostgreSQL's regexp.c. Errors: 22025 for
// an escape of several characters, 2200C for more than two separators (the escape character
// and ").
func FromSimilar(pattern, escape string) (string, *value.Error) {
	if utf8.RuneCountInString(escape) > 1 {
		return "", &value.Error{SQLState: value.StateBadEscape, Msg: "invalid escape string"}
	}
	var b strings.Builder
	b.WriteString("^(?:")
	escaped, inClass, quotes := false, false, 0
	for _, r := range pattern {
		c := string(r)
		switch {
		case escaped && r == '"' && !inClass:
			switch quotes {
			case 0:
				b.WriteString("){1,1}?(")
			case 1:
				b.WriteString("){1,1}(?:")
			default:
				return "", &value.Error{SQLState: "2200C", Msg: "SQL regular expression may not " +
					"contain more than two escape-double-quote separators"}
			}
			quotes++
			escaped = false
		case escaped:
			b.WriteString(`\` + c)
			escaped = false
		case c == escape:
			escaped = true
		case inClass:
			if r == '\\' {
				b.WriteByte('\\')
			}
			b.WriteString(c)
			inClass = r != ']'
		case r == '[':
			b.WriteString(c)
			inClass = true
		case r == '%':
			b.WriteString(".*")
		case r == '_':
			b.WriteByte('.')
		case r == '(':
			b.WriteString("(?:")
		case strings.ContainsRune(`\.^$`, r):
			b.WriteString(`\` + c)
		default:
			b.WriteString(c)
		}
	}
	b.WriteString(")$")
	return b.String(), nil
}

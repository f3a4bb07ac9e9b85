package parse

import (
	"strings"

	"github.com/multigres/multigres/go/common/parser"
)

// canonical writes tokens in one spelling: one space between words, none around punctuation that
// binds, keywords in upper case where PostgreSQL reserves them, identifiers folded and quoted
// only where they must be, strings with plain quotes.
func canonical(toks []token) string {
	var b strings.Builder
	for i, t := range toks {
		if i > 0 && spaced(toks[i-1], t) {
			b.WriteByte(' ')
		}
		writeToken(&b, t)
	}
	return b.String()
}

func writeToken(b *strings.Builder, t token) {
	switch {
	case t.keyword && reserved(t.str):
		b.WriteString(strings.ToUpper(t.str))
	case t.keyword:
		b.WriteString(t.str)
	case t.kind == parser.IDENT:
		b.WriteString(QuoteIdent(t.str))
	case t.kind == parser.SCONST:
		b.WriteByte('\'')
		b.WriteString(strings.ReplaceAll(t.str, "'", "''"))
		b.WriteByte('\'')
	default:
		b.WriteString(t.str)
	}
}

// spaced reports whether a space stands between two neighbours.
func spaced(prev, t token) bool {
	switch {
	case t.punct(','), t.punct(')'), t.punct(']'), t.punct('['), t.punct('.'),
		t.kind == parser.TYPECAST:
		return false
	case prev.punct('('), prev.punct('['), prev.punct('.'), prev.kind == parser.TYPECAST:
		return false
	case t.punct('('):
		// After a name the parenthesis belongs to it: a call, a column list.
		return !prev.word() || prev.keyword && reserved(prev.str)
	}
	return true
}

// reserved reports whether a keyword can never be a bare name.
func reserved(word string) bool {
	k := parser.LookupKeyword(word)
	return k != nil && k.Category == parser.ReservedKeyword
}

// QuoteIdent writes a name so that it reads back as itself: bare if it is lower case and no
// keyword, in double quotes otherwise.
func QuoteIdent(name string) string {
	bare := name != "" && parser.LookupKeyword(name) == nil
	for i := 0; bare && i < len(name); i++ {
		c := name[i]
		bare = c >= 'a' && c <= 'z' || c == '_' || i > 0 && (c >= '0' && c <= '9' || c == '$')
	}
	if bare {
		return name
	}
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

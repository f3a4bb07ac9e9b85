package parse

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/multigres/multigres/go/common/parser"
)

// token is one token of the text. text[start:end] is how it was written.
type token struct {
	kind       int    // the grammar's token number; ASCII for single characters
	start, end int    // byte offsets in the whole text
	str        string // identifiers: folded name; strings: decoded value; else as written
	keyword    bool
	quoted     bool // a delimited identifier
}

// is reports whether t is the unquoted word w (lower case), keyword or not.
func (t token) is(w string) bool { return t.str == w && !t.quoted && t.word() }

// word reports whether t is an identifier or a keyword.
func (t token) word() bool { return t.keyword || t.kind == parser.IDENT }

// punct reports whether t is the single character c.
func (t token) punct(c byte) bool { return t.kind == int(c) }

// lex splits a text into tokens, without the end marker.
func lex(text string) ([]token, error) {
	if len(text) > MaxTextBytes {
		return nil, &Error{
			SQLState: stateProgramLimit,
			Message:  fmt.Sprintf("the SQL text is longer than %d bytes", MaxTextBytes),
		}
	}
	if at := badByte(text); at >= 0 {
		return nil, &Error{
			SQLState: stateBadUTF8,
			Message:  "the SQL text is not valid UTF-8 without NUL",
			Position: position(text, at),
		}
	}
	lx := parser.NewLexer(text)
	var toks []token
	for {
		t := lx.NextToken()
		if lx.HasErrors() || t.Type == parser.INVALID {
			return nil, lexError(text, lx, t.Position)
		}
		if t.Type == parser.EOF {
			return toks, nil
		}
		if len(toks) == MaxTokens {
			return nil, &Error{
				SQLState: stateProgramLimit,
				Message:  fmt.Sprintf("the SQL text has more than %d tokens", MaxTokens),
				Position: position(text, t.Position),
			}
		}
		tok := convert(text, t, lx.GetPosition())
		if tok.kind == parser.IDENT && nameBytes(text[tok.start:tok.end]) > MaxNameBytes {
			return nil, &Error{
				SQLState: stateNameTooLong,
				Message:  fmt.Sprintf("a name is longer than %d bytes", MaxNameBytes),
				Position: position(text, tok.start),
			}
		}
		toks = append(toks, tok)
	}
}

func convert(text string, t *parser.Token, end int) token {
	out := token{kind: t.Type, start: t.Position, end: end, str: t.Value.Str}
	out.keyword = t.Value.Keyword != ""
	switch {
	case out.keyword:
		out.str = t.Value.Keyword
	case t.Type == parser.IDENT:
		c := text[t.Position]
		out.quoted = c == '"' || (c == 'U' || c == 'u') && strings.HasPrefix(text[t.Position+1:], `&"`)
	case t.Type != parser.SCONST:
		out.str = text[t.Position:min(max(end, t.Position), len(text))]
	}
	return out
}

// nameBytes is the length of a name as written, without its quotes; an escape counts as written.
func nameBytes(written string) int {
	if i := strings.IndexByte(written, '"'); i >= 0 {
		inner := strings.TrimSuffix(written[i+1:], `"`)
		return len(strings.ReplaceAll(inner, `""`, `"`))
	}
	return len(strings.TrimSpace(written))
}

func lexError(text string, lx *parser.Lexer, at int) error {
	msg := "invalid token"
	if errs := lx.GetErrors(); len(errs) > 0 {
		msg = strings.TrimSuffix(errs[0].Error(), ".")
	}
	return &Error{SQLState: stateSyntax, Message: msg, Position: position(text, at)}
}

// badByte returns the offset of the first NUL or invalid UTF-8 byte, -1 if there is none.
func badByte(text string) int {
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		if r == 0 || r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

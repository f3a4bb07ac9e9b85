package parse

import (
	"strings"

	"github.com/multigres/multigres/go/common/parser"
)

// Inline replaces the parameters $1, $2, ... of a text by literals, which the caller has written
// so that they stand for the same values (a quoted string with a cast, or NULL). The result is
// what a session signs on behalf of a client that sent values apart from the text. A parameter
// without a literal is 08P01; the limits of the text hold for the result too.
func Inline(text string, literals []string) (string, error) {
	toks, err := lex(text)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	at := 0
	for _, t := range toks {
		if t.kind != parser.PARAM {
			continue
		}
		n := 0
		for _, c := range text[t.start+1 : t.end] {
			n = min(n*10+int(c-'0'), len(literals)+1)
		}
		if n < 1 || n > len(literals) {
			return "", &Error{
				SQLState: "08P01",
				Message:  "the statement has more parameters than values were given for",
				Position: position(text, t.start),
			}
		}
		b.WriteString(text[at:t.start])
		b.WriteString(literals[n-1])
		at = t.end
	}
	b.WriteString(text[at:])
	if out := b.String(); len(out) <= MaxTextBytes {
		return out, nil
	}
	return "", &Error{
		SQLState: stateProgramLimit,
		Message:  "the SQL text with its parameters is longer than the limit",
	}
}

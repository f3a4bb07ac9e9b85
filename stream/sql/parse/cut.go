package parse

import (
	"slices"
	"strings"
)

// cutter takes the streaming clauses out of one statement. Cut tokens leave toks; their bytes in
// text become spaces (or a PostgreSQL word of at most the same length).
type cutter struct {
	source  string
	toks    []token
	text    []byte // the whole text up to the end of the statement
	clauses Clauses
}

// cutAll runs every cutter. Each looks for one clause and leaves others alone.
func (c *cutter) cutAll() error {
	for _, cut := range []func() error{
		c.cutAlter, c.cutErase, c.cutReplace, c.cutRetained,
		c.cutExplain, c.cutAsOf, c.cutEmit, c.cutStream,
		c.cutDropStream, c.cutVersioning, c.cutWatermark, c.cutTableFunctions, c.cutWriters, c.cutViewKey,
		c.cutLateness, c.cutMatch, c.cutAsofJoin,
	} {
		if err := cut(); err != nil {
			return err
		}
		if c.clauses.whole() {
			return nil
		}
	}
	return nil
}

// words reports whether the unquoted words stand at token i.
func (c *cutter) words(i int, words ...string) bool {
	if i < 0 || i+len(words) > len(c.toks) {
		return false
	}
	for k, w := range words {
		if !c.toks[i+k].is(w) {
			return false
		}
	}
	return true
}

// punct reports whether the character stands at token i.
func (c *cutter) punct(i int, ch byte) bool {
	return i >= 0 && i < len(c.toks) && c.toks[i].punct(ch)
}

// cut removes tokens [i, j) and blanks the text from the first to the last of them.
func (c *cutter) cut(i, j int) {
	blank(c.text[c.toks[i].start:c.toks[j-1].end])
	c.toks = slices.Delete(c.toks, i, j)
}

// replace overwrites token i by a word that is not longer.
func (c *cutter) replace(i int, word string, kind int) {
	t := &c.toks[i]
	blank(c.text[t.start:t.end])
	copy(c.text[t.start:], word)
	t.end, t.str, t.kind, t.keyword = t.start+len(word), strings.ToLower(word), kind, true
}

// closing returns the index of the parenthesis that closes the one at i, -1 if there is none.
func (c *cutter) closing(i int) int {
	depth := 0
	for ; i < len(c.toks); i++ {
		switch {
		case c.toks[i].punct('('):
			depth++
		case c.toks[i].punct(')'):
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// syntax is a syntax error at token i, or at the end of the statement.
func (c *cutter) syntax(i int) error {
	if i >= len(c.toks) {
		return &Error{
			SQLState: stateSyntax,
			Message:  "syntax error at end of input",
			Position: position(c.source, len(c.text)),
		}
	}
	return syntaxAt(c.source, c.toks[i], "syntax error")
}

// name reads a name at token i.
func (c *cutter) name(i int) (Name, error) {
	if i >= len(c.toks) || !c.toks[i].word() || c.toks[i].keyword && reserved(c.toks[i].str) {
		return Name{}, c.syntax(i)
	}
	return Name{Name: c.toks[i].str, At: c.toks[i].start}, nil
}

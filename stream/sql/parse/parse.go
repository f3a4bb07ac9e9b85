package parse

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/multigres/multigres/go/common/parser"
	"github.com/multigres/multigres/go/common/parser/ast"
)

// Parse splits a text into its statements and parses each. Empty statements are left out. The
// error is an *Error: 42601, 54000, 54001 or 22021.
func Parse(text string) ([]Raw, error) {
	toks, err := lex(text)
	if err != nil {
		return nil, err
	}
	var out []Raw
	for len(toks) > 0 {
		n := 0
		for n < len(toks) && !toks[n].punct(';') {
			n++
		}
		if n > 0 {
			raw, err := parseOne(text, toks[:n:n])
			if err != nil {
				return nil, err
			}
			out = append(out, raw)
		}
		toks = toks[min(n+1, len(toks)):]
	}
	return out, nil
}

// parseOne parses the statement that toks are.
func parseOne(source string, toks []token) (Raw, error) {
	start, end := toks[0].start, toks[len(toks)-1].end
	raw := Raw{
		Text:      source[start:end],
		Offset:    start,
		Canonical: canonical(toks),
		source:    source,
	}
	if err := checkNesting(source, toks); err != nil {
		return Raw{}, err
	}
	c := cutter{source: source, toks: toks, text: []byte(source[:end])}
	blank(c.text[:start])
	if err := c.cutAll(); err != nil {
		return Raw{}, err
	}
	raw.Clauses = c.clauses
	if c.clauses.whole() {
		return raw, nil
	}
	tree, err := grammar(source, string(c.text), c.toks)
	if err != nil {
		return Raw{}, err
	}
	raw.Tree = tree
	locate(tree, c.toks)
	return raw, nil
}

var parseErrorText = regexp.MustCompile(`(?s)^parse error at position (\d+): (.*)$`)

// grammar runs PostgreSQL's grammar over text, which holds one statement whose tokens are toks.
// A fault inside the grammar's code is a refusal of the statement, not of the process.
func grammar(source, text string, toks []token) (tree ast.Stmt, err error) {
	defer func() {
		if recover() != nil {
			tree, err = nil, &Error{
				SQLState: stateSyntax,
				Message:  "the statement cannot be parsed",
				Position: position(source, toks[0].start),
			}
		}
	}()
	trees, perr := parser.ParseSQL(text)
	if perr != nil {
		return nil, grammarError(source, perr.Error(), toks)
	}
	if len(trees) != 1 || trees[0] == nil {
		return nil, grammarError(source, "syntax error", toks)
	}
	return trees[0], nil
}

// grammarError says where the grammar stopped: it reports how far it had read, which is the end
// of the first token that it could not use.
func grammarError(source, msg string, toks []token) error {
	end := toks[len(toks)-1].end + 1
	if m := parseErrorText.FindStringSubmatch(msg); m != nil {
		msg = m[2]
		if n, err := strconv.Atoi(m[1]); err == nil {
			end = n
		}
	}
	msg = strings.TrimSuffix(msg, ".")
	for _, t := range toks {
		if t.end < end {
			continue
		}
		if t.start >= end { // stopped in cut text: the token before is the nearest
			break
		}
		return syntaxAt(source, t, msg)
	}
	if end <= toks[len(toks)-1].end {
		return &Error{SQLState: syntaxState(msg), Message: msg, Position: position(source, end)}
	}
	return &Error{
		SQLState: syntaxState(msg),
		Message:  msg + " at end of input",
		Position: position(source, toks[len(toks)-1].end),
	}
}

// syntaxState is the SQLSTATE of what the grammar refuses: it judges the ends of frames too.
func syntaxState(msg string) string {
	if strings.HasPrefix(msg, "frame ") {
		return stateWindowing
	}
	return stateSyntax
}

// syntaxAt is a syntax error at a token.
func syntaxAt(source string, t token, msg string) error {
	near := source[t.start:t.end]
	const longest = 40
	if r := []rune(near); len(r) > longest {
		near = string(r[:longest]) + "..."
	}
	return &Error{
		SQLState: syntaxState(msg),
		Message:  fmt.Sprintf("%s at or near %q", msg, near),
		Position: position(source, t.start),
	}
}

// blank overwrites b with spaces, keeping its length.
func blank(b []byte) {
	for i := range b {
		b[i] = ' '
	}
}

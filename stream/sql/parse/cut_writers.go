package parse

import (
	"slices"

	"github.com/multigres/multigres/go/common/parser"
)

// cutWriters takes WRITERS (name, ...) off the end of a GRANT. Names are identifiers or strings,
// since writers such as gw/node1 are no identifiers.
func (c *cutter) cutWriters() error {
	if !c.words(0, "grant") && !c.words(0, "revoke") {
		return nil
	}
	i := slices.IndexFunc(c.toks, func(t token) bool { return t.is("writers") })
	if i < 1 || !c.punct(i+1, '(') {
		return nil
	}
	if c.closing(i+1) != len(c.toks)-1 {
		return nil
	}
	for k := i + 2; k < len(c.toks); k += 2 {
		t := c.toks[k]
		if t.kind != parser.SCONST && !t.word() {
			return c.syntax(k)
		}
		c.clauses.Writers = append(c.clauses.Writers, Name{Name: t.str, At: t.start})
		if !c.punct(k+1, ',') && k+1 != len(c.toks)-1 {
			return c.syntax(k + 1)
		}
	}
	if c.clauses.Writers == nil {
		return c.syntax(i + 2)
	}
	c.cut(i, len(c.toks))
	return nil
}

package parse

import (
	"strconv"

	"github.com/multigres/multigres/go/common/parser"
)

// cutAsOf takes AS OF HEIGHT h off the end of a statement.
func (c *cutter) cutAsOf() error {
	i := len(c.toks) - 4
	if i <= 0 || !c.words(i, "as", "of", "height") {
		return nil
	}
	t := c.toks[i+3]
	if t.kind != parser.ICONST && t.kind != parser.FCONST {
		return c.syntax(i + 3)
	}
	h, err := strconv.ParseUint(t.str, 10, 63)
	if err != nil {
		return syntaxAt(c.source, t, "invalid height")
	}
	c.clauses.AsOf = &h
	c.cut(i, i+4)
	return nil
}

package parse

import (
	"strings"

	"github.com/multigres/multigres/go/common/parser"
)

// cutLateness writes allowed_lateness = INTERVAL '10' MINUTE in the WITH list of a CREATE
// MATERIALIZED VIEW as the text '10 minute': the grammar has no intervals as option values.
func (c *cutter) cutLateness() error {
	if !c.words(0, "create", "materialized", "view") {
		return nil
	}
	for i := 3; i+3 < len(c.toks) && !c.toks[i].is("as"); i++ {
		if !c.words(i, "allowed_lateness") || !c.punct(i+1, '=') || !c.words(i+2, "interval") ||
			c.toks[i+3].kind != parser.SCONST {
			continue
		}
		t := c.toks[i+3]
		if i+4 < len(c.toks) && c.toks[i+4].word() {
			unit := c.toks[i+4]
			if _, ok := unitKinds[strings.TrimSuffix(unit.str, "s")]; !ok {
				return c.syntax(i + 4)
			}
			text := "'" + t.str + " " + unit.str + "'"
			if strings.ContainsAny(t.str, "'\\") || t.start+len(text) > unit.end {
				return c.syntax(i + 3)
			}
			blank(c.text[t.start:unit.end])
			copy(c.text[t.start:], text)
			c.toks[i+3].end, c.toks[i+3].str = t.start+len(text), t.str+" "+unit.str
			c.toks = append(c.toks[:i+4:i+4], c.toks[i+5:]...)
		}
		c.cut(i+2, i+3)
		return nil
	}
	return nil
}

package parse

import "github.com/multigres/multigres/go/common/parser"

// cutExplain reads EXPLAIN [(options)] MATERIALIZED VIEW v, which asks for a view as it runs, as
// EXPLAIN TABLE v.
func (c *cutter) cutExplain() error {
	if !c.words(0, "explain") {
		return nil
	}
	i := 1
	if c.punct(i, '(') {
		if i = c.closing(i) + 1; i == 0 {
			return nil // the grammar will say what is wrong
		}
	}
	if !c.words(i, "materialized", "view") {
		return nil
	}
	c.cut(i+1, i+2)
	c.replace(i, "TABLE", parser.TABLE)
	c.clauses.ExplainView = true
	return nil
}

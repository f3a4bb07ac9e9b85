package parse

// cutReplace takes OR REPLACE out of CREATE OR REPLACE MATERIALIZED VIEW, which PostgreSQL has for
// plain views only.
func (c *cutter) cutReplace() error {
	at := 0
	if c.words(0, "explain") {
		for at < len(c.toks) && !c.toks[at].is("create") {
			at++
		}
	}
	if c.words(at, "create", "or", "replace", "materialized", "view") {
		c.cut(at+1, at+3)
		c.clauses.OrReplace = true
	}
	return nil
}

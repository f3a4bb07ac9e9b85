package parse

// cutRetained takes FROM RETAINED out of CREATE MATERIALIZED VIEW v ... FROM RETAINED AS SELECT.
func (c *cutter) cutRetained() error {
	at := 0
	if c.words(0, "explain") {
		for at < len(c.toks) && !c.toks[at].is("create") {
			at++
		}
	}
	if !c.words(at, "create", "materialized", "view") {
		return nil
	}
	for i := at + 3; i < len(c.toks) && !c.toks[i].is("as"); i++ {
		if c.words(i, "from", "retained") {
			c.cut(i, i+2)
			c.clauses.Retained = true
			return nil
		}
	}
	return nil
}

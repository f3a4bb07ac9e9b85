package parse

// cutAlter reads ALTER MATERIALIZED VIEW v SUSPEND | RESUME [CASCADE] [FROM RETAINED], which is
// no statement of PostgreSQL's at all.
func (c *cutter) cutAlter() error {
	if !c.words(0, "alter", "materialized", "view") || len(c.toks) < 5 {
		return nil
	}
	verb := c.toks[4]
	if !verb.is("suspend") && !verb.is("resume") {
		return nil
	}
	view, err := c.name(3)
	if err != nil {
		return err
	}
	a := &Alter{View: view, Resume: verb.is("resume")}
	rest := 5
	if a.Resume && c.words(rest, "cascade") {
		a.Cascade = true
		rest++
	}
	if a.Resume && c.words(rest, "from", "retained") {
		a.Retained = true
		rest += 2
	}
	if rest != len(c.toks) {
		return c.syntax(rest)
	}
	c.clauses.Alter = a
	return nil
}

package parse

// cutVersioning takes WITH SYSTEM VERSIONING, which SQL:2011 has, off the end of a CREATE TABLE.
func (c *cutter) cutVersioning() error {
	end := len(c.toks)
	if c.words(0, "create", "table") && c.words(end-3, "with", "system", "versioning") {
		c.cut(end-3, end)
		c.clauses.Versioned = true
	}
	return nil
}

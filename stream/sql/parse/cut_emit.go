package parse

// cutEmit takes EMIT ON WINDOW CLOSE off the end of a statement.
func (c *cutter) cutEmit() error {
	i := len(c.toks) - 4
	if i <= 0 || !c.words(i, "emit", "on", "window", "close") {
		return nil
	}
	c.clauses.EmitOnClose = true
	c.clauses.EmitAt = c.toks[i].start
	c.cut(i, i+4)
	return nil
}

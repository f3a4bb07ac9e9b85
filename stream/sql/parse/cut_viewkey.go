package parse

// cutViewKey takes key = (column, ...) out of the WITH list of a CREATE MATERIALIZED VIEW: the
// grammar has no lists as option values.
func (c *cutter) cutViewKey() error {
	if !c.words(0, "create", "materialized", "view") {
		return nil
	}
	with := 3
	for with < len(c.toks) && !c.toks[with].is("with") && !c.toks[with].is("as") {
		with++
	}
	if !c.words(with, "with") || !c.punct(with+1, '(') {
		return nil
	}
	last := c.closing(with + 1)
	for i := with + 1; i >= 0 && i < last; i = c.nextElement(i + 1) {
		if !c.words(i+1, "key") || !c.punct(i+2, '=') || !c.punct(i+3, '(') {
			continue
		}
		end := c.closing(i + 3)
		if end < 0 {
			return c.syntax(len(c.toks))
		}
		if err := c.readKey(i+4, end); err != nil {
			return err
		}
		switch {
		case c.punct(i, ','):
			c.cut(i, end+1)
		case c.punct(end+1, ','):
			c.cut(i+1, end+2)
		case end+1 == last:
			c.cut(with, last+1)
		default:
			return c.syntax(end + 1)
		}
		return nil
	}
	return nil
}

// readKey reads the names in tokens [i, end).
func (c *cutter) readKey(i, end int) error {
	for {
		n, err := c.name(i)
		if err != nil {
			return err
		}
		c.clauses.Key = append(c.clauses.Key, n)
		if i+1 == end {
			return nil
		}
		if !c.punct(i+1, ',') {
			return c.syntax(i + 1)
		}
		i += 2
	}
}

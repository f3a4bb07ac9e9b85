package parse

// cutTableFunctions turns TABLE(TUMBLE(TABLE s, DESCRIPTOR(ts), ...)), as Flink writes window
// table functions, into TUMBLE(s, DESCRIPTOR(ts), ...), an ordinary function in FROM.
func (c *cutter) cutTableFunctions() error {
	for i := 0; i+3 < len(c.toks); i++ {
		if !c.words(i, "table") || !c.punct(i+1, '(') || !windowFunction(c.toks[i+2]) ||
			!c.punct(i+3, '(') {
			continue
		}
		end := c.closing(i + 1)
		if end < 0 || c.closing(i+3) != end-1 {
			continue // the grammar will say what is wrong
		}
		c.cut(end, end+1)
		if c.words(i+4, "table") {
			c.cut(i+4, i+5)
		}
		c.cut(i, i+2)
	}
	return nil
}

func windowFunction(t token) bool {
	return t.is("tumble") || t.is("hop") || t.is("cumulate") || t.is("session")
}

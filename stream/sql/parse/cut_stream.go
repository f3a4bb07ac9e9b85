package parse

import "github.com/multigres/multigres/go/common/parser"

// cutStream reads CREATE STREAM and CREATE SOURCE as CREATE TABLE, and takes APPEND ONLY off the
// end of a CREATE TABLE or off the place after its columns.
func (c *cutter) cutStream() error {
	if c.words(0, "create", "stream") || c.words(0, "create", "source") {
		c.replace(1, "TABLE", parser.TABLE)
		c.clauses.Stream = true
		return nil
	}
	if !c.words(0, "create", "table") {
		return nil
	}
	depth := 0
	for i, t := range c.toks {
		switch {
		case t.punct('('):
			depth++
		case t.punct(')'):
			depth--
		case depth == 0 && i > 2 && c.punct(i-1, ')') && c.words(i, "append", "only"):
			c.cut(i, i+2)
			c.clauses.Stream = true
			return nil
		}
	}
	return nil
}

// cutDropStream reads DROP STREAM and DROP SOURCE as DROP TABLE, and ALTER likewise.
func (c *cutter) cutDropStream() error {
	if c.words(0, "drop", "stream") || c.words(0, "drop", "source") ||
		c.words(0, "alter", "stream") || c.words(0, "alter", "source") {
		c.replace(1, "TABLE", parser.TABLE)
		c.clauses.Stream = true
	}
	return nil
}

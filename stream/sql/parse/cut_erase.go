package parse

import (
	"strconv"

	"github.com/multigres/multigres/go/common/parser"
)

// cutErase reads ERASE FROM s WHERE weir_offset BETWEEN a AND b [WITHIN 'interval'], or
// weir_offset = a, which is no statement of PostgreSQL's at all.
func (c *cutter) cutErase() error {
	if !c.words(0, "erase", "from") {
		return nil
	}
	stream, err := c.name(2)
	if err != nil {
		return err
	}
	e := &Erase{Stream: stream}
	if !c.words(3, "where", "weir_offset") {
		return c.syntax(3)
	}
	at := 5
	switch {
	case c.punct(at, '='):
		if e.First, err = c.offset(at + 1); err != nil {
			return err
		}
		e.Last = e.First
		at += 2
	case c.words(at, "between"):
		if e.First, err = c.offset(at + 1); err != nil {
			return err
		}
		if !c.words(at+2, "and") {
			return c.syntax(at + 2)
		}
		if e.Last, err = c.offset(at + 3); err != nil {
			return err
		}
		at += 4
	default:
		return c.syntax(at)
	}
	if c.words(at, "within") && at+1 < len(c.toks) && c.toks[at+1].kind == parser.SCONST {
		e.Within, e.WithinAt = c.toks[at+1].str, c.toks[at+1].start
		at += 2
	}
	if at != len(c.toks) {
		return c.syntax(at)
	}
	c.clauses.Erase = e
	return nil
}

// offset reads an offset of a stream at token i.
func (c *cutter) offset(i int) (uint64, error) {
	if i >= len(c.toks) || c.toks[i].kind != parser.ICONST && c.toks[i].kind != parser.FCONST {
		return 0, c.syntax(i)
	}
	n, err := strconv.ParseUint(c.toks[i].str, 10, 62)
	if err != nil {
		return 0, syntaxAt(c.source, c.toks[i], "invalid offset")
	}
	return n, nil
}

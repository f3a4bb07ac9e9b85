package parse

import "github.com/multigres/multigres/go/common/parser"

// JoinClause is what was cut out of a join: ASOF [LEFT] JOIN, or FOR SYSTEM_TIME AS OF column
// behind its right side. It belongs to the join whose word JOIN is at a byte offset.
type JoinClause struct {
	At   int
	Asof bool
	// Time is the column after AS OF, in its parts, and TimeAt its byte offset; nil: none, or
	// PROCTIME().
	Time     []string
	TimeAt   int
	Proctime bool
}

// Temporal reports whether the join is one FOR SYSTEM_TIME AS OF.
func (c *JoinClause) Temporal() bool { return c.Proctime || c.Time != nil }

// cutAsofJoin takes ASOF out of a ASOF [LEFT [OUTER]] JOIN b, and the clause out of JOIN b FOR
// SYSTEM_TIME AS OF a.ts.
func (c *cutter) cutAsofJoin() error {
	for i := 1; i+1 < len(c.toks); i++ {
		if !c.words(i, "asof") || !c.joinFollows(i+1) {
			continue
		}
		at := c.toks[i].start
		c.cut(i, i+1)
		if err := c.joinClause(i, JoinClause{At: at, Asof: true}); err != nil {
			return err
		}
	}
	for i := 1; i+3 < len(c.toks); i++ {
		if !c.words(i, "for", "system_time", "as", "of") {
			continue
		}
		clause := JoinClause{At: c.toks[i].start}
		end, err := c.versionTime(i+4, &clause)
		if err != nil {
			return err
		}
		c.cut(i, end)
		if err := c.joinClause(c.joinBefore(i), clause); err != nil {
			return err
		}
		i--
	}
	return nil
}

// versionTime reads the column behind AS OF, or PROCTIME(), and returns where it ends.
func (c *cutter) versionTime(i int, clause *JoinClause) (int, error) {
	if c.words(i, "proctime") && c.punct(i+1, '(') && c.punct(i+2, ')') {
		clause.Proctime, clause.TimeAt = true, c.toks[i].start
		return i + 3, nil
	}
	for {
		n, err := c.name(i)
		if err != nil {
			return i, err
		}
		if clause.Time == nil {
			clause.TimeAt = n.At
		}
		clause.Time = append(clause.Time, n.Name)
		if i++; !c.punct(i, '.') {
			return i, nil
		}
		i++
	}
}

// joinFollows reports whether a join without NATURAL or another condition begins at token i.
func (c *cutter) joinFollows(i int) bool {
	for i < len(c.toks) && (c.words(i, "left") || c.words(i, "inner") || c.words(i, "outer") ||
		c.words(i, "right") || c.words(i, "full")) {
		i++
	}
	return c.words(i, "join")
}

// joinBefore returns the last JOIN in front of token i on its level.
func (c *cutter) joinBefore(i int) int {
	depth := 0
	for i--; i >= 0 && depth >= 0; i-- {
		switch {
		case c.punct(i, ')'):
			depth++
		case c.punct(i, '('):
			depth--
		case depth == 0 && c.toks[i].kind == parser.JOIN:
			return i
		}
	}
	return len(c.toks)
}

// joinClause notes a clause of the first JOIN from token i on.
func (c *cutter) joinClause(i int, clause JoinClause) error {
	for ; i < len(c.toks); i++ {
		if c.toks[i].kind == parser.JOIN {
			if c.clauses.Joins == nil {
				c.clauses.Joins = map[int]*JoinClause{}
			}
			c.clauses.Joins[c.toks[i].start] = &clause
			return nil
		}
	}
	return &Error{
		SQLState: stateSyntax, Message: "FOR SYSTEM_TIME AS OF belongs to the right side of a JOIN",
		Position: position(c.source, clause.At),
	}
}

package parse

import (
	"strings"

	"github.com/multigres/multigres/go/common/parser"
)

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
	return c.cutPartitions()
}

// cutPartitions takes TABLE out of TUMBLE(TABLE s, ...) and its relatives, and PARTITION BY k, ...
// out of SESSION(TABLE s PARTITION BY k, DESCRIPTOR(ts), gap), and writes the units of window
// sizes as PostgreSQL does: INTERVAL '5' MINUTES is Flink's.
func (c *cutter) cutPartitions() error {
	for i := 0; i+1 < len(c.toks); i++ {
		if !windowFunction(c.toks[i]) || !c.punct(i+1, '(') {
			continue
		}
		end := c.closing(i + 1)
		if end < 0 {
			continue
		}
		c.singularUnits(i+2, end)
		if c.words(i+2, "table") && !c.punct(i+3, '(') {
			c.cut(i+2, i+3)
		}
		if !c.toks[i].is("session") || !c.words(i+3, "partition", "by") {
			continue
		}
		p := Partition{At: c.toks[i].start}
		next, err := c.readPartition(i+5, &p)
		if err != nil {
			return err
		}
		c.clauses.Partitions = append(c.clauses.Partitions, p)
		c.cut(i+3, next)
	}
	return nil
}

// readPartition reads names up to the comma before DESCRIPTOR, where the next argument begins.
func (c *cutter) readPartition(i int, p *Partition) (int, error) {
	paren := c.punct(i, '(')
	if paren {
		i++
	}
	for {
		n, err := c.name(i)
		if err != nil {
			return 0, err
		}
		p.Keys = append(p.Keys, n)
		switch i++; {
		case paren && c.punct(i, ')'):
			return i + 1, nil
		case !c.punct(i, ','):
			return 0, c.syntax(i)
		case !paren && c.startsTime(i+1):
			return i, nil
		}
		i++
	}
}

// startsTime reports whether the time of a window begins at token i: DESCRIPTOR(ts), or a name that
// the gap follows.
func (c *cutter) startsTime(i int) bool {
	return c.words(i, "descriptor") || !c.punct(i+1, ',') || i+2 >= len(c.toks) ||
		c.words(i+2, "interval") || !c.toks[i+2].word()
}

// singularUnits turns INTERVAL '5' MINUTES among tokens [i, end) into INTERVAL '5' MINUTE.
func (c *cutter) singularUnits(i, end int) {
	for ; i+2 < end; i++ {
		if !c.words(i, "interval") || c.toks[i+1].kind != parser.SCONST {
			continue
		}
		if unit, ok := unitKinds[strings.TrimSuffix(c.toks[i+2].str, "s")]; ok &&
			strings.HasSuffix(c.toks[i+2].str, "s") && c.toks[i+2].word() {
			c.replace(i+2, strings.TrimSuffix(c.toks[i+2].str, "s"), unit)
		}
	}
}

// unitKinds are the units of intervals that stand outside the quotes.
var unitKinds = map[string]int{
	"second": parser.SECOND_P, "minute": parser.MINUTE_P, "hour": parser.HOUR_P,
	"day": parser.DAY_P, "month": parser.MONTH_P, "year": parser.YEAR_P,
}

func windowFunction(t token) bool {
	return t.is("tumble") || t.is("hop") || t.is("cumulate") || t.is("session")
}

package sqlfuzz

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Tables that queries read: a primary key, two integers and a text, all but the key may be NULL.
const (
	numTables = 3
	keys      = 12 // primary keys are 1 to keys
)

// Schema is the DDL of the tables, for every system.
func Schema() string {
	var b strings.Builder
	for i := range numTables {
		fmt.Fprintf(&b, "CREATE TABLE t%d (id bigint PRIMARY KEY, a bigint, b bigint, s text);\n", i)
	}
	return b.String()
}

// Change sets the row of a table under a key, or takes it away.
type Change struct {
	Table  int
	Key    int64
	Delete bool
	A, B   *int64
	S      *string
}

// Case is one query and what happens to the tables.
type Case struct {
	Seed  uint64
	query *piece
	// Steps are the changes of each step; a key comes at most once in a step.
	Steps [][]Change
}

// Query is the SQL of the query.
func (c *Case) Query() string { return c.query.String() }

// Generate makes the case of a seed.
func Generate(seed uint64) *Case {
	//weir:random a seeded generator of tests
	g := &generator{r: rand.New(rand.NewPCG(seed, 0x5EED))}
	c := &Case{Seed: seed, query: g.root()}
	for range 2 + g.n(3) {
		c.Steps = append(c.Steps, g.step())
	}
	return c
}

type generator struct {
	//weir:random a seeded generator of tests
	r     *rand.Rand
	alias int
	depth int      // of nested queries
	outer []column // of the queries around the one being made
}

// column is a name that expressions can use.
type column struct {
	name string
	sort sort
}

//weir:random a seeded generator of tests
func (g *generator) n(n int) int { return g.r.IntN(n) }

//weir:random a seeded generator of tests
func (g *generator) chance(of int) bool    { return g.r.IntN(of) == 0 }
func (g *generator) fresh(p string) string { g.alias++; return fmt.Sprintf("%s%d", p, g.alias) }

func (g *generator) step() (out []Change) {
	seen := map[[2]int64]bool{}
	for range 1 + g.n(8) {
		c := Change{Table: g.n(numTables), Key: 1 + int64(g.n(keys)), Delete: g.chance(4)}
		at := [2]int64{int64(c.Table), c.Key}
		if seen[at] {
			continue
		}
		seen[at] = true
		number := func() *int64 {
			if g.chance(4) {
				return nil
			}
			v := int64(g.n(5)) - 1
			return &v
		}
		c.A, c.B = number(), number()
		if !g.chance(4) {
			s := []string{"", "a", "b", "ab", "B"}[g.n(5)]
			c.S = &s
		}
		out = append(out, c)
	}
	return out
}

// columnsOf picks the columns of a sort.
func columnsOf(cols []column, s sort) (out []column) {
	for _, c := range cols {
		if c.sort == s {
			out = append(out, c)
		}
	}
	return out
}

// name draws a column of a sort, now and then one of a query around.
func (g *generator) name(cols []column, s sort) *piece {
	from := columnsOf(cols, s)
	if around := columnsOf(g.outer, s); len(around) > 0 && (len(from) == 0 || g.chance(3)) {
		from = around
	}
	if len(from) == 0 {
		return smallest[s][0]
	}
	return lit(s, from[g.n(len(from))].name)
}

func (g *generator) expr(s sort, cols []column, depth int) *piece {
	switch s {
	case intExpr:
		return g.int(cols, depth)
	case textExpr:
		return g.text(cols, depth)
	}
	return g.bool(cols, depth)
}

func (g *generator) int(cols []column, depth int) *piece {
	if depth <= 0 || g.chance(3) {
		if g.chance(4) {
			return lit(intExpr, fmt.Sprint(g.n(4)))
		}
		return g.name(cols, intExpr)
	}
	sub := func() *piece { return g.int(cols, depth-1) }
	switch g.n(9) {
	case 0:
		return put(intExpr, "(% + %)", sub(), sub())
	case 1:
		return put(intExpr, "(% - %)", sub(), sub())
	case 2:
		return put(intExpr, "(% * 2)", sub())
	case 3:
		return put(intExpr, "CASE WHEN % THEN % ELSE % END", g.bool(cols, depth-1), sub(), sub())
	case 4:
		return put(intExpr, "coalesce(%, %)", sub(), sub())
	case 5:
		return put(intExpr, "length(%)", g.text(cols, depth-1))
	case 6:
		return put(intExpr, "nullif(%, %)", sub(), sub())
	case 7:
		return put(intExpr, "abs(%)", sub())
	}
	if g.depth > 1 {
		return sub()
	}
	return g.scalarQuery(cols)
}

func (g *generator) text(cols []column, depth int) *piece {
	if depth <= 0 || g.chance(3) {
		if g.chance(4) {
			return lit(textExpr, []string{"''", "'a'", "'b'", "'ab'"}[g.n(4)])
		}
		return g.name(cols, textExpr)
	}
	sub := func() *piece { return g.text(cols, depth-1) }
	switch g.n(5) {
	case 0:
		return put(textExpr, "(% || %)", sub(), sub())
	case 1:
		return put(textExpr, "upper(%)", sub())
	case 2:
		return put(textExpr, "CASE WHEN % THEN % ELSE % END", g.bool(cols, depth-1), sub(), sub())
	case 3:
		return put(textExpr, "coalesce(%, %)", sub(), sub())
	}
	return put(textExpr, "substr(%, 1, 1)", sub())
}

func (g *generator) bool(cols []column, depth int) *piece {
	s := []sort{intExpr, intExpr, textExpr}[g.n(3)]
	sub := func() *piece { return g.expr(s, cols, depth-1) }
	if depth <= 0 || g.chance(3) {
		op := []string{"=", "<>", "<", "<=", ">", ">="}[g.n(6)]
		return put(boolExpr, "(% "+op+" %)", sub(), sub())
	}
	cond := func() *piece { return g.bool(cols, depth-1) }
	switch g.n(10) {
	case 0:
		return put(boolExpr, "(%)", listOf(" AND ", 1, cond(), cond()))
	case 1:
		return put(boolExpr, "(%)", listOf(" OR ", 1, cond(), cond()))
	case 2:
		return put(boolExpr, "(NOT %)", cond())
	case 3:
		return put(boolExpr, "(% IS NULL)", sub())
	case 4:
		return put(boolExpr, "(% BETWEEN % AND %)", sub(), sub(), sub())
	case 5:
		return put(boolExpr, "(% IN (%))", sub(), listOf(", ", 1, sub(), sub(), sub()))
	case 6:
		return put(boolExpr, "(% IS NOT DISTINCT FROM %)", sub(), sub())
	}
	if g.depth > 1 {
		return cond()
	}
	return g.conditionQuery(cols, s)
}

package sqlfuzz

import (
	"fmt"
	"strings"
)

// inside makes a piece with the columns around visible to the queries in it.
func (g *generator) inside(cols []column, make func() *piece) *piece {
	outer := g.outer
	g.outer = append(append([]column(nil), outer...), cols...)
	g.depth++
	p := make()
	g.outer, g.depth = outer, g.depth-1
	return p
}

// scalarQuery has one row: an aggregate without groups.
func (g *generator) scalarQuery(cols []column) *piece {
	return g.inside(cols, func() *piece {
		from, inner := g.from(1)
		agg := []string{"count(%)", "sum(%)", "min(%)", "max(%)"}[g.n(4)]
		around := g.outer
		g.outer = nil // an aggregate over columns around would belong to the query around
		arg := g.int(inner, 1)
		g.outer = around
		return put(intExpr, "(SELECT "+agg+" FROM %%)", arg, from, g.where(inner))
	})
}

// conditionQuery is EXISTS or IN.
func (g *generator) conditionQuery(cols []column, s sort) *piece {
	not := ""
	if g.chance(2) {
		not = "NOT "
	}
	if g.chance(2) {
		return put(boolExpr, "("+not+"EXISTS %)", g.inside(cols, func() *piece {
			from, inner := g.from(1)
			return put(other, "(SELECT 1 FROM %%)", from, g.where(inner))
		}))
	}
	left := g.expr(s, cols, 1)
	return put(boolExpr, "(% "+not+"IN %)", left, g.inside(cols, func() *piece {
		from, inner := g.from(1)
		return put(other, "(SELECT % FROM %%)", g.expr(s, inner, 1), from, g.where(inner))
	}))
}

// where is a WHERE clause or nothing.
func (g *generator) where(cols []column) *piece {
	if g.chance(3) {
		return listOf("", 0)
	}
	return listOf("", 0, put(other, " WHERE %", g.bool(cols, 2)))
}

// from makes a FROM item of up to items tables.
func (g *generator) from(items int) (*piece, []column) {
	left, cols := g.table()
	for range g.n(items + 1) {
		right, more := g.table()
		both := append(append([]column(nil), cols...), more...)
		left = g.join(left, right, cols, more, both)
		cols = both
	}
	return left, cols
}

// join puts two items side by side. FULL needs an equality in PostgreSQL.
func (g *generator) join(left, right *piece, l, r, both []column) *piece {
	g.depth += 2 // no queries in ON
	defer func() { g.depth -= 2 }()
	equal := put(boolExpr, "(% = %)", g.name(l, intExpr), g.name(r, intExpr))
	if len(g.outer) > 0 { // the sides themselves, not columns around
		equal = put(boolExpr, "(% = %)", lit(intExpr, columnsOf(l, intExpr)[0].name),
			lit(intExpr, columnsOf(r, intExpr)[0].name))
	}
	cond := equal
	if g.chance(2) {
		cond = put(boolExpr, "(%)", listOf(" AND ", 1, equal, g.bool(both, 1)))
	}
	switch g.n(7) {
	case 0, 1:
		return put(fromItem, "% JOIN % ON %", left, right, cond)
	case 2, 3:
		return put(fromItem, "% LEFT JOIN % ON %", left, right, cond)
	case 4:
		return put(fromItem, "% RIGHT JOIN % ON %", left, right, cond)
	case 5:
		return put(fromItem, "% FULL JOIN % ON %", left, right,
			put(other, "%", lit(other, equal.String())))
	}
	return put(fromItem, "% CROSS JOIN %", left, right)
}

// table is a table, or now and then a query.
func (g *generator) table() (*piece, []column) {
	name := g.fresh("x")
	if g.depth < 2 && g.chance(5) {
		outer := g.outer
		g.outer = nil // not LATERAL
		g.depth++
		q, sorts := g.selectQuery(false)
		g.outer, g.depth = outer, g.depth-1
		var cols []column
		for i, s := range sorts {
			cols = append(cols, column{fmt.Sprintf("%s.c%d", name, i+1), s})
		}
		if len(columnsOf(cols, intExpr)) > 0 {
			return put(fromItem, "(%) AS "+name, q), cols
		}
	}
	return lit(fromItem, fmt.Sprintf("t%d AS %s", g.n(numTables), name)), []column{
		{name + ".id", intExpr},
		{name + ".a", intExpr},
		{name + ".b", intExpr},
		{name + ".s", textExpr},
	}
}

// root is a whole query: one of the forms, one SELECT, or two with a set operation between them.
func (g *generator) root() *piece {
	if g.chance(4) {
		return g.form()
	}
	q, sorts := g.selectQuery(g.chance(4))
	if !g.chance(5) {
		return q
	}
	op := []string{"UNION", "UNION ALL", "INTERSECT", "EXCEPT", "INTERSECT ALL", "EXCEPT ALL"}[g.n(6)]
	other := put(wholeQuery, "SELECT % FROM %%", g.branch(sorts)...)
	p := put(wholeQuery, "% "+op+" %", q, other)
	p.noLite = op == "INTERSECT ALL" || op == "EXCEPT ALL"
	if q.any(func(p *piece) bool { return p.text == " ORDER BY % LIMIT %" }) {
		return q // SQLite takes no parentheses here
	}
	return p
}

// branch makes the parts of a SELECT with outputs of the given sorts.
func (g *generator) branch(sorts []sort) []*piece {
	from, cols := g.from(1)
	list := listOf(", ", len(sorts))
	for i, s := range sorts {
		list.parts = append(list.parts,
			put(other, fmt.Sprintf("%% AS c%d", i+1), g.expr(s, cols, 2)))
	}
	return []*piece{list, from, g.where(cols)}
}

// selectQuery is a SELECT; its outputs are called c1, c2, ...
func (g *generator) selectQuery(cut bool) (*piece, []sort) {
	from, cols := g.from(2)
	switch g.n(4) {
	case 0:
		return g.grouped(from, cols)
	case 1:
		if g.depth == 0 {
			return g.windowed(from, cols)
		}
	}
	var sorts []sort
	list := listOf(", ", 1)
	for i := range 1 + g.n(3) {
		s := []sort{intExpr, intExpr, textExpr}[g.n(3)]
		sorts = append(sorts, s)
		list.parts = append(list.parts, put(other, fmt.Sprintf("%% AS c%d", i+1), g.expr(s, cols, 3)))
	}
	distinct := listOf("", 0)
	if g.chance(5) {
		distinct.parts = append(distinct.parts, lit(other, "DISTINCT "))
	}
	order := listOf("", 0)
	if cut {
		order.parts = append(order.parts, g.limit(len(sorts)))
	}
	return put(wholeQuery, "SELECT %% FROM %%%", distinct, list, from, g.where(cols), order), sorts
}

// limit orders by every output, so that rows that tie are equal.
func (g *generator) limit(outputs int) *piece {
	keys := listOf(", ", outputs)
	for i := range outputs {
		dir := []string{"", " DESC"}[g.n(2)]
		nulls := []string{" NULLS FIRST", " NULLS LAST"}[g.n(2)]
		keys.parts = append(keys.parts, lit(other, fmt.Sprintf("c%d%s%s", i+1, dir, nulls)))
	}
	n := fmt.Sprint(1 + g.n(4))
	if g.chance(3) {
		n += fmt.Sprintf(" OFFSET %d", g.n(3))
	}
	return put(other, " ORDER BY % LIMIT %", keys, lit(other, n))
}

// grouped is a SELECT with GROUP BY, HAVING and aggregates.
func (g *generator) grouped(from *piece, cols []column) (*piece, []sort) {
	list, groups := listOf(", ", 1), listOf(", ", 0)
	var sorts []sort
	for range g.n(3) {
		s := []sort{intExpr, textExpr}[g.n(2)]
		e := g.name(cols, s)
		if len(g.outer) > 0 || len(columnsOf(cols, s)) == 0 || g.chance(3) {
			g.depth += 2
			e = g.expr(s, cols, 1)
			g.depth -= 2
		}
		if columnFree(e) { // a constant in GROUP BY means something else
			continue
		}
		sorts = append(sorts, s)
		groups.parts = append(groups.parts, e)
		list.parts = append(list.parts, put(other, fmt.Sprintf("%% AS c%d", len(sorts)),
			lit(other, e.String())))
	}
	for range 1 + g.n(2) {
		sorts = append(sorts, intExpr)
		list.parts = append(list.parts,
			put(other, fmt.Sprintf("%% AS c%d", len(sorts)), g.aggregate(cols)))
	}
	having := listOf("", 0)
	if g.chance(3) {
		having.parts = append(having.parts, put(other, " HAVING %", put(boolExpr, "(% > %)",
			g.aggregate(cols), lit(intExpr, fmt.Sprint(g.n(3))))))
	}
	by := listOf("", 0)
	if len(groups.parts) > 0 {
		groups.least = len(groups.parts)
		by.least = 1
		by.parts = append(by.parts, put(other, " GROUP BY %", groups))
	}
	list.least = len(list.parts)
	return put(wholeQuery, "SELECT % FROM %%%%", list, from, g.where(cols), by, having), sorts
}

// columnFree reports whether an expression names no column.
func columnFree(p *piece) bool {
	return !p.any(func(q *piece) bool { return strings.HasPrefix(q.text, "x") })
}

func (g *generator) aggregate(cols []column) *piece {
	g.depth += 2
	defer func() { g.depth -= 2 }()
	filter := listOf("", 0)
	if g.chance(4) {
		filter.parts = append(filter.parts, put(other, " FILTER (WHERE %)", g.bool(cols, 1)))
	}
	switch g.n(7) {
	case 0:
		return put(intExpr, "count(*)%", filter)
	case 1:
		return put(intExpr, "count(%)%", g.expr([]sort{intExpr, textExpr}[g.n(2)], cols, 1), filter)
	case 2:
		return put(intExpr, "sum(%)%", g.int(cols, 1), filter)
	case 3:
		return put(intExpr, "min(%)%", g.int(cols, 1), filter)
	case 4:
		return put(intExpr, "max(%)%", g.int(cols, 1), filter)
	case 5:
		return put(intExpr, "count(DISTINCT %)%", g.expr([]sort{intExpr, textExpr}[g.n(2)], cols, 1),
			filter)
	}
	return put(intExpr, "sum(DISTINCT %)%", g.int(cols, 1), filter)
}

// windowed is a SELECT with window functions whose results do not depend on the order of ties.
func (g *generator) windowed(from *piece, cols []column) (*piece, []sort) {
	g.depth += 2
	defer func() { g.depth -= 2 }()
	list := listOf(", ", 1, put(other, "% AS c1", g.int(cols, 1)))
	sorts := []sort{intExpr}
	for range 1 + g.n(2) {
		fn := []string{
			"rank()", "dense_rank()", "count(*)", "sum(%)", "min(%)", "max(%)", "count(%)",
		}[g.n(7)]
		args := []*piece{}
		if fn[len(fn)-2] == '%' {
			args = append(args, g.int(cols, 1))
		}
		part, frame := listOf("", 0), listOf("", 0)
		if g.chance(2) {
			part.parts = append(part.parts, put(other, "PARTITION BY % ", g.name(cols, intExpr)))
		}
		if fn[0] != 'r' && fn[0] != 'd' && g.chance(2) {
			frame.parts = append(frame.parts, lit(other, []string{
				" RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING",
				" RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING",
				" GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING",
				" GROUPS BETWEEN 2 PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW",
			}[g.n(4)]))
		}
		sorts = append(sorts, intExpr)
		nulls := []string{" NULLS FIRST", " NULLS LAST", " DESC NULLS LAST"}[g.n(3)]
		args = append(args, part, g.int(cols, 1), frame)
		list.parts = append(list.parts, put(other,
			fmt.Sprintf("%s OVER (%%ORDER BY %%%s%%) AS c%d", fn, nulls, len(sorts)), args...))
	}
	return put(wholeQuery, "SELECT % FROM %%", list, from, g.where(cols)), sorts
}

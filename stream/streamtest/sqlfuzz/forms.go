package sqlfuzz

import (
	"fmt"
	"strings"
)

// form is a shape of a whole query that trees of pieces do not reach by themselves.
type form struct {
	name string
	lite bool // SQLite has it and gives it the same meaning
	make func(g *generator) *piece
}

// forms are drawn for one case in four.
var forms = []form{
	{"grouping sets", false, (*generator).groupingSets},
	{"distinct on", false, (*generator).distinctOn},
	{"lateral", false, (*generator).lateral},
	{"correlated", true, (*generator).correlated},
	{"row values", true, (*generator).rowValues},
	{"listed row values", false, (*generator).rowList},
	{"records", false, (*generator).records},
	{"quantified", false, (*generator).quantified},
	{"recursive", true, (*generator).recursive},
	{"shared", true, (*generator).shared},
	{"having", true, (*generator).havingQuery},
	{"totally ordered", true, (*generator).numbered},
	{"ties", false, (*generator).ties},
	{"ordered aggregates", false, (*generator).gathered},
	{"statistics", false, (*generator).statistics},
	{"join conditions", true, (*generator).oddJoin},
	{"sets from functions", false, (*generator).setFunction},
	{"numerics", false, (*generator).numerics},
}

// form draws a query of one of the forms.
func (g *generator) form() *piece {
	f := forms[g.n(len(forms))]
	g.depth += 2 // the form itself says where queries stand
	p := f.make(g)
	g.depth -= 2
	p.noLite = p.noLite || !f.lite
	return p
}

// plain is a table without a query in its place.
func (g *generator) plain() (*piece, []column, string) {
	x := g.fresh("x")
	return lit(fromItem, fmt.Sprintf("t%d AS %s", g.n(numTables), x)), []column{
		{x + ".id", intExpr}, {x + ".a", intExpr}, {x + ".b", intExpr}, {x + ".s", textExpr},
	}, x
}

// of writes a form: #0 and #1 stand for the tables' aliases.
func of(text string, names ...string) string {
	for i, n := range names {
		text = strings.ReplaceAll(text, "#"+fmt.Sprint(i), n)
	}
	return text
}

func (g *generator) one(choices ...string) string { return choices[g.n(len(choices))] }

func (g *generator) groupingSets() *piece {
	from, cols, x := g.plain()
	by := g.one("ROLLUP (#0.a, #0.s)", "CUBE (#0.a, #0.s)", "ROLLUP (#0.s, #0.a)",
		"GROUPING SETS ((#0.a), (#0.s), ())", "GROUPING SETS ((#0.a, #0.s), (#0.a), (#0.a))",
		"GROUPING SETS ((#0.a, #0.s), ROLLUP (#0.s, #0.a))", "#0.a, CUBE (#0.s)")
	return put(wholeQuery, of("SELECT #0.a AS c1, #0.s AS c2, grouping(#0.a, #0.s) AS c3, % AS c4 "+
		"FROM %% GROUP BY "+by, x), g.aggregate(cols), from, g.where(cols))
}

func (g *generator) distinctOn() *piece {
	from, cols, x := g.plain()
	return put(wholeQuery, of("SELECT DISTINCT ON (#0.a) #0.a AS c1, % AS c2, % AS c3 FROM %% "+
		"ORDER BY #0.a"+g.one("", " DESC")+" NULLS LAST, %"+g.one("", " DESC")+
		" NULLS FIRST, #0.id", x),
		g.int(cols, 1), g.text(cols, 1), from, g.where(cols), g.int(cols, 1))
}

func (g *generator) lateral() *piece {
	from, cols, x := g.plain()
	in, inner, y := g.plain()
	both := append(append([]column(nil), cols...), inner...)
	text := "SELECT #0.id AS c1, q.v AS c2 FROM % " +
		g.one("CROSS JOIN LATERAL", "LEFT JOIN LATERAL") + " (SELECT % AS v FROM % WHERE %" +
		g.one("", " ORDER BY #1.id LIMIT 1", " ORDER BY #1.b NULLS FIRST, #1.id LIMIT 2") + ") q"
	if strings.Contains(text, "LEFT") {
		text += " ON true"
	}
	return put(wholeQuery, of(text, x, y), from, g.int(both, 1), in,
		put(boolExpr, "(% = % AND %)", g.name(inner, intExpr), g.name(cols, intExpr), g.bool(both, 1)))
}

func (g *generator) correlated() *piece {
	from, cols, x := g.plain()
	in, inner, y := g.plain()
	both := append(append([]column(nil), cols...), inner...)
	return put(wholeQuery, of("SELECT #0.id AS c1, (SELECT % FROM % WHERE %"+
		" ORDER BY #1.a"+g.one("", " DESC")+" NULLS LAST, #1.id LIMIT 1) AS c2 FROM %%", x, y),
		g.int(inner, 1), in, g.bool(both, 1), from, g.where(cols))
}

func (g *generator) rowValues() *piece {
	from, cols, x := g.plain()
	in, inner, y := g.plain()
	return put(wholeQuery, of("SELECT #0.id AS c1 FROM % WHERE (#0.a, %)"+g.one(" ", " NOT ")+
		"IN (SELECT #1.b, % FROM %%)", x, y),
		from, g.int(cols, 1), g.int(inner, 1), in, g.where(inner))
}

func (g *generator) rowList() *piece {
	from, cols, x := g.plain()
	pair := func() *piece { return put(other, "(%, %)", g.int(cols, 1), g.int(cols, 1)) }
	return put(wholeQuery, of("SELECT #0.id AS c1 FROM % WHERE (#0.a, #0.b)"+g.one(" ", " NOT ")+
		"IN (%)", x), from, listOf(", ", 1, pair(), pair(), pair()))
}

func (g *generator) quantified() *piece {
	from, cols, x := g.plain()
	in, inner, y := g.plain()
	both := append(append([]column(nil), cols...), inner...)
	return put(wholeQuery, of("SELECT #0.id AS c1, CASE WHEN % "+g.one("=", "<>", "<", ">=")+
		g.one(" ANY", " ALL", " SOME")+" (SELECT #1.a FROM % WHERE %) THEN 1 ELSE 0 END AS c2 FROM %%",
		x, y), g.int(cols, 1), in, g.bool(both, 1), from, g.where(cols))
}

func (g *generator) recursive() *piece {
	from, cols, x := g.plain()
	in, inner, y := g.plain()
	text := of("WITH RECURSIVE r(n) AS (SELECT % FROM % WHERE % UNION SELECT #1.b FROM r JOIN % ON "+
		"#1.a = r.n WHERE %) SELECT r.n AS c1, "+g.one("0", "count(*)")+" AS c2 FROM r", x, y)
	if strings.Contains(text, "count") {
		text += " GROUP BY r.n"
	}
	return put(wholeQuery, text, g.name(cols, intExpr), from, g.bool(cols, 1), in, g.bool(inner, 1))
}

func (g *generator) shared() *piece {
	from, cols, _ := g.plain()
	w := put(wholeQuery, "SELECT % AS k, % AS v FROM %%"+g.one("", " GROUP BY 1, 2"),
		g.name(cols, intExpr), g.name(cols, textExpr), from, g.where(cols))
	return put(wholeQuery, "WITH w AS "+g.one("", "MATERIALIZED ", "NOT MATERIALIZED ")+
		"(%) SELECT p.k AS c1, q.v AS c2 FROM w AS p "+
		g.one("JOIN w AS q ON p.k = q.k", "LEFT JOIN w AS q ON p.k = q.k AND p.v < q.v",
			"CROSS JOIN w AS q"), w)
}

func (g *generator) havingQuery() *piece {
	from, cols, x := g.plain()
	in, inner, y := g.plain()
	return put(wholeQuery, of("SELECT #0.a AS c1, % AS c2 FROM %% GROUP BY #0.a HAVING % "+
		g.one("<", ">=", "<>")+" (SELECT % FROM %"+g.one("", " WHERE #1.b = #0.a")+")", x, y),
		g.aggregate(cols), from, g.where(cols), g.aggregate(cols),
		g.aggregate(inner), in)
}

// numbered has window functions over a total order.
func (g *generator) numbered() *piece {
	from, cols, x := g.plain()
	list := listOf(", ", 1, lit(other, x+".id AS c1"))
	for i := range 1 + g.n(2) {
		fn, frame := g.one("row_number()", "lag(%)", "lead(%)", "lag(%, 2)", "lead(%, 1, 7)",
			"ntile(3)", "first_value(%)", "last_value(%)", "nth_value(%, 2)", "sum(%)", "count(%)"), ""
		if strings.ContainsAny(fn[:1], "fnsc") && !strings.HasPrefix(fn, "ntile") {
			frame = g.one("", " ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING", " ROWS 2 PRECEDING",
				" ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING",
				" ROWS BETWEEN 2 FOLLOWING AND 3 FOLLOWING",
				" ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING",
				" ROWS BETWEEN 1 PRECEDING AND 2 FOLLOWING EXCLUDE CURRENT ROW")
		}
		var args []*piece
		if strings.Contains(fn, "%") {
			args = append(args, g.int(cols, 1))
		}
		over := " OVER (" + g.one("", "PARTITION BY #0.a ", "PARTITION BY #0.s ") + "ORDER BY " +
			g.one("", "#0.b NULLS FIRST, ", "#0.s DESC NULLS LAST, ") + "#0.id" + g.one("", " DESC") +
			frame + ")"
		list.parts = append(list.parts,
			put(other, fmt.Sprintf("%s%s AS c%d", fn, of(over, x), i+2), args...))
	}
	return put(wholeQuery, "SELECT % FROM %%", list, from, g.where(cols))
}

func (g *generator) ties() *piece {
	from, cols, x := g.plain()
	return put(wholeQuery, of(fmt.Sprintf("SELECT #0.id AS c1, #0.a AS c2 FROM %%%% ORDER BY #0.a%s "+
		"FETCH FIRST %d ROWS WITH TIES", g.one("", " DESC")+g.one(" NULLS FIRST", " NULLS LAST"),
		1+g.n(4)), x), from, g.where(cols))
}

func (g *generator) gathered() *piece {
	from, cols, x := g.plain()
	dir := g.one("", " DESC") + g.one("", " NULLS FIRST", " NULLS LAST")
	fn := g.one("string_agg(%, ',' ORDER BY #0.b"+dir+", #0.id)",
		"string_agg(DISTINCT %, '-' ORDER BY 0 + 0)", "string_agg(%, #0.s ORDER BY #0.id DESC)")
	if strings.Contains(fn, "DISTINCT") {
		fn = "string_agg(DISTINCT #0.s, '-'%)"
		return put(wholeQuery, of("SELECT #0.a AS c1, "+fn+" AS c2 FROM %% GROUP BY #0.a", x),
			lit(other, of(" ORDER BY #0.s"+dir, x)), from, g.where(cols))
	}
	return put(wholeQuery, of("SELECT #0.a AS c1, "+fn+" AS c2, array_agg(% ORDER BY #0.id) AS c3, "+
		"array_agg(DISTINCT #0.b) AS c4 FROM %% GROUP BY #0.a", x),
		g.text(cols, 1), g.int(cols, 1), from, g.where(cols))
}

func (g *generator) statistics() *piece {
	from, cols, x := g.plain()
	fn := g.one("stddev_samp", "stddev_pop", "var_samp", "var_pop", "avg")
	bools := g.one("bool_and", "bool_or", "every")
	return put(wholeQuery, of("SELECT #0.s AS c1, CAST("+fn+"(%) AS text) AS c2, CASE WHEN "+bools+
		"(%) THEN 1 ELSE 0 END AS c3 FROM %% GROUP BY #0.s", x),
		g.int(cols, 2), g.bool(cols, 1), from, g.where(cols))
}

func (g *generator) oddJoin() *piece {
	left, l, x := g.plain()
	right, r, y := g.plain()
	both := append(append([]column(nil), l...), r...)
	cond := g.one("coalesce(%, 0) = coalesce(%, 1)",
		"CASE WHEN #0.a > 1 THEN % ELSE 0 END = CASE WHEN #1.a > 1 THEN % ELSE 1 END",
		"coalesce(%, #1.b) = %", "CASE WHEN #0.s IS NULL THEN % ELSE #1.b END = %")
	kind := g.one("JOIN", "LEFT JOIN", "RIGHT JOIN")
	from := put(fromItem, of("% "+kind+" % ON "+cond+" AND %", x, y), left, right,
		g.name(l, intExpr), g.name(r, intExpr), g.bool(both, 1))
	return put(wholeQuery, of("SELECT #0.id AS c1, #1.id AS c2, % AS c3 FROM %", x, y), g.int(both, 1),
		from)
}

func (g *generator) setFunction() *piece {
	from, cols, x := g.plain()
	fn := g.one("generate_series(0, %)", "generate_series(%, 0, -1)")
	return put(wholeQuery, of("SELECT #0.id AS c1, f.n AS c2 FROM % "+
		g.one("CROSS JOIN LATERAL ", "CROSS JOIN ")+fn+" AS f(n)%", x), from, g.int(cols, 1),
		g.where(cols))
}

func (g *generator) numerics() *piece {
	from, cols, _ := g.plain()
	one := func() *piece {
		return put(other, "CAST("+g.one("CAST(% AS numeric) / 3", "CAST(% AS numeric(10,2)) * 1.25",
			"round(CAST(% AS numeric) * 2.345, 2)", "CAST(% AS numeric) - 0.10",
			"CAST(% AS numeric) / 7.000", "trunc(CAST(% AS numeric) / 4, 1)")+" AS text)", g.int(cols, 1))
	}
	return put(wholeQuery, "SELECT % AS c1, % AS c2, CAST("+g.one("sum", "avg", "max", "min")+
		"(CAST(% AS numeric(12,3))) AS text) AS c3 FROM %% GROUP BY 1, 2", one(), one(), g.int(cols, 1),
		from, g.where(cols))
}

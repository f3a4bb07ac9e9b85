package sqlfuzz

// records draws a query with rows as values.
func (g *generator) records() *piece {
	switch g.n(6) {
	case 0:
		return g.countedRows()
	case 1:
		return g.groupedRows()
	case 2:
		return g.wholeRows()
	case 3:
		return g.rowQueries()
	case 4:
		return g.orderedRows()
	}
	return g.joinedRows()
}

// pair is a row of an integer and a text, whatever they are made of: rows of other types cannot be
// compared.
func (g *generator) pair(cols []column) *piece {
	return put(other, "ROW((%)::bigint, (%)::text)", g.int(cols, 1), g.text(cols, 1))
}

func (g *generator) countedRows() *piece {
	from, cols, x := g.plain()
	return put(wholeQuery, of("SELECT #0.a AS c1, count(DISTINCT %) AS c2, count(%) AS c3, "+
		"count(DISTINCT #0) AS c4 FROM %% GROUP BY #0.a", x),
		g.pair(cols), g.pair(cols), from, g.where(cols))
}

func (g *generator) groupedRows() *piece {
	from, cols, _ := g.plain()
	return put(wholeQuery, "SELECT (q.r).f1 AS c1, (q.r).f2 AS c2, q.r::text AS c3, count(*) AS c4 "+
		"FROM (SELECT % AS r FROM %%) q GROUP BY q.r"+
		g.one("", " HAVING q.r IS NOT NULL", " HAVING q.r > ROW(1::bigint, 'x')"),
		g.pair(cols), from, g.where(cols))
}

func (g *generator) wholeRows() *piece {
	from, cols, x := g.plain()
	in, inner, y := g.plain()
	both := append(append([]column(nil), cols...), inner...)
	return put(wholeQuery, of("SELECT #0.id AS c1, #1.id AS c2, #1::text AS c3, "+
		"to_jsonb(#0)::text AS c4, (#1 IS NULL)::text AS c5, (#0 < #1)::text AS c6 FROM % "+
		g.one("JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN")+" % ON (#0.a = #1.b AND %)%", x, y),
		from, in, g.bool(both, 1), g.where(both))
}

func (g *generator) rowQueries() *piece {
	from, cols, x := g.plain()
	in, inner, y := g.plain()
	op := g.one("=", "<>", "<", "<=", ">", ">=")
	if !g.chance(3) {
		return put(wholeQuery, of("SELECT #0.id AS c1, ((%, %) "+op+g.one(" ANY", " ALL")+
			" (SELECT %, % FROM %%))::text AS c2 FROM %%", x, y),
			g.int(cols, 1), g.text(cols, 1), g.int(inner, 1), g.text(inner, 1), in, g.where(inner),
			from, g.where(cols))
	}
	return put(wholeQuery, of("SELECT #0.id AS c1 FROM % WHERE (%, %) "+op+
		" (SELECT %, % FROM % WHERE % ORDER BY #1.a NULLS LAST, #1.id LIMIT 1)", x, y),
		from, g.int(cols, 1), g.text(cols, 1), g.int(inner, 1), g.text(inner, 1), in,
		g.bool(append(append([]column(nil), cols...), inner...), 1))
}

func (g *generator) orderedRows() *piece {
	from, cols, x := g.plain()
	return put(wholeQuery, of("SELECT #0.id AS c1, rank() OVER (PARTITION BY % ORDER BY %) AS c2, "+
		"(lag(#0) OVER (ORDER BY (#0.b, #0.id)))::text AS c3 FROM %%", x),
		g.pair(cols), g.pair(cols), from, g.where(cols))
}

func (g *generator) joinedRows() *piece {
	from, cols, x := g.plain()
	in, inner, y := g.plain()
	op := g.one("=", "=", "<", ">=", "IS NOT DISTINCT FROM")
	return put(wholeQuery, of("SELECT p.id AS c1, q.id AS c2 FROM (SELECT #0.id, % AS r FROM %%) p "+
		g.one("JOIN", "LEFT JOIN")+" (SELECT #1.id, % AS r FROM %%) q ON (p.r "+op+" q.r)", x, y),
		g.pair(cols), from, g.where(cols), g.pair(inner), in, g.where(inner))
}

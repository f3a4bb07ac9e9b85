package sql_test

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"weir/stream/expr"
	"weir/stream/value"
)

func columnOf(i int, t value.Type) expr.Expr { return expr.Column{Index: i, T: t} }

// querier draws queries over t.
type querier struct {
	rnd      *rand.Rand
	distinct bool // aggregates have DISTINCT
}

func (q *querier) one(list ...string) string { return list[q.rnd.IntN(len(list))] }

// some draws 1 to n things and joins them.
func (q *querier) some(n int, draw func() string) string {
	list := make([]string, 1+q.rnd.IntN(n))
	for i := range list {
		list[i] = draw()
	}
	return strings.Join(list, ", ")
}

func (q *querier) number() string {
	return q.one("id", "g", "a", "b", "f", "a + g", "a * f", "abs(a)")
}

func (q *querier) condition() string {
	return q.one("a > 1", "g IS NOT NULL", "k <> 'a'", "a BETWEEN 0 AND 3", "k IN ('a', 'b')",
		"a > g", "b = 1000 OR a < 0")
}

func (q *querier) filter() string {
	if q.rnd.IntN(4) > 0 {
		return ""
	}
	return " FILTER (WHERE " + q.condition() + ")"
}

func (q *querier) where() string {
	if q.rnd.IntN(3) > 0 {
		return ""
	}
	return " WHERE " + q.condition()
}

// aggregate draws one that every evaluator knows.
func (q *querier) aggregate() string {
	distinct := ""
	if q.distinct {
		distinct = q.one("", "", "DISTINCT ")
	}
	switch q.rnd.IntN(5) {
	case 0:
		return "count(*)" + q.filter()
	case 1:
		return "count(" + distinct + q.one("k", "g", "a", "ts") + ")" + q.filter()
	case 2:
		return "avg(" + distinct + q.number() + ")" + q.filter()
	case 3:
		return "sum(" + distinct + q.number() + ")" + q.filter()
	}
	return q.one("min", "max") + "(" + q.one("k", q.number()) + ")" + q.filter()
}

func (q *querier) simpleAggregates() string { return q.aggregates(q.aggregate) }

func (q *querier) aggregates(draw func() string) string {
	text := "SELECT " + q.some(3, draw)
	group := q.one("", "k", "g", "k, g", "a + g, k", "id")
	if group == "id" { // its key decides the columns of a table
		text += ", k, a"
	} else if group != "" {
		text += ", " + group
	}
	text += " FROM t" + q.where()
	if group != "" {
		text += " GROUP BY " + group
	}
	if q.rnd.IntN(4) == 0 {
		text += " HAVING " + q.aggregate() + q.one(" IS NOT NULL", " IS NULL")
	}
	return text
}

func (q *querier) moreAggregates() string {
	q.distinct = true
	return q.aggregates(func() string {
		switch q.rnd.IntN(9) {
		case 0:
			return q.one("bool_and", "bool_or", "every") + "(" + q.condition() + ")" + q.filter()
		case 1:
			return q.one("bit_and", "bit_or", "bit_xor") + "(" + q.one("g", "a", "b") + ")" + q.filter()
		case 2, 3:
			return q.one("stddev", "stddev_pop", "stddev_samp", "variance", "var_pop", "var_samp") +
				"(" + q.one("a", "f", "b", "a::float8") + ")" + q.filter()
		case 4:
			return q.one("string_agg(k, ',' ORDER BY id)", "string_agg(DISTINCT k, '-' ORDER BY k DESC)",
				"string_agg(k, '/' ORDER BY a DESC NULLS LAST, id)") + q.filter()
		case 5:
			return q.one("percentile_cont(0.5)", "percentile_disc(0.25)", "percentile_cont(0.9)",
				"mode()") + " WITHIN GROUP (ORDER BY " + q.one("a", "g", "b DESC") + ")" + q.filter()
		case 6:
			return q.one("corr", "covar_pop", "covar_samp") + "(a, g)" + q.filter()
		case 7:
			return q.one("sum", "avg") + "(" + q.one("a::float8", "f::float8") + ")"
		}
		return q.aggregate()
	})
}

// groupingSets draws GROUP BY with sets of k, g and a; others of them are not selected.
func (q *querier) groupingSets() string {
	element := func() string { return q.one("k", "g", "a", "(k, g)", "(g, a)") }
	item := func() string {
		switch q.rnd.IntN(4) {
		case 0:
			return "ROLLUP (" + q.some(3, element) + ")"
		case 1:
			return "CUBE (" + q.some(2, element) + ")"
		case 2:
			return "GROUPING SETS (" + q.some(3, func() string {
				return q.one(element(), "()", "ROLLUP ("+element()+")", "(k, g, a)")
			}) + ")"
		}
		return element()
	}
	by := "k, " + item()
	cols := "k"
	switch q.rnd.IntN(3) {
	case 0:
		by, cols = "GROUPING SETS ((k, g), (g), (), "+element()+"), "+q.one("ROLLUP (a)", "CUBE (a)"),
			"k, g, a, k || '!', grouping(k, g, a), grouping(a)"
	case 1:
		by, cols = q.one("", "DISTINCT ")+item()+", ROLLUP (k, g, a)", "k, g, a, a + g, grouping(g, k)"
	}
	text := "SELECT " + cols + ", " + q.some(2, q.aggregate) + " FROM t" + q.where() +
		" GROUP BY " + by
	if q.rnd.IntN(4) == 0 {
		text += " HAVING count(*) > 1"
	}
	return text
}

func (q *querier) nulls() string { return q.one(" NULLS FIRST", " NULLS LAST") }

func (q *querier) direction() string { return q.one("", " DESC") + q.nulls() }

// window draws a window; total: its order is.
func (q *querier) window(total, framed bool) string {
	var parts []string
	if q.rnd.IntN(2) == 0 {
		parts = append(parts, "PARTITION BY "+q.one("k", "g", "k, g", "a > 1"))
	}
	rangeKey := q.rnd.IntN(3) == 0 && framed && !total
	switch {
	case total:
		parts = append(parts, "ORDER BY "+q.one("a", "k", "b")+q.direction()+", id")
	case rangeKey:
		parts = append(parts, "ORDER BY "+q.one("a", "b", "g")+q.direction())
	default:
		parts = append(parts, "ORDER BY "+q.one("a", "k", "a + g", "k, b")+q.direction())
	}
	if framed && q.rnd.IntN(2) == 0 {
		parts = append(parts, q.frame(total, rangeKey))
	}
	return "(" + strings.Join(parts, " ") + ")"
}

func (q *querier) frame(total, offsets bool) string {
	mode := "GROUPS"
	switch {
	case total:
		mode = q.one("ROWS", "GROUPS", "RANGE")
	case offsets:
		mode = "RANGE"
	}
	ends := []string{"UNBOUNDED PRECEDING", "CURRENT ROW", "UNBOUNDED FOLLOWING"}
	if mode != "RANGE" || offsets {
		ends = []string{
			"UNBOUNDED PRECEDING", "2 PRECEDING", "1 PRECEDING", "CURRENT ROW", "1 FOLLOWING",
			"3 FOLLOWING", "UNBOUNDED FOLLOWING",
		}
	}
	from := q.rnd.IntN(len(ends) - 1)
	to := max(1, from+q.rnd.IntN(len(ends)-from))
	text := fmt.Sprintf("%s BETWEEN %s AND %s", mode, ends[from], ends[to])
	if q.rnd.IntN(3) == 0 {
		text += " EXCLUDE " + q.one("CURRENT ROW", "GROUP", "TIES", "NO OTHERS")
	}
	return text
}

func (q *querier) windowFunction() string {
	switch q.rnd.IntN(6) {
	case 0:
		return q.one("rank()", "dense_rank()", "percent_rank()", "cume_dist()") + " OVER " +
			q.window(false, false)
	case 1:
		return q.one("row_number()", "ntile(3)", "lag(a)", "lead(k, 2)", "lag(a, 2, -7)",
			"lead(b, 1, 5)", "lag(id, 0)") + " OVER " + q.window(true, false)
	case 2:
		return q.one("first_value(a)", "last_value(k)", "nth_value(a, 2)", "first_value(k)") +
			" OVER " + q.window(true, true)
	case 3:
		return q.one("count(*)", "sum(a)", "min(k)", "max(b)", "sum(g)") + q.filter() + " OVER " +
			q.window(true, true)
	case 4:
		return q.one("count(a)", "sum(b)", "count(*)") + q.filter() + " OVER " + q.window(false, true)
	}
	return q.one("sum(a)", "count(*)", "max(k)") + q.filter() + " OVER (" +
		q.one("", "PARTITION BY k", "PARTITION BY k, g") + ")"
}

func (q *querier) over() string {
	text := "SELECT id, " + q.some(4, q.windowFunction) + " FROM t" + q.where()
	if q.rnd.IntN(3) == 0 {
		text = "SELECT id, sum(a) OVER w, row_number() OVER (w ORDER BY b" + q.nulls() +
			", id), count(*) OVER (w ORDER BY a" + q.nulls() + ") FROM t WINDOW w AS (PARTITION BY " +
			q.one("k", "g", "k, g") + ")"
	}
	return text
}

// overGroups draws window functions over groups.
func (q *querier) overGroups() string {
	return "SELECT k, g, count(*), sum(count(*)) OVER (PARTITION BY k ORDER BY g" + q.direction() +
		"), rank() OVER (ORDER BY sum(a)" + q.direction() + "), max(sum(a)) OVER (PARTITION BY " +
		q.one("k", "g") + ") FROM t" + q.where() + " GROUP BY k, g" +
		q.one("", " HAVING count(*) > 1", " HAVING sum(a) IS NOT NULL")
}

func (q *querier) distinctOn() string {
	on := q.one("k", "g", "k, g", "a + g", "k, a")
	var order []string
	for _, e := range strings.Split(on, ", ") {
		order = append(order, e+q.direction())
	}
	order = append(order, q.one("a", "b", "ts", "f")+q.direction(), "id")
	text := "SELECT DISTINCT ON (" + on + ") " + q.one("id, a", "*", "k, id") + " FROM t" +
		q.where() + " ORDER BY " + strings.Join(order, ", ")
	if q.rnd.IntN(3) == 0 {
		return "SELECT count(*), sum(id) FROM (" + text + ") x WHERE true"
	}
	return text
}

// rowValues draws comparisons of rows and BETWEEN SYMMETRIC.
func (q *querier) rowValues() string {
	field := func() string { return q.one("a", "g", "b", "1", "2", "a + g") }
	row := func() string { return "(" + field() + ", " + field() + ")" }
	var cond string
	switch q.rnd.IntN(4) {
	case 0:
		cond = row() + " IN (" + q.one("(1, 2)", "(0, 1)", "(a, 1)") + ", (2, 2))"
	case 1:
		cond = row() + " IS " + q.one("", "NOT ") + "NULL"
	case 2:
		cond = field() + q.one("", " NOT") + " BETWEEN SYMMETRIC " + field() + " AND " + field()
	default:
		cond = row() + q.one(" < ", " <= ", " > ", " >= ", " = ", " <> ") + row()
	}
	return "SELECT id, (" + cond + ") IS NULL FROM t WHERE " + q.one("", "NOT ") + "(" + cond + ")"
}

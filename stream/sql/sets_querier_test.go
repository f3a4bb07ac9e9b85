package sql_test

import (
	"fmt"
	"strings"
)

// selectSets draws a query with set-returning functions in its select list: in step, nested, over
// groups and window functions, in GROUP BY and ORDER BY, or in ROWS FROM.
func (q *querier) selectSets() string {
	where := ""
	if q.rnd.IntN(3) == 0 {
		where = " WHERE a > 0"
	}
	switch q.rnd.IntN(8) {
	case 0:
		return fmt.Sprintf("SELECT %s AS x, count(*) AS n, sum(id) FROM t%s GROUP BY x",
			q.set("a", "k", 2), where)
	case 1:
		s := q.set("g", "k", 1)
		return fmt.Sprintf("SELECT %s, %s, max(a), %s FROM t%s GROUP BY g, k, %s",
			s, q.set("g", "k", 1), q.set("count(*)::int", "min(k)", 1), where, s)
	case 2:
		return fmt.Sprintf("SELECT g, %s, %s FROM t%s GROUP BY g HAVING count(*) > 1",
			q.set("count(*)::int", "string_agg(k, ',' ORDER BY id)", 1), q.set("g", "max(k)", 2),
			where)
	case 3:
		return fmt.Sprintf("SELECT id, %s, row_number() OVER (ORDER BY id) FROM t%s",
			q.set("(row_number() OVER (PARTITION BY g ORDER BY id))::int", "k", 1), where)
	case 4:
		return fmt.Sprintf("SELECT DISTINCT %s AS x, g FROM t%s ORDER BY x, g LIMIT 4",
			q.set("a", "k", 2), where)
	case 5:
		return fmt.Sprintf("SELECT t.id, x.* FROM t, ROWS FROM (%s, %s) WITH ORDINALITY AS x",
			q.set("a", "k", 0), q.set("g", "k", 0))
	case 6:
		return fmt.Sprintf("SELECT id, (SELECT max(x) FROM (SELECT %s AS x) s) FROM t%s",
			q.set("a", "k", 1), where)
	}
	outs := make([]string, 1+q.rnd.IntN(3))
	for i := range outs {
		outs[i] = q.set("a", "k", 2)
	}
	return fmt.Sprintf("SELECT id, %s FROM t%s", strings.Join(outs, ", "), where)
}

// set is a set-returning function over a number and a text; depth: how deep calls may nest.
func (q *querier) set(n, text string, depth int) string {
	if depth > 0 && q.rnd.IntN(3) == 0 {
		n = "(" + q.set(n, text, depth-1) + ")::int"
	}
	switch q.rnd.IntN(6) {
	case 0:
		return fmt.Sprintf("unnest(ARRAY[%s, %d])", n, q.rnd.IntN(3))
	case 1:
		return fmt.Sprintf("regexp_split_to_table(%s::text, ',')", n)
	case 2:
		return fmt.Sprintf("string_to_table(%s || ',x', ',')", text)
	case 3:
		return fmt.Sprintf("jsonb_object_keys(jsonb_build_object('a', 1, COALESCE(%s, 'z'), 2))", text)
	case 4:
		return fmt.Sprintf("jsonb_array_elements_text(jsonb_build_array(%s, 7))", text)
	}
	return fmt.Sprintf("generate_series(%d, LEAST(%s, 4))", q.rnd.IntN(3), n)
}

// outerOn draws an outer join with a subquery in its condition that reads one side, both or none.
func (q *querier) outerOn() string {
	pick := func(list ...string) string { return list[q.rnd.IntN(len(list))] }
	kind := pick("LEFT", "RIGHT", "FULL", "LEFT")
	cond := pick(
		"EXISTS (SELECT 1 FROM t x WHERE x.a = l.g)",
		"r.g = (SELECT max(x.g) FROM t x WHERE x.k = r.k)",
		"l.a IN (SELECT x.g FROM t x WHERE x.id > 2)",
		"r.a NOT IN (SELECT x.g FROM t x WHERE x.k = r.k)",
		"l.b > (SELECT avg(x.b) FROM t x)",
		"l.a < ALL (SELECT x.g FROM t x WHERE x.k = l.k)",
		"(SELECT count(*) FROM t x WHERE x.k = l.k) > r.g",
	)
	if kind != "FULL" && q.rnd.IntN(2) == 0 {
		cond = pick(
			"EXISTS (SELECT 1 FROM t x WHERE x.a = l.g AND x.k = r.k)",
			"l.a IN (SELECT x.g FROM t x WHERE x.k = r.k)",
			"(SELECT max(x.a) FROM t x WHERE x.g = l.g AND x.a < r.a) IS NOT NULL",
			"NOT EXISTS (SELECT 1 FROM t x WHERE x.a > l.a AND x.b = r.b)",
			"r.g > (SELECT min(x.g) FROM t x WHERE x.k = l.k OR x.k = r.k)",
		)
	}
	more := pick("", " AND l.g = r.g", " AND l.id <> r.id AND r.a > 0", " OR l.id = r.id",
		" AND r.k IN (SELECT x.k FROM t x WHERE x.g = 1)")
	if kind == "FULL" {
		more = " AND l.g = r.g" // PostgreSQL wants an equality
	}
	left := pick("t l", "(SELECT k, g, a, b, count(*) AS id FROM t GROUP BY k, g, a, b) l")
	return fmt.Sprintf("SELECT l.id, l.k, r.id, r.k FROM %s %s JOIN t r ON %s%s", left, kind, cond,
		more)
}

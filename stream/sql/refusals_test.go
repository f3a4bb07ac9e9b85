package sql_test

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// refusals are queries over t that PostgreSQL refuses, and some that it does not.
const refusals = `
SELECT sum(k) FROM t
SELECT avg(ts) FROM t
SELECT max(a > 1) FROM t
SELECT sum('1') FROM t
SELECT bit_and(f) FROM t
SELECT string_agg(a, ',') FROM t
SELECT string_agg(k) FROM t
SELECT count() FROM t
SELECT sum(*) FROM t
SELECT count(a, b) FROM t
SELECT sum(count(*)) FROM t
SELECT count(*) FILTER (WHERE sum(a) > 1) FROM t
SELECT a FROM t WHERE sum(a) > 3
SELECT 1 FROM t GROUP BY sum(a)
SELECT t.id FROM t JOIN t u ON count(*) = u.id
SELECT string_agg(DISTINCT k, ',' ORDER BY a) FROM t
SELECT percentile_cont(0.5) FROM t
SELECT sum(a) WITHIN GROUP (ORDER BY a) FROM t
SELECT percentile_cont(a) WITHIN GROUP (ORDER BY a) FROM t
SELECT mode() WITHIN GROUP (ORDER BY a, b) FROM t
SELECT abs(DISTINCT a) FROM t
SELECT a, count(*) FROM t
SELECT a FROM t GROUP BY id
SELECT a FROM t GROUP BY g
SELECT t.id, u.k FROM t JOIN t u ON t.a = u.a GROUP BY t.id
SELECT g FROM t GROUP BY ROLLUP (k)
SELECT id, a FROM t GROUP BY GROUPING SETS ((id), ())
SELECT id, a FROM t GROUP BY GROUPING SETS ((id), (id, k))
SELECT grouping(a) FROM t GROUP BY k
SELECT grouping(k) FROM t
SELECT 1 FROM t WHERE grouping(k) = 0 GROUP BY k
SELECT sum(grouping(k)) FROM t GROUP BY k
SELECT k FROM t GROUP BY ROLLUP (sum(a))
SELECT k FROM t GROUP BY 2
SELECT k FROM t GROUP BY ROLLUP (1), ROLLUP (3)
SELECT row_number() FROM t
SELECT abs(a) OVER () FROM t
SELECT id FROM t WHERE row_number() OVER () = 1
SELECT t.id FROM t JOIN t u ON row_number() OVER () = u.b
SELECT k FROM t GROUP BY row_number() OVER ()
SELECT rank() OVER (ORDER BY id) AS r, count(*) FROM t GROUP BY r
SELECT count(*) FROM t HAVING row_number() OVER () > 1
SELECT sum(row_number() OVER ()) FROM t
SELECT sum(row_number() OVER ()) OVER () FROM t
SELECT rank() OVER (ORDER BY rank() OVER (ORDER BY id)) FROM t
SELECT rank() OVER nowhere FROM t
SELECT rank() OVER w FROM t WINDOW w AS (ORDER BY id), w AS (ORDER BY ts)
SELECT rank() OVER (w PARTITION BY k) FROM t WINDOW w AS (PARTITION BY g)
SELECT rank() OVER (w ORDER BY k) FROM t WINDOW w AS (ORDER BY g)
SELECT sum(id) OVER (w) FROM t WINDOW w AS (ORDER BY k ROWS 1 PRECEDING)
SELECT sum(id) OVER w FROM t WINDOW w AS (ORDER BY k, id ROWS 1 PRECEDING)
SELECT sum(id) OVER (w ORDER BY id) FROM t WINDOW w AS (ROWS 1 PRECEDING)
SELECT sum(id) OVER (GROUPS 1 PRECEDING) FROM t
SELECT sum(id) OVER (RANGE 1 PRECEDING) FROM t
SELECT sum(id) OVER (ORDER BY id, ts RANGE 1 PRECEDING) FROM t
SELECT sum(id) OVER (ORDER BY k RANGE 1 PRECEDING) FROM t
SELECT sum(id) OVER (ORDER BY id RANGE 1.5 PRECEDING) FROM t
SELECT sum(id) OVER (ORDER BY ts RANGE 1 PRECEDING) FROM t
SELECT sum(id) OVER (ORDER BY id RANGE -1 PRECEDING) FROM t
SELECT sum(id) OVER (ORDER BY ts RANGE INTERVAL '-1 day' PRECEDING) FROM t
SELECT sum(id) OVER (ROWS -1 PRECEDING) FROM t
SELECT sum(id) OVER (ROWS BETWEEN CURRENT ROW AND -2 FOLLOWING) FROM t
SELECT sum(id) OVER (ROWS NULL PRECEDING) FROM t
SELECT sum(id) OVER (ROWS id PRECEDING) FROM t
SELECT sum(id) OVER (ROWS 1.5 PRECEDING) FROM t
SELECT sum(id) OVER (ROWS BETWEEN UNBOUNDED FOLLOWING AND CURRENT ROW) FROM t
SELECT sum(id) OVER (ROWS BETWEEN CURRENT ROW AND 1 PRECEDING) FROM t
SELECT sum(id) OVER (ROWS BETWEEN 1 FOLLOWING AND 1 PRECEDING) FROM t
SELECT count(DISTINCT id) OVER () FROM t
SELECT string_agg(k, ',' ORDER BY id) OVER () FROM t
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY a) OVER () FROM t
SELECT rank() FILTER (WHERE id > 1) OVER () FROM t
SELECT rank(id) OVER () FROM t
SELECT ntile(id) OVER () FROM t
SELECT ntile('2') OVER (ORDER BY id) FROM t
SELECT nth_value(id) OVER () FROM t
SELECT lag(id, 1, 'x') OVER () FROM t
SELECT k, rank() OVER (ORDER BY id) FROM t GROUP BY k
SELECT DISTINCT ON (k) id FROM t ORDER BY ts, k
SELECT DISTINCT ON (k, g) id FROM t ORDER BY k, ts
SELECT DISTINCT ON (k, g) id FROM t ORDER BY k, ts, g
SELECT DISTINCT ON (7) id FROM t
SELECT DISTINCT ON (nothing) id FROM t
SELECT DISTINCT k FROM t ORDER BY ts
SELECT DISTINCT k FROM t ORDER BY rank() OVER (ORDER BY id)
SELECT DISTINCT ON (k) count(*) FROM t
SELECT id FROM t WHERE generate_series(1, a) > 1
SELECT count(*) FROM t HAVING generate_series(1, 2) > 1
SELECT t.id FROM t JOIN t u ON generate_series(1, t.a) = u.a
SELECT CASE WHEN a > 1 THEN generate_series(1, a) END FROM t
SELECT COALESCE(generate_series(1, a), 0) FROM t
SELECT sum(generate_series(1, a)) FROM t
SELECT count(*) FILTER (WHERE generate_series(1, a) > 1) FROM t
SELECT lag(generate_series(1, a)) OVER () FROM t
SELECT id FROM t LIMIT generate_series(1, 2)
VALUES (generate_series(1, 2)), (3)
SELECT * FROM generate_series(1, generate_series(1, 2)) x
SELECT generate_series(1, a) > 1 AND a > 1 FROM t
SELECT generate_series(1, a) FROM t GROUP BY generate_series(1, a) + 1
SELECT generate_series(1, a), count(*) FROM t
SELECT generate_series(1, count(*)) FROM t GROUP BY 1
SELECT generate_series(k, a) FROM t
SELECT (generate_series(1, a)).* FROM t
SELECT (generate_series(1, a)).x FROM t
SELECT (jsonb_each('{}')).x FROM t
SELECT DISTINCT id FROM t ORDER BY generate_series(1, a)
SELECT generate_series(DISTINCT 1, a) FROM t
SELECT generate_series(1, a) OVER () FROM t
SELECT id FROM t WHERE (id, a) = (1, 2, 3)
SELECT id FROM t WHERE (id, k) < (1, 2)
SELECT id FROM t WHERE a BETWEEN SYMMETRIC 'x' AND 2
`

// TestRefusals: PostgreSQL refuses the same queries with the same SQLSTATEs.
func TestRefusals(t *testing.T) {
	pg := postgres{newPostgres(t)}
	w, insert := diffRows(t, rand.New(rand.NewPCG(1, 1)))
	for _, text := range []string{diffTable, insert} {
		if a := pg.ask(t, text); a.state != "" {
			t.Fatalf("%s: %s", text, a.state)
		}
	}
	for _, text := range strings.Split(strings.TrimSpace(refusals), "\n") {
		got, want := w.ask(t, text), pg.ask(t, text)
		if got.state != want.state {
			t.Errorf("%s\nWeir: %q, PostgreSQL: %q", text, got.state, want.state)
		}
	}
}

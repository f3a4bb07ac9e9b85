package sql_test

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// rowQueries are queries over t with rows as values, some of which PostgreSQL refuses.
const rowQueries = `
SELECT t FROM t
SELECT t.* FROM t
SELECT (t).* FROM t
SELECT (t.*) FROM t
SELECT t, x FROM t, t AS x WHERE t.id < x.id
SELECT ROW(k, a), (a, b), ROW(), ROW(NULL), ROW(t.*), ROW(t), ROW(1, t.*, 'x') FROM t
SELECT ROW('', ' ', 'a b', 'a,b', '"', '\', '(', ')', E'\n', 'é', 'null', NULL)
SELECT ROW(1.50, 1e3, true, '2024-01-02'::date, '1 day'::interval, '{a,"b c"}'::text[], '\x00'::bytea)
SELECT ROW(ROW(1, 'a b'), ROW(ROW('"')))::text
SELECT (a, k)::text || '!', 'r' || (a, k), concat((a, k), 1), format('%s-%s', t.g, (a, k)) FROM t
SELECT quote_literal((a, k)), quote_nullable((a, NULL)), length((a, k)::text) FROM t
SELECT pg_typeof((1, 2)), num_nulls((NULL, NULL), NULL)
SELECT (ROW(a, k)).f1, (ROW(a, k)).f2 FROM t
SELECT (t).a + 1, (t).k FROM t
SELECT (x).f1, (x).f2, x FROM (SELECT ROW(a, k) AS x FROM t) s
SELECT (x).a, (x).k FROM (SELECT t AS x FROM t) s
SELECT (x).*, 1 FROM (SELECT t AS x FROM t) s
SELECT (s).x, ((s).x).a, (s.x).a FROM (SELECT t AS x FROM t) s
WITH c AS (SELECT a, t AS r FROM t) SELECT c, (c).a, (r).k, (c.r).g FROM c
SELECT v, (v).column1 FROM (VALUES (1, 'a'), (2, NULL)) v
SELECT v, (v).n FROM (VALUES (1, 'a'), (2, NULL)) v(n, s)
SELECT v FROM (VALUES ((1, 'a')), ((2, 'b'))) w(v)
SELECT DISTINCT (a, k) FROM t
SELECT DISTINCT t FROM t
SELECT DISTINCT ON ((k, g)) k, g, id FROM t ORDER BY (k, g), id
SELECT (k, g), count(*) FROM t GROUP BY (k, g)
SELECT ROW(k, g), count(*) FROM t GROUP BY ROW(k, g)
SELECT x, count(*), sum((x).f2) FROM (SELECT ROW(k, g) AS x FROM t) s GROUP BY x
SELECT t, count(*) FROM t GROUP BY t
SELECT t, count(*) FROM t GROUP BY id
SELECT k, count((a, b)), count(DISTINCT (a, b)), count(t), count(t.*), count(DISTINCT (f, a)) FROM t GROUP BY k
SELECT count(x) FROM (SELECT NULL::int) s(x)
SELECT count(s) FROM (SELECT NULL::int) s(x)
SELECT id FROM t ORDER BY (k, g), id
SELECT id, rank() OVER (PARTITION BY (k, g) ORDER BY (a, b)) FROM t
SELECT id, count(*) OVER (PARTITION BY ROW(k)), sum(a) OVER (ORDER BY (k, id)) FROM t
SELECT id, lag((a, k)) OVER (ORDER BY id), first_value(t) OVER (ORDER BY id) FROM t
SELECT id, (lead(t) OVER (ORDER BY id)).a FROM t
SELECT CASE WHEN a > 1 THEN (a, k) END, CASE WHEN a > 1 THEN (a, k) ELSE (0, 'z'::text) END FROM t
SELECT coalesce(t), coalesce((a, k), (1, 'x'::text)), nullif((a, 1), (1, 1)) FROM t
SELECT greatest((a, 1), (1, 1)), least((a, k), (1, 'b'::text)) FROM t
SELECT CASE (a, g) WHEN (1, 1) THEN 'one' WHEN (2, NULL::int) THEN 'never' ELSE 'none' END FROM t
SELECT t = t, t < t, t IS DISTINCT FROM t, (t.*) = (t.*) FROM t
SELECT x.id, y.id FROM t x JOIN t y ON x = y
SELECT x.id, y.id, x < y, x >= y FROM t x, t y
SELECT x.id, y.id FROM t x JOIN t y ON ROW(x.a, x.k) = ROW(y.a, y.k)
SELECT x.id, y.id FROM (SELECT id, ROW(a, k) AS r FROM t) x JOIN (SELECT id, ROW(a, k) AS r FROM t) y ON x.r = y.r
SELECT x.id, y.id FROM (SELECT id, ROW(a, k) AS r FROM t) x LEFT JOIN (SELECT id, ROW(a, k) AS r FROM t) y ON x.r < y.r
SELECT id FROM t WHERE t IN (SELECT t FROM t WHERE a > 1)
SELECT id FROM t WHERE t NOT IN (SELECT t FROM t WHERE a > 1)
SELECT id FROM (SELECT id, ROW(a, k) AS r FROM t) s WHERE r IN (SELECT ROW(a, k) FROM t WHERE g = 1)
SELECT id FROM (SELECT id, ROW(a, k) AS r FROM t) s WHERE r NOT IN (SELECT ROW(a, k) FROM t WHERE g = 1)
SELECT id FROM (SELECT id, ROW(a, g) AS r FROM t) s WHERE r IN (ROW(1, 1), ROW(2, 0))
SELECT id FROM (SELECT id, ROW(a, g) AS r FROM t) s WHERE r = ROW(1, 1) OR ROW(2, NULL::int) = r OR r > ROW(3, 1)
SELECT id FROM (SELECT id, ROW(a, g) AS r FROM t) s WHERE r BETWEEN ROW(0, 1) AND ROW(2, 0)
SELECT id FROM (SELECT id, ROW(a, g) AS r FROM t) s WHERE r NOT BETWEEN SYMMETRIC ROW(2, 1) AND ROW(0, 0)
SELECT id, r IS NULL, r IS NOT NULL, NOT r IS NULL FROM (SELECT id, ROW(a, k) AS r FROM t) s
SELECT id, t IS NULL, t IS NOT NULL, (t.*) IS NULL FROM t
SELECT ROW(NULL, ROW(NULL)) IS NULL, ROW(1, ROW(NULL)) IS NOT NULL, ROW() IS NULL, ROW() IS NOT NULL
SELECT id FROM t WHERE (a, k) IN (SELECT a, k FROM t WHERE g = 1)
SELECT id FROM t WHERE (a, b) = (SELECT a, b FROM t ORDER BY id LIMIT 1)
SELECT id FROM t WHERE (a, b) <> (SELECT a, b FROM t ORDER BY id LIMIT 1)
SELECT id FROM t WHERE (a, b) < (SELECT a, b FROM t ORDER BY id LIMIT 1)
SELECT id FROM t WHERE (a, b) >= (SELECT a, b FROM t u WHERE u.id = t.id + 1)
SELECT id, (a, b) = (SELECT 1, 2::bigint WHERE false), (a, b) < (SELECT 1, 2::bigint) FROM t
SELECT id, (a, b) > ANY (SELECT a, b FROM t WHERE g = 1), (a, b) <= ANY (SELECT a, b FROM t) FROM t
SELECT id, (a, b) > ALL (SELECT a, b FROM t WHERE g = 1), (a, b) <= ALL (SELECT a, b FROM t) FROM t
SELECT id, (a, b) = ALL (SELECT a, b FROM t WHERE g = 1), (a, b) <> ANY (SELECT a, b FROM t) FROM t
SELECT id, (a, b) <> ALL (SELECT a, b FROM t WHERE g = 1), (a, b) = ANY (SELECT a, b FROM t) FROM t
SELECT id FROM t WHERE (a, g) >= ALL (SELECT u.a, u.g FROM t u WHERE u.k = t.k AND u.a IS NOT NULL)
SELECT id, (SELECT (u.a, u.k) FROM t u WHERE u.id = t.id + 1), ((SELECT u FROM t u WHERE u.id = t.id + 1)).k FROM t
SELECT id, (SELECT t.a FROM (SELECT 1) x), (SELECT t FROM (SELECT 1) x), (SELECT (t).k) FROM t
SELECT id FROM t WHERE EXISTS (SELECT 1 FROM t u WHERE u = t AND u.a > 0)
SELECT x, y FROM t x LEFT JOIN t y ON y.id = x.id + 3
SELECT x, y FROM t x RIGHT JOIN t y ON y.id = x.id + 3
SELECT x, y FROM t x FULL JOIN t y ON y.id = x.id + 3
SELECT x.id, count(y), count(*), count(y.*) FROM t x LEFT JOIN t y ON y.k = x.k AND y.id > x.id GROUP BY x.id
SELECT x.id, y IS NULL, y IS NOT NULL, y IS DISTINCT FROM NULL, to_jsonb(y) IS NULL FROM t x LEFT JOIN t y ON y.id = x.id + 3
SELECT x.id, y FROM t x LEFT JOIN (SELECT NULL::int AS n) y ON x.a = 1
SELECT x.id, y, z FROM t x LEFT JOIN (t y JOIN t z ON z.id = y.id + 1) ON y.id = x.id + 2
SELECT x.id, y, z FROM t x LEFT JOIN (t y LEFT JOIN t z ON z.id = y.id + 3) ON y.id = x.id + 2
SELECT x.id, j FROM t x LEFT JOIN (t y JOIN (SELECT id AS i FROM t) z ON i = y.id + 1) j ON j.id = x.id + 2
SELECT j FROM (t y LEFT JOIN (SELECT id AS i FROM t) z ON i = y.id + 3) j
SELECT x.id, y FROM t x LEFT JOIN t y USING (a)
SELECT x.id, y FROM t x LEFT JOIN LATERAL (SELECT u.k FROM t u WHERE u.id = x.id + 3) y ON true
SELECT x.id, (SELECT y FROM (SELECT 1) one) FROM t x LEFT JOIN t y ON y.id = x.id + 3
SELECT coalesce(y, x) FROM t x LEFT JOIN t y ON y.id = x.id + 3
SELECT x.id, (y).k, (y).* FROM t x LEFT JOIN t y ON y.id = x.id + 3
SELECT x FROM t x LEFT JOIN t y ON y.id = x.id + 3 WHERE y IS NULL
SELECT to_jsonb(s) FROM (SELECT id, k, a FROM t) s
SELECT to_jsonb(ROW(a, k, ROW(g))), to_jsonb((s).k) FROM (SELECT id, a, g, k FROM t) s
SELECT to_jsonb(s) FROM (SELECT id, (a, k) AS r, t.ts FROM t) s
SELECT row_to_json(s)::text::jsonb FROM (SELECT id, k, a FROM t) s
SELECT jsonb_agg(s ORDER BY id), count(s) FROM (SELECT id, k FROM t) s
SELECT jsonb_agg((id, k) ORDER BY id) FROM t
SELECT jsonb_object_agg(id, s) FROM (SELECT id, k FROM t) s
SELECT jsonb_build_array(s, 1), jsonb_build_object('s', s, 'r', (id, k)) FROM (SELECT id, k FROM t) s
SELECT jsonb_build_object((1, 2), 3)
SELECT to_jsonb(s) FROM (SELECT 1 AS a, 2 AS a) s
SELECT jsonb_each('{"a": 1, "b": [2]}')
SELECT jsonb_each_text('{"a": null}'), generate_series(1, 2)
SELECT (jsonb_each('{"a": 1}')).key, to_jsonb(jsonb_each('{"a": 1}'))
SELECT e, (e).key, to_jsonb(e) FROM jsonb_each('{"a": 1, "b": null}') e
SELECT g FROM generate_series(1, 3) g
SELECT g, i FROM generate_series(1, 3) g(i)
SELECT g FROM generate_series(1, 3) WITH ORDINALITY g
SELECT g FROM unnest(ARRAY[1, 2], ARRAY['a']) g
SELECT max(g) FROM generate_series(1, 3) g(i)
SELECT (a, k) FROM t UNION SELECT (g, k) FROM t
SELECT (a, k) FROM t UNION ALL SELECT (g, k) FROM t
SELECT CASE WHEN a > 1 THEN (id, NULL) ELSE (2, 3) END FROM t
SELECT coalesce((SELECT (u.a, u.k) FROM t u WHERE u.id = t.id + 3), (id, 'x')) FROM t
SELECT (a, k) FROM t UNION ALL SELECT (b, '1') FROM t
SELECT x FROM (SELECT (a, 1) AS x FROM t UNION ALL SELECT (id, 1.5) FROM t) s
SELECT (a, k) FROM t INTERSECT SELECT (g, k) FROM t
SELECT (a, k) FROM t EXCEPT SELECT (g, k) FROM t
SELECT min(ROW(1, 2))
SELECT max(t) FROM t
SELECT sum(t) FROM t
SELECT abs(ROW(1))
SELECT ROW(1) + 1
SELECT ROW(1, 2) || ROW(3)
SELECT ROW(1) = 1
SELECT (ROW(1, 2)).f3
SELECT (t).nope FROM t
SELECT (t.id).nope FROM t
SELECT (a).f1 FROM t
SELECT (a).* FROM t
SELECT nope FROM t
SELECT nope.* FROM t
SELECT ROW(nope.*) FROM t
SELECT ROW(*) FROM t
SELECT count(nope.*) FROM t
SELECT x FROM t
SELECT t.x FROM t
SELECT (1, 2) = (1, 2, 3)
SELECT (1, 2) = (SELECT 1)
SELECT (1, 2) = (SELECT 1, 2, 3)
SELECT (1, 2) = (SELECT generate_series(1, 2), 2)
SELECT (SELECT 1, 2) = (1, 2)
SELECT (1, 2) < ALL (SELECT 1)
SELECT (1, 2) + (SELECT 1, 2)
SELECT 1 = (1, 2)
SELECT ROW() = ROW()
SELECT (SELECT 1, 2)
SELECT ROW(1)::int
SELECT 1::record
SELECT '(1,2)'::record
SELECT ARRAY[1, 2] = (1, 2)
SELECT t.k FROM t GROUP BY t
SELECT t FROM t GROUP BY k
SELECT bool_and((a, k) IS NOT NULL) FROM t
SELECT ROW(a, sum(g)) FROM t GROUP BY a
SELECT ROW(a, sum(g)) FROM t GROUP BY k
SELECT t FROM t WHERE t
SELECT ROW(1) IS TRUE
SELECT string_agg(t::text, ',' ORDER BY id) FROM t
SELECT mode() WITHIN GROUP (ORDER BY (k, g)) FROM t WHERE k = 'a' AND g = 1
SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY (id, k)) FROM t
SELECT (a, b) IS DISTINCT FROM (SELECT 1, 2) FROM t
SELECT id FROM t ORDER BY t
SELECT t FROM t ORDER BY t DESC
SELECT id FROM t ORDER BY (a, k) DESC NULLS LAST, id
SELECT x.r FROM (SELECT (a, k) AS r FROM t ORDER BY r LIMIT 3) x
`

// TestRowsEqualPostgres asks PostgreSQL queries with rows as values.
func TestRowsEqualPostgres(t *testing.T) {
	pg := postgres{newPostgres(t)}
	rnd := rand.New(rand.NewPCG(*groupSeed, 25))
	for range 3 {
		w, insert := diffRows(t, rnd)
		for _, text := range []string{"DROP TABLE IF EXISTS t", diffTable, insert} {
			if a := pg.ask(t, text); a.state != "" {
				t.Fatalf("%s: %s", text, a.state)
			}
		}
		for text := range strings.SplitSeq(strings.TrimSpace(rowQueries), "\n") {
			t.Run(text, func(t *testing.T) { differ(t, w, pg, text) })
		}
	}
}

package abcisim

import "fmt"

// queries are views of every kind over the schema of a walk. Each walk has some of them, so that
// crashes, other cuts and other processors meet every operator.
var queries = []string{
	`SELECT m.meter, m.owner, r.kwh FROM meters m LEFT JOIN readings r
	   ON m.meter = r.meter AND r.kwh > 400`,
	`SELECT m.meter AS a, r.meter AS b, r.kwh FROM meters m FULL JOIN readings r
	   ON m.meter = r.meter AND m.factor = 1`,
	`SELECT meter, owner FROM meters m WHERE NOT EXISTS (
	   SELECT 1 FROM readings r WHERE r.meter = m.meter AND r.kwh > 800)`,
	`SELECT meter FROM readings WHERE meter IN (SELECT meter FROM meters WHERE factor > 0)
	   AND kwh > (SELECT avg(kwh) FROM readings)`,
	`SELECT meter, kwh, at FROM (SELECT meter, kwh, at,
	   row_number() OVER (PARTITION BY meter ORDER BY kwh DESC, at) AS n FROM readings) q
	   WHERE n <= 3`,
	`SELECT meter, at, kwh, sum(kwh) OVER w AS s, lag(kwh) OVER w AS before, rank() OVER w AS place
	   FROM readings WINDOW w AS (PARTITION BY meter ORDER BY at ROWS 3 PRECEDING)`,
	`SELECT meter, window_start, window_end, count(*) AS n
	   FROM SESSION(readings, at, INTERVAL '3 seconds', meter)
	   GROUP BY meter, window_start, window_end`,
	`SELECT meter, stddev(kwh) AS sd, variance(price) AS v, corr(kwh, price) AS c,
	   percentile_cont(0.3) WITHIN GROUP (ORDER BY kwh) AS p, count(DISTINCT kwh) AS d,
	   sum(kwh::float8 / 7) AS f, avg(price::float8) AS af FROM readings GROUP BY meter`,
	`SELECT meter, string_agg(DISTINCT kwh::text, ',') AS list, bool_or(kwh > 500) AS high,
	   (array_agg(kwh ORDER BY at, kwh))[1] AS first, mode() WITHIN GROUP (ORDER BY kwh) AS m
	   FROM readings WHERE kwh IS NOT NULL AND kwh % 50 = 0 GROUP BY meter`,
	`SELECT meter, kwh % 3 AS k, count(*) AS n, grouping(meter, kwh % 3) AS g
	   FROM readings GROUP BY ROLLUP (meter, kwh % 3)`,
	`SELECT meter, at, kwh FROM readings WHERE at > now() - INTERVAL '20 seconds'`,
	`WITH RECURSIVE r(x) AS (SELECT meter FROM meters WHERE factor = 1
	   UNION SELECT m.owner FROM r JOIN meters m ON m.meter = r.x) SELECT x FROM r`,
	`SELECT * FROM readings MATCH_RECOGNIZE (PARTITION BY meter ORDER BY at
	   MEASURES FIRST(UP.kwh) AS low, LAST(UP.kwh) AS high AFTER MATCH SKIP PAST LAST ROW
	   PATTERN (A UP UP) WITHIN INTERVAL '20 seconds' DEFINE UP AS UP.kwh > PREV(UP.kwh))`,
	`SELECT a.meter, a.kwh AS x, b.kwh AS y FROM readings a JOIN readings b ON a.meter = b.meter
	   AND b.at BETWEEN a.at AND a.at + INTERVAL '2 seconds' AND a.kwh > 700`,
	`SELECT meter FROM readings EXCEPT SELECT meter FROM meters`,
	`SELECT meter, factor FROM meters INTERSECT ALL SELECT meter, kwh % 4 FROM readings`,
	`SELECT meter, upper(meter) || to_char(at, 'HH24:MI:SS') AS t,
	   regexp_replace(meter, '([a-z])([0-9])', '\2\1') AS r,
	   jsonb_build_object('k', kwh, 'p', price) AS j, ARRAY[kwh, kwh + 1] AS a,
	   sqrt(kwh::float8 + 1000) AS q, ln(kwh::numeric + 1000) AS l FROM readings`,
	`SELECT r.meter, r.kwh, b.kwh AS older FROM readings r ASOF LEFT JOIN readings b
	   ON r.meter = b.meter AND r.at > b.at`,
	`SELECT meter, window_start, count(*) AS n, max(kwh) AS hi, avg(kwh) AS mean
	   FROM HOP(readings, at, INTERVAL '10 seconds', INTERVAL '30 seconds')
	   GROUP BY meter, window_start, window_end`,
	`SELECT meter, window_end, sum(kwh) AS s
	   FROM CUMULATE(readings, at, INTERVAL '10 seconds', INTERVAL '30 seconds')
	   GROUP BY meter, window_start, window_end EMIT ON WINDOW CLOSE`,
	`SELECT m.meter, g.n FROM meters m, LATERAL generate_series(1, m.factor) AS g(n)`,
}

// historyViews are views over the table's history.
var historyViews = []string{
	`CREATE MATERIALIZED VIEW held AS SELECT r.meter, r.kwh, r.at, m.owner, m.factor, m.meter AS of
	   FROM readings r LEFT JOIN meters m FOR SYSTEM_TIME AS OF r.at ON m.meter = r.meter`,
	`CREATE MATERIALIZED VIEW final AS SELECT r.at, r.kwh, 100 / m.factor AS share FROM readings r
	   JOIN meters FOR SYSTEM_TIME AS OF r.at AS m ON m.meter = r.meter EMIT ON WINDOW CLOSE`,
	`CREATE MATERIALIZED VIEW due AS SELECT r.due, r.kwh, m.owner, m.weir_valid_from AS since
	   FROM (SELECT at + INTERVAL '20 seconds' AS due, meter, kwh FROM readings) r
	   LEFT JOIN meters FOR SYSTEM_TIME AS OF r.due AS m ON m.meter = r.meter AND m.factor > 0
	   EMIT ON WINDOW CLOSE`,
	`CREATE MATERIALIZED VIEW seen AS SELECT r.kwh, m.owner FROM readings r
	   JOIN meters FOR SYSTEM_TIME AS OF PROCTIME() AS m ON m.meter = r.meter`,
	`CREATE MATERIALIZED VIEW past AS SELECT meter, owner, weir_valid_from AS since,
	   weir_deleted AS gone FROM meters_history EMIT ON WINDOW CLOSE`,
}

// withHistory gives the table of a schema a history, with views that it puts before the last one.
func withHistory(setup []string) []string {
	out := append([]string(nil), setup[:len(setup)-1]...)
	out[1] += " WITH (history = true)"
	return append(append(out, historyViews...), setup[len(setup)-1])
}

// queriesOfWalk is how many of the queries a walk has.
const queriesOfWalk = 4

// richer is the schema with some more views.
func (w *world) richer() []string {
	out := append([]string(nil), schema...)
	for i, k := range w.rng.Perm(len(queries))[:queriesOfWalk] {
		out = append(out, fmt.Sprintf("CREATE MATERIALIZED VIEW q%d AS %s", i, queries[k]))
	}
	return out
}

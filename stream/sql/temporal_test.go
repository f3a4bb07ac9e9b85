package sql_test

import (
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"weir/stream/sql"
)

// TestTemporalFiltersAreTheirConditions: a view with a condition on now() has, at any time, the
// rows that the query with the same condition has then.
func TestTemporalFiltersAreTheirConditions(t *testing.T) {
	cat := newCatalog(t)
	sides := []string{
		"now()", "current_timestamp", "now() - INTERVAL '3 seconds'", "INTERVAL '2 seconds' + now()",
		"now() + INTERVAL '1 minute' - INTERVAL '58 seconds'", "localtimestamp",
	}
	times := []string{"f.ts", "f.ts + INTERVAL '1 second'", "c.at", "c.at - INTERVAL '1 second'"}
	ops := []string{"<", "<=", ">", ">=", "="}
	rapid.Check(t, func(r *rapid.T) {
		pick := func(list []string) string { return rapid.SampledFrom(list).Draw(r, "part") }
		cond := pick(times) + " " + pick(ops) + " " + pick(sides)
		days := rapid.IntRange(0, 2).Draw(r, "days") == 0
		if days {
			day := pick([]string{"current_date", "current_date - 1", "current_date + 2"})
			time := pick([]string{"f.ts::date", "c.at::date + 1", "c.at::date"})
			op := pick(ops)
			if op != "=" {
				time = pick(append(times, time))
			}
			cond = time + " " + op + " " + day
		}
		switch rapid.IntRange(0, 5).Draw(r, "form") {
		case 0:
			cond = pick(sides) + " " + pick(ops) + " " + pick(times)
		case 1:
			cond = "now() - f.ts " + pick(ops) + " INTERVAL '2 seconds' AND f.delay > 0"
		case 2:
			cond = "f.ts - now() " + pick(ops) + " INTERVAL '-1 second'"
		case 3:
			cond = pick(times) + " BETWEEN now() - INTERVAL '2 seconds' AND " + pick(sides)
		case 4:
			cond = "NOT " + pick(times) + " " + pick(ops[:4]) + " " + pick(sides) + " AND " + cond
		}
		query := "SELECT f.id, c.n FROM flights f JOIN clicks c ON f.origin = c.who WHERE " + cond
		v := &naive{
			rows: randomRows(cat, rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "seed"), 2))),
			now:  int64(rapid.IntRange(-4_000_000, 9_000_000).Draw(r, "now")),
		}
		if days {
			v.now = int64(rapid.IntRange(-72, 72).Draw(r, "hours")) * 3_600_000_000
			v.now += int64(rapid.IntRange(-1, 1).Draw(r, "more"))
		} else if rapid.Bool().Draw(r, "edge") { // where times and their bounds lie
			v.now = int64(rapid.IntRange(-6, 9).Draw(r, "tenths")) * 100_000
		}
		var got [2]string
		for i, text := range []string{query, "CREATE MATERIALIZED VIEW v AS " + query} {
			raws, err := sql.Parse(text)
			if err != nil {
				r.Fatal(err)
			}
			st, err := sql.Bind(raws[0], cat, sql.Options{Role: "weir"})
			if err != nil {
				r.Fatalf("%s: %v", text, err)
			}
			got[i] = resultsOf(v, planOf(st))
		}
		if got[0] != got[1] {
			r.Fatalf("%s at %d\nquery:\n%s\nview:\n%s", cond, v.now, got[0], got[1])
		}
	})
}

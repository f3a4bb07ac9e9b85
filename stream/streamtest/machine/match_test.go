package machine_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"weir/stream/batch"
	"weir/stream/catalog"
	"weir/stream/engine"
	"weir/stream/oracle"
	"weir/stream/streamtest/machine"
	"weir/stream/value"
)

// patterns cover quantifiers, alternation, skips, bounds in time, and definitions that fail.
var patterns = []string{
	`AFTER MATCH SKIP PAST LAST ROW PATTERN (A B+) DEFINE B AS B.v > PREV(B.v)`,
	`AFTER MATCH SKIP TO NEXT ROW PATTERN (A B* C) WITHIN INTERVAL '5 seconds'
	  DEFINE B AS B.v >= LAST(B.v, 1) OR LAST(B.v, 1) IS NULL, C AS C.v < FIRST(A.v)`,
	`AFTER MATCH SKIP TO LAST B PATTERN (A (B | C){2,3} D?) WITHIN INTERVAL '8 seconds'
	  DEFINE A AS A.v = 1, B AS B.v = 2, C AS C.v = 0, D AS D.v = A.v`,
	`AFTER MATCH SKIP TO FIRST B PATTERN (A+? B{1,} C?) WITHIN INTERVAL '4 seconds'
	  DEFINE B AS B.v <> NEXT(B.v), C AS C.v > 1`,
	`PATTERN (A B??  C+?) WITHIN INTERVAL '6 seconds' DEFINE A AS 2 / (A.v - 1) > 0, C AS C.v < 2`,
	`PATTERN ((A B)+ | C C) WITHIN INTERVAL '6 seconds' DEFINE A AS A.v < 2, B AS B.v > A.v`,
	`PATTERN (A B* C) WITHIN INTERVAL '7 seconds'
	  DEFINE B AS sum(B.v) <= 3 AND count(B.*) < 4, C AS C.v > avg(v) OR max(B.v) = min(A.v)`,
	`AFTER MATCH SKIP TO NEXT ROW PATTERN (A (B | C)+? D) WITHIN INTERVAL '6 seconds'
	  DEFINE B AS count(DISTINCT B.v) < 2, C AS 4 / sum(v) > 1, D AS count(*) > count(v) OR
	  avg(C.v) > 1`,
}

// TestMatch steps random rows through each pattern, late ones within the watermark's delay, and
// compares with the naive evaluation after every step.
func TestMatch(t *testing.T) {
	for i, p := range patterns {
		for seed := range uint64(40) {
			if !t.Run(fmt.Sprintf("%d/%d", i, seed), func(t *testing.T) { matchRun(t, p, seed) }) {
				return
			}
		}
	}
}

func matchRun(t *testing.T, pattern string, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 7))
	m := machine.New(engine.Limits{})
	m.KeepHistory = true
	err := m.Exec(`CREATE STREAM s (k int, ts timestamp, v int, WATERMARK FOR ts AS ts);
		CREATE MATERIALIZED VIEW m AS SELECT * FROM s MATCH_RECOGNIZE (PARTITION BY k ORDER BY ts
		MEASURES MATCH_NUMBER() AS n, FIRST(ts) AS f, LAST(ts) AS l, CLASSIFIER() AS c, ` +
		"LAST(v, 1) AS before, count(*) AS rows, sum(v) AS s, avg(v) AS mean, min(v) AS lo, " +
		"max(A.v) AS top, count(DISTINCT v) AS vs " + pattern + ")")
	if err != nil {
		t.Fatal(err)
	}
	offset, now := int64(0), int64(0)
	for range 14 {
		b := batch.NewBuilder(m.Types("s"), 0)
		for range r.IntN(5) {
			ts := now + int64(r.IntN(6))*500_000
			vals := []value.Datum{
				value.NewInt4(int32(r.IntN(2))), value.NewTimestamp(ts), value.NewInt4(int32(r.IntN(3))),
				value.NewInt8(offset), value.NewInt8(1), value.NewTimestampTZ(0), value.NewText("p"),
			}
			if r.IntN(8) == 0 {
				vals[2] = value.NullDatum
			}
			b.Add(vals, 1)
			offset++
		}
		now += int64(r.IntN(4)) * 1_000_000
		in := machine.Input{Mark: now, HasMark: true}
		if b.Len() > 0 {
			in.Rows = b.Batch()
		}
		if _, err := m.Step(map[string]machine.Input{"s": in}); err != nil {
			t.Fatal(err)
		}
		compare(t, m, "m")
	}
}

func compare(t *testing.T, m *machine.Machine, view string) {
	t.Helper()
	def := m.Cat.Lookup(view)
	want := oracle.EvalView(m.Plan(view), def.Key, m.OracleInput())
	if got, w := show(m.View(view)), show(want.Rows); got != w {
		t.Fatalf("the view holds\n%sthe oracle says\n%s", got, w)
	}
	errors := m.Cat.Lookup(view + catalog.ErrorsSuffix)
	if got, w := show(m.View(errors.Name)), show(want.Errors); got != w {
		t.Fatalf("the errors are\n%sthe oracle says\n%s", got, w)
	}
}

func show(rows []oracle.Row) (out string) {
	for _, r := range rows {
		out += fmt.Sprintf("%dx", r.Weight)
		for _, d := range r.Vals {
			text := "NULL"
			if !d.IsNull() {
				text = string(value.AppendText(nil, d))
			}
			out += " " + text
		}
		out += "\n"
	}
	return out
}

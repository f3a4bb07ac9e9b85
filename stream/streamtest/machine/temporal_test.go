package machine_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"weir/stream/batch"
	"weir/stream/catalog"
	"weir/stream/engine"
	"weir/stream/oracle"
	"weir/stream/streamtest/machine"
	"weir/stream/value"
)

// temporalViews join a stream with a table as of a time: inner and outer, with other conditions,
// that fail for some rows, held back until they are final, by a time that runs ahead of block time.
var temporalViews = map[string]string{
	"joined": `SELECT o.id, r.rate, r.weir_valid_from AS since FROM orders o
		JOIN rates FOR SYSTEM_TIME AS OF o.ts r ON r.k = o.k`,
	"kept": `SELECT o.id, o.k, r.k AS rk, r.rate FROM orders o
		LEFT JOIN rates FOR SYSTEM_TIME AS OF o.ts r ON r.k = o.k AND r.rate > o.v`,
	"shares": `SELECT o.id, 6 / r.rate AS share FROM orders o
		JOIN rates FOR SYSTEM_TIME AS OF o.ts r ON r.k = o.k`,
	"final": `SELECT o.ts, o.id, r.rate FROM orders o
		LEFT JOIN rates FOR SYSTEM_TIME AS OF o.ts r ON r.k = o.k EMIT ON WINDOW CLOSE`,
	"ahead": `SELECT o.due, o.id, r.rate, r.weir_valid_from AS since
		FROM (SELECT id, k, ts + INTERVAL '2 seconds' AS due FROM orders) o
		LEFT JOIN rates FOR SYSTEM_TIME AS OF o.due r ON r.k = o.k EMIT ON WINDOW CLOSE`,
	"sums": `SELECT window_end, count(*) AS n, sum(rate) AS s FROM TUMBLE((SELECT o.ts, r.rate
		FROM orders o JOIN rates FOR SYSTEM_TIME AS OF o.ts r ON r.k = o.k), ts, INTERVAL '2 seconds')
		GROUP BY window_end EMIT ON WINDOW CLOSE`,
	"seen": `SELECT o.id, r.rate FROM orders o
		JOIN rates FOR SYSTEM_TIME AS OF PROCTIME() r ON r.k = o.k`,
	"changes": `SELECT k, rate, weir_valid_from AS since, weir_deleted AS gone FROM rates_history
		EMIT ON WINDOW CLOSE`,
}

const temporalSchema = `CREATE TABLE rates (k int PRIMARY KEY, rate int) WITH (history = true);
	CREATE STREAM orders (id int, k int, v int, ts timestamptz, WATERMARK FOR ts AS ts);`

// change is one transaction: rows of the stream and the watermark after them, or rows of the table
// that leave and come.
type change struct {
	now    int64
	orders [][]value.Datum
	mark   int64
	rates  []oracle.Row
}

// drawChanges draws transactions whose times fall on the same few moments, so that the borders are
// met: block times that stand still, rows at, a tick before and ahead of block time, watermarks at
// block time.
func drawChanges(r *rand.Rand) (out []change) {
	const tick = int64(500_000)
	now, mark, id := 10*tick, int64(0), int32(0)
	rates := map[int32]oracle.Row{}
	for range 24 {
		now += int64(r.IntN(3)) * tick
		c := change{now: now, mark: mark}
		if r.IntN(2) == 0 {
			for range 1 + r.IntN(2) {
				k := int32(r.IntN(2))
				if old, ok := rates[k]; ok {
					c.rates = append(c.rates, oracle.Row{Vals: old.Vals, Weight: -1})
					delete(rates, k)
				}
				if r.IntN(3) > 0 {
					rates[k] = oracle.Row{Weight: 1, Vals: []value.Datum{
						value.NewInt4(k), value.NewInt4(int32(r.IntN(3))),
					}}
					c.rates = append(c.rates, rates[k])
				}
			}
		} else {
			for range r.IntN(4) {
				ts := max(mark, now+int64(r.IntN(7)-4)*tick-int64(r.IntN(2)))
				vals := []value.Datum{
					value.NewInt4(id), value.NewInt4(int32(r.IntN(2))), value.NewInt4(int32(r.IntN(2))),
					value.NewTimestampTZ(ts), value.NewInt8(int64(id)), value.NewInt8(1),
					value.NewTimestampTZ(now), value.NewText("p"),
				}
				if r.IntN(9) == 0 {
					vals[1] = value.NullDatum
				}
				c.orders = append(c.orders, vals)
				id++
			}
			c.mark = min(max(mark, now-int64(r.IntN(4))*tick), now)
			mark = c.mark
		}
		out = append(out, c)
	}
	return append(out, change{now: now + 1, mark: mark}, change{now: now + 100*tick, mark: now})
}

// TestTemporalJoin steps random transactions through every view and compares with the naive
// evaluation after each step. Cut into other segments, with restarts, and filled from the history
// at the end, the views hold the same rows.
func TestTemporalJoin(t *testing.T) {
	for seed := range uint64(40) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 17))
			changes := drawChanges(r)
			one, joined := temporalMachine(t, true), temporalMachine(t, true)
			late := temporalMachine(t, false)
			for _, c := range changes {
				temporalStep(t, one, []change{c})
			}
			for i := 0; i < len(changes); {
				n := i + 1
				for n < len(changes) && changes[n].now == changes[i].now && r.IntN(4) > 0 {
					n++
				}
				temporalStep(t, joined, changes[i:n])
				temporalStep(t, late, changes[i:n])
				if i = n; r.IntN(4) == 0 {
					if err := joined.Restart(); err != nil {
						t.Fatal(err)
					}
				}
			}
			createTemporal(t, late)
			last := changes[len(changes)-1]
			temporalStep(t, late, []change{{now: last.now, mark: last.mark}})
			for _, name := range sorted(temporalViews) {
				for _, of := range []string{name, name + catalog.ErrorsSuffix} {
					want := show(one.View(of))
					if got := show(joined.View(of)); got != want {
						t.Fatalf("%s, cut in another way:\n%swant\n%s", of, got, want)
					}
					if got := show(late.View(of)); got != want {
						t.Fatalf("%s, filled late:\n%swant\n%s", of, got, want)
					}
				}
			}
		})
	}
}

func sorted[T any](m map[string]T) (out []string) {
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func temporalMachine(t *testing.T, views bool) *machine.Machine {
	t.Helper()
	m := machine.New(engine.Limits{})
	m.KeepHistory = true
	if err := m.Exec(temporalSchema); err != nil {
		t.Fatal(err)
	}
	if views {
		createTemporal(t, m)
	}
	return m
}

func createTemporal(t *testing.T, m *machine.Machine) {
	t.Helper()
	for _, name := range sorted(temporalViews) {
		err := m.Exec("CREATE MATERIALIZED VIEW " + name + " AS " + temporalViews[name])
		if err != nil {
			t.Fatal(err)
		}
	}
}

// temporalStep runs transactions of one block time as one segment, and compares every view.
func temporalStep(t *testing.T, m *machine.Machine, changes []change) {
	t.Helper()
	orders, rates := batch.NewBuilder(m.Types("orders"), 0), batch.NewBuilder(m.Types("rates"), 0)
	for _, c := range changes {
		for _, o := range c.orders {
			orders.Add(o, 1)
		}
		for _, r := range c.rates {
			rates.Add(r.Vals, r.Weight)
		}
	}
	last := changes[len(changes)-1]
	m.Now = last.now
	in := map[string]machine.Input{"orders": {Mark: last.mark, HasMark: true}}
	if orders.Len() > 0 {
		in["orders"] = machine.Input{Rows: orders.Batch(), Mark: last.mark, HasMark: true}
	}
	if rates.Len() > 0 {
		in["rates"] = machine.Input{Rows: rates.Batch()}
	}
	if _, err := m.Step(in); err != nil {
		t.Fatal(err)
	}
	for _, name := range sorted(temporalViews) {
		if m.Cat.Lookup(name) != nil {
			compare(t, m, name)
		}
	}
}

package abcisim

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"weir/app"
	"weir/stream/catalog"
)

// TestIndexes makes random changes of a table, of a view over it and of their indexes, which are
// filled a few rows a block. After each block every index is its relation in another order, now
// and at a height before; what a query reads through an index is what it finds without; a node
// that crashes has the same app hashes, and so has one that joins by state sync.
func TestIndexes(t *testing.T) {
	for seed := range uint64(6) {
		x := newScript(t, &datadriven.TestData{Cmd: "network", CmdArgs: []datadriven.CmdArg{
			{Key: "backfill_rows", Vals: []string{"30"}},
			{Key: "checkpoint_blocks", Vals: []string{"5"}},
		}})
		x.t = t
		w := &indexWalk{script: x, rng: rand.New(rand.NewPCG(seed, 23))}
		x.nodes[0].snapshots = 1
		if err := x.crash(x.nodes[0]); err != nil {
			t.Fatal(err)
		}
		w.exec("CREATE TABLE t (a int PRIMARY KEY, b text, c numeric(6,2), d int)", false)
		w.exec(view, false)
		for i := range 70 {
			w.step(i)
		}
		var sum joins
		if err := x.join(newNode(), false, &sum); err != nil || sum.joined != 1 {
			t.Fatalf("seed %d: %+v, %v", seed, sum, err)
		}
		for i := range 15 { // now three nodes
			w.step(i)
		}
		w.inspect()
		if w.narrow < 30 || w.filling == 0 || w.refused > w.sent/3 {
			t.Errorf("seed %d: too tame: %d narrow reads, %d filling, %d of %d refused", seed,
				w.narrow, w.filling, w.refused, w.sent)
		}
	}
}

const view = "CREATE OR REPLACE MATERIALIZED VIEW v AS SELECT b, d, sum(c) AS c, count(*) AS a " +
	"FROM t GROUP BY b, d"

type indexWalk struct {
	*script
	rng                            *rand.Rand
	narrow, filling, refused, sent int
}

// step sends a statement and judges what came of it.
func (w *indexWalk) step(i int) {
	w.t.Helper()
	text := w.statement()
	w.sent++
	if out := w.exec(text, false); strings.Contains(out, "ERROR") {
		w.refused++
	}
	if w.rng.IntN(4) == 0 {
		if err := w.crash(w.nodes[len(w.nodes)-1]); err != nil {
			w.t.Fatal(err)
		}
	}
	snap := w.nodes[0].app.Snapshot()
	for _, x := range snap.Catalog.Indexes(0) {
		if len(snap.Indexes(x.Of)) < len(snap.Catalog.Indexes(x.Of)) {
			w.filling++
		}
	}
	at := max(1, snap.Height()-w.rng.Int64N(20))
	past, err := w.nodes[0].app.SnapshotAt(at)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := checkIndexes(past); err != nil {
		w.t.Fatal(err)
	}
	for range 3 {
		w.compare(pick(w.rng, "t", "v"))
	}
}

// inspect names the units of indexes and writes their entries as rows, as diff-state does.
func (w *indexWalk) inspect() {
	w.t.Helper()
	snap := w.nodes[0].app.Snapshot()
	cat, err := app.CatalogAt(snap.Version)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, x := range snap.Catalog.Indexes(0) {
		unit := app.IndexUnit(x.ID)
		if got, want := app.UnitName(unit, cat), fmt.Sprintf("index %q", x.Name); got != want {
			w.t.Errorf("unit %x is %s, want %s", unit[:], got, want)
		}
		snap.Index(x.ID).Scan(nil, nil, func(_, entry []byte) bool {
			got, ok := app.RowText(unit, entry, cat)
			want, _ := app.RowText(app.RowsUnit(x.Of), entry, cat)
			if !ok || got != want {
				w.t.Errorf("an entry of %s is %q, want %q", x.Name, got, want)
			}
			return ok
		})
	}
}

// compare asks a question that an index may answer, and the same so that none can.
func (w *indexWalk) compare(of string) {
	w.t.Helper()
	var conjuncts []string
	for range 1 + w.rng.IntN(3) {
		conjuncts = append(conjuncts, w.conjunct())
	}
	where := strings.Join(conjuncts, " AND ")
	const ask = "SELECT a, b, c, d FROM %s WHERE %s"
	got := w.query(fmt.Sprintf(ask, of, where))
	want := w.query(fmt.Sprintf(ask, of, "("+where+") IS NOT DISTINCT FROM true"))
	if got != want || strings.Contains(got, "ERROR") && !strings.Contains(got, "55000") {
		w.t.Fatalf("%s WHERE %s:\n%s, without an index\n%s", of, where, got, want)
	}
	if paths := w.paths(fmt.Sprintf(ask, of, where)); strings.Contains(paths, " by ") {
		w.narrow++
	}
}

func (w *indexWalk) conjunct() string {
	column := pick(w.rng, "a", "b", "c", "d")
	if w.rng.IntN(6) == 0 {
		return column + " IS NULL"
	}
	return column + pick(w.rng, " = ", " = ", " < ", " <= ", " > ", " >= ") + w.value(column)
}

func (w *indexWalk) value(column string) string {
	switch column {
	case "a":
		return fmt.Sprint(w.rng.IntN(120))
	case "b":
		return pick(w.rng, "''", "'x'", "'xy'", "'y'", "'z'")
	case "c":
		return fmt.Sprintf("%d.%d::numeric(6,2)", w.rng.IntN(4)-2, w.rng.IntN(3))
	}
	return fmt.Sprint(w.rng.IntN(5) - 2)
}

func (w *indexWalk) nullable(column string) string {
	if w.rng.IntN(5) == 0 {
		return "NULL"
	}
	return w.value(column)
}

// statement is a random change.
func (w *indexWalk) statement() string {
	switch n := w.rng.IntN(20); {
	case n < 8:
		var rows []string
		for i := range 1 + w.rng.IntN(25) {
			rows = append(rows, fmt.Sprintf("(%d, %s, %s, %s)", (w.rng.IntN(5)+5*i)%120,
				w.nullable("b"), w.nullable("c"), w.nullable("d")))
		}
		return "INSERT INTO t VALUES " + strings.Join(rows, ", ") +
			" ON CONFLICT (a) DO UPDATE SET b = excluded.b, d = excluded.d"
	case n < 10:
		return "UPDATE t SET c = " + w.nullable("c") + " WHERE " + w.conjunct()
	case n < 12:
		return "DELETE FROM t WHERE " + w.conjunct() + " AND " + w.conjunct()
	case n < 17:
		return w.createIndex()
	case n == 17:
		return fmt.Sprintf("DROP INDEX IF EXISTS i%d", w.rng.IntN(6))
	case n == 18:
		return pick(w.rng, "ALTER MATERIALIZED VIEW v SUSPEND; ALTER MATERIALIZED VIEW v RESUME",
			view)
	}
	return fmt.Sprintf("ALTER TABLE t ADD COLUMN IF NOT EXISTS e%d int DEFAULT 7", w.rng.IntN(3))
}

func (w *indexWalk) createIndex() string {
	var columns []string
	for range 1 + w.rng.IntN(3) {
		columns = append(columns, pick(w.rng, "a", "b", "c", "d")+
			pick(w.rng, "", " DESC", " NULLS FIRST", " DESC NULLS LAST"))
	}
	snap := w.nodes[0].app.Snapshot()
	of := "t"
	if v := snap.Catalog.Lookup("v"); v != nil && w.rng.IntN(2) == 0 {
		if st, _ := snap.Status(v.ID); st.State == catalog.Live {
			of = "v"
		}
	}
	return fmt.Sprintf("CREATE INDEX IF NOT EXISTS i%d ON %s (%s)", w.rng.IntN(6), of,
		strings.Join(columns, ", "))
}

func pick(rng *rand.Rand, of ...string) string { return of[rng.IntN(len(of))] }

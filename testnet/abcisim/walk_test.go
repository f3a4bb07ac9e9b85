package abcisim

import (
	"flag"
	"fmt"
	"testing"

	"weir/stream/catalog"
	"weir/stream/engine"
	"weir/stream/sql"
)

var (
	seed   = flag.Uint64("seed", 0, "run the walk of this seed alone")
	blocks = flag.Int("blocks", 40, "blocks of a walk")
	walks  = flag.Int("walks", 25, "number of walks")
)

// TestWalk walks from many seeds. Every node has the same app hash and results at every height,
// every view equals the oracle's recomputation, restarts change nothing, and other block cuts
// give the same rows.
func TestWalk(t *testing.T) {
	if *seed != 0 {
		report, err := Run(Options{Seed: *seed, Blocks: *blocks, Nodes: 3})
		t.Logf("%+v", *report)
		if err != nil {
			t.Fatal(err)
		}
		return
	}
	var sum Report
	for i := range *walks {
		r, err := Run(Options{Seed: uint64(i + 1), Blocks: *blocks, Nodes: 3})
		if err != nil {
			t.Fatal(err)
		}
		sum.Blocks += r.Blocks
		sum.Txs += r.Txs
		sum.Proposals += r.Proposals
		sum.Applied += r.Applied
		sum.Rejected += r.Rejected
		sum.Crashes += r.Crashes
		sum.Deaths += r.Deaths
		sum.Replayed += r.Replayed
		sum.Checks += r.Checks
		sum.Forgotten += r.Forgotten
		sum.Partial += r.Partial
		sum.Erased += r.Erased
	}
	t.Logf("%+v", sum)
	tame := sum.Rejected == 0 || sum.Crashes == 0 || sum.Deaths == 0 || sum.Checks == 0 ||
		sum.Forgotten == 0 || sum.Partial == 0 || sum.Erased == 0
	if tame || sum.Applied < 10**walks {
		t.Errorf("the walks were too tame: %+v", sum)
	}
}

// TestWalkWithHistory walks with a table that keeps its versions: temporal joins, on time and late,
// live and filled, give the same rows after restarts and with other block cuts.
func TestWalkWithHistory(t *testing.T) {
	held := 0
	for i := range min(*walks, 8) {
		o := Options{Seed: uint64(i + 501), Blocks: 60, Nodes: 2, History: true}
		s, err := walk(o)
		if err != nil {
			t.Fatal(err)
		}
		snap := s.nodes[0].app.Snapshot()
		for _, name := range []string{"held", "final", "due", "seen", "past"} {
			def := snap.Catalog.Lookup(name)
			if def == nil {
				continue
			}
			rows, err := contents(snap, def)
			if err != nil {
				t.Fatal(err)
			}
			if len(rows) > 0 {
				held++
			}
		}
	}
	if held < 10 {
		t.Errorf("only %d views over history had rows", held)
	}
}

// TestQueriesAreAccepted creates every view that a walk may have.
func TestQueriesAreAccepted(t *testing.T) {
	cat := catalog.New()
	run := func(text string) {
		t.Helper()
		raws, err := sql.Parse(text)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		st, err := sql.Bind(raws[0], cat, sql.Options{Role: "weir"})
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		var def *catalog.Relation
		switch st := st.(type) {
		case *sql.CreateStream:
			def = st.Relation
		case *sql.CreateTable:
			def = st.Relation
		case *sql.CreateView:
			def = st.Relation
			if err := engine.CanRun(st.Plan); err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
		default:
			return
		}
		if _, err := cat.Create(def); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range schema {
		run(s)
	}
	for i, q := range queries {
		run(fmt.Sprintf("CREATE MATERIALIZED VIEW q%d AS %s", i, q))
	}
}

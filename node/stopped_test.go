package node_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/app"
	"weir/consensus"
	"weir/ledger"
	"weir/ledger/store"
	"weir/ledger/tree"
	"weir/node/config"
	"weir/node/home"
	"weir/stream/row"
	"weir/stream/value"
)

// filled makes a network of one that has run and stopped: a stream with a late row, a view with
// operator state, a table, and a checkpoint every five changed blocks.
func filled(t *testing.T, inserts int) *network {
	t.Helper()
	if testing.Short() {
		t.Skip("runs a validator for some seconds")
	}
	n := makeNetwork(t, func(p *parameters) { p.CheckpointBlocks = 5 })
	n.history = 1000
	n.start(t)
	c := n.connect(t)
	run(t, c, "CREATE STREAM", "CREATE STREAM events (id bigint, name text)")
	run(t, c, "CREATE MATERIALIZED VIEW", "CREATE MATERIALIZED VIEW counted AS "+
		"SELECT id % 10 AS k, count(*) AS n FROM events GROUP BY id % 10")
	run(t, c, "CREATE TABLE", "CREATE TABLE names (id bigint PRIMARY KEY, name text)")
	run(t, c, "CREATE INDEX", "CREATE INDEX ON counted (n DESC)")
	run(t, c, "CREATE INDEX", "CREATE INDEX by_name ON names (name)")
	n.insert(t, 0, inserts)
	return n
}

// insert adds rows, one block each, to a running network, and stops it.
func (n *network) insert(t *testing.T, from, to int) {
	t.Helper()
	c := n.connect(t)
	for i := from; i < to; i++ {
		run(t, c, "INSERT 0 1", "INSERT INTO events VALUES ($1, $2)", int64(i), fmt.Sprint("n", i))
		run(t, c, "INSERT 0 1", "INSERT INTO names VALUES ($1, $2)", int64(i), fmt.Sprint("n", i))
	}
	if err := n.stop(); err != nil {
		t.Fatal(err)
	}
}

// TestCheckHome checks the ledger of a real node: refused while it runs, sound when it has
// stopped, and damaged after one changed bit on the disk.
func TestCheckHome(t *testing.T) {
	n := filled(t, 20)
	var last [2]uint64
	progress := func(done, total uint64) { last = [2]uint64{done, total} }
	r, err := home.Check(t.Context(), n.home, 20, progress)
	if err != nil {
		t.Fatal(err)
	}
	if r.Problems > 0 || r.Checkpoints < 2 || r.Leaves == 0 || r.Leaves != r.Payloads ||
		r.StatePages == 0 || r.Blocks == 0 || last[0] != last[1] || last[0] == 0 {
		t.Errorf("%+v, progress %v", r, last)
	}
	n.start(t)
	if _, err := home.Check(t.Context(), n.home, 20, nil); !errors.Is(err, home.ErrRunning) {
		t.Errorf("while the node runs: %v", err)
	}
	if err := n.stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := home.Check(t.Context(), t.TempDir(), 20, nil); !errors.Is(err, home.ErrEmpty) {
		t.Errorf("an empty home: %v", err)
	}
	flipTables(t, filepath.Join(n.home, "data", "weir.db"))
	if r, err := home.Check(t.Context(), n.home, 20, nil); err == nil && r.Problems == 0 {
		t.Error("a bit of each table was flipped, and nothing found")
	} else {
		t.Log(err)
	}
}

// flipTables flips a bit in the middle of each table, or in the log if there is no table yet.
func flipTables(t *testing.T, dir string) {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	flipped := 0
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".sst") {
			continue
		}
		name := filepath.Join(dir, f.Name())
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		b[len(b)/3] ^= 1
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
		flipped++
	}
	if flipped == 0 {
		t.Fatal("the store has no table")
	}
}

// TestDifferHome compares a real node's ledger with itself at an earlier height.
func TestDifferHome(t *testing.T) {
	n := filled(t, 12)
	r, err := home.Check(t.Context(), n.home, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	d, err := home.Differ(n.home, n.home, r.Newest, r.Newest, 1)
	if err != nil || len(d.Differences) != 0 || d.AppHashA != d.AppHashB {
		t.Fatalf("%+v, %v", d, err)
	}
	if d, err = home.Differ(n.home, n.home, r.Newest-4, r.Newest, 1); err != nil {
		t.Fatal(err)
	}
	found := map[string]home.Difference{}
	for _, e := range d.Differences {
		found[e.Unit] = e
	}
	e, ok := found[`rows of "names"`]
	if !ok || e.A != nil || e.B == nil || !strings.HasPrefix(*e.B, "id = ") {
		t.Errorf("rows of the table: %+v", d.Differences)
	}
	if x := found[`index "by_name"`]; x.A != nil || x.B == nil || *x.B != *e.B {
		t.Errorf("index of the table: %+v", d.Differences)
	}
	e = found[`log of "events"`]
	if e.A != nil || e.B == nil || !strings.HasPrefix(e.Note, "leaf ") {
		t.Errorf("log of the stream: %+v", e)
	}
	if found[`operator 0 of "counted"`].Key+found[`operator 1 of "counted"`].Key == "" {
		t.Errorf("operator of the view: %+v", d.Differences)
	}
}

// TestRollbackHome moves a real node back, starts it, and finds everything where it was; and
// removes blocks with --hard.
func TestRollbackHome(t *testing.T) {
	n := filled(t, 20)
	before, err := home.Check(t.Context(), n.home, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := home.Rollback(n.home, before.Newest-7, false)
	if err != nil || r.From != before.Newest || r.Checkpoint > before.Newest-7 ||
		r.Execute < 7 || r.Removed != 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	if after, err := home.Check(t.Context(), n.home, 1, nil); err != nil || after.Problems > 0 ||
		after.Newest != r.Checkpoint {
		t.Fatalf("after the rollback: %+v, %v", after, err)
	}
	n.start(t)
	c := n.connect(t)
	var rows, sum int
	err = c.QueryRow(t.Context(), "SELECT (SELECT count(*) FROM names)").Scan(&rows)
	if err != nil || rows != 20 {
		t.Errorf("%d rows, %v", rows, err)
	}
	err = c.QueryRow(t.Context(), "SELECT CAST(sum(n) AS bigint) FROM counted").Scan(&sum)
	if err != nil || sum != 20 {
		t.Errorf("the view counts %d, %v", sum, err)
	}
	n.insert(t, 20, 25)
	if _, err := home.Rollback(n.home, 1, false); err == nil {
		t.Error("a height below all checkpoints was accepted")
	}
	to := before.Newest - 7
	r, err = home.Rollback(n.home, to, true)
	if err != nil || uint64(r.Blocks) != to || r.Removed < 10 || r.Checkpoint > to {
		t.Errorf("hard: %+v, %v", r, err)
	}
	stores, err := consensus.OpenStores(n.home)
	if err != nil {
		t.Fatal(err)
	}
	if h, err := stores.StateHeight(); err != nil || uint64(h) != to {
		t.Errorf("CometBFT's state is at %d, want %d: %v", h, to, err)
	}
	if err := stores.Close(); err != nil {
		t.Error(err)
	}
}

// TestAuditHome executes a real node's blocks again, from a checkpoint and from genesis, and finds
// a row that was slipped into the ledger.
func TestAuditHome(t *testing.T) {
	begin := time.Now()
	n := filled(t, 150)
	live := time.Since(begin).Seconds()
	r, err := home.Audit(t.Context(), n.home, home.AuditOptions{})
	if err != nil || r.Fault != nil || r.Blocks < 250 || r.Txs < 290 {
		t.Fatalf("%+v %+v, %v", r, r.Fault, err)
	}
	t.Logf("%d blocks live in %.1f s, executed again in %.3f s: %.1f times as fast", r.Blocks, live,
		r.Seconds, live/r.Seconds)
	newest := uint64(r.To)
	if r, err = home.Audit(t.Context(), n.home, home.AuditOptions{From: 1}); err != nil ||
		r.Fault != nil || r.From != 0 {
		t.Fatalf("from genesis: %+v, %v", r, err)
	}
	back, err := home.Rollback(n.home, newest-20, false)
	if err != nil {
		t.Fatal(err)
	}
	slipIn(t, n.home, back.Checkpoint+1)
	r, err = home.Audit(t.Context(), n.home, home.AuditOptions{From: int64(back.Checkpoint)})
	if err != nil || r.Fault == nil || r.Fault.Height != int64(back.Checkpoint)+1 {
		t.Fatalf("a row slipped in: %+v, %v", r, err)
	}
	found := ""
	for _, d := range r.Fault.Differences {
		if d.Unit == `rows of "names"` && d.B != nil {
			found = *d.B
		}
	}
	if found != "id = -7, name = forged" {
		t.Errorf("a row slipped in: %+v, %q", r.Fault, found)
	}
	r, err = home.Audit(t.Context(), n.home, home.AuditOptions{From: int64(back.Checkpoint) + 1})
	if err != nil || r.Fault == nil || r.Fault.Height != int64(back.Checkpoint)+1 {
		t.Errorf("from the forged checkpoint: %+v, %v", r, err)
	}
}

// slipIn makes a checkpoint of a height that has one row more than the network agreed on.
func slipIn(t *testing.T, dir string, height uint64) {
	t.Helper()
	kv, err := store.OpenPebble(home.StoreName, home.Data(dir))
	if err != nil {
		t.Fatal(err)
	}
	defer kv.Close()
	l, err := ledger.Open(kv, ledger.Options{Window: 1000})
	if err != nil {
		t.Fatal(err)
	}
	unit := app.RowsUnit(1)
	for _, u := range l.Latest().Units() { // the table was the last relation to be created
		if u.Unit.IsTree() && u.Unit.Kind() == app.RowsUnit(0).Kind() {
			unit = u.Unit
		}
	}
	ds := []value.Datum{value.NewInt8(-7), value.NewText("forged")}
	b := l.Begin()
	err = b.Apply(unit, []tree.Change{{
		Key: row.AppendKeyDatums(nil, ds[:1]), Value: row.AppendEntryDatums(nil, 1, ds),
	}})
	if err != nil {
		t.Fatal(err)
	}
	b.Checkpoint(height, nil)
	if _, err := b.Commit(height); err != nil {
		t.Fatal(err)
	}
}

// TestExamineHome looks at a home before its node has run, while it runs and after, and at homes
// with one thing wrong.
func TestExamineHome(t *testing.T) {
	wrong := func(dir string) string {
		for _, f := range home.Examine(dir) {
			if !f.OK {
				return f.Name + ": " + f.Detail
			}
		}
		return ""
	}
	n := makeNetwork(t, func(*parameters) {})
	c := config.Default()
	if err := c.Write(n.home); err != nil {
		t.Fatal(err)
	}
	if got := wrong(n.home); got != "" {
		t.Error("before the first run: ", got)
	}
	n.start(t)
	if got := wrong(n.home); got != "" {
		t.Error("while it runs: ", got)
	}
	if err := n.stop(); err != nil {
		t.Fatal(err)
	}
	if got := wrong(n.home); got != "" {
		t.Error("after it has run: ", got)
	}
	key := filepath.Join(n.home, "config", "priv_validator_key.json")
	if err := os.Chmod(key, 0o644); err != nil {
		t.Fatal(err)
	}
	if got := wrong(n.home); !strings.Contains(got, "can be read by others") {
		t.Error("a key that others can read: ", got)
	}
	if err := os.Chmod(key, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(n.home, "data", "blockstore.db")); err != nil {
		t.Fatal(err)
	}
	slipIn(t, n.home, 1)
	if got := wrong(n.home); !strings.Contains(got, "the last stored block is 0") {
		t.Error("without blocks: ", got)
	}
}

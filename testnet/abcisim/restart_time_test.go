package abcisim

import (
	"testing"

	"weir/stream/value"
)

// TestNowAfterRestart: a node that restarts at a checkpoint has the time of its last block before
// another block comes, for now() in queries and for watermarks, which it caps.
func TestNowAfterRestart(t *testing.T) {
	x := newSuspender(t)
	x.restart()
	before := len(x.history)
	for range 20 { // until the last block is a checkpoint, so that nothing is executed again
		x.body("INSERT INTO meters VALUES ('x', 'y', 1)", "DELETE FROM meters WHERE meter = 'x'")
		x.n.store = x.n.store.Crash(0)
		if err := x.open(x.n); err != nil {
			t.Fatal(err)
		}
		if x.n.app.Snapshot().Height() == int64(len(x.history)) {
			break
		}
		if err := x.crash(x.n); err != nil {
			t.Fatal(err)
		}
	}
	snap := x.n.app.Snapshot()
	if snap.Height() <= int64(before) || snap.Height() != int64(len(x.history)) {
		t.Fatalf("no checkpoint at the end: height %d of %d", snap.Height(), len(x.history))
	}
	read := (&script{sim: x.sim, t: t}).query
	if got, want := read("SELECT now()"), line([]value.Datum{
		value.NewTimestampTZ(x.now.UnixMicro()),
	}); got != want {
		t.Errorf("now() is %s, the last block was at %s", got, want)
	}
	env := snap.Env()
	if env.BlockTime != x.now.UnixMicro() {
		t.Errorf("queries run at %d", env.BlockTime)
	}
}

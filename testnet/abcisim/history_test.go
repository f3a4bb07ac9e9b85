package abcisim

import (
	"testing"

	"github.com/cockroachdb/datadriven"
)

// TestHistoryLeavesEmptyBlocksAlone: a view that reads a history is stepped in every block, so that
// time makes its rows final. Once that has happened, an empty block changes no app hash, and a node
// that restarts agrees.
func TestHistoryLeavesEmptyBlocksAlone(t *testing.T) {
	x := newScript(t, &datadriven.TestData{Cmd: "exec"})
	x.exec(`CREATE TABLE rates (k int PRIMARY KEY, rate int) WITH (history = true);
		CREATE MATERIALIZED VIEW changes AS SELECT k, rate, weir_valid_from AS since
		  FROM rates_history EMIT ON WINDOW CLOSE;
		INSERT INTO rates VALUES (1, 100)`, false)
	written := x.done.AppHash
	if got := x.query("SELECT k FROM changes"); got != "" {
		t.Fatalf("a version that can still change was emitted: %s", got)
	}
	x.block(nil)
	final := x.done.AppHash
	if got := x.query("SELECT k, rate FROM changes"); got != "  1 | 100\n" || final == written {
		t.Fatalf("time did not make the version final: %q", got)
	}
	for range 3 {
		if err := x.crash(x.nodes[1]); err != nil {
			t.Fatal(err)
		}
		x.block(nil)
		if x.done.AppHash != final {
			t.Error("an empty block changed the app hash")
		}
	}
}

package abcisim

import (
	"errors"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"weir/app/tx"
	"weir/ledger/eventlog"
	"weir/ledger/store"
	weirv1 "weir/proto/weir/v1"
)

// unreadable makes a network in which a view is being filled from a stream of eight batches, at a
// row a block, and then damages the payloads in all stores.
func unreadable(t *testing.T, define string) *script {
	t.Helper()
	x := newScript(t, &datadriven.TestData{Cmd: "network", CmdArgs: []datadriven.CmdArg{
		{Key: "checkpoint_blocks", Vals: []string{"1"}}, {Key: "backfill_rows", Vals: []string{"1"}},
	}})
	x.must("CREATE STREAM s (n int)" + strings.Repeat("; INSERT INTO s VALUES (1)", 8) + define)
	for _, n := range x.nodes {
		var b store.Batch
		err := n.store.Scan([]byte{'d'}, []byte{'e'}, func(key, _ []byte) error {
			b.Set(append([]byte(nil), key...), []byte("damaged"))
			return nil
		})
		if err != nil || b.Len() != 8 {
			t.Fatal(b.Len(), err)
		}
		if err := n.store.Write(&b, true); err != nil {
			t.Fatal(err)
		}
		if err := x.crash(n); err != nil { // what was in memory goes
			t.Fatal(err)
		}
	}
	return x
}

// A store that cannot give a view's history stops the node with an error. It is no broken
// invariant: the agreed state is what it was.
func TestBackfillFromDamagedStore(t *testing.T) {
	x := unreadable(t, "; CREATE MATERIALIZED VIEW v AS SELECT count(*) AS n FROM s")
	if err := x.execute(nil); !errors.Is(err, eventlog.ErrRecord) {
		t.Errorf("%v, want %v", err, eventlog.ErrRecord)
	}
}

// Nor is it a verdict on the statement that reads, which the other nodes would not give.
func TestInsertSelectFromDamagedStore(t *testing.T) {
	x := unreadable(t, "; CREATE TABLE t (n bigint PRIMARY KEY)")
	read := x.sign([]*weirv1.Operation{tx.StatementOp("INSERT INTO t SELECT n FROM s")}, nil)
	if err := x.execute([][]byte{read}); !errors.Is(err, eventlog.ErrRecord) {
		t.Errorf("%v, want %v", err, eventlog.ErrRecord)
	}
}

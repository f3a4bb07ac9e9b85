package abcisim

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"weir/app"
	"weir/stream/sql"
)

// erasing makes a network in which only erasures make checkpoints.
func erasing(t *testing.T) *script {
	t.Helper()
	return newScript(t, &datadriven.TestData{Cmd: "network", CmdArgs: []datadriven.CmdArg{
		{Key: "checkpoint_blocks", Vals: []string{"100000"}},
	}})
}

func (x *script) must(text string) {
	x.t.Helper()
	if said := x.exec(text, false); strings.Contains(said, "ERROR") {
		x.t.Fatal(said)
	}
}

// stored reports whether some bytes stand in a node's store.
func (n *node) stored(t *testing.T, what string) bool {
	t.Helper()
	found := false
	err := n.store.Scan(nil, nil, func(_, v []byte) error {
		found = found || bytes.Contains(v, []byte(what))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// The payload leaves the store of every node, also of one that crashed on the way, with the second
// checkpoint after the request, and not with the first: a node that goes back to the one before
// the request needs it. Views keep what they made of it.
func TestErasedPayloadIsGone(t *testing.T) {
	x := erasing(t)
	x.must(`CREATE STREAM first (n int); INSERT INTO first VALUES (1);
		ERASE FROM first WHERE weir_offset = 0`) // so that the window has a checkpoint
	x.block(nil)
	x.must(`CREATE STREAM s (k text);
		CREATE MATERIALIZED VIEW v AS SELECT count(*) AS n FROM s;
		INSERT INTO s VALUES ('a secret name');
		INSERT INTO s VALUES ('kept name')`)
	before := int64(len(x.history))
	x.must("ERASE FROM s WHERE weir_offset = 0")
	if err := x.crash(x.nodes[1]); err != nil {
		t.Fatal(err)
	}
	if !x.nodes[0].stored(t, "a secret name") {
		t.Error("the payload has left the store with the first checkpoint")
	}
	x.block(nil)
	for i, n := range x.nodes {
		if n.stored(t, "a secret name") || !n.stored(t, "kept name") {
			t.Errorf("node %d still has the payload, or lacks the other", i)
		}
	}
	if got := x.query("SELECT n FROM v"); got != "  2\n" {
		t.Errorf("the view has %s", got)
	}
	// The height before the request is in the window, and cannot be read right any more.
	for range 70 {
		x.must("CREATE STREAM IF NOT EXISTS other (n int); INSERT INTO other VALUES (1)")
	}
	past, err := x.nodes[0].app.SnapshotAt(before)
	if err != nil {
		t.Fatal(err)
	}
	raws, err := sql.Parse("SELECT * FROM s")
	if err != nil {
		t.Fatal(err)
	}
	st, err := sql.Bind(raws[0], past.Catalog, sql.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = past.Query(st.(*sql.Select).Plan)
	if err == nil || !strings.Contains(err.Error(), "were erased since") {
		t.Errorf("the past reads %v", err)
	}
}

// An erasure covers at most MaxEraseLeaves batches, a stream has at most MaxErasures.
func TestErasureLimits(t *testing.T) {
	x := erasing(t)
	x.must("CREATE STREAM s (n int)")
	for range app.MaxEraseLeaves + 1 {
		x.must("INSERT INTO s VALUES (1)")
	}
	erase := func(first, last int) string {
		return x.exec(fmt.Sprintf("ERASE FROM s WHERE weir_offset BETWEEN %d AND %d WITHIN '300 days'",
			first, last), false)
	}
	if said := erase(0, app.MaxEraseLeaves); !strings.Contains(said, "54000") {
		t.Errorf("%d batches: %s", app.MaxEraseLeaves+1, said)
	}
	for i := range app.MaxErasures {
		if said := erase(i, i); !strings.Contains(said, "ok 0") {
			t.Fatalf("erasure %d: %s", i, said)
		}
	}
	if said := erase(app.MaxErasures, app.MaxErasures); !strings.Contains(said, "54000") {
		t.Errorf("erasure %d: %s", app.MaxErasures, said)
	}
	y := erasing(t)
	y.must("CREATE STREAM s (n int)")
	for range app.MaxEraseLeaves {
		y.must("INSERT INTO s VALUES (1)")
	}
	x = y
	if said := erase(0, app.MaxEraseLeaves-1); !strings.Contains(said, "ok 0") {
		t.Errorf("%d batches: %s", app.MaxEraseLeaves, said)
	}
}

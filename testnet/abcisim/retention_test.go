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

// retaining makes a network with segments of one batch and a stream with n rows, one a block, of
// which none is old yet.
func retaining(t *testing.T, n int) *script {
	t.Helper()
	x := newScript(t, &datadriven.TestData{Cmd: "network", CmdArgs: []datadriven.CmdArg{
		{Key: "segment_leaves", Vals: []string{"1"}},
		{Key: "checkpoint_blocks", Vals: []string{"3"}},
	}})
	said := x.exec("CREATE STREAM s (n int) WITH (retention = '1 hour')"+
		strings.Repeat("; INSERT INTO s VALUES (1)", n), false)
	if strings.Contains(said, "ERROR") {
		t.Fatal(said)
	}
	return x
}

// keptFrom is the first offset that the stream of retaining keeps.
func keptFrom(s *app.Snapshot) uint64 {
	if st, _ := s.Status(streamID); len(st.CompleteFrom) > 0 {
		return st.CompleteFrom[0]
	}
	return 0
}

// A block forgets at most RetentionSegments segments; what is left is due in the next one. A block
// in which nothing is due leaves the app hash as it was.
func TestRetentionIsBounded(t *testing.T) {
	for _, n := range []int{app.RetentionSegments, app.RetentionSegments + 1} {
		x := retaining(t, n)
		x.now = x.now.Add(2 * 3600e9)
		var hashes [][]byte
		var kept []uint64
		for range 4 {
			x.block(nil)
			hashes = append(hashes, x.history[len(x.history)-1].appHash)
			kept = append(kept, keptFrom(x.nodes[0].app.Snapshot()))
		}
		want := []uint64{app.RetentionSegments, uint64(n), uint64(n), uint64(n)}
		if fmt.Sprint(kept) != fmt.Sprint(want) {
			t.Errorf("%d segments: kept from %d, want %d", n, kept, want)
		}
		if !bytes.Equal(hashes[2], hashes[3]) {
			t.Error("an empty block in which nothing is due has changed the app hash")
		}
	}
}

// A segment ends with segment_leaves batches, with segment_bytes bytes, or segment_ms after its
// first batch: one more than n, and it holds one batch more.
func TestSegmentsEnd(t *testing.T) {
	x := retaining(t, 1)
	payload, err := x.nodes[0].app.Snapshot().Version.Log(app.LogUnit(streamID)).Payload(0)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		parameter string
		n         int
		batches   uint64 // of a segment
	}{
		{"segment_leaves", 2, 2},
		{"segment_leaves", 3, 3},
		{"segment_bytes", 2 * len(payload), 2},
		{"segment_bytes", 2*len(payload) + 1, 3},
		{"segment_ms", 2000, 2},
		{"segment_ms", 2001, 3},
	} {
		x := newScript(t, &datadriven.TestData{Cmd: "network", CmdArgs: []datadriven.CmdArg{
			{Key: c.parameter, Vals: []string{fmt.Sprint(c.n)}},
		}})
		x.must("CREATE STREAM s (n int) WITH (retention = '1 hour')" +
			strings.Repeat("; INSERT INTO s VALUES (1)", 9))
		x.now = x.now.Add(3600e9 - 9e9) // so that the first batches grow old block by block
		steps := map[uint64]bool{}
		for range 12 {
			x.block(nil)
			steps[keptFrom(x.nodes[0].app.Snapshot())] = true
		}
		if !steps[9] || !steps[c.batches] || steps[c.batches-1] || len(steps) < 3 {
			t.Errorf("%s = %d: kept from %v", c.parameter, c.n, steps)
		}
	}
}

// The window has the rows that were kept at a height, also when they are forgotten by now.
func TestAsOfBeforeForgetting(t *testing.T) {
	x := retaining(t, 20)
	then := int64(len(x.history))
	x.now = x.now.Add(2 * 3600e9)
	for range 9 { // leaves the versions in memory
		x.block(nil)
		x.exec("CREATE STREAM IF NOT EXISTS other (n int); INSERT INTO other VALUES (1)", false)
	}
	count := func(s *app.Snapshot) string {
		t.Helper()
		raws, err := sql.Parse("SELECT count(*) FROM s")
		if err != nil {
			t.Fatal(err)
		}
		st, err := sql.Bind(raws[0], s.Catalog, sql.Options{})
		if err != nil {
			t.Fatal(err)
		}
		rows, err := s.Query(st.(*sql.Select).Plan)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(rows.Rows[0][0].I, " from ", keptFrom(s))
	}
	a := x.nodes[0].app
	if got := count(a.Snapshot()); got != "0 from 20" {
		t.Fatalf("now: %s", got)
	}
	for h, want := range map[int64]string{
		then: "20 from 0", then - 5: "15 from 0", then + 1: "0 from 20",
	} {
		past, err := a.SnapshotAt(h)
		if err != nil {
			t.Fatal(err)
		}
		if got := count(past); got != want {
			t.Errorf("height %d: %s, want %s", h, got, want)
		}
	}
}

package node_test

import (
	"fmt"
	"testing"

	"weir/client/verify"
)

// TestAsOfHeight asks for every height of a view's past, from memory, and after a restart from the
// store; and for proofs of it. What lies outside of the window is refused.
func TestAsOfHeight(t *testing.T) {
	n := makeNetwork(t, func(p *parameters) { p.CheckpointBlocks = 7 })
	n.history = 1000
	n.start(t)
	c := n.connect(t)
	run(t, c, "CREATE STREAM", "CREATE STREAM events (id bigint)")
	run(t, c, "CREATE MATERIALIZED VIEW", "CREATE MATERIALIZED VIEW counted AS "+
		"SELECT count(*) AS n, max(weir_height) AS last FROM events")
	const rows = 25
	for i := range rows {
		run(t, c, "INSERT 0 1", "INSERT INTO events VALUES ($1)", i)
	}
	var heights []int64
	for i := range rows {
		var h int64
		err := c.QueryRow(t.Context(), "SELECT weir_height FROM events WHERE id = $1", i).Scan(&h)
		if err != nil {
			t.Fatal(err)
		}
		heights = append(heights, h)
	}
	check := func(when string) {
		t.Helper()
		for i, h := range heights {
			var got, inStream, last int64
			for what, to := range map[string]*int64{
				"n FROM counted": &got, "last FROM counted": &last, "count(*) FROM events": &inStream,
			} {
				q := fmt.Sprintf("SELECT %s AS OF HEIGHT %d", what, h)
				if err := c.QueryRow(t.Context(), q).Scan(to); err != nil {
					t.Fatalf("%s: %s: %v", when, q, err)
				}
			}
			if got != int64(i+1) || inStream != got || last != h {
				t.Fatalf("%s: height %d has %d rows in the view, %d in the stream, want %d",
					when, h, got, inStream, i+1)
			}
		}
		wantState(t, c, "22023", fmt.Sprintf("SELECT n FROM counted AS OF HEIGHT %d", heights[0]+1e6))
		wantState(t, c, "22023", "SELECT n FROM counted AS OF HEIGHT 0")
	}
	check("at once")
	at := rows / 2
	file, root := n.prove(t, fmt.Sprintf("SELECT n FROM counted AS OF HEIGHT %d", heights[at]))
	rep, err := verify.Verify(file, root, verify.Options{})
	if err != nil || rep.Answer.Rows[0][0].I != int64(at+1) {
		t.Fatalf("the proof of a past height: %+v, %v", rep, err)
	}
	if err := n.stop(); err != nil {
		t.Fatal(err)
	}
	n.start(t)
	c = n.connect(t)
	wantState(t, c, "22023", "SELECT n FROM counted AS OF HEIGHT 1") // before the first checkpoint
	heights, at = heights[10:], at-10
	check2 := heights
	for i, h := range check2 {
		var got int64
		q := fmt.Sprintf("SELECT n FROM counted AS OF HEIGHT %d", h)
		if err := c.QueryRow(t.Context(), q).Scan(&got); err != nil || got != int64(i+11) {
			t.Fatalf("after a restart: %s: %d rows, %v", q, got, err)
		}
	}
}

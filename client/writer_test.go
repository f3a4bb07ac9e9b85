package client_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"weir/app/tx"
	"weir/client"
	"weir/client/api"
	"weir/testnet/memnet"
)

// readings writes a CSV of n rows.
func readings(n int) string {
	var b strings.Builder
	b.WriteString("name,id,price,at\n")
	for i := range n {
		fmt.Fprintf(&b, "n%d,%d,%d.5,2001-01-01 00:%02d:00\n", i, i, i%90, i%60)
	}
	return b.String()
}

// load writes a CSV through one lane.
func load(t *testing.T, c *client.Client, key *client.Key, text string, end bool) (uint64, error) {
	t.Helper()
	w, err := c.NewWriter(t.Context(), client.WriterConfig{
		Key: key, Role: "ops", Writer: "p0", Relation: "readings",
	})
	if err != nil {
		t.Fatal(err)
	}
	src, err := client.NewCSV(strings.NewReader(text), w.Schema())
	if err != nil {
		t.Fatal(err)
	}
	sent, err := client.Load(t.Context(), w, src, client.LoadConfig{BatchRows: 7, CloseLane: end})
	_ = w.Close()
	return sent, err
}

// checkRows says whether the lane holds the readings 0..n-1, in order, each once.
func checkRows(t *testing.T, n *memnet.Network, want int) {
	t.Helper()
	rows := n.LaneOf("ops", "p0").Rows
	if len(rows) != want {
		t.Fatalf("%d rows are in, want %d", len(rows), want)
	}
	for i, r := range rows {
		if r[0].I != int64(i) || r[1].S != fmt.Sprint("n", i) {
			t.Fatalf("row %d is %v", i, r)
		}
	}
}

func TestLoad(t *testing.T) {
	n := newNetwork(t, memnet.DefaultRoom)
	c, key := dial(t, serve(t, n, 0, 0))
	sent, err := load(t, c, key, readings(100), true)
	if err != nil || sent != 100 {
		t.Fatal(sent, err)
	}
	checkRows(t, n, 100)
	if !n.LaneOf("ops", "p0").Closed {
		t.Error("the lane is not closed")
	}
	// Loading the same file again sends no row, and closing again is a resend.
	if sent, err = load(t, c, key, readings(100), true); err != nil || sent != 0 {
		t.Error("a second load:", sent, err)
	}
	// A longer file goes on where the lane stands.
	if sent, err = load(t, c, key, readings(150), false); err != nil || sent != 50 {
		t.Error("a longer load:", sent, err)
	}
	checkRows(t, n, 150)
	if _, err = load(t, c, key, readings(20), false); err == nil {
		t.Error("a shorter file than the lane is taken")
	}
}

// Whatever connections break, every row is in once and in order: with room for early batches,
// with too little, and with none, where every early batch is refused as a gap.
func TestExactlyOnceUnderTrouble(t *testing.T) {
	for _, room := range []int{16, 2, 0} {
		for seed := range uint64(3) {
			t.Run(fmt.Sprintf("room=%d/seed=%d", room, seed), func(t *testing.T) {
				t.Parallel()
				n := newNetwork(t, room)
				c, key := dial(t, serve(t, n, 10, seed), serve(t, n, 10, seed+100))
				sent, err := load(t, c, key, readings(300), true)
				if err != nil || sent != 300 {
					t.Fatalf("rerun: go test ./client -run '%s': %d %v", t.Name(), sent, err)
				}
				checkRows(t, n, 300)
			})
		}
	}
}

// A row that cannot be one stops the load; the batches before it are in.
func TestLoadStopsAtBadRow(t *testing.T) {
	n := newNetwork(t, memnet.DefaultRoom)
	c, key := dial(t, serve(t, n, 0, 0))
	text := strings.Replace(readings(100), "n50,50,", "n50,fifty,", 1)
	_, err := load(t, c, key, text, true)
	var bad *client.InputError
	if !errors.As(err, &bad) || bad.Line != 52 || bad.Column != "id" {
		t.Errorf("got %v", err)
	}
	checkRows(t, n, 49)
	if n.LaneOf("ops", "p0").Closed {
		t.Error("a lane whose load failed is closed")
	}
	if sent, err := load(t, c, key, readings(100), true); err != nil || sent != 51 {
		t.Error("the mended file:", sent, err)
	}
	checkRows(t, n, 100)
}

// A batch that the network refuses for good ends the writer with the reason and its rows.
func TestWriterEndsAtRefusal(t *testing.T) {
	n := newNetwork(t, memnet.DefaultRoom)
	c, key := dial(t, serve(t, n, 0, 0))
	w, err := c.NewWriter(t.Context(), client.WriterConfig{
		Key: key, Role: "ops", Writer: "p0", Relation: "readings",
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := load(t, c, key, readings(7), false); err != nil { // another goes first
		t.Fatal(err)
	}
	other := strings.ReplaceAll(readings(70), "n1", "m1")
	src, err := client.NewCSV(strings.NewReader(other), w.Schema())
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Load(t.Context(), w, src, client.LoadConfig{BatchRows: 7})
	var refused *api.Error
	if !errors.As(err, &refused) || refused.Code != tx.CodeSeqConflict ||
		!strings.HasPrefix(err.Error(), "rows 1 to 7 of writer p0: ") {
		t.Errorf("got %v", err)
	}
	checkRows(t, n, 7)
}

func TestInFlightLimit(t *testing.T) {
	n := newNetwork(t, memnet.DefaultRoom)
	c, key := dial(t, serve(t, n, 0, 0))
	for inFlight, ok := range map[int]bool{
		-1: false, 1: true, client.MaxInFlight: true, client.MaxInFlight + 1: false,
	} {
		_, err := c.NewWriter(t.Context(), client.WriterConfig{
			Key: key, Role: "ops", Writer: "p0", Relation: "readings", InFlight: inFlight,
		})
		if (err == nil) != ok {
			t.Errorf("%d in flight: %v", inFlight, err)
		}
	}
}

func TestBatchRowsLimit(t *testing.T) {
	n := newNetwork(t, memnet.DefaultRoom)
	c, key := dial(t, serve(t, n, 0, 0))
	w, err := c.NewWriter(t.Context(), client.WriterConfig{
		Key: key, Role: "ops", Writer: "p0", Relation: "readings",
	})
	if err != nil {
		t.Fatal(err)
	}
	for rows, ok := range map[int]bool{
		-1: false, 1: true, client.MaxBatchRows: true, client.MaxBatchRows + 1: false,
	} {
		src, err := client.NewCSV(strings.NewReader(readings(0)), w.Schema())
		if err != nil {
			t.Fatal(err)
		}
		_, err = client.Load(t.Context(), w, src, client.LoadConfig{BatchRows: rows})
		if (err == nil) != ok {
			t.Errorf("%d rows in a batch: %v", rows, err)
		}
	}
}

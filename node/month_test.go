package node_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"weir/client"
	"weir/node/home"
)

// monthVar sets how many blocks TestMonth runs: a month at one a second is 2,592,000.
const monthVar = "WEIR_TEST_MONTH_BLOCKS"

// TestMonth runs a real node with a small window for many windows, over a table whose rows are
// written again and again, and prints what its disk takes, in KiB by part: data for a plot. When
// the first windows have passed, the disk stays level. CometBFT's log of consensus is left out: it
// has a bound of its own, 1 GiB.
func TestMonth(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a validator for half a minute")
	}
	blocks := 900
	if text := os.Getenv(monthVar); text != "" {
		var err error
		if blocks, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	n := makeNetwork(t, func(p *parameters) { p.CheckpointBlocks = 20 })
	n.shortEvidence(t, 50, time.Second)
	n.history = 50
	n.start(t)
	c := n.connect(t)
	run(t, c, "CREATE TABLE", "CREATE TABLE docs (id bigint PRIMARY KEY, body text)")
	run(t, c, "CREATE MATERIALIZED VIEW", "CREATE MATERIALIZED VIEW sizes AS "+
		"SELECT length(body) AS bytes, count(*) AS n FROM docs GROUP BY length(body)")
	const rows = 16
	for i := range rows {
		run(t, c, "INSERT 0 1", "INSERT INTO docs VALUES ($1, $2)", int64(i), body(i))
	}
	cl, err := client.New("http://" + n.http)
	if err != nil {
		t.Fatal(err)
	}
	var totals []uint64
	begin := time.Now()
	for i := range blocks {
		run(t, c, "UPDATE 8", "UPDATE docs SET body = $2 WHERE id % 2 = $1", int64(i%2), body(rows+i))
		if i%(blocks/30) != 0 {
			continue
		}
		st, err := cl.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		line, total := fmt.Sprintf("height %d", st.Height), uint64(0)
		for _, d := range st.Disk {
			line += fmt.Sprintf(", %s %d", strings.ReplaceAll(d.Part, ", ", " "), d.Bytes>>10)
			if d.Part != "consensus log" {
				total += d.Bytes
			}
		}
		totals = append(totals, total)
		t.Logf("%s, total %d", line, total>>10)
	}
	live := time.Since(begin)
	if err := n.stop(); err != nil {
		t.Fatal(err)
	}
	checkMonth(t, n, live)
	third := len(totals) / 3
	early, late := slices.Max(totals[third:2*third]), slices.Max(totals[2*third:])
	if late > early+early/4 {
		t.Errorf("the disk grows from %d to %d bytes", early, late)
	}
}

// checkMonth checks what is left of the month, executes it again, and compares the speed.
func checkMonth(t *testing.T, n *network, live time.Duration) {
	t.Helper()
	begin := time.Now()
	r, err := home.Check(t.Context(), n.home, 5, nil)
	if err != nil || r.Problems > 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	took := time.Since(begin).Seconds()
	t.Logf("fsck: %d KiB in %.2f s, %.0f MB/s", r.Bytes>>10, took, float64(r.Bytes)/took/1e6)
	a, err := home.Audit(t.Context(), n.home, home.AuditOptions{})
	if err != nil || a.Fault != nil {
		t.Fatalf("%+v, %v", a, err)
	}
	again := float64(a.Blocks) / a.Seconds
	was := float64(a.To) / live.Seconds()
	t.Logf("audit: %d blocks, %.0f blocks/s, %.1f times as fast as live", a.Blocks, again, again/was)
}

// body is a text of 30,000 bytes that does not compress well.
func body(seed int) string {
	var b strings.Builder
	x := uint64(seed)*0x9E3779B97F4A7C15 + 1
	for b.Len() < 30_000 {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		b.WriteString(strconv.FormatUint(x, 36))
	}
	return b.String()[:30_000]
}

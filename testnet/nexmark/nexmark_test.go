package nexmark_test

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"

	"weir/stream/oracle"
	"weir/stream/row"
	"weir/stream/streamtest/machine"
	"weir/stream/value"
	"weir/testnet/nexmark"
)

var seed = flag.Uint64("seed", 1, "of the generated load")

// TestProportions counts kinds of events and hot keys in a load.
func TestProportions(t *testing.T) {
	const events = 50_000
	s := nexmark.New(nexmark.Config{Seed: *seed}).Next(events)
	if p, a, b := s.Persons.Len, s.Auctions.Len, s.Bids.Len; p != 1000 || a != 3000 || b != 46000 {
		t.Errorf("%d persons, %d auctions, %d bids", p, a, b)
	}
	hot := 0
	for _, id := range s.Bids.Cols[0].Ints {
		if (id-1000)%100 == 0 {
			hot++
		}
	}
	if share := float64(hot) / float64(s.Bids.Len); share < 0.49 || share > 0.54 {
		t.Errorf("%.3f of the bids go to a hot auction", share)
	}
	size := 0
	for _, c := range []int{3, 4, 6} {
		size += len(s.Bids.Cols[c].Bytes)
	}
	if mean := float64(size)/float64(s.Bids.Len) + 32; mean < 90 || mean > 125 {
		t.Errorf("a bid has %.0f bytes", mean)
	}
}

// TestSegmentsDoNotMatter makes the same events in one piece and in many.
func TestSegmentsDoNotMatter(t *testing.T) {
	cfg := nexmark.Config{Seed: *seed, OutOfOrderGroup: 7}
	whole := nexmark.New(cfg).Next(1000)
	parts, at := nexmark.New(cfg), 0
	for _, n := range []int{1, 49, 50, 77, 823} {
		s := parts.Next(n)
		if s.Bids == nil {
			continue
		}
		for i := range s.Bids.Len {
			if got, want := fmt.Sprint(s.Bids.Row(i)), fmt.Sprint(whole.Bids.Row(at)); got != want {
				t.Fatalf("bid %d is %s, want %s", at, got, want)
			}
			at++
		}
	}
	if at != whole.Bids.Len {
		t.Fatalf("%d bids, want %d", at, whole.Bids.Len)
	}
}

// TestQueries keeps every query up to date in uneven steps; at several heights the view has the
// rows of the batch evaluation and of the naive one.
func TestQueries(t *testing.T) {
	for _, q := range nexmark.Queries() {
		t.Run(q.Name, func(t *testing.T) { checkQuery(t, q) })
	}
}

func checkQuery(t *testing.T, q nexmark.Query) {
	m, err := nexmark.Open(q)
	if err != nil {
		t.Fatal(err)
	}
	m.KeepHistory = true
	g := nexmark.New(nexmark.Config{Seed: *seed, EventsPerSecond: 20, OutOfOrderGroup: 5})
	for _, n := range []int{1, 60, 200, 13, 300} {
		seg := g.Next(n)
		m.Now = seg.MaxMicros
		res, err := m.Step(nexmark.Inputs(seg))
		if err != nil || len(res.Suspensions) > 0 {
			t.Fatalf("step: %v, %v", err, res)
		}
		compare(t, m)
	}
	if len(m.View("result")) == 0 && q.Name != "q2" && q.Name != "q14" {
		t.Error("the view is empty: nothing was tested")
	}
}

func compare(t *testing.T, m *machine.Machine) {
	t.Helper()
	p := m.Plan("result")
	want := oracle.EvalView(p, m.Cat.Lookup("result").Key, m.OracleInput())
	got := lines(m.View("result"))
	if w := lines(want.Rows); got != w {
		t.Fatalf("the view holds\n%.2000s\nthe oracle says\n%.2000s\nrerun: go test ./testnet/nexmark "+
			"-run %s -seed %d", got, w, t.Name(), *seed)
	}
	once, err := m.Query(p)
	if err != nil {
		t.Fatal(err)
	}
	var rows []oracle.Row
	key := m.Cat.Lookup("result").Key
	for _, r := range once.Rows {
		for i, c := range r {
			if len(key) == 0 || slices.Contains(key, i) {
				r[i] = row.Canonical(once.Types[i], c)
			}
		}
		rows = append(rows, oracle.Row{Vals: r, Weight: 1})
	}
	if b := lines(oracle.Consolidate(rows)); b != got {
		t.Fatalf("the view holds\n%.2000s\nthe batch evaluation says\n%.2000s", got, b)
	}
}

func lines(rows []oracle.Row) string {
	var b strings.Builder
	for _, r := range rows {
		fmt.Fprintf(&b, "%dx", r.Weight)
		for _, d := range r.Vals {
			b.WriteByte(' ')
			if d.IsNull() {
				b.WriteString("NULL")
			} else {
				b.Write(value.AppendText(nil, d))
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

package store

import (
	"fmt"
	"math/rand"
	"testing"
)

// TestDiskSize measures two parts of a store, and that the room of a part that was deleted in one
// range is free after a compaction.
func TestDiskSize(t *testing.T) {
	p, err := OpenPebble("ledger", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	r := rand.New(rand.NewSource(1))
	var b Batch
	for i := range 2000 {
		for part, size := range map[string]int{"a": 1000, "b": 100} {
			v := make([]byte, size)
			r.Read(v)
			b.Set(fmt.Appendf(nil, "%s%06d", part, i), v)
		}
	}
	if err := p.Write(&b, true); err != nil {
		t.Fatal(err)
	}
	if err := p.Compact(nil, nil); err != nil {
		t.Fatal(err)
	}
	size := func(lo, hi string) int {
		var end []byte
		if hi != "" {
			end = []byte(hi)
		}
		n, err := p.DiskSize([]byte(lo), end)
		if err != nil {
			t.Fatal(err)
		}
		return int(n)
	}
	if a, b := size("a", "b"), size("b", "c"); a < 1_900_000 || a > 2_300_000 ||
		b < 190_000 || b > 300_000 {
		t.Errorf("parts of %d and %d bytes, want about 2,000,000 and 200,000", a, b)
	}
	if all := size("", ""); all < 2_100_000 {
		t.Errorf("all parts have %d bytes", all)
	}
	if n := size("b", "a"); n != 0 {
		t.Errorf("nothing has %d bytes", n)
	}
	b.Reset()
	b.DeleteRange([]byte("a"), []byte("b"))
	if err := p.Write(&b, true); err != nil {
		t.Fatal(err)
	}
	if err := p.Compact([]byte("a"), []byte("b")); err != nil {
		t.Fatal(err)
	}
	if a, b := size("a", "b"), size("b", "c"); a > 10_000 || b < 190_000 {
		t.Errorf("parts of %d and %d bytes after one was deleted", a, b)
	}
	totals, err := p.Totals()
	if err != nil || totals.Tables < 190_000 || totals.Tables > 400_000 ||
		totals.Disk < totals.Tables {
		t.Errorf("totals: %+v %v", totals, err)
	}
}

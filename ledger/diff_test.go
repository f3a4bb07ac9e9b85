package ledger

import (
	"testing"

	"weir/ledger/store"
)

// TestDiff builds two ledgers that part in one value, one leaf more, and one entry of an
// operator's state, and finds just these; and the same between two heights of one ledger.
func TestDiff(t *testing.T) {
	kv := fsckWorld(t)
	other := store.NewMemory()
	for _, e := range entries(t, kv) {
		set(t, other, e.key, e.value)
	}
	a, b := openWith(t, kv, Options{ReadOnly: true}), openWith(t, other, Options{Window: 100})
	if found, err := Diff(a, b, 12, 12, 9); err != nil || len(found) != 0 {
		t.Fatal(found, err)
	}
	tree1, log1 := NewUnit(1, 1, 0), NewUnit(0x40, 1, 0)
	m := newModel()
	m.trees[tree1] = map[string]string{}
	b.Latest().Reader(tree1).Scan(nil, nil, func(k, v []byte) bool {
		m.trees[tree1][string(k)] = string(v)
		return true
	})
	o := blockOps{
		batches:    map[Unit]map[string]string{tree1: {"\x10k0100": "other"}},
		leaves:     map[Unit]int{log1: 1},
		checkpoint: true, ops: 2,
	}
	m.apply(o)
	if _, err := play(t, b, m, o).Commit(13); err != nil {
		t.Fatal(err)
	}
	for name, l := range map[string]*Ledger{"two ledgers": a, "two heights": b} {
		found, err := Diff(l, b, 12, 13, 9)
		if err != nil {
			t.Fatal(name, err)
		}
		seen := map[byte]Difference{}
		for _, d := range found {
			if _, ok := seen[d.Unit.Kind()]; !ok {
				seen[d.Unit.Kind()] = d
			}
		}
		if d := seen[1]; string(d.Key) != "\x10k0100" || string(d.A) != "v2" || string(d.B) != "other" {
			t.Errorf("%s: tree %+v", name, d)
		}
		if d := seen[0x40]; d.Note != "leaf 168" || d.A != nil || string(d.B) != "leaf 168" {
			t.Errorf("%s: log %+v", name, d)
		}
		if d := seen[0x50]; d.Key == nil || string(d.A) != "v2" || string(d.B) != "other" {
			t.Errorf("%s: operator %+v", name, d)
		}
		if len(found) != 4 { // two operators have the entry
			t.Errorf("%s: %d differences: %+v", name, len(found), found)
		}
	}
}

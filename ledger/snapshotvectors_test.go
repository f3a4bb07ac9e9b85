package ledger

import (
	"encoding/hex"
	"fmt"
	"testing"

	"weir/ledger/store"
)

// TestSnapshotVectors freezes the bytes of manifests and parts. To accept a change:
// go test ./ledger -run Vectors -vectors
func TestSnapshotVectors(t *testing.T) {
	l, m := open(t, store.NewMemory()), newModel()
	o := blockOps{
		batches:    map[Unit]map[string]string{NewUnit(1, 1, 0): {}},
		leaves:     map[Unit]int{NewUnit(0x40, 1, 0): 5},
		checkpoint: true, ops: 2,
	}
	for i := range 60 {
		o.batches[NewUnit(1, 1, 0)][fmt.Sprintf("\x10k%02d", i)] = "v"
	}
	m.apply(o)
	b := play(t, l, m, o)
	if _, err := b.Commit(1); err != nil {
		t.Fatal(err)
	}
	x := mustSnapshot(t, l.Exporter())
	hash := l.AppHash()
	got := []vector{
		{"snapshot", "app hash", hex.EncodeToString(hash[:])},
		{"snapshot", "manifest", hex.EncodeToString(x.Manifest.Encode())},
	}
	for i, p := range x.Manifest.Parts() {
		b, err := x.Part(i)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, vector{"part", p.Name(), hex.EncodeToString(b)})
	}
	golden(t, "snapshot.json", got)
}

package pages

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

var rewriteVectors = flag.Bool("vectors", false, "write docs/spec/vectors anew")

// TestStateVectors compares roots and pages of a history of changes with the golden ones. To
// accept a change of protocol: go test ./ledger/pages -run Vectors -vectors
func TestStateVectors(t *testing.T) {
	type vector struct{ Step, Name, Hex string }
	var got []vector
	add := func(step, name string, b []byte) {
		got = append(got, vector{step, name, hex.EncodeToString(b)})
	}
	s, k := EmptyState(), newShelf(0)
	root := s.Root()
	add("empty", "state root", root[:])
	for _, c := range []struct{ from, to, by, value int }{
		{0, 1, 1, 1},     // one leaf
		{0, 257, 1, 1},   // cut in two
		{0, 20000, 1, 2}, // many
		{0, 20000, 300, 3},
		{100, 15000, 1, 0}, // most go
		{5, 20000, 500, 3000},
		{0, 20000, 1, 0}, // all go
	} {
		step := fmt.Sprintf("keys %d to %d by %d, value of %d bytes (0 deletes)",
			c.from, c.to, c.by, c.value)
		var changes []Change
		for i := c.from; i < c.to; i += c.by {
			change := Change{Key: fmt.Appendf(nil, "%05d", i)}
			if c.value > 0 {
				change.Value = bytes.Repeat([]byte{'v'}, c.value)
			}
			changes = append(changes, change)
		}
		s = mustPack(t, s, changes, k)
		k.end(t, true)
		ref, root := s.RootRef(), s.Root()
		add(step, "state root", root[:])
		add(step, "root page id", ref.ID[:])
		if stored := k.pages[ref.Loc]; len(stored) > 0 && len(stored) < 1000 {
			page, err := CanonicalState(stored)
			if err != nil {
				t.Fatal(err)
			}
			add(step, "root page", page)
		}
	}
	b, err := json.MarshalIndent(got, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	b = append(b, '\n')
	path := filepath.Join("..", "..", "docs", "spec", "vectors", "state.json")
	if *rewriteVectors {
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(path); err != nil || !bytes.Equal(want, b) {
		t.Fatalf("%s differs from what the code makes (%v)", path, err)
	}
}

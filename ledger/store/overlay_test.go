package store

import (
	"maps"
	"testing"
)

// TestOverlay plays a script: its begin on a store, the rest on an overlay of it, which has to
// hold what one store would, while the store below stays as it was.
func TestOverlay(t *testing.T) {
	conformance(t, NewOverlay(NewMemory(), NewMemory()))
	for _, half := range []int{0, 40, 200} {
		s := newTrial(400, 40)
		base := NewMemory()
		all := s.batches
		s.batches = all[:half]
		if err := s.play(base, func() bool { return true }); err != nil {
			t.Fatal(err)
		}
		o := NewOverlay(base, NewMemory())
		for s.batches = all; s.tried < len(all); {
			if err := o.Write(&all[s.tried], false); err != nil {
				t.Fatal(err)
			}
			s.tried++
			if got, err := read(o); err != nil || !maps.Equal(got, s.states[s.tried]) {
				t.Fatalf("after %d of %d batches: %v", s.tried, half, err)
			}
		}
		if got, err := read(base); err != nil || !maps.Equal(got, s.states[half]) {
			t.Fatalf("the store below has changed: %v", err)
		}
	}
}

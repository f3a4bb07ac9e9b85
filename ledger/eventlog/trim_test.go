package eventlog

import (
	"errors"
	"fmt"
	"slices"
	"testing"
)

// TestTrimErasedBesideSave erases before and while a log is saved: what the save handed over is
// given back, and what was erased while it went on, also of a leaf that the save has, is not lost.
func TestTrimErasedBesideSave(t *testing.T) {
	d := newDisk()
	l := New(d)
	grow := func(n int) {
		t.Helper()
		for range n {
			next, err := l.Append(leafBytes(int(l.Size())), 1, fmt.Appendf(nil, "rows %d", l.Size()))
			if err != nil {
				t.Fatal(err)
			}
			l = next
		}
	}
	erase := func(list ...uint64) {
		t.Helper()
		for _, i := range list {
			next, err := l.Erase(i)
			if err != nil {
				t.Fatal(err)
			}
			l = next
		}
	}
	grow(8)
	erase(1, 6)
	saved := l
	grow(2) // and the save goes on
	erase(3, 8)
	if err := saved.Save(d); err != nil {
		t.Fatal(err)
	}
	l = l.TrimTo(saved.Trim())
	if want := []uint64{3, 8}; !slices.Equal(l.erased, want) {
		t.Errorf("erased and not saved are %v, want %v", l.erased, want)
	}
	for round := range 2 {
		for i := range l.Size() {
			_, err := l.Payload(i)
			if gone := i == 1 || i == 3 || i == 6 || i == 8; gone != errors.Is(err, ErrErased) ||
				!gone && err != nil {
				t.Errorf("round %d, payload %d: %v", round, i, err)
			}
		}
		if err := l.Save(d); err != nil {
			t.Fatal(err)
		}
		l = l.TrimTo(l.Trim())
	}
	if l.Unsaved() || len(l.erased) > 0 {
		t.Errorf("after the last save %v is still to be saved", l.erased)
	}
}

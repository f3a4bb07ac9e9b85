package eventlog

import (
	"errors"
	"fmt"
	"testing"
)

// TestPrefix reads an older state of a log that has grown, forgotten and erased since: before a
// save, after it, and until the disk has forgotten too.
func TestPrefix(t *testing.T) {
	d := newDisk()
	l := New(d)
	grow := func(n int) {
		t.Helper()
		for range n {
			next, err := l.Append(leafBytes(int(l.Size())), 2, fmt.Appendf(nil, "rows %d", l.Size()))
			if err != nil {
				t.Fatal(err)
			}
			l = next
		}
	}
	forget := func(before uint64) {
		t.Helper()
		next, err := l.Forget(before)
		if err != nil {
			t.Fatal(err)
		}
		l = next
	}
	grow(10)
	forget(3)
	then := State{l.Size(), l.Next(), l.Kept()}
	root := l.Root()
	grow(5)
	forget(12)
	check := func(when string) {
		t.Helper()
		p, err := l.Prefix(then)
		if err != nil || p.Root() != root || p.Kept() != then.Kept || p.Next() != 20 {
			t.Fatalf("%s: %v", when, err)
		}
		for i := range uint64(10) {
			leaf, err := p.Leaf(i)
			if i < 3 != errors.Is(err, ErrForgotten) {
				t.Errorf("%s: leaf %d: %v", when, i, err)
			}
			if i >= 3 && string(leaf) != string(leafBytes(int(i))) {
				t.Errorf("%s: leaf %d is %q", when, i, leaf)
			}
		}
		if at, ok, err := p.Find(9); at != 4 || !ok || err != nil {
			t.Errorf("%s: offset 9 in leaf %d, %v", when, at, err)
		}
	}
	check("in memory")
	if err := l.Save(d); err != nil {
		t.Fatal(err)
	}
	l = l.Trim()
	check("saved")
	if _, err := l.Prefix(State{16, 32, l.Kept()}); !errors.Is(err, ErrRange) {
		t.Errorf("a state to come: %v", err)
	}
	if _, err := l.Prefix(State{14, 28, Kept{From: 13, Offset: 26}}); !errors.Is(err, ErrRange) {
		t.Errorf("a state that has forgotten more: %v", err)
	}
	d.forget(12)
	p, err := l.Prefix(then)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Leaf(5); err == nil {
		t.Error("a leaf that the disk has forgotten was read")
	}
	if p, err := p.ProveInclusion(5); err != nil || p.Verify(root, leafBytes(5)) != nil {
		t.Errorf("a forgotten leaf cannot be proven: %v", err)
	}
}

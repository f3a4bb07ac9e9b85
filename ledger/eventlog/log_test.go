package eventlog

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"weir/ledger/proof"
)

// records is a Source over a slice.
type records []Record

func (r *records) Leaf(i uint64) ([]byte, error)    { return (*r)[i].Leaf, nil }
func (r *records) Payload(i uint64) ([]byte, error) { return (*r)[i].Payload, nil }

func naiveMTH(leaves [][]byte) proof.Hash {
	switch len(leaves) {
	case 0:
		return proof.EmptyLogHash()
	case 1:
		return proof.LogLeafHash(leaves[0])
	}
	k := proof.LogSplit(uint64(len(leaves)))
	left, right := naiveMTH(leaves[:k]), naiveMTH(leaves[k:])
	return proof.InnerHash(&left, &right)
}

func leafBytes(i int) []byte { return fmt.Appendf(nil, "leaf %d", i) }

// TestModel grows a log beside a plain list, with trims, reloads and dropped appends, and
// checks roots, lookups and every kind of proof against the list.
func TestModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		stored := &records{}
		l := New(stored)
		var all []Record
		var states []proof.LogState
		for range rapid.IntRange(0, 70).Draw(rt, "n") {
			switch rapid.IntRange(0, 9).Draw(rt, "op") {
			case 0:
				*stored = append((*stored)[:0], all...)
				l = l.Trim()
			case 1:
				*stored = append((*stored)[:0], all...)
				l = reload(rt, stored, l.Root())
			case 2: // an append that is given up
				if _, err := l.Append([]byte("dropped"), 1, nil); err != nil {
					rt.Fatal(err)
				}
			}
			states = append(states, l.State())
			r := Record{First: l.Next(), Rows: uint32(rapid.IntRange(0, 3).Draw(rt, "rows"))}
			r.Leaf, r.Payload = leafBytes(len(all)), fmt.Appendf(nil, "rows %d", len(all))
			next, err := l.Append(r.Leaf, r.Rows, r.Payload)
			if err != nil {
				rt.Fatal(err)
			}
			l, all = next, append(all, r)
		}
		check(rt, l, all, states)
	})
}

func reload(rt *rapid.T, stored *records, root proof.Hash) *Log {
	d := NewLoader(stored)
	for _, r := range *stored {
		if err := d.Add(r.First, r.Rows, r.Leaf); err != nil {
			rt.Fatal(err)
		}
	}
	l, err := d.Log(root)
	if err != nil {
		rt.Fatal(err)
	}
	return l
}

func check(rt *rapid.T, l *Log, all []Record, states []proof.LogState) {
	var leaves [][]byte
	offset := uint64(0)
	for i, r := range all {
		leaves = append(leaves, r.Leaf)
		leaf, err1 := l.Leaf(uint64(i))
		payload, err2 := l.Payload(uint64(i))
		if err1 != nil || err2 != nil || !bytes.Equal(leaf, r.Leaf) ||
			!bytes.Equal(payload, r.Payload) {
			rt.Fatalf("record %d", i)
		}
		for range r.Rows {
			if at, ok := l.Find(offset); !ok || at != uint64(i) {
				rt.Fatalf("offset %d is in leaf %d, want %d", offset, at, i)
			}
			offset++
		}
		first, end, err := l.Offsets(uint64(i))
		if err != nil || first != r.First || end != r.First+uint64(r.Rows) {
			rt.Fatalf("offsets of %d", i)
		}
		checkInclusion(rt, l, i, r.Leaf)
	}
	want := proof.LogState{Size: uint64(len(all)), Next: offset, MTH: naiveMTH(leaves)}
	if l.State() != want {
		rt.Fatalf("state %v, want %v", l.State(), want)
	}
	if _, ok := l.Find(offset); ok {
		rt.Fatal("an offset behind the end was found")
	}
	for _, old := range states {
		checkConsistency(rt, l, old)
	}
	if n := len(all); n > 0 {
		first := rapid.IntRange(0, n-1).Draw(rt, "first")
		count := rapid.IntRange(1, n-first).Draw(rt, "count")
		checkLeaves(rt, l, first, leaves[first:first+count])
	}
}

func checkInclusion(rt *rapid.T, l *Log, i int, leaf []byte) {
	p, err := l.ProveInclusion(uint64(i))
	if err != nil {
		rt.Fatal(err)
	}
	raw, _ := p.AppendBinary(nil)
	back, err := proof.DecodeInclusion(raw)
	if err != nil {
		rt.Fatal(err)
	}
	if err := back.Verify(l.Root(), leaf); err != nil {
		rt.Fatal(err)
	}
	if back.Verify(l.Root(), append(bytes.Clone(leaf), 0)) == nil {
		rt.Fatal("another leaf is included")
	}
	if back.Index++; back.Verify(l.Root(), leaf) == nil {
		rt.Fatal("the leaf is included at another index")
	}
}

func checkConsistency(rt *rapid.T, l *Log, old proof.LogState) {
	p, err := l.ProveConsistency(old)
	if err != nil {
		rt.Fatal(err)
	}
	raw, _ := p.AppendBinary(nil)
	back, err := proof.DecodeConsistency(raw)
	if err != nil {
		rt.Fatal(err)
	}
	if err := back.Verify(old.Root(), l.Root()); err != nil {
		rt.Fatalf("from %d to %d: %v", old.Size, l.Size(), err)
	}
	if old.Size > 0 {
		back.Old.MTH[5] ^= 1
		if back.Verify(back.Old.Root(), l.Root()) == nil {
			rt.Fatal("consistent with another past")
		}
	}
}

func checkLeaves(rt *rapid.T, l *Log, first int, leaves [][]byte) {
	p, err := l.ProveLeaves(uint64(first), uint64(len(leaves)))
	if err != nil {
		rt.Fatal(err)
	}
	raw, _ := p.AppendBinary(nil)
	back, err := proof.DecodeLeaves(raw)
	if err != nil {
		rt.Fatal(err)
	}
	if err := back.Verify(l.Root(), leaves); err != nil {
		rt.Fatal(err)
	}
	if len(leaves) > 1 && back.Verify(l.Root(), leaves[:len(leaves)-1]) == nil {
		rt.Fatal("a run that leaves out the last leaf is accepted")
	}
}

func TestLimits(t *testing.T) {
	for _, c := range []struct {
		name          string
		leaf, payload int
		rows          uint32
		ok            bool
	}{
		{"empty leaf", 0, 0, 0, false},
		{"longest leaf", LeafMax, 0, 0, true},
		{"leaf too long", LeafMax + 1, 0, 0, false},
		{"longest payload", 1, PayloadMax, 0, true},
		{"payload too long", 1, PayloadMax + 1, 0, false},
		{"most rows", 1, 0, RowsMax, true},
		{"too many rows", 1, 0, RowsMax + 1, false},
	} {
		l := New(nil)
		next, err := l.Append(make([]byte, c.leaf), c.rows, make([]byte, c.payload))
		if c.ok != (err == nil) || err != nil && (!errors.Is(err, ErrLimit) || next != l) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	full := &Log{next: OffsetMax - 1}
	if _, err := full.Append([]byte{1}, 1, nil); err != nil {
		t.Errorf("the last offset: %v", err)
	}
	if _, err := full.Append([]byte{1}, 2, nil); !errors.Is(err, ErrLimit) {
		t.Errorf("beyond the last offset: %v", err)
	}
}

func BenchmarkAppend(b *testing.B) {
	l, leaf := New(nil), make([]byte, 300)
	b.ReportAllocs()
	for range b.N {
		next, err := l.Append(leaf, 100, nil)
		if err != nil {
			b.Fatal(err)
		}
		if l = next; len(l.tail) > 1000 {
			l = l.Trim()
		}
	}
}

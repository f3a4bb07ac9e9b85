package eventlog

import (
	"bytes"
	"errors"
	"fmt"
	"math/bits"
	"testing"

	"pgregory.net/rapid"

	"weir/ledger/proof"
)

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

// world is a log beside a plain list of what was appended to it.
type world struct {
	disk   *disk
	log    *Log
	all    []Record
	erased map[int]bool
	states []proof.LogState
}

// step does one random thing to the log.
func (w *world) step(rt *rapid.T) {
	switch rapid.IntRange(0, 11).Draw(rt, "op") {
	case 0:
		w.save(rt)
	case 1:
		w.save(rt)
		w.reopen(rt)
	case 2: // an append that is given up
		if _, err := w.log.Append([]byte("dropped"), 1, nil); err != nil {
			rt.Fatal(err)
		}
	case 3: // a save that is given up
		if err := w.log.Save(w.disk); err != nil {
			rt.Fatal(err)
		}
	case 4:
		next, err := w.log.Forget(uint64(rapid.IntRange(0, len(w.all)).Draw(rt, "before")))
		if err != nil {
			rt.Fatal(err)
		}
		w.log = next
	case 5:
		w.erase(rt)
	default:
		w.states = append(w.states, w.log.State())
		r := Record{First: w.log.Next(), Rows: uint32(rapid.IntRange(0, 3).Draw(rt, "rows"))}
		r.Leaf, r.Payload = leafBytes(len(w.all)), fmt.Appendf(nil, "rows %d", len(w.all))
		next, err := w.log.Append(r.Leaf, r.Rows, r.Payload)
		if err != nil {
			rt.Fatal(err)
		}
		w.log, w.all = next, append(w.all, r)
	}
}

func (w *world) save(rt *rapid.T) {
	if err := w.log.Save(w.disk); err != nil {
		rt.Fatal(err)
	}
	w.log = w.log.Trim()
	if w.log.Unsaved() {
		rt.Fatal("a trimmed log has something to save")
	}
	w.disk.forget(w.log.Kept().From)
}

func (w *world) reopen(rt *rapid.T) {
	w.disk.reads = 0
	next, err := Open(w.disk, State{w.log.Size(), w.log.Next(), w.log.Kept()}, w.log.Root())
	if err != nil {
		rt.Fatal(err)
	}
	if most := 2 + 2*bits.Len(uint(len(w.all))); w.disk.reads > most {
		rt.Fatalf("%d reads to open %d leaves, want at most %d", w.disk.reads, len(w.all), most)
	}
	w.log = next
}

func (w *world) erase(rt *rapid.T) {
	from, size := int(w.log.Kept().From), len(w.all)
	if from == size {
		if _, err := w.log.Erase(uint64(size)); !errors.Is(err, ErrRange) {
			rt.Fatalf("erase behind the end: %v", err)
		}
		return
	}
	i := rapid.IntRange(from, size-1).Draw(rt, "erase")
	next, err := w.log.Erase(uint64(i))
	if err != nil {
		rt.Fatal(err)
	}
	w.log, w.erased[i] = next, true
}

// TestModel grows a log beside a plain list, with saves, reopens, forgotten and erased leaves,
// dropped appends and dropped saves, and checks roots, lookups and every kind of proof against
// the list.
func TestModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := newDisk()
		w := &world{disk: d, log: New(d), erased: map[int]bool{}}
		for range rapid.IntRange(0, 120).Draw(rt, "n") {
			w.step(rt)
		}
		w.check(rt)
	})
}

// TestBlocks takes a log over several blocks of hashes, saved at every size, and reopened.
func TestBlocks(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := newDisk()
		w := &world{disk: d, log: New(d), erased: map[int]bool{}}
		n := rapid.IntRange(100, 700).Draw(rt, "n")
		every := rapid.IntRange(1, 300).Draw(rt, "every")
		for i := range n {
			if i%97 == 0 {
				w.states = append(w.states, w.log.State())
			}
			r := Record{w.log.Next(), uint32(i % 3), leafBytes(i), nil}
			next, err := w.log.Append(r.Leaf, r.Rows, r.Payload)
			if err != nil {
				rt.Fatal(err)
			}
			w.log, w.all = next, append(w.all, r)
			if i%every == 0 {
				w.save(rt)
				w.reopen(rt)
			}
			if len(w.log.fresh) > BlockHashes+2*every+bits.Len(uint(n)) {
				rt.Fatalf("%d hashes in memory", len(w.log.fresh))
			}
		}
		w.check(rt)
	})
}

func (w *world) check(rt *rapid.T) {
	var leaves [][]byte
	offset := uint64(0)
	from := w.log.Kept().From
	for i, r := range w.all {
		leaves = append(leaves, r.Leaf)
		w.checkRecord(rt, i)
		for range r.Rows {
			at, ok, err := w.log.Find(offset)
			if uint64(i) < from {
				if !errors.Is(err, ErrForgotten) {
					rt.Fatalf("find forgotten offset %d: %v", offset, err)
				}
			} else if !ok || err != nil || at != uint64(i) {
				rt.Fatalf("offset %d is in leaf %d, want %d: %v", offset, at, i, err)
			}
			offset++
		}
		checkInclusion(rt, w.log, i, r.Leaf)
	}
	l := w.log
	want := proof.LogState{Size: uint64(len(w.all)), Next: offset, MTH: naiveMTH(leaves)}
	if l.State() != want {
		rt.Fatalf("state %v, want %v", l.State(), want)
	}
	if _, ok, err := l.Find(offset); ok || err != nil {
		rt.Fatal("an offset behind the end was found")
	}
	for _, old := range append(w.states, l.State()) {
		checkConsistency(rt, l, old)
	}
	if n := len(w.all); n > 0 {
		first := rapid.IntRange(0, n-1).Draw(rt, "first")
		count := rapid.IntRange(1, n-first).Draw(rt, "count")
		checkLeaves(rt, l, first, leaves[first:first+count])
	}
	if len(w.disk.leaves) > len(w.all) {
		rt.Fatal("records of nothing")
	}
}

// checkRecord compares what lies at an index with the list.
func (w *world) checkRecord(rt *rapid.T, i int) {
	l, r := w.log, w.all[i]
	leaf, err1 := l.Leaf(uint64(i))
	payload, err2 := l.Payload(uint64(i))
	first, end, err3 := l.Offsets(uint64(i))
	if uint64(i) < l.Kept().From {
		_, err4 := l.Erase(uint64(i))
		for _, err := range []error{err1, err2, err3, err4} {
			if !errors.Is(err, ErrForgotten) {
				rt.Fatalf("forgotten record %d: %v", i, err)
			}
		}
		return
	}
	if err1 != nil || !bytes.Equal(leaf, r.Leaf) {
		rt.Fatalf("leaf %d: %q %v", i, leaf, err1)
	}
	if w.erased[i] != errors.Is(err2, ErrErased) ||
		!w.erased[i] && (err2 != nil || !bytes.Equal(payload, r.Payload)) {
		rt.Fatalf("payload %d: %q %v, erased %v", i, payload, err2, w.erased[i])
	}
	if err3 != nil || first != r.First || end != r.end() {
		rt.Fatalf("offsets of %d: %v", i, err3)
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

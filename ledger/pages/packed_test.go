package pages

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// shelf is a keeper in memory. What one Apply does is pending until commit or drop.
type shelf struct {
	pages   map[Loc][]byte
	at      Loc
	put     []Loc
	orphans []Loc
	gaps    uint64 // between batches: nodes differ in it
}

func newShelf(gaps uint64) *shelf { return &shelf{pages: map[Loc][]byte{}, gaps: gaps} }

func (s *shelf) Fetch(at Loc) ([]byte, error) {
	b, ok := s.pages[at]
	if !ok {
		return nil, fmt.Errorf("nothing at %v", at)
	}
	return bytes.Clone(b), nil
}

func (s *shelf) Put(stored []byte) Loc {
	s.at.Seq++
	s.pages[s.at] = bytes.Clone(stored)
	s.put = append(s.put, s.at)
	return s.at
}

func (s *shelf) Orphan(at Loc) { s.orphans = append(s.orphans, at) }

// end settles an Apply: it deletes what the result does not use, or what it had put.
func (s *shelf) end(tb fataler, commit bool) {
	gone := s.orphans
	if !commit {
		gone = s.put
	}
	for _, at := range gone {
		if s.pages[at] == nil {
			tb.Fatalf("%v is orphaned twice", at)
		}
		delete(s.pages, at)
	}
	s.put, s.orphans = nil, nil
	s.at = Loc{Batch: s.at.Batch + 1 + s.gaps}
}

type fataler interface{ Fatalf(string, ...any) }

// holds checks that the shelf has the pages of a state and no others, within their limits.
func (s *shelf) holds(tb fataler, st *State) {
	n := 0
	st.EachPage(func(level int, id ID, at Loc) {
		n++
		b := s.pages[at]
		canon, err := CanonicalState(b)
		if err != nil || b == nil {
			tb.Fatalf("page %x of level %d at %v: %v", id[:4], level, at, err)
		}
		if level == 0 {
			var l leaf
			if err := l.decode(canon); err != nil {
				tb.Fatalf("%v", err)
			}
			return
		}
		p, err := decodeInner(canon)
		if err != nil {
			tb.Fatalf("%v", err)
		}
		if !bytes.Equal(p.append(nil), canon) {
			tb.Fatalf("not canonical")
		}
	})
	if n != len(s.pages) {
		tb.Fatalf("%d pages are stored, the state has %d", len(s.pages), n)
	}
}

func batchOf(m map[string][]byte) (out []Change) {
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, Change{Key: []byte(k), Value: m[k]})
	}
	return out
}

// drawChanges draws net changes and applies them to the model. Every so many keys one is so long
// that pages are cut by bytes and inner pages hold few: a deep tree of few entries.
func drawChanges(t *rapid.T, model map[string][]byte, space, every int) []Change {
	set := map[string][]byte{}
	from := rapid.IntRange(0, space).Draw(t, "from")
	step := rapid.SampledFrom([]int{1, 1, 7, 149}).Draw(t, "step")
	del := rapid.IntRange(0, 2).Draw(t, "deletes")
	fill := rapid.SampledFrom([]int{0, 5, 60, 400}).Draw(t, "length")
	most := 1500
	if every == 1 {
		most = space // ranges of a deep tree
	}
	for i := range rapid.IntRange(1, most).Draw(t, "writes") {
		n := (from + i*step) % space
		k := fmt.Sprintf("%06d", n)
		if every > 0 && n%every == 0 {
			k += string(bytes.Repeat([]byte{'k'}, 5_000+n))
		}
		if del > 0 && (del == 2 || i%3 == 0) {
			set[k] = nil
			delete(model, k)
			continue
		}
		v := bytes.Repeat([]byte{byte('a' + i%5)}, fill)
		if every > 1 && n%41 == 0 {
			v = bytes.Repeat([]byte{'v'}, 50_000)
		}
		set[k], model[k] = v, v
	}
	return batchOf(set)
}

func sameEntries(t fataler, st *State, k Keeper, model map[string][]byte) {
	keys, i := slices.Sorted(maps.Keys(model)), 0
	err := st.Scan(k, func(key, value []byte) bool {
		if i >= len(keys) || string(key) != keys[i] || !bytes.Equal(value, model[keys[i]]) {
			t.Fatalf("entry %d is %.20q", i, key)
		}
		i++
		return true
	})
	if err != nil || i != len(keys) || st.Entries() != uint64(len(keys)) {
		t.Fatalf("%d entries, Entries %d, want %d: %v", i, st.Entries(), len(keys), err)
	}
}

// TestPackedAgainstMap drives two nodes beside a map. One is opened again at random, and its
// Apply is first thrown away: both have the same root, whatever their locations.
func TestPackedAgainstMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		every := rapid.SampledFrom([]int{0, 0, 1, 1, 37}).Draw(t, "every")
		space := rapid.SampledFrom([]int{5, 700, 3000, 30_000}).Draw(t, "space")
		if every > 0 {
			space = min(space, 400)
		}
		steps := 8
		if every == 1 {
			space, steps = min(space, 200), 14
		}
		a, b := newShelf(0), newShelf(3)
		x, y := EmptyState(), EmptyState()
		model := map[string][]byte{}
		for range rapid.IntRange(1, steps).Draw(t, "steps") {
			changes := drawChanges(t, model, space, every)
			if rapid.Bool().Draw(t, "reopen") {
				var err error
				if y, err = OpenState(y.RootRef(), b); err != nil {
					t.Fatal(err)
				}
			}
			if rapid.Bool().Draw(t, "drop") {
				before := y.Root()
				mustPack(t, y, changes, b)
				b.end(t, false)
				b.holds(t, y)
				if y.Root() != before {
					t.Fatal("a dropped Apply changed the state")
				}
			}
			x = mustPack(t, x, changes, a)
			if rapid.Bool().Draw(t, "whole") { // the same net changes among others that are none
				changes = whole(changes, model)
			}
			y = mustPack(t, y, changes, b)
			a.end(t, true)
			b.end(t, true)
			if x.Root() != y.Root() || x.Entries() != y.Entries() {
				t.Fatal("a node that restarted has another root")
			}
			a.holds(t, x)
			sameEntries(t, x, a, model)
			if same := mustPack(t, x, batchOf(model), a); same != x || len(a.put)+len(a.orphans) > 0 {
				t.Fatal("writing what is there changes something")
			}
		}
		b.holds(t, y)
		sameEntries(t, y, b, model)
		y.OrphanAll(b)
		b.end(t, true)
		b.holds(t, EmptyState())
	})
}

// whole are the deletions of a batch, and a write of every entry that there is after it.
func whole(changes []Change, after map[string][]byte) []Change {
	set := maps.Clone(after)
	for _, c := range changes {
		if c.Value == nil {
			set[string(c.Key)] = nil
		}
	}
	return batchOf(set)
}

func mustPack(tb fataler, s *State, changes []Change, k Keeper) *State {
	next, err := s.Apply(changes, k)
	if err != nil {
		tb.Fatalf("%v", err)
	}
	return next
}

func sequence(from, to int) (out []Change) {
	for i := from; i < to; i++ {
		out = append(out, Change{fmt.Appendf(nil, "%08d", i), fmt.Appendf(nil, "v%06d", i)})
	}
	return out
}

func packed(tb testing.TB, changes []Change) (*State, *shelf) {
	k := newShelf(0)
	s := mustPack(tb, EmptyState(), changes, k)
	k.end(tb, true)
	return s, k
}

// TestPackedCostsWhatChanged: one write into many entries puts and orphans one page a level.
func TestPackedCostsWhatChanged(t *testing.T) {
	s, k := packed(t, sequence(0, 100_000))
	if s.root.level() != 2 {
		t.Fatalf("%d levels", s.root.level())
	}
	for _, c := range []Change{
		{Key: []byte("00050000"), Value: []byte("new")},
		{Key: []byte("00050001")},
		{Key: []byte("00050001x"), Value: []byte{}},
	} {
		s = mustPack(t, s, []Change{c}, k)
		if len(k.put) != 3 || len(k.orphans) != 3 {
			t.Fatalf("%q: %d pages put, %d orphaned", c.Key, len(k.put), len(k.orphans))
		}
		k.end(t, true)
	}
	k.holds(t, s)
}

// TestPackedEmpty: the state that was emptied is the one that was never filled.
func TestPackedEmpty(t *testing.T) {
	s, k := packed(t, sequence(0, 70_000))
	var gone []Change
	for _, c := range sequence(0, 70_000) {
		gone = append(gone, Change{Key: c.Key})
	}
	s = mustPack(t, s, gone, k)
	k.end(t, true)
	k.holds(t, s)
	if s.Root() != EmptyState().Root() || s.RootRef() != (RootRef{}) {
		t.Fatal("not the empty state")
	}
	if back, err := OpenState(RootRef{}, k); err != nil || back.Root() != s.Root() {
		t.Fatal(err)
	}
	if _, err := OpenState(RootRef{ID: ID{1}}, k); !errors.Is(err, ErrInvalid) {
		t.Fatal(err)
	}
}

// TestPackedLimits: pages and entries at their limits and beyond.
func TestPackedLimits(t *testing.T) {
	leaves := func(changes []Change) (out []uint64) {
		s, k := packed(t, changes)
		k.holds(t, s)
		eachLeaf(&s.root, func(r *ref) bool { out = append(out, r.entries); return true })
		return out
	}
	if got := leaves(sequence(0, StatePageLen)); len(got) != 1 {
		t.Errorf("256 entries: %v", got)
	}
	if got := leaves(sequence(0, StatePageLen+1)); !slices.Equal(got, []uint64{128, 129}) {
		t.Errorf("257 entries: %v", got)
	}
	big := func(n, each int) (out []Change) { // n entries of each encoded bytes
		for i := range n {
			out = append(out, Change{fmt.Appendf(nil, "%08d", i), make([]byte, each-1-8-2)})
		}
		return out
	}
	if got := leaves(big(32, 1024)); len(got) != 1 {
		t.Errorf("32 KiB: %v", got)
	}
	over := big(32, 1024)
	over[7].Value = append(over[7].Value, 0)
	if got := leaves(over); !slices.Equal(got, []uint64{16, 16}) {
		t.Errorf("32 KiB and a byte: %v", got)
	}
	key := bytes.Repeat([]byte{7}, StateKeyMax)
	value := make([]byte, StateValueMax)
	if got := leaves([]Change{{Key: key, Value: value}}); !slices.Equal(got, []uint64{1}) {
		t.Errorf("the largest entry: %v", got)
	}
	panics(t, "key", func() { leaves([]Change{{Key: append(key, 1), Value: []byte{}}}) })
	panics(t, "value", func() { leaves([]Change{{Key: key, Value: append(value, 1)}}) })
	panics(t, "order", func() { leaves([]Change{{Key: key, Value: key}, {Key: key, Value: key}}) })
}

func panics(t *testing.T, what string, f func()) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Errorf("%s beyond its limit is taken", what)
		}
	}()
	f()
}

// TestPackedLongKeys: keys so long that an inner page holds few still make a tree.
func TestPackedLongKeys(t *testing.T) {
	var changes []Change
	for i := range 40 {
		k := append(fmt.Appendf(nil, "%03d", i), bytes.Repeat([]byte{'k'}, StateKeyMax-3)...)
		changes = append(changes, Change{k, []byte{}})
	}
	s, k := packed(t, changes)
	k.holds(t, s)
	if s.Entries() != 40 || s.root.level() < 4 {
		t.Fatalf("%d entries, level %d", s.Entries(), s.root.level())
	}
	for i := range 39 {
		changes[i].Value = nil
	}
	s = mustPack(t, s, changes[:39], k)
	k.end(t, true)
	k.holds(t, s)
	if s.Entries() != 1 || s.root.level() != 0 {
		t.Fatalf("%d entries, level %d", s.Entries(), s.root.level())
	}
}

// TestPackedRanges takes ranges out of trees and puts them back: pages of all levels are joined
// with either neighbour.
func TestPackedRanges(t *testing.T) {
	for _, c := range []struct{ n, pad, level, from, to int }{
		{1500, 0, 1, 61, 83},
		{300, 5000, 3, 7, 11},
		{150, 9000, 4, 4, 9},
	} {
		var all []Change
		for i := range c.n {
			k := append(fmt.Appendf(nil, "%04d", i), bytes.Repeat([]byte{'k'}, c.pad)...)
			all = append(all, Change{k, []byte{1}})
		}
		full, k := packed(t, all)
		if full.root.level() < c.level {
			t.Fatalf("%d entries at level %d", c.n, full.root.level())
		}
		for from := 0; from < len(all); from += c.from {
			for to := from + 1; to <= len(all); to += c.to {
				takeOut(t, full, k, all, from, to)
			}
		}
		k.holds(t, full)
	}
}

// takeOut takes a range out and puts it back, in memory and opened again in between, and throws
// both away.
func takeOut(t *testing.T, full *State, k *shelf, all []Change, from, to int) {
	var gone []Change
	for _, c := range all[from:to] {
		gone = append(gone, Change{Key: c.Key})
	}
	s := mustPack(t, full, gone, k)
	model := map[string][]byte{}
	for _, c := range slices.Concat(all[:from], all[to:]) {
		model[string(c.Key)] = c.Value
	}
	sameEntries(t, s, k, model)
	back, err := OpenState(s.RootRef(), k)
	if err != nil {
		t.Fatal(err)
	}
	back = mustPack(t, back, all[from:to], k)
	if again := mustPack(t, s, all[from:to], k); again.Root() != back.Root() {
		t.Fatal("a node that restarted has another root")
	}
	if back.Entries() != uint64(len(all)) {
		t.Fatalf("%d entries", back.Entries())
	}
	k.end(t, false)
}

// TestPackedDamage flips every byte of every stored page: opening and scanning find it.
func TestPackedDamage(t *testing.T) {
	var changes []Change
	for i := range 260 { // two leaves and their parent
		changes = append(changes, Change{[]byte{byte(i >> 8), byte(i)}, []byte{byte(i)}})
	}
	s, k := packed(t, changes)
	if s.root.level() != 1 {
		t.Fatal("the test needs an inner page")
	}
	read := func() error {
		back, err := OpenState(s.RootRef(), k)
		if err == nil {
			err = back.Scan(k, func(_, _ []byte) bool { return true })
		}
		return err
	}
	if err := read(); err != nil {
		t.Fatal(err)
	}
	for at, b := range k.pages { //weir:unordered every page is damaged alone
		for i := range b {
			b[i] ^= 1 << (i % 8)
			if err := read(); !errors.Is(err, ErrInvalid) {
				t.Fatalf("byte %d of %v: %v", i, at, err)
			}
			b[i] ^= 1 << (i % 8)
		}
		for _, cut := range [][]byte{b[:len(b)-1], append(bytes.Clone(b), 0), {}} {
			k.pages[at] = cut
			if err := read(); !errors.Is(err, ErrInvalid) {
				t.Fatalf("%d bytes of %d at %v: %v", len(cut), len(b), at, err)
			}
		}
		k.pages[at] = b
	}
	wrong := s.RootRef()
	wrong.Entries++
	if _, err := OpenState(wrong, k); !errors.Is(err, ErrInvalid) {
		t.Fatal(err)
	}
	clear(k.pages)
	if _, err := s.Apply([]Change{{Key: []byte{0, 1}}}, k); err == nil {
		t.Fatal("a page that is gone is not missed")
	}
}

// TestPackedNoAllocationPerEntry: a batch of 20,000 changes allocates by the page.
func TestPackedNoAllocationPerEntry(t *testing.T) {
	s, k := packed(t, sequence(0, 20_000))
	changes := sequence(0, 20_000)
	for i := range changes {
		changes[i].Value = []byte("another")
	}
	allocs := testing.AllocsPerRun(3, func() {
		mustPack(t, s, changes, k)
		k.end(t, false)
	})
	if pages := len(k.pages); allocs > float64(12*pages) {
		t.Fatalf("%v allocations for %d pages", allocs, pages)
	}
}

func FuzzPackedPage(f *testing.F) {
	_, k := packed(f, sequence(0, 1000))
	for _, b := range k.pages { //weir:unordered seeds of a fuzz target
		f.Add(b)
		canon, _ := CanonicalState(b)
		f.Add(canon)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := CanonicalState(b); err != nil && !errors.Is(err, ErrInvalid) {
			t.Fatal(err)
		}
		if p, err := decodeInner(b); err == nil {
			if !bytes.Equal(p.append(nil), b) {
				t.Fatal("an inner page is not canonical")
			}
		} else if !errors.Is(err, ErrInvalid) {
			t.Fatal(err)
		}
		var l leaf
		if err := l.decode(b); err != nil {
			if !errors.Is(err, ErrInvalid) {
				t.Fatal(err)
			}
			return
		}
		out := binary.BigEndian.AppendUint16([]byte{domainStatePage, 0}, uint16(len(l.spans)))
		for i := range l.spans {
			out = appendField(appendField(out, l.key(i)), l.value(i))
		}
		if !bytes.Equal(out, b) {
			t.Fatal("a leaf is not canonical")
		}
	})
}

// faulty is a keeper whose fetches fail after some.
type faulty struct {
	*shelf
	left int
}

var errDisk = errors.New("disk")

func (f *faulty) Fetch(at Loc) ([]byte, error) {
	if f.left--; f.left < 0 {
		return nil, errDisk
	}
	return f.shelf.Fetch(at)
}

// TestPackedFetchFails lets each fetch of an Apply that joins pages of all levels fail in turn:
// the error comes out, and the state is what it was.
func TestPackedFetchFails(t *testing.T) {
	var all, some []Change
	for i := range 300 {
		k := append(fmt.Appendf(nil, "%04d", i), bytes.Repeat([]byte{'k'}, 5000)...)
		all = append(all, Change{k, []byte{1}})
		if i%60 > 3 {
			some = append(some, Change{Key: k})
		}
	}
	s, k := packed(t, all)
	root := s.Root()
	for n := 0; ; n++ {
		next, err := s.Apply(some, &faulty{k, n})
		if err == nil {
			if n < 20 || next.Entries() != uint64(len(all)-len(some)) {
				t.Fatalf("%d fetches, %d entries", n, next.Entries())
			}
			break
		}
		if !errors.Is(err, errDisk) || s.Root() != root {
			t.Fatal(err)
		}
		k.end(t, false)
		k.holds(t, s)
	}
}

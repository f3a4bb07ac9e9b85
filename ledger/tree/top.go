package tree

import (
	"bytes"
	"fmt"
	"slices"

	"weir/ledger/proof"
)

// Top is one version of the top tree: unit name -> unit root, with the sentinels. Its root is
// the app hash. It is one binary Merkle tree over all its entries, without pages: a pure
// function of its content, so that it has no cuts that a page id would have to commit to.
type Top struct {
	units  []proof.UnitRoot // ascending, without the sentinels
	hashes []proof.Hash     // level by level; entry 0 and the last are the sentinels
}

// NewTop returns the top tree without units.
func NewTop() *Top {
	t := &Top{}
	t.rehash(nil, nil)
	return t
}

// TopChange sets the root of a unit, or removes the unit when Root is nil.
type TopChange struct {
	Unit proof.Unit
	Root *proof.Hash
}

// Apply returns the top tree after changes with strictly ascending units. Changes that change
// nothing return t itself.
//
// Errors: ErrBatch.
func (t *Top) Apply(changes []TopChange) (*Top, error) {
	next := &Top{units: make([]proof.UnitRoot, 0, len(t.units)+len(changes))}
	leaves := make([]*proof.Hash, 0, cap(next.units))
	at, changed := 0, false
	keep := func(end int) {
		for ; at < end; at++ {
			next.units = append(next.units, t.units[at])
			leaves = append(leaves, &t.hashes[at+1])
		}
	}
	for i, c := range changes {
		if !isUserKey(c.Unit[:]) || i > 0 && changes[i-1].Unit.Compare(c.Unit) >= 0 {
			return t, fmt.Errorf("%w: unit %x", ErrBatch, c.Unit[:])
		}
		found := false
		end, ok := t.find(c.Unit)
		keep(end)
		if ok {
			found = c.Root != nil && t.units[at].Root == *c.Root
			if found {
				keep(at + 1)
				continue
			}
			at++
		}
		changed = changed || ok || c.Root != nil
		if c.Root != nil {
			next.units = append(next.units, proof.UnitRoot{Unit: c.Unit, Root: *c.Root})
			leaves = append(leaves, nil)
		}
	}
	keep(len(t.units))
	if !changed {
		return t, nil
	}
	next.rehash(leaves, t)
	return next, nil
}

// rehash fills in all hashes; leaves gives the known leaf hashes, nil for a new one.
func (t *Top) rehash(leaves []*proof.Hash, old *Top) {
	n := len(t.units) + 2
	t.hashes = make([]proof.Hash, hashCount(n))
	t.hashes[0] = proof.LeafHash([]byte{proof.SentinelLow}, sentinelValue)
	t.hashes[n-1] = proof.LeafHash([]byte{proof.SentinelHigh}, sentinelValue)
	for i := range t.units {
		if leaves[i] != nil {
			t.hashes[i+1] = *leaves[i]
		} else {
			t.hashes[i+1] = proof.UnitHash(&t.units[i].Unit, &t.units[i].Root)
		}
	}
	var oldHashes []proof.Hash
	oldLen := 0
	if old != nil {
		oldHashes, oldLen = old.hashes, len(old.units)+2
	}
	fillLevels(t.hashes, n, oldHashes, oldLen)
}

func (t *Top) find(u proof.Unit) (int, bool) {
	return slices.BinarySearchFunc(t.units, u, func(e proof.UnitRoot, u proof.Unit) int {
		return e.Unit.Compare(u)
	})
}

// Root returns the app hash.
func (t *Top) Root() proof.Hash { return t.hashes[len(t.hashes)-1] }

// Get returns the root of a unit.
func (t *Top) Get(u proof.Unit) (proof.Hash, bool) {
	i, ok := t.find(u)
	if !ok {
		return proof.Hash{}, false
	}
	return t.units[i].Root, true
}

// Units returns all units in order, not to be written to.
func (t *Top) Units() []proof.UnitRoot { return t.units }

// ProveUnits returns the encoding of a proof.Units of the given units, in any order.
//
// Errors: ErrBounds when there is none or one is absent.
func (t *Top) ProveUnits(units ...proof.Unit) ([]byte, error) {
	want := slices.Clone(units)
	slices.SortFunc(want, proof.Unit.Compare)
	want = slices.Compact(want)
	at := make([]int, len(want))
	for i, u := range want {
		j, ok := t.find(u)
		if !ok {
			return nil, fmt.Errorf("%w: no unit %x", ErrBounds, u[:])
		}
		at[i] = j + 1
	}
	if len(at) == 0 {
		return nil, fmt.Errorf("%w: no unit", ErrBounds)
	}
	var w proof.Builder
	t.prove(&w, t.levels(), 0, at)
	return w.Bytes(), nil
}

func (t *Top) levels() [][]proof.Hash {
	var levels [][]proof.Hash
	hashes := t.hashes
	for n := len(t.units) + 2; n > 1; n = (n + 1) / 2 {
		levels = append(levels, hashes[:n])
		hashes = hashes[n:]
	}
	return append(levels, hashes[:1])
}

// prove writes node j of the topmost level; at lists the wanted entries below it, ascending.
func (t *Top) prove(w *proof.Builder, levels [][]proof.Hash, j int, at []int) {
	l := len(levels) - 1
	switch {
	case len(at) == 0:
		w.Opaque(&levels[l][j])
	case l == 0:
		w.Unit(t.units[j-1].Unit, &t.units[j-1].Root)
	case 2*j+1 == len(levels[l-1]):
		t.prove(w, levels[:l], 2*j, at)
	default:
		w.Inner()
		mid, _ := slices.BinarySearch(at, (2*j+1)<<(l-1))
		t.prove(w, levels[:l], 2*j, at[:mid])
		t.prove(w, levels[:l], 2*j+1, at[mid:])
	}
}

// ProveRange returns the encoding of a proof.Range of the units with lo <= name < hi: the
// complete list, which also shows that a unit is absent.
//
// Errors: ErrBounds, ErrProofTooLarge.
func (t *Top) ProveRange(lo, hi []byte) ([]byte, error) {
	if lo == nil {
		lo = []byte{proof.SentinelLow + 1}
	}
	if hi == nil {
		hi = []byte{proof.SentinelHigh}
	}
	if !isUserKey(lo) || bytes.Compare(lo, hi) > 0 ||
		bytes.Compare(hi, []byte{proof.SentinelHigh}) > 0 {
		return nil, ErrBounds
	}
	from, to := t.lower(lo), t.lower(hi)+1
	var w proof.Builder
	d := pruner{w: &w, from: from, to: to}
	d.entry = func(i int) {
		switch {
		case i == 0:
			w.Boundary([]byte{proof.SentinelLow}, sentinelValue)
		case i == len(t.units)+1:
			w.Boundary([]byte{proof.SentinelHigh}, sentinelValue)
		case i == from || i == to:
			w.Boundary(t.units[i-1].Unit[:], t.units[i-1].Root[:])
		default:
			w.Row(t.units[i-1].Unit[:], t.units[i-1].Root[:])
		}
	}
	d.write(t.hashes, len(t.units)+2)
	if w.Len() > ProofMax {
		return nil, ErrProofTooLarge
	}
	return w.Bytes(), nil
}

// lower returns the number of units with a name below k.
func (t *Top) lower(k []byte) int {
	i, _ := slices.BinarySearchFunc(t.units, k, func(e proof.UnitRoot, k []byte) int {
		return bytes.Compare(e.Unit[:], k)
	})
	return i
}

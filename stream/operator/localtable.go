package operator

import (
	"bytes"
	"math/bits"

	"weir/stream/row"
	"weir/stream/value"
)

// localTable numbers the distinct keys of one delta by open addressing with linear probing over a
// hash of the columns; only the first row of each key is encoded. It keeps its memory between
// steps. Keys that were chosen to collide cost a sort, not quadratic work.
type localTable struct {
	slots []int32 // key number + 1
	hash  []uint64
	of    []int32
	first []int32 // per number: a row that has the key
	e     entries
}

// probeLimit is the average number of probes per row above which hashing is given up.
const probeLimit = 32

// assign returns the number of each of n rows' key, valid until the next call.
func (t *localTable) assign(cols []*value.Vec, n int) []int32 {
	t.of = resize(t.of, n)
	t.first = t.first[:0]
	if len(cols) == 0 || !t.number(canonicalColumns(cols, n), n) {
		t.numberBySort(cols, n)
	}
	t.e.reset()
	for g, r := range t.first {
		t.e.arena = row.AppendKey(t.e.arena, cols, int(r))
		t.e.close(g, 1)
	}
	return t.of
}

// canonicalColumns makes values that are equal as keys identical.
func canonicalColumns(cols []*value.Vec, n int) []*value.Vec {
	out := cols
	for i, c := range cols {
		if !variable(c.Type) {
			continue
		}
		if &out[0] == &cols[0] {
			out = append([]*value.Vec{}, cols...)
		}
		out[i] = canonicalVec(c, n)
	}
	return out
}

func canonicalVec(c *value.Vec, n int) *value.Vec {
	v := value.NewVec(c.Type, n)
	for i := range n {
		v.AppendDatum(row.Canonical(c.Type, c.Datum(i)))
	}
	return v
}

// number fills of and first; it gives up when the hashes collide too often.
func (t *localTable) number(cols []*value.Vec, n int) bool {
	size := 1 << bits.Len(uint(2*n+1))
	t.slots = resize(t.slots, size)
	clear(t.slots)
	t.hash = resize(t.hash, n)
	clear(t.hash)
	for _, c := range cols {
		c.HashInto(t.hash)
	}
	mask := uint64(size - 1)
	budget := probeLimit * (n + 64)
	for i, h := range t.hash {
		for slot := h & mask; ; slot = (slot + 1) & mask {
			if budget--; budget < 0 {
				return false
			}
			g := t.slots[slot] - 1
			if g < 0 {
				t.first = append(t.first, int32(i))
				t.slots[slot] = int32(len(t.first))
				t.of[i] = int32(len(t.first)) - 1
				break
			}
			if r := int(t.first[g]); t.hash[r] == h && identicalRows(cols, r, i) {
				t.of[i] = g
				break
			}
		}
	}
	return true
}

func identicalRows(cols []*value.Vec, i, j int) bool {
	for _, c := range cols {
		if !c.Identical(i, c, j) {
			return false
		}
	}
	return true
}

// numberBySort is number without hashing: keys that are equal stand together.
func (t *localTable) numberBySort(cols []*value.Vec, n int) {
	t.first = t.first[:0]
	e := newEntries(n, 16)
	for i := range n {
		e.arena = row.AppendKey(e.arena, cols, i)
		e.close(i, 1)
	}
	last := []byte(nil)
	for _, at := range e.sorted() {
		if k := e.key(at); last == nil || !bytes.Equal(k, last) {
			t.first = append(t.first, at)
			last = k
		}
		t.of[at] = int32(len(t.first)) - 1
	}
}

// ensureGlobal makes the empty key exist, for an aggregate without group columns.
func (t *localTable) ensureGlobal() {
	if t.e.len() == 0 {
		t.e.arena = append(t.e.arena, row.KeyTag)
		t.e.close(0, 1)
	}
}

func (t *localTable) len() int           { return t.e.len() }
func (t *localTable) key(g int32) []byte { return t.e.key(g) }

// sorted returns the numbers in key order.
func (t *localTable) sorted() []int32 { return t.e.sorted() }

// resize returns a slice of n elements, reusing the memory of s; their values are stale.
func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/4)
	}
	return s[:n]
}

package operator

import (
	"bytes"
	"math/bits"

	"weir/stream/row"
	"weir/stream/value"
)

// localTable numbers the distinct keys of one delta by open addressing with linear probing. It
// keeps its memory between steps. Keys are compared as bytes; a probe limit turns keys that were
// chosen to collide into a different seed, not into quadratic work.
type localTable struct {
	slots []int32 // key number + 1
	hash  []uint64
	keys  row.Keys
	first []int32 // per number: a row that has the key
	e     entries
}

// seeds of the hash; later ones are used when a delta collides too often under the earlier.
var tableSeeds = [...]uint64{0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9}

const probeLimit = 32 // average probes per row above which a seed is given up

// assign returns the number of each of n rows' key.
func (t *localTable) assign(cols []*value.Vec, n int) []int32 {
	t.keys.EncodeKeys(cols, n)
	of := make([]int32, n)
	size := 1 << bits.Len(uint(2*n+1))
	if len(t.slots) < size {
		t.slots = make([]int32, size)
	}
	for s, seed := range tableSeeds {
		clear(t.slots[:size])
		if t.number(of, n, uint64(size-1), seed, s == len(tableSeeds)-1) {
			break
		}
	}
	t.e = entries{arena: t.e.arena[:0], ends: t.e.ends[:0], rows: t.e.rows[:0],
		weights: t.e.weights[:0]}
	for g, r := range t.first {
		t.e.arena = append(t.e.arena, t.keys.Key(int(r))...)
		t.e.close(g, 1)
	}
	return of
}

func (t *localTable) number(of []int32, n int, mask, seed uint64, last bool) bool {
	t.first, t.hash = t.first[:0], t.hash[:0]
	budget := probeLimit * (n + 64)
	for i := range n {
		key := t.keys.Key(i)
		h := value.HashBytes(seed, key)
		for slot := h & mask; ; slot = (slot + 1) & mask {
			if budget--; budget < 0 && !last {
				return false
			}
			g := t.slots[slot] - 1
			if g < 0 {
				t.first, t.hash = append(t.first, int32(i)), append(t.hash, h)
				t.slots[slot] = int32(len(t.first))
				of[i] = int32(len(t.first)) - 1
				break
			}
			if t.hash[g] == h && bytes.Equal(t.keys.Key(int(t.first[g])), key) {
				of[i] = g
				break
			}
		}
	}
	return true
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

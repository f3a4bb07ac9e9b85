package operator

import (
	"bytes"
	"encoding/binary"

	"weir/stream/state"
)

// entries is a list of encoded keys with weights that belong to the rows of a batch. One arena
// holds all bytes.
type entries struct {
	arena   []byte
	ends    []uint32 // entry i ends here, the one before it starts it
	rows    []int32
	weights []int64
}

func newEntries(n, keySize int) *entries {
	return &entries{
		arena: make([]byte, 0, n*keySize), ends: make([]uint32, 0, n),
		rows: make([]int32, 0, n), weights: make([]int64, 0, n),
	}
}

func (e *entries) len() int { return len(e.ends) }

// reset empties the list and keeps its memory.
func (e *entries) reset() {
	*e = entries{
		arena: e.arena[:0], ends: e.ends[:0], rows: e.rows[:0], weights: e.weights[:0],
	}
}

// close ends the entry whose bytes were appended to the arena.
func (e *entries) close(row int, weight int64) {
	e.ends = append(e.ends, uint32(len(e.arena)))
	e.rows = append(e.rows, int32(row))
	e.weights = append(e.weights, weight)
}

func (e *entries) key(i int32) []byte {
	start := uint32(0)
	if i > 0 {
		start = e.ends[i-1]
	}
	return e.arena[start:e.ends[i]:e.ends[i]]
}

// sorted returns the entries in key order; equal keys keep the order of rows.
func (e *entries) sorted() []int32 {
	items := make([]item, e.len())
	for i := range items {
		items[i].at = int32(i)
	}
	e.sortFrom(items, nil, 0)
	order := make([]int32, len(items))
	for i, it := range items {
		order[i] = it.at
	}
	return order
}

// head is the first eight bytes of b as a number that orders as they do.
func head(b []byte) uint64 {
	if len(b) >= 8 {
		return binary.BigEndian.Uint64(b)
	}
	var pad [8]byte
	copy(pad[:], b)
	return binary.BigEndian.Uint64(pad[:])
}

// net merges equal keys of a sorted order: it keeps the first of each, with the sum of the
// weights in the entries' weights, and leaves out sums of zero.
func (e *entries) net(order []int32) []int32 {
	out := order[:0]
	for i := 0; i < len(order); {
		first := order[i]
		w := e.weights[first]
		j := i + 1
		for ; j < len(order) && bytes.Equal(e.key(order[j]), e.key(first)); j++ {
			w += e.weights[order[j]]
		}
		e.weights[first] = w
		if w != 0 {
			out = append(out, first)
		}
		i = j
	}
	return out
}

// addTo adds the entries' weights to a run of key -> weight and returns the net writes.
func (e *entries) addTo(r *state.Runs) []state.Change {
	return keyed{e: e, order: e.net(e.sorted())}.addTo(r)
}

// weightOf decodes the weight of an entry that is nothing else; absent is 0.
func weightOf(stored []byte) int64 {
	w, rest := cutWeight(stored)
	if len(rest) > 0 {
		panic("operator: malformed weight in state")
	}
	return w
}

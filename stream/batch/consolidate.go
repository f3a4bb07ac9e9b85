package batch

import (
	"math/bits"
	"slices"

	"weir/stream/value"
)

// probeFactor bounds the probes of Consolidate per row before it sorts instead, so that rows
// chosen to collide cost n log n and not n squared.
const probeFactor = 32

// Consolidate returns the batch with one row per distinct representation (value.Vec.Identical),
// its weight the sum of their weights, and without rows of weight 0. Rows keep the order of
// their first occurrence; ordinals are dropped. Equal but differently written values (1.0 and
// 1.00) stay apart, so that a retraction takes back exactly what was inserted.
func (b *Batch) Consolidate() *Batch {
	if b.Len == 0 {
		return b
	}
	h := make([]uint64, b.Len)
	for _, c := range b.Cols {
		c.HashInto(h)
	}
	first, ok := b.groupByHash(h)
	if !ok {
		first = b.groupBySort()
	}
	sums := make([]int64, b.Len)
	for i := range b.Len {
		sums[first[i]] += b.Weight(i)
	}
	sel := make([]int32, 0, b.Len)
	for i, w := range sums {
		if first[i] == int32(i) && w != 0 {
			sel = append(sel, int32(i))
		}
	}
	return b.withWeights(sel, pick(sums, sel))
}

func (b *Batch) withWeights(sel []int32, weights []int64) *Batch {
	z := &Batch{Cols: b.Cols, Len: len(sel)}
	if len(sel) < b.Len {
		z = (&Batch{Cols: b.Cols, Len: b.Len}).Select(sel)
	}
	z.AppendOnly = true
	plain := true
	for _, w := range weights {
		plain = plain && w == 1
		z.AppendOnly = z.AppendOnly && w > 0
	}
	if !plain {
		z.Weights = weights
	}
	return z
}

func (b *Batch) identical(i, j int32) bool {
	for _, c := range b.Cols {
		if !c.Identical(int(i), c, int(j)) {
			return false
		}
	}
	return true
}

// groupByHash returns, per row, the first row identical to it, by open addressing with linear
// probing; ok is false when the hashes collide too often.
func (b *Batch) groupByHash(h []uint64) (first []int32, ok bool) {
	size := 1 << bits.Len(uint(2*b.Len))
	mask := uint64(size - 1)
	table := make([]int32, size) // row + 1
	first = make([]int32, b.Len)
	budget := probeFactor * (b.Len + 64)
	for i := range first {
		for slot := h[i] & mask; ; slot = (slot + 1) & mask {
			if budget--; budget < 0 {
				return nil, false
			}
			j := table[slot] - 1
			if j < 0 {
				table[slot], first[i] = int32(i)+1, int32(i)
				break
			}
			if h[j] == h[i] && b.identical(j, int32(i)) {
				first[i] = j
				break
			}
		}
	}
	return first, true
}

// groupBySort is groupByHash without hashing.
func (b *Batch) groupBySort() []int32 {
	order := make([]int32, b.Len)
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortStableFunc(order, func(x, y int32) int {
		for _, c := range b.Cols {
			if r := compareIdentity(c, int(x), int(y)); r != 0 {
				return r
			}
		}
		return 0
	})
	first := make([]int32, b.Len)
	head := order[0]
	for _, i := range order {
		if !b.identical(head, i) {
			head = i
		}
		first[i] = head
	}
	return first
}

// compareIdentity is a total order of representations.
func compareIdentity(c *value.Vec, i, j int) int {
	if r := c.CompareAt(i, c, j); r != 0 || c.Identical(i, c, j) {
		return r
	}
	return c.CompareRepresentation(i, j)
}

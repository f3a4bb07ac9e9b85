package batch

import (
	"slices"

	"weir/internal/invariant"
	"weir/stream/value"
)

// New wraps columns of equal length as a batch of weight +1 rows.
func New(cols []*value.Vec) *Batch {
	b := &Batch{Cols: cols, AppendOnly: true}
	if len(cols) > 0 {
		b.Len = cols[0].Len()
	}
	return b
}

// Check panics unless the batch obeys the invariants of the package.
func (b *Batch) Check() {
	for i, c := range b.Cols {
		invariant.Check(c.Len() == b.Len, "column %d has %d of %d rows", i, c.Len(), b.Len)
		c.Check()
	}
	invariant.Check(b.Ord == nil || len(b.Ord) == b.Len, "%d ordinals", len(b.Ord))
	invariant.Check(b.Weights == nil || len(b.Weights) == b.Len, "%d weights", len(b.Weights))
	for i, w := range b.Weights {
		invariant.Check(w != 0, "row %d has weight 0", i)
		invariant.Check(w > 0 || !b.AppendOnly, "append-only row %d has weight %d", i, w)
	}
}

// Types returns the column types.
func (b *Batch) Types() []value.Type {
	ts := make([]value.Type, len(b.Cols))
	for i, c := range b.Cols {
		ts[i] = c.Type
	}
	return ts
}

// Row returns the values of row i.
func (b *Batch) Row(i int) []value.Datum {
	ds := make([]value.Datum, len(b.Cols))
	for j, c := range b.Cols {
		ds[j] = c.Datum(i)
	}
	return ds
}

// Select returns the rows at sel, in that order.
func (b *Batch) Select(sel []int32) *Batch {
	z := &Batch{Len: len(sel), AppendOnly: b.AppendOnly, Cols: make([]*value.Vec, len(b.Cols))}
	for i, c := range b.Cols {
		z.Cols[i] = c.Gather(sel)
	}
	if b.Weights != nil {
		z.Weights = pick(b.Weights, sel)
	}
	if b.Ord != nil {
		z.Ord = pick(b.Ord, sel)
	}
	return z
}

func pick[T any](src []T, sel []int32) []T {
	z := make([]T, len(sel))
	for i, s := range sel {
		z[i] = src[s]
	}
	return z
}

// Slice returns rows lo..hi-1, sharing storage.
func (b *Batch) Slice(lo, hi int) *Batch {
	z := &Batch{Len: hi - lo, AppendOnly: b.AppendOnly, Cols: make([]*value.Vec, len(b.Cols))}
	for i, c := range b.Cols {
		z.Cols[i] = c.Slice(lo, hi)
	}
	if b.Weights != nil {
		z.Weights = b.Weights[lo:hi:hi]
	}
	if b.Ord != nil {
		z.Ord = b.Ord[lo:hi:hi]
	}
	return z
}

// Project returns the batch with the columns at cols, sharing storage.
func (b *Batch) Project(cols []int) *Batch {
	z := *b
	z.Cols = make([]*value.Vec, len(cols))
	for i, c := range cols {
		z.Cols[i] = b.Cols[c]
	}
	return &z
}

// Negate returns the batch with every weight negated, sharing columns.
func (b *Batch) Negate() *Batch {
	z := *b
	z.AppendOnly = b.Len == 0
	z.Weights = make([]int64, b.Len)
	for i := range z.Weights {
		z.Weights[i] = -b.Weight(i)
	}
	return &z
}

// Concat returns the sum of batches of equal column types. Ordinals survive when every batch
// has them.
func Concat(types []value.Type, bs ...*Batch) *Batch {
	bs = slices.DeleteFunc(slices.Clone(bs), func(b *Batch) bool { return b.Len == 0 })
	if len(bs) == 1 {
		return bs[0]
	}
	n := 0
	z := &Batch{AppendOnly: true}
	weighted, placed := false, len(bs) > 0
	for _, b := range bs {
		n += b.Len
		z.AppendOnly = z.AppendOnly && b.AppendOnly
		weighted = weighted || b.Weights != nil
		placed = placed && b.Ord != nil
	}
	z.Len = n
	for i, t := range types {
		v := value.NewVec(t, n)
		for _, b := range bs {
			v.AppendVec(b.Cols[i])
		}
		z.Cols = append(z.Cols, v)
	}
	for _, b := range bs {
		if placed {
			z.Ord = append(z.Ord, b.Ord...)
		}
		for i := 0; weighted && i < b.Len; i++ {
			z.Weights = append(z.Weights, b.Weight(i))
		}
	}
	return z
}

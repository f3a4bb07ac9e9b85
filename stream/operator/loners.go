package operator

import (
	"weir/stream/batch"
	"weir/stream/value"
)

// loners lists changes of rows of one side that come out alone: rows of its delta, and rows that
// were found in its state.
type loners struct {
	own, old         []int32
	weights, foundBy []int64
}

// add lists a row of the delta.
func (l *loners) add(row int32, weight int64) {
	if weight != 0 {
		l.own, l.weights = append(l.own, row), append(l.weights, weight)
	}
}

// found lists the found row i.
func (l *loners) found(i int32, weight int64) {
	if weight != 0 {
		l.old, l.foundBy = append(l.old, i), append(l.foundBy, weight)
	}
}

// foundAll lists the found rows lo to hi-1, with their weights times a factor.
func (l *loners) foundAll(f *found, lo, hi int, factor int64) {
	for i := lo; factor != 0 && i < hi; i++ {
		l.found(int32(i), factor*f.weights[i])
	}
}

// batches gathers the rows; widen makes the columns of the output from those of the side.
func (l *loners) batches(
	d *batch.Batch, f *found, widen func(cols []*value.Vec, n int) []*value.Vec,
) (out []*batch.Batch) {
	if len(l.own) > 0 {
		out = append(out, alone(d.Cols, l.own, l.weights, widen))
	}
	if len(l.old) > 0 {
		out = append(out, alone(f.cols, l.old, l.foundBy, widen))
	}
	return out
}

func alone(from []*value.Vec, sel []int32, weights []int64,
	widen func(cols []*value.Vec, n int) []*value.Vec,
) *batch.Batch {
	cols := make([]*value.Vec, len(from))
	for i, c := range from {
		cols[i] = c.Gather(sel)
	}
	return &batch.Batch{Cols: widen(cols, len(sel)), Len: len(sel), Weights: weights}
}

// sameWidth is for joins that put out the columns of the left side only.
func sameWidth(cols []*value.Vec, _ int) []*value.Vec { return cols }

// afterLeft adds NULLs for the right columns.
func (p *pairing) afterLeft(cols []*value.Vec, n int) []*value.Vec {
	return append(cols, nulls(p.right.types, n)...)
}

// beforeRight adds NULLs for the left columns.
func (p *pairing) beforeRight(cols []*value.Vec, n int) []*value.Vec {
	return append(nulls(p.left.types, n), cols...)
}

// nulls are columns of n NULLs.
func nulls(types []value.Type, n int) []*value.Vec {
	out := make([]*value.Vec, len(types))
	for i, t := range types {
		out[i] = value.NewVec(t, n)
		for range n {
			out[i].AppendNull()
		}
	}
	return out
}

// consolidated is the sum of batches, nil for nothing.
func consolidated(types []value.Type, parts []*batch.Batch) *batch.Batch {
	if len(parts) == 0 {
		return nil
	}
	return rowsOrNil(batch.Concat(types, parts...).Consolidate())
}

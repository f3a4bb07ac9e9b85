package operator

import (
	"weir/stream/batch"
	"weir/stream/row"
	"weir/stream/state"
	"weir/stream/value"
	"weir/stream/window"
)

// SetOp is INTERSECT or EXCEPT, with ALL or without: a run of row -> (left weight, right weight).
// What comes of a row is a function of the two weights, and the operator emits its change. Rows
// meet by equality, in which NULLs are equal, and come out in canonical representation.
//
// A column that carries a mark on both sides comes first in the key; below the lesser mark no row
// changes any more and state is freed.
type SetOp struct {
	except, all bool
	types       []value.Type
	order       []int  // columns in key order
	timed       []bool // columns that carry a mark on both sides
	first       bool   // the first column of the key does
	rows        state.Runs
}

// NewSetOp returns a set operation over two inputs of these types.
func NewSetOp(except, all bool, types []value.Type, timed []bool) *SetOp {
	s := &SetOp{except: except, all: all, types: types, timed: timed}
	for c := range types {
		s.order = append(s.order, c)
		if timed[c] && !s.first {
			s.order[0], s.order[c], s.first = c, 0, true
		}
	}
	return s
}

// Name implements Operator.
func (s *SetOp) Name() string { return "set_operation" }

// Types implements Operator.
func (s *SetOp) Types() []value.Type { return s.types }

// States implements Operator.
func (s *SetOp) States() []state.Operator { return []state.Operator{&s.rows} }

// Step implements Operator.
func (s *SetOp) Step(ctx *Context, in []Delta) Delta {
	var parts []*batch.Batch
	for _, d := range in {
		if d.Rows != nil {
			parts = append(parts, d.Rows)
		}
	}
	out := Delta{Marks: s.outMarks(in)}
	if len(parts) > 0 {
		out.Rows = rowsOrNil(s.step(ctx, batch.Concat(s.types, parts...), in[0].Len()))
	}
	if s.first {
		c := s.order[0]
		if w := out.Mark(c); w != window.None {
			s.rows.FreeBelow(markKey(s.types[c].Kind, w))
		}
	}
	return out
}

// step takes rows in, the first ones of the left side.
func (s *SetOp) step(ctx *Context, b *batch.Batch, left int) *batch.Batch {
	e := newEntries(b.Len, 48)
	cols := make([]*value.Vec, len(s.order))
	for i, c := range s.order {
		cols[i] = b.Cols[c]
	}
	for i := range b.Len {
		e.arena = row.AppendKey(e.arena, cols, i)
		e.close(i, b.Weight(i))
	}
	groups, keys := e.grouped()
	var (
		sel     []int32
		weights []int64
		w       tallyWriter
	)
	s.rows.Version().ProbeSorted(keys, func(i int, stored []byte) {
		was := decodeBoth(stored)
		is := was
		for _, at := range groups[i] {
			if int(e.rows[at]) < left {
				is.left += e.weights[at]
			} else {
				is.right += e.weights[at]
			}
		}
		if is == was {
			return
		}
		w.set(keys[i], is)
		if change := s.times(is) - s.times(was); change != 0 {
			sel, weights = append(sel, e.rows[groups[i][0]]), append(weights, change)
		}
	})
	s.rows.Apply(w.writes)
	ctx.wrote(w.writes)
	return s.canonical(b, sel, weights)
}

// both is the weights of a row on the two sides.
type both struct{ left, right int64 }

func decodeBoth(stored []byte) both {
	t := decodeTally(stored)
	return both{t.weight, t.matches}
}

// set writes the weights of a row; without any it goes.
func (w *tallyWriter) set(key []byte, b both) {
	if b == (both{}) {
		w.writes = append(w.writes, state.Change{Key: key})
		return
	}
	w.put(key, tally{b.left, b.right})
}

// times is how often a row comes out.
func (s *SetOp) times(b both) int64 {
	switch {
	case s.all && s.except:
		return max(b.left-b.right, 0)
	case s.all:
		return min(b.left, b.right)
	case b.left > 0 && (b.right > 0) != s.except:
		return 1
	}
	return 0
}

func (s *SetOp) canonical(b *batch.Batch, sel []int32, weights []int64) *batch.Batch {
	if len(sel) == 0 {
		return nil
	}
	out := &batch.Batch{Len: len(sel), Weights: weights}
	for c, t := range s.types {
		v := b.Cols[c].Gather(sel)
		if variable(t) {
			v = canonicalVec(v, len(sel))
		}
		out.Cols = append(out.Cols, v)
	}
	return out
}

func (s *SetOp) outMarks(in []Delta) []int64 {
	out := make([]int64, len(s.types))
	for c := range out {
		out[c] = window.None
		if s.timed[c] {
			out[c] = min(in[0].Mark(c), in[1].Mark(c))
		}
	}
	return out
}

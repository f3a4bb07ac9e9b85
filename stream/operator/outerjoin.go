package operator

import (
	"weir/stream/batch"
	"weir/stream/value"
)

// OuterJoin is a LEFT or FULL join on keys alone. Its pairs are those of the inner join. A left
// row also comes alone, with NULLs, while the right side has no row with its key:
//
//	dN = a*Z' + A*(Z'-Z)    Z, Z': 1 for keys without a right row, before and after the step
//
// and in a FULL join a right row likewise. Whether a side has rows with a key is read off its run,
// so rows stay in it, beyond what the pairs need, until both marks have passed them.
type OuterJoin struct {
	pairing
	full bool
}

// NewOuterJoin returns a LEFT or FULL join; the residual condition and the band must be nil.
func NewOuterJoin(s JoinSpec, full bool) *OuterJoin { return &OuterJoin{newPairing(s), full} }

// Name implements Operator.
func (j *OuterJoin) Name() string { return "outer_join" }

// Types implements Operator.
func (j *OuterJoin) Types() []value.Type { return j.types }

// Step implements Operator.
func (j *OuterJoin) Step(ctx *Context, in []Delta) Delta {
	oldLeft, oldRight := j.left.rows.Version(), j.right.rows.Version()
	a := j.left.absorb(ctx, in[0].Rows)
	b := j.right.absorb(ctx, in[1].Rows)
	newLeft, newRight := j.left.rows.Version(), j.right.rows.Version()
	var left, right loners
	leftKeys, rightKeys := newPresence(oldLeft, newLeft), newPresence(oldRight, newRight)

	pa, fa := newPairs(a), j.right.found(ctx, len(a.order))
	j.right.meet(fa, a, newRight, func(at int32, lo, hi int, first bool) {
		pa.add(ctx, fa, at, lo, hi)
		if lo == hi {
			left.add(a.e.rows[at], a.e.weights[at])
		}
		if j.full && first {
			right.foundAll(fa, lo, hi, -leftKeys.change(a.group(at)))
		}
	})
	pb, fb := newPairs(b), j.left.found(ctx, len(b.order))
	j.left.meet(fb, b, oldLeft, func(at int32, lo, hi int, first bool) {
		pb.add(ctx, fb, at, lo, hi)
		if first {
			left.foundAll(fb, lo, hi, -rightKeys.change(b.group(at)))
		}
		if j.full && lo == hi {
			right.add(b.e.rows[at], b.e.weights[at])
		}
	})
	left.addApart(a)
	if j.full {
		right.addApart(b)
	}
	var parts []*batch.Batch
	for _, p := range []*batch.Batch{
		j.assemble(pa, fa, false), j.assemble(pb, fb, true),
	} {
		if p != nil {
			parts = append(parts, p)
		}
	}
	parts = append(parts, left.batches(in[0].Rows, fb, j.afterLeft)...)
	parts = append(parts, right.batches(in[1].Rows, fa, j.beforeRight)...)
	out := Delta{Rows: consolidated(j.types, parts), Marks: j.outMarks(in)}
	l, r := j.keyMarks(in)
	if both := min(l, r); j.full {
		j.freeKeys(both, both)
	} else {
		j.freeKeys(r, both)
	}
	return out
}

// addApart lists the rows of a delta that match nothing because of a NULL.
func (l *loners) addApart(d keyed) {
	for _, i := range d.apart {
		l.add(i, d.b.Weight(int(i)))
	}
}

package operator

import (
	"weir/stream/state"
	"weir/stream/value"
)

// HalfJoin is a semi join (EXISTS, IN) or an anti join (NOT EXISTS) on keys alone. Of the right
// side it keeps only the weight of each key. With S, S' = 1 for the keys that come out, before and
// after the step:
//
//	d = a*S' + A*(S'-S)
//
// Left rows are looked at again only when their key appears on the right, or vanishes. Over a right
// side that only appends, a key that is there stays, so only left rows without one are kept.
type HalfJoin struct {
	pairing
	anti  bool
	grows bool // the right side only appends
}

// NewHalfJoin returns a semi or anti join; the residual condition and the band must be nil. grows
// promises that the right side never retracts a row.
func NewHalfJoin(s JoinSpec, anti, grows bool) *HalfJoin {
	j := &HalfJoin{newPairing(s), anti, grows}
	j.right.bare = true
	return j
}

// Name implements Operator.
func (j *HalfJoin) Name() string { return "half_join" }

// Types implements Operator.
func (j *HalfJoin) Types() []value.Type { return j.left.types }

// Step implements Operator.
func (j *HalfJoin) Step(ctx *Context, in []Delta) Delta {
	oldLeft, oldRight := j.left.rows.Version(), j.right.rows.Version()
	a := j.left.sort(in[0].Rows)
	b := j.right.absorb(ctx, in[1].Rows)
	var rows loners
	j.keep(ctx, j.current(a, j.right.rows.Version(), &rows))
	if j.anti {
		rows.addApart(a)
	}
	f := j.left.found(ctx, 0)
	j.changed(ctx, b, oldLeft, newPresence(oldRight, j.right.rows.Version()), f, &rows)
	out := Delta{Marks: j.outMarks(in)[:len(j.left.types)]}
	out.Rows = consolidated(j.left.types, rows.batches(in[0].Rows, f, sameWidth))
	l, r := j.keyMarks(in)
	j.freeKeys(r, min(l, r))
	return out
}

// current lists the rows of a left delta that come out now, and returns those to be kept.
func (j *HalfJoin) current(d keyed, right state.Version, rows *loners) keyed {
	cur := right.Cursor()
	var last []byte
	matches := false
	kept := d
	if j.grows {
		kept.order = make([]int32, 0, len(d.order))
	}
	for _, at := range d.order {
		if key := d.group(at); last == nil || string(key) != string(last) {
			last = key
			matches = has(&cur, key) > 0
		}
		if matches != j.anti {
			rows.add(d.e.rows[at], d.e.weights[at])
		}
		if j.grows && !matches {
			kept.order = append(kept.order, at)
		}
	}
	return kept
}

func (j *HalfJoin) keep(ctx *Context, d keyed) {
	if len(d.order) > 0 {
		ctx.wrote(d.addTo(&j.left.rows))
	}
}

// changed lists the earlier left rows whose key the right side gained or lost.
func (j *HalfJoin) changed(
	ctx *Context, d keyed, left state.Version, keys presence, f *found, rows *loners,
) {
	var order []int32
	var sign []int64
	for _, at := range d.order {
		change := keys.change(d.group(at))
		if j.anti {
			change = -change
		}
		if change != 0 {
			order, sign = append(order, at), append(sign, change)
		}
	}
	d.order = order
	n := 0
	j.left.meet(f, d, left, func(_ int32, lo, hi int, _ bool) {
		rows.foundAll(f, lo, hi, sign[n])
		n++
	})
	if j.grows {
		j.drop(ctx, d)
	}
}

// drop takes the left rows with these keys out of the state.
func (j *HalfJoin) drop(ctx *Context, keys keyed) {
	var gone []state.Change
	cur := j.left.rows.Version().Cursor()
	for _, at := range keys.order {
		group := keys.group(at)
		for cur.Seek(group); ; cur.Next() {
			key, _, ok := cur.Under(group)
			if !ok {
				break
			}
			gone = append(gone, state.Change{Key: key})
		}
	}
	j.left.rows.Apply(gone)
	ctx.wrote(gone)
}

package operator

import (
	"weir/stream/batch"
	"weir/stream/expr"
	"weir/stream/state"
	"weir/stream/value"
	"weir/stream/window"
)

// JoinExpression names the residual condition of a join in the error relation.
const JoinExpression = "on"

// JoinSpec says which rows a join pairs.
type JoinSpec struct {
	Op                  int // number in the error relation
	Left, Right         []value.Type
	LeftKeys, RightKeys []int
	// Timed is how many key pairs, the first ones, carry marks on both sides.
	Timed    int
	Band     *Band         // nil: none
	Residual *expr.Program // over the columns of both sides; nil: true
}

// Join is an inner join: d(A*B) = a*(B+b) + A*b, where A and B are the sides before the step.
//
// Key pairs of which both columns carry a mark come first in the keys. A row of one side whose
// time lies below the mark of the other can meet no later row and is freed (by the first pair);
// no output row below the lesser mark changes any more, so that is the mark of both columns. A
// band does the same for its columns.
type Join struct{ pairing }

// pairing is what all joins share.
type pairing struct {
	op          int
	left, right side
	residual    *expr.Program
	types       []value.Type // of a pair
	timed       int
	band        *Band
}

func newPairing(s JoinSpec) pairing {
	p := pairing{
		op: s.Op, residual: s.Residual, timed: s.Timed, band: s.Band,
		left:  side{keys: s.LeftKeys, types: s.Left, time: -1},
		right: side{keys: s.RightKeys, types: s.Right, time: -1},
		types: append(append([]value.Type{}, s.Left...), s.Right...),
	}
	if b := s.Band; b != nil {
		p.left.time, p.right.time = b.Left, b.Right
		if s.Timed == 0 {
			p.left.bucket = b.bucket(len(s.LeftKeys))
			p.right.bucket = p.left.bucket
		}
	}
	return p
}

// NewJoin returns an inner join.
func NewJoin(s JoinSpec) *Join { return &Join{newPairing(s)} }

// Name implements Operator.
func (j *Join) Name() string { return "join" }

// Types implements Operator.
func (j *Join) Types() []value.Type { return j.types }

// States implements Operator.
func (p *pairing) States() []state.Operator {
	return []state.Operator{&p.left.rows, &p.right.rows}
}

// Step implements Operator.
func (j *Join) Step(ctx *Context, in []Delta) Delta {
	oldLeft := j.left.rows.Version()
	a := j.left.absorb(ctx, in[0].Rows)
	b := j.right.absorb(ctx, in[1].Rows)
	var parts []*batch.Batch
	if p := j.match(ctx, a, j.right.rows.Version(), false); p != nil {
		parts = append(parts, p)
	}
	if p := j.match(ctx, b, oldLeft, true); p != nil {
		parts = append(parts, p)
	}
	out := Delta{Marks: j.outMarks(in)}
	if len(parts) > 0 {
		pairs := batch.Concat(j.types, parts...).Consolidate()
		if sel, all := j.judge(ctx, pairs); !all {
			pairs = pairs.Select(sel)
		}
		out.Rows = rowsOrNil(pairs)
	}
	l, r := j.keyMarks(in)
	j.freeKeys(r, l)
	j.freeBand(in)
	return out
}

// match joins a delta of one side with a version of the other. flip says that the delta is the
// right side.
func (p *pairing) match(ctx *Context, d keyed, other state.Version, flip bool) *batch.Batch {
	if len(d.order) == 0 || other.Len() == 0 {
		return nil
	}
	os := p.other(flip)
	f, list := os.found(ctx, len(d.order)), newPairs(d)
	p.meet(f, d, other, flip, func(at int32, lo, hi int, _ bool) { list.add(ctx, f, at, lo, hi) })
	return p.assemble(list, f, flip)
}

// other is the side that a delta meets: flip says that the delta is the right side.
func (p *pairing) other(flip bool) *side {
	if flip {
		return &p.left
	}
	return &p.right
}

// meet reads what the entries of a delta meet on the other side.
func (p *pairing) meet(f *found, d keyed, other state.Version, flip bool, visit visitor) {
	s := p.other(flip)
	if p.band == nil {
		s.meet(f, d, other, visit)
		return
	}
	own := p.band.Left
	if flip {
		own = p.band.Right
	}
	s.meetInReach(f, d, d.b.Cols[own].Ints, p.band.reach(flip), other, visit)
}

// pairs lists rows of a delta with rows that they meet.
type pairs struct {
	d          keyed
	own, other []int32 // rows of the delta, and of what was found
	weights    []int64
}

func newPairs(d keyed) *pairs {
	n := len(d.order)
	return &pairs{
		d: d, own: make([]int32, 0, n), other: make([]int32, 0, n), weights: make([]int64, 0, n),
	}
}

// add pairs an entry with the rows lo to hi-1 of f.
func (p *pairs) add(ctx *Context, f *found, at int32, lo, hi int) {
	ctx.Bound(len(p.weights) + hi - lo)
	row, weight := p.d.e.rows[at], p.d.e.weights[at]
	for m := lo; m < hi; m++ {
		p.own = append(p.own, row)
		p.other = append(p.other, int32(m))
		p.weights = append(p.weights, weight*f.weights[m])
	}
}

// assemble puts the columns of pairs side by side, the left ones first.
func (p *pairing) assemble(list *pairs, f *found, flip bool) *batch.Batch {
	if len(list.weights) == 0 {
		return nil
	}
	cols := make([]*value.Vec, 0, len(p.types))
	gather := func(from []*value.Vec, sel []int32) {
		for _, c := range from {
			cols = append(cols, c.Gather(sel))
		}
	}
	if flip {
		gather(f.cols, list.other)
		gather(list.d.b.Cols, list.own)
	} else {
		gather(list.d.b.Cols, list.own)
		gather(f.cols, list.other)
	}
	return &batch.Batch{Cols: cols, Len: len(list.weights), Weights: list.weights}
}

// judge returns the pairs for which the residual condition is true; all says that it asks
// nothing. A pair of which it fails is an error.
func (p *pairing) judge(ctx *Context, b *batch.Batch) (sel []int32, all bool) {
	if p.residual == nil || b.Len == 0 {
		return nil, true
	}
	sel, errs := p.residual.Filter(b, ctx.Env)
	for _, e := range errs {
		ctx.Errors.Add(p.op, JoinExpression, e.Err.SQLState, b.Cols, e.Row, b.Weight(e.Row))
	}
	return sel, false
}

// outMarks are the marks of a pair's columns.
func (p *pairing) outMarks(in []Delta) []int64 {
	out := make([]int64, len(p.types))
	for i := range out {
		out[i] = window.None
	}
	raise := func(c int, w int64) { out[c] = max(out[c], w) }
	width := len(p.left.types)
	for k := range p.timed {
		l, r := p.left.keys[k], p.right.keys[k]
		w := min(in[0].Mark(l), in[1].Mark(r))
		raise(l, w)
		raise(width+r, w)
	}
	if b := p.band; b != nil {
		l, r := in[0].Mark(b.Left), in[1].Mark(b.Right)
		raise(b.Left, b.leftMark(l, r))
		raise(width+b.Right, b.rightMark(l, r))
	}
	return out
}

// keyMarks are the marks of the first timed key pair.
func (p *pairing) keyMarks(in []Delta) (left, right int64) {
	if p.timed == 0 {
		return window.None, window.None
	}
	return in[0].Mark(p.left.keys[0]), in[1].Mark(p.right.keys[0])
}

// freeKeys drops the rows whose first key lies below a bound, per side.
func (p *pairing) freeKeys(left, right int64) {
	if left != window.None {
		p.left.rows.FreeBelow(markKey(p.left.types[p.left.keys[0]].Kind, left))
	}
	if right != window.None {
		p.right.rows.FreeBelow(markKey(p.right.types[p.right.keys[0]].Kind, right))
	}
}

func (p *pairing) freeBand(in []Delta) {
	if p.band == nil || p.timed > 0 {
		return
	}
	p.band.free(&p.left, &p.right, in[0].Mark(p.band.Left), in[1].Mark(p.band.Right))
}

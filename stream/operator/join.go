package operator

import (
	"encoding/binary"

	"weir/stream/batch"
	"weir/stream/expr"
	"weir/stream/row"
	"weir/stream/state"
	"weir/stream/value"
	"weir/stream/window"
)

// JoinExpression names the residual condition of a join in the error relation.
const JoinExpression = "on"

// Join is an inner equi-join: d(A*B) = a*(B+b) + A*b, where A and B are the sides before the
// step. Each side is a run of join key ++ row -> weight. Rows with a NULL in a join key match
// nothing and are not kept.
//
// Key pairs of which both columns carry a mark come first in the keys. A row of one side whose
// time lies below the mark of the other can meet no later row and is freed (by the first pair);
// no output row below the lesser mark changes any more, so that is the mark of both columns.
type Join struct {
	op          int
	left, right side
	residual    *expr.Program
	types       []value.Type
	timed       int // how many key pairs, the first ones, carry marks
}

// side is one input of a join.
type side struct {
	keys  []int // join key columns, in the order of the encoding
	types []value.Type
	rows  state.Runs
}

// NewJoin returns a join. The first timed pairs of keys carry marks. A nil residual is true.
func NewJoin(op int, left, right []value.Type, leftKeys, rightKeys []int, timed int,
	residual *expr.Program,
) *Join {
	return &Join{
		op: op, residual: residual, timed: timed,
		left:  side{keys: leftKeys, types: left},
		right: side{keys: rightKeys, types: right},
		types: append(append([]value.Type{}, left...), right...),
	}
}

// Name implements Operator.
func (j *Join) Name() string { return "join" }

// Types implements Operator.
func (j *Join) Types() []value.Type { return j.types }

// States implements Operator.
func (j *Join) States() []state.Operator {
	return []state.Operator{&j.left.rows, &j.right.rows}
}

// Step implements Operator.
func (j *Join) Step(ctx *Context, in []Delta) Delta {
	oldLeft := j.left.rows.Version()
	a := j.left.absorb(ctx, in[0].Rows)
	b := j.right.absorb(ctx, in[1].Rows)
	var parts []*batch.Batch
	if p := j.match(ctx, a, j.right.rows.Version(), &j.right, false); p != nil {
		parts = append(parts, p)
	}
	if p := j.match(ctx, b, oldLeft, &j.left, true); p != nil {
		parts = append(parts, p)
	}
	out := Delta{Marks: j.outMarks(in)}
	if len(parts) > 0 {
		out.Rows = rowsOrNil(j.filter(ctx, batch.Concat(j.types, parts...).Consolidate()))
	}
	j.free(in)
	return out
}

// keyed is a delta in the order of its join keys: entry k has the bytes of join key ++ row.
type keyed struct {
	b     *batch.Batch
	e     *entries
	cuts  []uint32 // per entry: length of the join key
	order []int32
}

// absorb adds a delta to the side and returns it sorted.
func (s *side) absorb(ctx *Context, b *batch.Batch) keyed {
	if b == nil {
		return keyed{}
	}
	k := keyed{b: b, e: newEntries(b.Len, 48), cuts: make([]uint32, 0, b.Len)}
	keys := make([]*value.Vec, len(s.keys))
	for i, c := range s.keys {
		keys[i] = b.Cols[c]
	}
next:
	for i := range b.Len {
		for _, c := range keys {
			if c.IsNull(i) {
				continue next
			}
		}
		start := len(k.e.arena)
		k.e.arena = row.AppendKey(k.e.arena, keys, i)
		k.cuts = append(k.cuts, uint32(len(k.e.arena)-start))
		k.e.arena = row.AppendRow(k.e.arena, b.Cols, i)
		k.e.close(i, b.Weight(i))
	}
	k.order = k.e.net(k.e.sorted())
	writes := k.writes(s.rows.Version())
	s.rows.Apply(writes)
	ctx.wrote(writes)
	return k
}

// writes returns the net writes that add the sorted, netted entries to a run.
func (k keyed) writes(v state.Version) []state.Change {
	keys := make([][]byte, len(k.order))
	for i, at := range k.order {
		keys[i] = k.e.key(at)
	}
	writes := make([]state.Change, len(keys))
	arena := make([]byte, 0, 2*len(keys))
	v.ProbeSorted(keys, func(i int, stored []byte) {
		w := k.e.weights[k.order[i]] + weightOf(stored)
		writes[i].Key = keys[i]
		if w != 0 {
			start := len(arena)
			arena = binary.AppendVarint(arena, w)
			writes[i].Value = arena[start:len(arena):len(arena)]
		}
	})
	return writes
}

// match joins a delta of one side with a version of the other. flip says that the delta is the
// right side.
func (j *Join) match(
	ctx *Context, d keyed, other state.Version, os *side, flip bool,
) *batch.Batch {
	if len(d.order) == 0 || other.Len() == 0 {
		return nil
	}
	var (
		cur     = other.Cursor()
		found   = batch.NewBuilder(os.types, len(d.order))
		weights []int64
		selOwn  []int32
		selOs   []int32
		out     []int64
		last    []byte
		lo, hi  int // rows of found that match the last key
	)
	for _, at := range d.order {
		key := d.e.key(at)[:d.cuts[at]]
		if last == nil || string(key) != string(last) {
			last, lo = key, len(weights)
			for cur.Seek(key); ; cur.Next() {
				k, w, ok := cur.Under(key)
				if !ok {
					break
				}
				if err := row.DecodeRowInto(found.Cols, k[len(key):]); err != nil {
					panic("operator: own join row does not decode: " + err.Error())
				}
				weights = append(weights, weightOf(w))
			}
			hi = len(weights)
		}
		ctx.Bound(len(out) + hi - lo)
		for m := lo; m < hi; m++ {
			selOwn = append(selOwn, d.e.rows[at])
			selOs = append(selOs, int32(m))
			out = append(out, d.e.weights[at]*weights[m])
		}
	}
	return j.assemble(d.b.Cols, found.Cols, selOwn, selOs, out, flip)
}

func (j *Join) assemble(own, other []*value.Vec, selOwn, selOther []int32, weights []int64,
	flip bool,
) *batch.Batch {
	if len(weights) == 0 {
		return nil
	}
	cols := make([]*value.Vec, 0, len(j.types))
	gather := func(from []*value.Vec, sel []int32) {
		for _, c := range from {
			cols = append(cols, c.Gather(sel))
		}
	}
	if flip {
		gather(other, selOther)
		gather(own, selOwn)
	} else {
		gather(own, selOwn)
		gather(other, selOther)
	}
	return &batch.Batch{Cols: cols, Len: len(weights), Weights: weights}
}

// filter judges the residual condition over joined rows.
func (j *Join) filter(ctx *Context, b *batch.Batch) *batch.Batch {
	if j.residual == nil || b.Len == 0 {
		return b
	}
	sel, errs := j.residual.Filter(b, ctx.Env)
	for _, e := range errs {
		ctx.Errors.Add(j.op, JoinExpression, e.Err.SQLState, b.Cols, e.Row, b.Weight(e.Row))
	}
	return b.Select(sel)
}

func (j *Join) outMarks(in []Delta) []int64 {
	out := make([]int64, len(j.types))
	for i := range out {
		out[i] = window.None
	}
	for p := range j.timed {
		l, r := j.left.keys[p], j.right.keys[p]
		w := min(in[0].Mark(l), in[1].Mark(r))
		out[l] = max(out[l], w)
		out[len(j.left.types)+r] = max(out[len(j.left.types)+r], w)
	}
	return out
}

func (j *Join) free(in []Delta) {
	if j.timed == 0 {
		return
	}
	l, r := j.left.keys[0], j.right.keys[0]
	kind := j.left.types[l].Kind
	if w := in[1].Mark(r); w != window.None {
		j.left.rows.FreeBelow(markKey(kind, w))
	}
	if w := in[0].Mark(l); w != window.None {
		j.right.rows.FreeBelow(markKey(kind, w))
	}
}

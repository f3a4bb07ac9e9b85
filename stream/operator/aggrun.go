package operator

import (
	"encoding/binary"

	"weir/stream/agg"
	"weir/stream/batch"
	"weir/stream/row"
	"weir/stream/state"
	"weir/stream/value"
)

// groupRun keeps the rows of every group in an order: group key ++ key of the row -> weight ++ what
// the key does not say. Extreme and ordered calls read it, DISTINCT calls learn from it which
// values appeared and which are gone.
type groupRun struct {
	order    agg.Order
	distinct bool
	state    state.Runs
	before   state.Version // at the start of the step
	touched  []bool        // local groups of which the step wrote entries
	turned   []int32       // rows of the delta whose value appeared or is gone
	turns    []int64       // +1, -1
	entries  entries
	writes   []state.Change
	arena    []byte
	cols     []*value.Vec // scratch: the arguments of a group's rows
	weights  []int64
	key      []byte
}

// step writes a delta.
func (r *groupRun) step(ctx *Context, b *batch.Batch, of []int32, t *localTable) {
	r.before = r.state.Version()
	r.touched = resize(r.touched, t.len())
	clear(r.touched)
	e := &r.entries
	e.reset()
	for i := range b.Len {
		if !r.order.Takes(b.Cols, i) {
			continue
		}
		e.arena = append(e.arena, t.key(of[i])...)
		e.arena = r.order.AppendKey(e.arena, b.Cols, i)
		e.close(i, b.Weight(i))
		r.touched[of[i]] = true
	}
	r.write(b)
	r.state.Apply(r.writes)
	ctx.wrote(r.writes)
}

// write makes the net writes of the entries.
func (r *groupRun) write(b *batch.Batch) {
	e := &r.entries
	order := e.net(e.sorted())
	keys := make([][]byte, len(order))
	for i, at := range order {
		keys[i] = e.key(at)
	}
	r.turned, r.turns = r.turned[:0], r.turns[:0]
	r.writes, r.arena = resize(r.writes, len(order)), r.arena[:0]
	r.before.ProbeSorted(keys, func(i int, stored []byte) {
		at := order[i]
		old, _ := cutWeight(stored)
		w := old + e.weights[at]
		if turn := agg.TurnOf(old, w); r.distinct && turn != 0 {
			r.turned, r.turns = append(r.turned, e.rows[at]), append(r.turns, turn)
		}
		r.writes[i] = state.Change{Key: keys[i]}
		if w != 0 {
			start := len(r.arena)
			r.arena = binary.AppendVarint(r.arena, w)
			r.arena = r.order.AppendRest(r.arena, b.Cols, int(e.rows[at]))
			r.writes[i].Value = r.arena[start:len(r.arena):len(r.arena)]
		}
	})
}

// cutWeight splits the value of an entry; an absent one weighs 0.
func cutWeight(stored []byte) (w int64, rest []byte) {
	if stored == nil {
		return 0, nil
	}
	w, n := binary.Varint(stored)
	if n <= 0 {
		panic("operator: malformed weight in state")
	}
	return w, stored[n:]
}

// end finds the first or last row of a group: its key without the group's, and what the entry has
// beside it; nil if there is none. The cursor moves forward only, since groups are visited in
// ascending order.
func (r *groupRun) end(cur *state.Cursor, group []byte, last bool) (key, rest []byte) {
	cur.Seek(group)
	key, stored, ok := cur.Under(group)
	if !ok {
		return nil, nil
	}
	if last {
		to := *cur
		key = cur.LastUnder(group)
		to.Seek(key)
		_, stored = to.Entry()
	}
	_, rest = cutWeight(stored)
	return key[len(group):], rest
}

// read folds the rows of a group.
func (r *groupRun) read(cur *state.Cursor, group []byte, in []value.Type, c agg.Call) (
	value.Datum, *value.Error,
) {
	if r.cols == nil {
		for _, a := range r.order.Args {
			r.cols = append(r.cols, value.NewVec(in[a], 0))
		}
	}
	for _, v := range r.cols {
		v.Reset()
	}
	r.weights = r.weights[:0]
	for cur.Seek(group); ; cur.Next() {
		key, stored, ok := cur.Under(group)
		if !ok {
			break
		}
		w, rest := cutWeight(stored)
		r.key = decodePart(r.order, r.cols, r.key, key[len(group):], rest)
		r.weights = append(r.weights, w)
	}
	if c.DistinctMatters() {
		agg.Once(r.cols, r.weights)
	}
	return c.Func.Fold()(c, r.cols, r.weights)
}

// decodePart appends the arguments of an entry to columns; buf is memory for a key.
func decodePart(o agg.Order, cols []*value.Vec, buf, key, rest []byte) []byte {
	buf = append(append(buf[:0], row.KeyTag), key...)
	if err := o.DecodeInto(cols, buf, rest); err != nil {
		panic("operator: own row does not decode: " + err.Error())
	}
	return buf
}

package operator

import (
	"bytes"
	"encoding/binary"
	"math/bits"

	"weir/stream/agg"
	"weir/stream/batch"
	"weir/stream/row"
	"weir/stream/state"
	"weir/stream/value"
)

// groupRun keeps the rows of every group in an order: group key ++ key of the row -> a weight for
// each filter ++ what the key does not say. Extreme and ordered calls read it, DISTINCT calls learn
// from it which values appeared and which are gone.
//
// DISTINCT calls over the same arguments share one run whatever their FILTERs are: an entry weighs
// what each filter lets in. A run that other calls read has one filter, theirs.
type groupRun struct {
	order    agg.Order // without a filter
	filters  []int     // boolean columns, -1: every row
	distinct bool
	state    state.Runs
	before   state.Version // at the start of the step
	touched  []bool        // local groups of which the step wrote entries
	turns    []turns       // per filter
	entries  entries
	passes   []uint64 // per entry: a bit for each filter that lets its row in
	first    []int32  // per key that changes: its first entry
	keys     [][]byte
	net      []int64 // per key that changes: what it gains, for each filter
	writes   []state.Change
	arena    []byte
	cols     []*value.Vec // scratch: the arguments of a group's rows
	weights  []int64
	key      []byte
}

// turns are the rows of the delta whose value appeared (+1) or is gone (-1) in a step.
type turns struct {
	rows    []int32
	weights []int64
}

// maxFilters is how many filters can share a run: the bits of a word.
const maxFilters = 64

// step writes a delta.
func (r *groupRun) step(ctx *Context, b *batch.Batch, of []int32, t *localTable) {
	r.before = r.state.Version()
	r.touched = resize(r.touched, t.len())
	clear(r.touched)
	e := &r.entries
	e.reset()
	r.passes = r.passes[:0]
	for i := range b.Len {
		passes := r.passing(b, i)
		if passes == 0 || !r.order.Takes(b.Cols, i) {
			continue
		}
		e.arena = append(e.arena, t.key(of[i])...)
		e.arena = r.order.AppendKey(e.arena, b.Cols, i)
		e.close(i, b.Weight(i))
		r.passes = append(r.passes, passes)
		r.touched[of[i]] = true
	}
	r.netted()
	r.write(b)
	ctx.wrote(r.writes)
}

// passing are the filters that let row i in.
func (r *groupRun) passing(b *batch.Batch, i int) (passes uint64) {
	for f, col := range r.filters {
		if col < 0 || b.Cols[col].Ints[i] != 0 {
			passes |= 1 << f
		}
	}
	return passes
}

// netted finds the keys of the entries, ascending, and what each gains; those that gain nothing
// are left out.
func (r *groupRun) netted() {
	e, k := &r.entries, len(r.filters)
	r.first, r.keys, r.net = r.first[:0], r.keys[:0], r.net[:0]
	order := e.sorted()
	for i := 0; i < len(order); {
		first, key, start := order[i], e.key(order[i]), len(r.net)
		for range k {
			r.net = append(r.net, 0)
		}
		gain, any := r.net[start:], false
		for ; i < len(order) && bytes.Equal(e.key(order[i]), key); i++ {
			w := e.weights[order[i]]
			for passes := r.passes[order[i]]; passes != 0; passes &= passes - 1 {
				gain[bits.TrailingZeros64(passes)] += w
			}
		}
		for _, w := range gain {
			any = any || w != 0
		}
		if !any {
			r.net = r.net[:start]
			continue
		}
		r.first, r.keys = append(r.first, first), append(r.keys, key)
	}
}

// write makes the writes of the keys that change.
func (r *groupRun) write(b *batch.Batch) {
	k := len(r.filters)
	r.turns = resize(r.turns, k)
	for f := range r.turns {
		r.turns[f].rows, r.turns[f].weights = r.turns[f].rows[:0], r.turns[f].weights[:0]
	}
	r.writes, r.arena = resize(r.writes, len(r.keys)), r.arena[:0]
	r.state.Update(r.keys, func(i int, stored []byte) ([]byte, bool) {
		r.writes[i] = state.Change{Key: r.keys[i]}
		start, any := len(r.arena), false
		for f, gain := range r.net[i*k : i*k+k] {
			old := int64(0)
			if stored != nil {
				old, stored = cutWeight(stored)
			}
			w := old + gain
			any = any || w != 0
			r.arena = binary.AppendVarint(r.arena, w)
			if turn := agg.TurnOf(old, w); r.distinct && turn != 0 {
				t := &r.turns[f]
				t.rows, t.weights = append(t.rows, r.entries.rows[r.first[i]]), append(t.weights, turn)
			}
		}
		if !any {
			r.arena = r.arena[:start]
			return nil, true
		}
		r.arena = r.order.AppendRest(r.arena, b.Cols, int(r.entries.rows[r.first[i]]))
		r.writes[i].Value = r.arena[start:len(r.arena):len(r.arena)]
		return r.writes[i].Value, true
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

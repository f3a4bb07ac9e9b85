package operator

import (
	"encoding/binary"

	"weir/stream/batch"
	"weir/stream/row"
	"weir/stream/state"
)

// extremaWrites turns a delta into the net writes of the run of one min or max: group key ++
// value key -> weight. NULLs and rows that FILTER leaves out do not count.
func (a *Aggregate) extremaWrites(c int, b *batch.Batch, of []int32) []state.Change {
	call := a.calls[c]
	col := b.Cols[call.Arg]
	e := newEntries(b.Len, 32)
	for i := range b.Len {
		if col.IsNull(i) || !passes(b, call.Filter, i) {
			continue
		}
		e.arena = append(e.arena, a.table.key(of[i])...)
		e.arena = row.AppendKeyColumn(e.arena, col, i)
		e.close(i, b.Weight(i))
	}
	return e.addTo(a.extrema[c].Version())
}

// addTo returns the net writes that add the entries' weights to a run of key -> weight.
func (e *entries) addTo(v state.Version) []state.Change {
	order := e.net(e.sorted())
	keys := make([][]byte, len(order))
	for i, at := range order {
		keys[i] = e.key(at)
	}
	writes := make([]state.Change, len(order))
	arena := make([]byte, 0, 2*len(order))
	v.ProbeSorted(keys, func(i int, stored []byte) {
		w := e.weights[order[i]] + weightOf(stored)
		writes[i].Key = keys[i]
		if w != 0 {
			start := len(arena)
			arena = binary.AppendVarint(arena, w)
			writes[i].Value = arena[start:len(arena):len(arena)]
		}
	})
	return writes
}

// weightOf decodes the weight of an entry; absent is 0.
func weightOf(stored []byte) int64 {
	if stored == nil {
		return 0
	}
	w, n := binary.Varint(stored)
	if n != len(stored) {
		panic("operator: malformed weight in state")
	}
	return w
}

// passes reports whether FILTER (WHERE ...), a boolean column or -1, lets a row take part.
func passes(b *batch.Batch, filter, i int) bool {
	return filter < 0 || b.Cols[filter].Ints[i] != 0
}

// extremum finds the part of a key that the least or greatest value of a group makes, nil if
// there is none; the cursor moves forward only, since groups are visited in ascending order.
func (a *Aggregate) extremum(cur *state.Cursor, c int, group []byte) []byte {
	cur.Seek(group)
	key, _, ok := cur.Under(group)
	if !ok {
		return nil
	}
	if a.calls[c].Func == Max {
		key = cur.LastUnder(group)
	}
	return key[len(group):]
}

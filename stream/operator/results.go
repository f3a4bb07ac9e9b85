package operator

import (
	"slices"

	"weir/stream/batch"
	"weir/stream/row"
	"weir/stream/state"
	"weir/stream/value"
)

// emitter writes the result rows of an aggregation: for each touched group the old one with
// weight -1 and the new one with +1, or neither if they are identical.
type emitter struct {
	a             *Aggregate
	ctx           *Context
	in            *batch.Batch // the delta: its rows give the group columns
	rows          *batch.Builder
	before, after []state.Cursor // of the extrema
	settled       int            // rows of groups that are done
	same          []int32        // rows that cancel each other
}

// emit appends the result row of a group, or its error: the first call that overflows moves the
// whole group to the error relation. Cursors only move forward: groups come in key order.
func (o *emitter) emit(key []byte, g int32, s *groupState, weight int64) {
	a := o.a
	for c, call := range a.calls {
		if call.extreme() {
			continue
		}
		d, err := s.result(c, call)
		if err != nil {
			o.fail(g, call.Name, err.SQLState, weight)
			return
		}
		a.now.results[c] = d
	}
	for i, col := range a.groupBy {
		if src := o.in.Cols[col]; variable(src.Type) {
			d := row.Canonical(src.Type, src.Datum(o.first(g)))
			o.rows.Cols[i].AppendDatum(d)
		} else {
			o.rows.Cols[i].AppendFrom(src, o.first(g))
		}
	}
	cursors := o.before
	if weight > 0 {
		cursors = o.after
	}
	for c, call := range a.calls {
		at := len(a.groupBy) + c
		switch {
		case !call.extreme():
			o.rows.Cols[at].AppendDatum(a.now.results[c])
		case a.extrema[c] == nil:
			o.decode(at, s.best[c])
		default:
			o.decode(at, a.extremum(&cursors[c], c, key))
		}
	}
	o.rows.Close(weight)
}

// first is a row of the delta that belongs to a local group.
func (o *emitter) first(g int32) int { return int(o.a.table.first[g]) }

// decode appends a value from its part of a key to column at; an empty one is NULL.
func (o *emitter) decode(at int, part []byte) {
	if len(part) == 0 {
		o.rows.Cols[at].AppendNull()
		return
	}
	a := o.a
	a.now.key = append(append(a.now.key[:0], row.KeyTag), part...)
	if err := row.DecodeKeyInto(o.rows.Cols[at:at+1], a.now.key); err != nil {
		panic("operator: own extremum does not decode: " + err.Error())
	}
}

func (o *emitter) fail(g int32, call, sqlState string, weight int64) {
	vecs := make([]*value.Vec, len(o.a.groupBy))
	for i, col := range o.a.groupBy {
		d := row.Canonical(o.a.types[i], o.in.Cols[col].Datum(o.first(g)))
		vecs[i] = value.FromDatums(o.a.types[i], d)
	}
	o.ctx.Errors.Add(o.a.op, call, sqlState, vecs, 0, weight)
}

// settle ends a group and notes the rows of one that has not changed.
func (o *emitter) settle() {
	n := o.rows.Len()
	if n == o.settled+2 && identicalRows(o.rows.Cols, n-2, n-1) {
		o.same = append(o.same, int32(n-2), int32(n-1))
	}
	o.settled = n
}

func (o *emitter) batch() *batch.Batch {
	b := o.rows.Batch()
	if len(o.same) == 0 {
		return b
	}
	keep := make([]int32, 0, b.Len-len(o.same))
	for i := range int32(b.Len) {
		if _, drop := slices.BinarySearch(o.same, i); !drop {
			keep = append(keep, i)
		}
	}
	return b.Select(keep)
}

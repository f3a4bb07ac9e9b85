package operator

import (
	"weir/stream/batch"
	"weir/stream/row"
	"weir/stream/state"
	"weir/stream/value"
)

// emitter writes the result rows of an aggregation: for each touched group the old one with
// weight -1 and the new one with +1, or neither if they are identical. Group columns are gathered
// from the delta at the end, results are appended to columns as they come.
type emitter struct {
	a             *Aggregate
	ctx           *Context
	in            *batch.Batch   // the delta: its rows give the group columns
	before, after []state.Cursor // of the extrema
	from          []int32        // per row: a row of the delta that belongs to its group
	weights       []int64
	results       []*value.Vec
	keep          []int32 // rows that do not cancel each other
	settled       int     // rows of groups that are done
}

func (a *Aggregate) emitter(ctx *Context, in *batch.Batch, before []state.Version, groups int,
) *emitter {
	o := &emitter{
		a: a, ctx: ctx, in: in, before: a.cursors(before), after: a.cursors(nil),
		from: make([]int32, 0, 2*groups), weights: make([]int64, 0, 2*groups),
		keep: make([]int32, 0, 2*groups),
	}
	for _, call := range a.calls {
		o.results = append(o.results, value.NewVec(call.Type, 2*groups))
	}
	return o
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
	cursors := o.before
	if weight > 0 {
		cursors = o.after
	}
	for c, call := range a.calls {
		switch {
		case !call.extreme():
			appendResult(o.results[c], a.now.results[c])
		case a.extrema[c] == nil:
			o.decode(c, s.best[c])
		default:
			o.decode(c, a.extremum(&cursors[c], c, key))
		}
	}
	o.from = append(o.from, o.first(g))
	o.weights = append(o.weights, weight)
}

// appendResult appends a count, a sum or an average.
func appendResult(v *value.Vec, d value.Datum) {
	switch d.Kind {
	case value.Null:
		v.AppendNull()
	case value.Numeric:
		v.AppendDecimal(d.D)
	default:
		v.AppendInt(d.I)
	}
}

// first is a row of the delta that belongs to a local group; without group columns any will do.
func (o *emitter) first(g int32) int32 {
	if len(o.a.groupBy) == 0 {
		return 0
	}
	return o.a.table.first[g]
}

// decode appends a value from its part of a key to a result column; an empty one is NULL.
func (o *emitter) decode(c int, part []byte) {
	if len(part) == 0 {
		o.results[c].AppendNull()
		return
	}
	n := &o.a.now
	n.key = append(append(n.key[:0], row.KeyTag), part...)
	if err := row.DecodeKeyInto(o.results[c:c+1], n.key); err != nil {
		panic("operator: own extremum does not decode: " + err.Error())
	}
}

func (o *emitter) fail(g int32, call, sqlState string, weight int64) {
	vecs := make([]*value.Vec, len(o.a.groupBy))
	for i, col := range o.a.groupBy {
		d := row.Canonical(o.a.types[i], o.in.Cols[col].Datum(int(o.first(g))))
		vecs[i] = value.FromDatums(o.a.types[i], d)
	}
	o.ctx.Errors.Add(o.a.op, call, sqlState, vecs, 0, weight)
}

// settle ends a group: its rows stay unless they cancel each other.
func (o *emitter) settle() {
	n := len(o.from)
	if n != o.settled+2 || !identicalRows(o.results, n-2, n-1) {
		for i := o.settled; i < n; i++ {
			o.keep = append(o.keep, int32(i))
		}
	}
	o.settled = n
}

// batch assembles the rows.
func (o *emitter) batch() *batch.Batch {
	out := &batch.Batch{Len: len(o.keep), Weights: o.weights, AppendOnly: true}
	from := o.from
	if len(o.keep) < len(from) {
		from, out.Weights = pick(from, o.keep), pick(o.weights, o.keep)
		for c, v := range o.results {
			o.results[c] = v.Gather(o.keep)
		}
	}
	for i, col := range o.a.groupBy {
		v := o.in.Cols[col].Gather(from)
		if variable(o.a.types[i]) {
			v = canonicalVec(v, out.Len)
		}
		out.Cols = append(out.Cols, v)
	}
	out.Cols = append(out.Cols, o.results...)
	for _, w := range out.Weights {
		out.AppendOnly = out.AppendOnly && w > 0
	}
	return out
}

func pick[T any](src []T, at []int32) []T {
	out := make([]T, len(at))
	for i, k := range at {
		out[i] = src[k]
	}
	return out
}

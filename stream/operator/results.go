package operator

import (
	"weir/stream/agg"
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
	before, after []state.Cursor // per call
	now           []groupResult  // per call
	from          []int32        // per row: a row of the delta that belongs to its group
	weights       []int64
	results       []*value.Vec
	keep          []int32 // rows that do not cancel each other
	settled       int     // rows of groups that are done
	key           []byte
}

// groupResult is the result of a call in one group: a value, or an entry that holds it.
type groupResult struct {
	d         value.Datum
	key, rest []byte // nil: NULL
	group     int32  // an ordered call: the local group that d belongs to, -1: none
}

func (a *Aggregate) emitter(ctx *Context, in *batch.Batch, groups int) *emitter {
	o := &emitter{
		a: a, ctx: ctx, in: in, before: a.cursors(true), after: a.cursors(false),
		now:  make([]groupResult, len(a.calls)),
		from: make([]int32, 0, 2*groups), weights: make([]int64, 0, 2*groups),
		keep: make([]int32, 0, 2*groups),
	}
	for c, call := range a.calls {
		o.results = append(o.results, value.NewVec(call.Type, 2*groups))
		o.now[c].group = -1
	}
	return o
}

// cursors returns a cursor for each call that reads a run.
func (a *Aggregate) cursors(before bool) []state.Cursor {
	out := make([]state.Cursor, len(a.calls))
	for c, from := range a.from {
		if from.kind != fromEnd && from.kind != fromRun {
			continue
		}
		r := a.runs[from.at]
		at := r.state.Version()
		if before {
			at = r.before
		}
		out[c] = at.Cursor()
	}
	return out
}

// emit appends the result row of the group in hand, or its error: the first call that fails moves
// the whole group to the error relation. Cursors only move forward: groups come in key order.
func (o *emitter) emit(key []byte, g int32, weight int64) {
	for c := range o.a.calls {
		if err := o.find(c, key, g, weight); err != nil {
			o.fail(g, o.a.calls[c].Name, err.SQLState, weight)
			return
		}
	}
	for c, from := range o.a.from {
		switch n := &o.now[c]; {
		case from.kind != fromFirst && from.kind != fromEnd:
			appendResult(o.results[c], &n.d)
		case n.key == nil:
			o.results[c].AppendNull()
		default:
			o.key = decodePart(o.a.orderOf(from), o.results[c:c+1], o.key, n.key, n.rest)
		}
	}
	o.from = append(o.from, o.first(g))
	o.weights = append(o.weights, weight)
}

// find computes call c of the group in hand: before the step if weight is negative, else after.
func (o *emitter) find(c int, key []byte, g int32, weight int64) (err *value.Error) {
	a, n := o.a, &o.now[c]
	call, from := &a.calls[c], a.from[c]
	cursor := &o.before[c]
	if weight > 0 {
		cursor = &o.after[c]
	}
	switch from.kind {
	case fromRows:
		n.d = value.NewInt8(a.now.rows)
	case fromSum:
		n.d, err = a.sums[from.at].Result(call.Func, call.Type)
	case fromFirst:
		f := a.firsts[from.at]
		if n.key, n.rest = nil, f.rest; f.set {
			n.key = f.key
		}
	case fromEnd:
		n.key, n.rest = a.runs[from.at].end(cursor, key, call.Func.Last())
	case fromRun:
		r := a.runs[from.at]
		if weight > 0 && n.group == g && !r.touched[g] {
			return nil // as before the step
		}
		n.group = -1
		if n.d, err = r.read(cursor, key, a.in, call.Call); err == nil && weight < 0 {
			n.group = g
		}
	}
	return err
}

// orderOf is the order of the entries that hold extremes.
func (a *Aggregate) orderOf(from source) agg.Order {
	if from.kind == fromFirst {
		return a.firsts[from.at].order
	}
	return a.runs[from.at].order
}

// appendResult appends a value that a call computed.
func appendResult(v *value.Vec, d *value.Datum) {
	switch d.Kind {
	case value.Null:
		v.AppendNull()
	case value.Numeric:
		v.AppendDecimal(d.D)
	case value.Int8:
		v.AppendInt(d.I)
	default:
		v.AppendDatum(*d)
	}
}

// first is a row of the delta that belongs to a local group; without group columns any will do.
func (o *emitter) first(g int32) int32 {
	if len(o.a.groupBy) == 0 {
		return 0
	}
	return o.a.table.first[g]
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

package operator

import (
	"weir/stream/batch"
	"weir/stream/row"
	"weir/stream/state"
	"weir/stream/value"
	"weir/stream/window"
)

// AggFunc is an aggregate function; the numbers are those of plans.
type AggFunc uint8

// The functions.
const (
	CountStar AggFunc = 1
	Count     AggFunc = 2
	Sum       AggFunc = 3
	Min       AggFunc = 4
	Max       AggFunc = 5
	Avg       AggFunc = 6
)

// Call is one aggregate over an input column (-1 for count(*)).
type Call struct {
	Func   AggFunc
	Arg    int
	Filter int // boolean input column, -1: none
	Name   string
	Type   value.Type
}

// Aggregate groups its input and keeps one result row per group.
//
//	delta ─► local table (group key -> number, open addressing)
//	           │ linear calls add up per group         min, max: (group, value) -> weight
//	           ▼                                          ▼
//	  sorted by group key ─► merge with groups run    merge with the call's extrema run
//	           └─► -result(accepted so far) +result(now) per touched group
//
// State 0 maps the group key to its row count and linear sums; each min or max has a run of
// group key ++ value key -> weight, ascending for both, so the extremum is one seek. The group
// column that carries a mark comes first in the key, so that freeing is one range. Group columns
// come out in their canonical representation, which does not depend on the order of arrival.
//
// A group vanishes when its count is 0; without group columns there is always one row.
type Aggregate struct {
	op      int
	groupBy []int
	order   []int // group columns in key order: positions in groupBy
	in      []value.Type
	calls   []Call
	types   []value.Type
	groups  state.Runs
	extrema []*state.Runs // per call, nil for linear ones
	table   localTable
}

// NewAggregate returns an aggregation of an input with types in. first is the position in
// groupBy of the column whose mark frees groups, -1: none.
func NewAggregate(op int, in []value.Type, groupBy []int, first int, calls []Call) *Aggregate {
	a := &Aggregate{op: op, in: in, groupBy: groupBy, calls: calls}
	if first >= 0 {
		a.order = append(a.order, first)
	}
	for i, g := range groupBy {
		a.types = append(a.types, in[g])
		if i != first {
			a.order = append(a.order, i)
		}
	}
	for _, c := range calls {
		a.types = append(a.types, c.Type)
		var r *state.Runs
		if c.Func == Min || c.Func == Max {
			r = &state.Runs{}
		}
		a.extrema = append(a.extrema, r)
	}
	return a
}

// Name implements Operator.
func (a *Aggregate) Name() string { return "aggregate" }

// Types implements Operator.
func (a *Aggregate) Types() []value.Type { return a.types }

// States implements Operator.
func (a *Aggregate) States() []state.Operator {
	out := []state.Operator{&a.groups}
	for _, r := range a.extrema {
		if r != nil {
			out = append(out, r)
		}
	}
	return out
}

// Step implements Operator.
func (a *Aggregate) Step(ctx *Context, in []Delta) Delta {
	out := Delta{Marks: a.outMarks(in[0].Marks)}
	b := in[0].Rows
	if b != nil || len(a.groupBy) == 0 && a.groups.Version().Len() == 0 {
		if b == nil {
			b = batch.FromRows(a.in, nil, nil)
		}
		out.Rows = rowsOrNil(a.step(ctx, b))
	}
	a.free(in[0])
	return out
}

func (a *Aggregate) step(ctx *Context, b *batch.Batch) *batch.Batch {
	cols := make([]*value.Vec, len(a.order))
	for i, p := range a.order {
		cols[i] = b.Cols[a.groupBy[p]]
	}
	of := a.table.assign(cols, b.Len)
	if len(a.groupBy) == 0 {
		a.table.ensureGlobal()
	}
	sums := newLocalSums(a.calls, a.in, a.table.len())
	sums.add(b, of)
	before := make([]state.Version, len(a.calls))
	for c, r := range a.extrema {
		if r != nil {
			before[c] = r.Version()
			writes := a.extremaWrites(c, b, of)
			r.Apply(writes)
			ctx.wrote(writes)
		}
	}
	return a.merge(ctx, sums, before)
}

// merge adds the local sums to the stored ones, group by group in key order, and emits the
// difference of the results.
func (a *Aggregate) merge(ctx *Context, sums *localSums, before []state.Version) *batch.Batch {
	order := a.table.sorted()
	keys := make([][]byte, len(order))
	for i, g := range order {
		keys[i] = a.table.key(g)
	}
	var (
		out    = batch.NewBuilder(a.types, 2*len(order))
		writes = make([]state.Change, 0, len(order))
		old    = newGroupState(len(a.calls))
		now    = newGroupState(len(a.calls))
		seekB  = a.cursors(before)
		seekA  = a.cursors(nil)
		arena  = make([]byte, 0, 32*len(order)*(1+len(a.calls)))
	)
	a.groups.Version().ProbeSorted(keys, func(i int, stored []byte) {
		old.decode(stored)
		now.copyFrom(old)
		sums.addTo(now, int(order[i]))
		exists := stored != nil
		if exists {
			a.emit(ctx, out, keys[i], old, seekB, -1)
		}
		if now.rows == 0 && len(a.groupBy) > 0 {
			if exists {
				writes = append(writes, state.Change{Key: keys[i]})
			}
			return
		}
		a.emit(ctx, out, keys[i], now, seekA, 1)
		start := len(arena)
		arena = now.append(arena)
		writes = append(writes, state.Change{Key: keys[i], Value: arena[start:len(arena):len(arena)]})
	})
	a.groups.Apply(writes)
	ctx.wrote(writes)
	return out.Batch().Consolidate()
}

func (a *Aggregate) cursors(at []state.Version) []state.Cursor {
	out := make([]state.Cursor, len(a.calls))
	for c, r := range a.extrema {
		switch {
		case r == nil:
		case at == nil:
			out[c] = r.Version().Cursor()
		default:
			out[c] = at[c].Cursor()
		}
	}
	return out
}

// emit appends the result row of a group, or its error: the first call that overflows moves the
// whole group to the error relation.
func (a *Aggregate) emit(ctx *Context, out *batch.Builder, key []byte, g *groupState,
	extrema []state.Cursor, weight int64,
) {
	group := a.groupDatums(key)
	results := make([]value.Datum, len(a.calls))
	for c, call := range a.calls {
		var err *value.Error
		if a.extrema[c] != nil {
			results[c] = a.extremum(&extrema[c], c, key)
		} else {
			results[c], err = g.result(c, call)
		}
		if err != nil {
			vecs := make([]*value.Vec, len(group))
			for i, d := range group {
				vecs[i] = value.FromDatums(a.types[i], d)
			}
			ctx.Errors.Add(a.op, call.Name, err.SQLState, vecs, 0, weight)
			return
		}
	}
	for i, d := range group {
		out.Cols[i].AppendDatum(d)
	}
	for c, d := range results {
		out.Cols[len(group)+c].AppendDatum(d)
	}
	out.Close(weight)
}

// groupDatums decodes a group key into the order of groupBy.
func (a *Aggregate) groupDatums(key []byte) []value.Datum {
	types := make([]value.Type, len(a.order))
	for i, p := range a.order {
		types[i] = a.types[p]
	}
	ds, err := row.DecodeKey(types, key)
	if err != nil {
		panic("operator: own group key does not decode: " + err.Error())
	}
	out := make([]value.Datum, len(ds))
	for i, p := range a.order {
		out[p] = ds[i]
	}
	return out
}

func (a *Aggregate) outMarks(in []int64) []int64 {
	if in == nil {
		return nil
	}
	out := make([]int64, len(a.types))
	for i := range out {
		out[i] = window.None
		if i < len(a.groupBy) {
			out[i] = in[a.groupBy[i]]
		}
	}
	return out
}

// free drops the groups that no later row can touch.
func (a *Aggregate) free(in Delta) {
	if len(a.order) == 0 {
		return
	}
	col := a.groupBy[a.order[0]]
	w := in.Mark(col)
	if w == window.None {
		return
	}
	bound := markKey(a.in[col].Kind, w)
	a.groups.FreeBelow(bound)
	for _, r := range a.extrema {
		if r != nil {
			r.FreeBelow(bound)
		}
	}
}

// markKey is the bound below which the keys of rows lie whose first column is below the mark.
func markKey(k value.Kind, w int64) []byte {
	return row.AppendKeyDatums(nil, []value.Datum{value.NewInt(k, w)})
}

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

// extreme reports whether the call is min or max.
func (c Call) extreme() bool { return c.Func == Min || c.Func == Max }

// Aggregate groups its input and keeps one result row per group.
//
//	delta ─► local table (group key -> number, open addressing)
//	           │ linear calls add up per group         min, max: (group, value) -> weight
//	           ▼                                          ▼
//	  sorted by group key ─► merge with groups run    merge with the call's extrema run
//	           └─► -result(accepted so far) +result(now) per touched group
//
// State 0 maps the group key to its row count and linear sums. Over an input that only appends it
// also holds each min and max; over any other each has a run of group key ++ value key -> weight,
// ascending for both, so the extremum is one seek. The group column that carries a mark comes
// first in the key, so that freeing is one range. Group columns come out in their canonical
// representation, which does not depend on the order of arrival.
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
	extrema []*state.Runs // per call, nil for those whose state is in groups
	table   localTable
	local   localSums
	now     scratch
}

// scratch is memory that a step reuses.
type scratch struct {
	keys     [][]byte
	writes   []state.Change
	arena    []byte
	old, new *groupState
	results  []value.Datum
	key      []byte
}

// NewAggregate returns an aggregation of an input with types in. first is the position in
// groupBy of the column whose mark frees groups, -1: none. appendOnly promises that the input
// never retracts a row.
func NewAggregate(op int, in []value.Type, groupBy []int, first int, appendOnly bool,
	calls []Call,
) *Aggregate {
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
		if c.extreme() && !appendOnly {
			r = &state.Runs{}
		}
		a.extrema = append(a.extrema, r)
	}
	a.local.calls, a.local.in, a.local.scalar = calls, in, appendOnly
	a.now.old, a.now.new = newGroupState(calls, appendOnly), newGroupState(calls, appendOnly)
	a.now.results = make([]value.Datum, len(calls))
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
	a.local.reset(a.table.len())
	a.local.add(b, of)
	before := make([]state.Version, len(a.calls))
	for c, r := range a.extrema {
		if r != nil {
			before[c] = r.Version()
			writes := a.extremaWrites(c, b, of)
			r.Apply(writes)
			ctx.wrote(writes)
		}
	}
	return a.merge(ctx, b, before)
}

// merge adds the local sums to the stored ones, group by group in key order, and emits the
// difference of the results.
func (a *Aggregate) merge(ctx *Context, b *batch.Batch, before []state.Version) *batch.Batch {
	order := a.table.sorted()
	n := &a.now
	n.keys, n.writes, n.arena = resize(n.keys, len(order)), n.writes[:0], n.arena[:0]
	for i, g := range order {
		n.keys[i] = a.table.key(g)
	}
	out := a.emitter(ctx, b, before, len(order))
	a.groups.Version().ProbeSorted(n.keys, func(i int, stored []byte) {
		n.old.decode(stored)
		n.new.copyFrom(n.old)
		a.local.addTo(n.new, int(order[i]), b)
		key, exists := n.keys[i], stored != nil
		lives := n.new.rows != 0 || len(a.groupBy) == 0
		if exists {
			out.emit(key, order[i], n.old, -1)
		}
		if lives {
			out.emit(key, order[i], n.new, 1)
			start := len(n.arena)
			n.arena = n.new.append(n.arena)
			value := n.arena[start:len(n.arena):len(n.arena)]
			n.writes = append(n.writes, state.Change{Key: key, Value: value})
		} else if exists {
			n.writes = append(n.writes, state.Change{Key: key})
		}
		out.settle()
	})
	a.groups.Apply(n.writes)
	ctx.wrote(n.writes)
	return out.batch()
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

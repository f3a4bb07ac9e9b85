package operator

import (
	"encoding/binary"

	"weir/stream/agg"
	"weir/stream/batch"
	"weir/stream/row"
	"weir/stream/state"
	"weir/stream/value"
	"weir/stream/window"
)

// Call is one aggregate of an Aggregate.
type Call struct {
	agg.Call
	Name string // of the output, for the error relation
}

// Aggregate groups its input and keeps one result row per group.
//
//	delta ─► local table (group key -> number, open addressing)
//	           │ additive calls add up per group     runs: (group, order, value) -> weight
//	           │          ▲                               │         │
//	           │          └── DISTINCT: values that ◄─────┘         │ extreme, ordered calls
//	           ▼              appear or are gone                    ▼
//	  sorted by group key ─► merge with groups run ◄── read before and after
//	           └─► -result(accepted so far) +result(now) per touched group
//
// State 0 maps the group key to its row count and the sums of its additive calls, one sum for all
// calls that can share it. Over an input that only appends it also holds the extreme of each
// extreme call. Everything else stands in runs, which calls of one order share; their keys start
// with the group's. The group column that carries a mark comes first in the key, so that freeing
// is one range. Group columns come out in their canonical representation, which does not depend
// on the order of arrival.
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
	sums    []sumSlot
	firsts  []*firstSlot
	runs    []*groupRun
	from    []source // per call
	table   localTable
	local   []int64 // rows per local group
	now     scratch
}

// scratch is memory that a step reuses, and the row count of the group in hand.
type scratch struct {
	rows   int64
	keys   [][]byte
	writes []state.Change
	arena  []byte
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
	}
	a.assignStates(appendOnly)
	return a
}

// Name implements Operator.
func (a *Aggregate) Name() string { return "aggregate" }

// Types implements Operator.
func (a *Aggregate) Types() []value.Type { return a.types }

// States implements Operator.
func (a *Aggregate) States() []state.Operator {
	out := []state.Operator{&a.groups}
	for _, r := range a.runs {
		out = append(out, &r.state)
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
	groups := a.table.len()
	a.countRows(b, of, groups)
	for _, r := range a.runs {
		r.step(ctx, b, of, &a.table)
	}
	for _, s := range a.sums {
		s.Reset(groups)
		s.step(b, of, a.runs)
	}
	for _, f := range a.firsts {
		f.step(b, of, groups)
	}
	return a.merge(ctx, b)
}

func (a *Aggregate) countRows(b *batch.Batch, of []int32, groups int) {
	a.local = resize(a.local, groups)
	clear(a.local)
	if b.Weights == nil {
		for _, g := range of {
			a.local[g]++
		}
		return
	}
	for i, g := range of {
		a.local[g] += b.Weights[i]
	}
}

// merge adds the local groups to the stored ones, in key order, and emits the difference of the
// results.
func (a *Aggregate) merge(ctx *Context, b *batch.Batch) *batch.Batch {
	order := a.table.sorted()
	n := &a.now
	n.keys, n.writes, n.arena = resize(n.keys, len(order)), n.writes[:0], n.arena[:0]
	for i, g := range order {
		n.keys[i] = a.table.key(g)
	}
	out := a.emitter(ctx, b, len(order))
	a.groups.Update(n.keys, func(i int, stored []byte) (value []byte, write bool) {
		key, g, exists := n.keys[i], order[i], stored != nil
		a.load(stored)
		if exists {
			out.emit(key, g, -1)
		}
		a.add(b, g)
		if n.rows != 0 || len(a.groupBy) == 0 {
			out.emit(key, g, 1)
			start := len(n.arena)
			n.arena = a.append(n.arena)
			value, write = n.arena[start:len(n.arena):len(n.arena)], true
			n.writes = append(n.writes, state.Change{Key: key, Value: value})
		} else if exists {
			write = true
			n.writes = append(n.writes, state.Change{Key: key})
		}
		out.settle()
		return value, write
	})
	ctx.wrote(n.writes)
	return out.batch()
}

// load takes the entry of a group, nil for a new one, in hand.
func (a *Aggregate) load(b []byte) {
	a.now.rows = 0
	if b != nil {
		n := 0
		a.now.rows, n = binary.Varint(b)
		b = b[n:]
	}
	for _, s := range a.sums {
		b = s.Load(b)
	}
	for _, f := range a.firsts {
		b = f.load(b)
	}
}

// add adds a local group to the one in hand.
func (a *Aggregate) add(b *batch.Batch, g int32) {
	a.now.rows += a.local[g]
	for _, s := range a.sums {
		s.Merge(g)
	}
	for _, f := range a.firsts {
		f.merge(b, g)
	}
}

// append encodes the group in hand: varint of the row count, then its sums and extremes.
func (a *Aggregate) append(dst []byte) []byte {
	dst = binary.AppendVarint(dst, a.now.rows)
	for _, s := range a.sums {
		dst = s.Append(dst)
	}
	for _, f := range a.firsts {
		dst = f.append(dst)
	}
	return dst
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
	for _, r := range a.runs {
		r.state.FreeBelow(bound)
	}
}

// markKey is the bound below which the keys of rows lie whose first column is below the mark.
func markKey(k value.Kind, w int64) []byte {
	return row.AppendKeyDatums(nil, []value.Datum{value.NewInt(k, w)})
}

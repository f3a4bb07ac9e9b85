package operator

import (
	"weir/stream/batch"
	"weir/stream/row"
	"weir/stream/state"
	"weir/stream/value"
)

// Timed is an operator whose rows move when time passes, without any input.
type Timed interface {
	// Due reports whether rows move once now is the time. It must not change anything.
	Due(now int64) bool
}

// TemporalFilter keeps a row while from <= now() < until; a NULL bound keeps it out.
//
//	delta ──► before from: waiting  from ++ row  -> weight   none without from
//	     └──► from..until: inside   until ++ row -> weight   none without until; row is put out
//	     └──► after until: nothing
//
// Every step first moves what is due: waiting rows enter, rows inside leave. With
// Context.DrainRows a step moves at most so many and leaves the rest to the next one. A step in
// which no row moves writes nothing.
type TemporalFilter struct {
	from, until     int // columns, -1: no bound
	types           []value.Type
	waiting, inside state.Runs
}

// NewTemporalFilter returns the operator over timestamp columns from and until (-1: no bound).
func NewTemporalFilter(from, until int, types []value.Type) *TemporalFilter {
	return &TemporalFilter{from: from, until: until, types: types}
}

// Name implements Operator.
func (t *TemporalFilter) Name() string { return "temporal_filter" }

// Types implements Operator.
func (t *TemporalFilter) Types() []value.Type { return t.types }

// States implements Operator.
func (t *TemporalFilter) States() []state.Operator {
	return []state.Operator{&t.waiting, &t.inside}
}

// Due implements Timed.
func (t *TemporalFilter) Due(now int64) bool {
	return dueBy(t.waiting.Version(), now) || dueBy(t.inside.Version(), now)
}

func dueBy(v state.Version, now int64) bool {
	cur := v.Cursor()
	key, _ := cur.Entry()
	return key != nil && keyTime(key) <= now
}

// Step implements Operator. Rows enter and leave when time says so: no mark passes.
func (t *TemporalFilter) Step(ctx *Context, in []Delta) Delta {
	var parts []*batch.Batch
	if t.Due(ctx.Env.Now) {
		parts = append(parts, t.move(ctx))
	}
	if b := in[0].Rows; b != nil {
		parts = append(parts, t.admit(ctx, b))
	}
	return Delta{Rows: rowsOrNil(batch.Concat(t.types, parts...))}
}

// admit sorts the rows of a delta into those that wait, those inside and those that are over.
func (t *TemporalFilter) admit(ctx *Context, b *batch.Batch) *batch.Batch {
	now := ctx.Env.Now
	waiting, inside := newEntries(0, 0), newEntries(0, 0)
	sel := make([]int32, 0, b.Len)
	for i := range b.Len {
		if t.from >= 0 && b.Cols[t.from].IsNull(i) || t.until >= 0 && b.Cols[t.until].IsNull(i) {
			continue
		}
		if t.until >= 0 {
			until := b.Cols[t.until].Ints[i]
			if until <= now || t.from >= 0 && b.Cols[t.from].Ints[i] >= until {
				continue
			}
		}
		if t.from >= 0 && b.Cols[t.from].Ints[i] > now {
			t.note(waiting, t.from, b, i)
			continue
		}
		sel = append(sel, int32(i))
		if t.until >= 0 {
			t.note(inside, t.until, b, i)
		}
	}
	addEntries(ctx, &t.waiting, waiting)
	addEntries(ctx, &t.inside, inside)
	if len(sel) == b.Len {
		return b
	}
	return b.Select(sel)
}

// note appends time ++ row of row i.
func (t *TemporalFilter) note(e *entries, time int, b *batch.Batch, i int) {
	e.arena = row.AppendKeyColumn(e.arena, b.Cols[time], i)
	e.arena = row.AppendRow(e.arena, b.Cols, i)
	e.close(i, b.Weight(i))
}

func addEntries(ctx *Context, r *state.Runs, e *entries) {
	if e.len() == 0 {
		return
	}
	ctx.wrote(e.addTo(r))
}

// move takes the rows that are due out of the states.
func (t *TemporalFilter) move(ctx *Context) *batch.Batch {
	left := ctx.DrainRows
	if left == 0 {
		left = int(^uint(0) >> 1)
	}
	entering := t.take(&t.waiting, ctx.Env.Now, 1, left)
	leaving := t.take(&t.inside, ctx.Env.Now, -1, left-entering.Len)
	if t.until < 0 || entering.Len == 0 {
		return batch.Concat(t.types, entering, leaving)
	}
	// What waited may be over already.
	stay := make([]int32, 0, entering.Len)
	inside := newEntries(entering.Len, 48)
	for i := range entering.Len {
		if entering.Cols[t.until].Ints[i] > ctx.Env.Now {
			stay = append(stay, int32(i))
			t.note(inside, t.until, entering, i)
		}
	}
	addEntries(ctx, &t.inside, inside)
	return batch.Concat(t.types, entering.Select(stay), leaving)
}

// take frees up to limit rows whose time is at or before now; their weights are multiplied by
// sign.
func (t *TemporalFilter) take(r *state.Runs, now, sign int64, limit int) *batch.Batch {
	b := batch.NewBuilder(t.types, 0)
	bound := row.AppendKeyDatum(nil, value.NewTimestamp(now+1))
	r.Version().Scan(nil, bound, func(key, weight []byte) bool {
		if b.Len() >= limit {
			bound = key
			return false
		}
		if err := row.DecodeRowInto(b.Cols, key[timeBytes:]); err != nil {
			panic("operator: own waiting row does not decode: " + err.Error())
		}
		b.Close(sign * weightOf(weight))
		return true
	})
	if b.Len() > 0 {
		r.FreeBelow(bound)
	}
	return b.Batch()
}

package operator

import (
	"weir/stream/batch"
	"weir/stream/row"
	"weir/stream/state"
	"weir/stream/value"
	"weir/stream/window"
)

// Emit is EMIT ON WINDOW CLOSE: it holds rows back until the mark of their window end passes
// them and never retracts one. State: window end ++ row -> weight of the rows that wait. A row
// without a window end never leaves and is dropped.
//
// With allowed lateness a second input, without rows, has the mark that the stream alone gives
// the window end; the first input's stands behind it. Rows leave as the former passes them, and
// what changes between the two leaves at once, as a correction. Only the latter goes on.
type Emit struct {
	end     int
	types   []value.Type
	waiting state.Runs
}

// NewEmit returns the operator for rows whose window end is column end.
func NewEmit(end int, types []value.Type) *Emit { return &Emit{end: end, types: types} }

// Name implements Operator.
func (e *Emit) Name() string { return "emit_on_close" }

// Types implements Operator.
func (e *Emit) Types() []value.Type { return e.types }

// States implements Operator.
func (e *Emit) States() []state.Operator { return []state.Operator{&e.waiting} }

// Step implements Operator.
func (e *Emit) Step(ctx *Context, in []Delta) Delta {
	if b := in[0].Rows; b != nil {
		e.hold(ctx, b)
	}
	final := in[0].Mark(e.end)
	w := final
	for _, clock := range in[1:] {
		w = max(w, clock.Mark(e.end))
	}
	if w == window.None {
		return Delta{}
	}
	var out Delta
	if final != window.None {
		out.Marks = make([]int64, len(e.types))
		for i := range out.Marks {
			out.Marks[i] = window.None
		}
		out.Marks[e.end] = final
	}
	out.Rows = rowsOrNil(e.release(markKey(e.types[e.end].Kind, w)))
	return out
}

func (e *Emit) hold(ctx *Context, b *batch.Batch) {
	list := newEntries(b.Len, 48)
	key := []*value.Vec{b.Cols[e.end]}
	for i := range b.Len {
		if key[0].IsNull(i) {
			continue
		}
		list.arena = row.AppendKey(list.arena, key, i)
		list.arena = row.AppendRow(list.arena, b.Cols, i)
		list.close(i, b.Weight(i))
	}
	ctx.wrote(list.addTo(&e.waiting))
}

// release takes the rows below bound out of the state.
func (e *Emit) release(bound []byte) *batch.Batch {
	b := batch.NewBuilder(e.types, 0)
	prefix := len(bound)
	e.waiting.Version().Scan(nil, bound, func(key, value []byte) bool {
		if err := row.DecodeRowInto(b.Cols, key[prefix:]); err != nil {
			panic("operator: own waiting row does not decode: " + err.Error())
		}
		b.Close(weightOf(value))
		return true
	})
	if b.Len() > 0 {
		e.waiting.FreeBelow(bound)
	}
	return b.Batch()
}

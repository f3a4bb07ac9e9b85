package engine

import (
	"cmp"
	"maps"
	"slices"

	"weir/internal/invariant"
	"weir/stream/batch"
	"weir/stream/expr"
	"weir/stream/operator"
	"weir/stream/state"
	"weir/stream/window"
)

// Step runs one segment through every view, inputs before dependents. The result holds until
// Accept or Discard, one of which must follow.
func (e *Engine) Step(seg Segment) (*Result, error) {
	if e.busy {
		return nil, ErrOpen
	}
	e.busy = true
	deltas := e.baseDeltas(seg)
	res := &Result{}
	views := e.views()
	for len(views) > 0 {
		n := 1
		for n < len(views) && views[n].level == views[0].level {
			n++
		}
		e.stepLevel(views[:n], seg, deltas, res)
		views = views[n:]
	}
	slices.SortFunc(res.Views, func(a, b ViewResult) int { return cmp.Compare(a.ID, b.ID) })
	return res, nil
}

// baseDeltas joins the batches of each base relation and takes the new watermarks over. Tables
// are consolidated once for all views; a log's rows are distinct already.
func (e *Engine) baseDeltas(seg Segment) map[uint32]operator.Delta {
	out := map[uint32]operator.Delta{}
	moves := len(seg.Deltas) > 0 || e.Due(seg.BlockTime)
	for _, id := range slices.Sorted(maps.Keys(seg.Watermarks)) {
		r := e.rels[id]
		if r == nil {
			continue
		}
		moves = e.advance(r, seg.Watermarks[id]...) || moves
	}
	// A step that moves nothing leaves no trace: a node that has restarted may make one that the
	// others do not.
	if moves {
		for _, r := range e.histories() {
			e.advance(r, seg.BlockTime)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(seg.Deltas)) {
		r := e.rels[id]
		if r == nil {
			continue
		}
		b := seg.Deltas[id]
		var rows *batch.Batch
		if len(b) == 1 {
			rows = b[0]
		} else {
			rows = batch.Concat(r.types, b...)
		}
		if r.def.Stored() {
			rows = rows.Consolidate()
		}
		out[id] = operator.Delta{Rows: emptyOr(rows)}
	}
	return out
}

// advance moves the marks of a base relation, and reports whether it does: a watermark never moves
// back.
func (e *Engine) advance(r *relation, marks ...int64) (moves bool) {
	m, old := streamMarks(r, marks...), e.marks[r.def.ID]
	if m == nil {
		return false
	}
	for i := range m {
		if old != nil {
			m[i] = max(m[i], old[i])
		}
		moves = moves || old == nil || m[i] > old[i]
	}
	if moves {
		e.next[r.def.ID] = m
	}
	return moves
}

// stepLevel runs views that do not depend on each other, then joins their results in order.
func (e *Engine) stepLevel(
	views []*view, seg Segment, deltas map[uint32]operator.Delta, res *Result,
) {
	outs := make([]outcome, len(views))
	e.cfg.Runner.Run(len(views), func(i int) {
		v := views[i]
		if v.reason != "" {
			return
		}
		if e.inputSuspended(v) {
			outs[i].failed = ReasonInput
			return
		}
		outs[i] = e.guard(v, seg, func(id uint32) operator.Delta {
			d := deltas[id]
			d.Marks = e.marksOf(id)
			if v.fill != nil {
				d = v.fill.live(e.rels[id], d)
			}
			return v.scans.adapt(e.rels[id], d)
		})
	})
	for i, v := range views {
		e.settle(v, outs[i], deltas, res)
	}
}

// settle takes the outcome of one view over into the step.
func (e *Engine) settle(v *view, o outcome, deltas map[uint32]operator.Delta, res *Result) {
	switch {
	case v.reason != "":
		return
	case o.failed != "":
		v.prog.Circuit.Discard()
		e.suspend(v, o.failed)
		res.Suspensions = append(res.Suspensions, Suspension{v.id, o.failed})
		return
	}
	e.open = append(e.open, v)
	if o.res.Marks != nil {
		e.next[v.id] = o.res.Marks
	}
	res.Views = append(res.Views, o.res)
	deltas[v.id] = operator.Delta{Rows: emptyOr(o.res.Delta)}
	if v.errors != 0 {
		deltas[v.errors] = operator.Delta{Rows: emptyOr(o.res.ErrorDelta)}
	}
}

// outcome is what running one view gave: a result, or the reason of its failure.
type outcome struct {
	res    ViewResult
	failed string
}

// guard runs a view's circuit and sinks. A broken invariant passes through; any other panic is
// a failure of this view alone.
func (e *Engine) guard(
	v *view, seg Segment, source func(uint32) operator.Delta,
) (o outcome) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case invariant.Violation, invariant.Fault:
			panic(r)
		case operator.TooManyRows, operator.TooManyRounds:
			o = outcome{failed: ReasonBudget}
		default:
			o = outcome{failed: ReasonInternal}
		}
	}()
	o.res = e.run(v, seg.BlockTime, seg.Relations, source)
	return o
}

// run steps a view's circuit and nets its outputs against the stored relations.
func (e *Engine) run(
	v *view, blockTime int64, rels state.Relations, source func(uint32) operator.Delta,
) ViewResult {
	ctx := &operator.Context{
		Env: expr.Env{Now: blockTime}, Errors: operator.NewErrors(),
		MaxRows: e.cfg.Limits.MaxStepRows,
	}
	moved := e.drain(v, ctx)
	ctx.Inner = 0
	out, work := v.prog.Circuit.Step(ctx, source)
	rows, sunk := out.Rows, int64(out.Len())
	if len(moved) > 0 {
		if rows != nil {
			moved = append(moved, rows)
		}
		rows = batch.Concat(v.prog.Circuit.Types(), moved...)
	}
	w := v.sink.Write(rows, rels.Relation(v.id), ctx.Errors)
	ew := v.errSink.Write(ctx.Errors.Rows(), rels.Relation(v.errors), nil)
	if sunk = min(sunk, int64(w.Delta.Len)); len(moved) == 0 {
		sunk = int64(w.Delta.Len)
	}
	m := Meter{
		RowsIn: work.In, RowsOut: int64(w.Delta.Len), Rows: work.Rows + ctx.Inner + sunk,
		StateEntries: ctx.Entries, StateBytes: ctx.Bytes,
	}
	return ViewResult{
		ID: v.id, Changes: w.Changes, Delta: w.Delta,
		ErrorsID: v.errors, ErrorChanges: ew.Changes, ErrorDelta: ew.Delta,
		ErrorCount: ew.Weight, Marks: keepMarks(out.Marks), Meter: m,
		OverBudget: m.Rows > e.cfg.Limits.StepRows, Filling: v.fill != nil,
	}
}

// keepMarks drops marks that say nothing.
func keepMarks(m []int64) []int64 {
	for _, w := range m {
		if w != window.None {
			return m
		}
	}
	return nil
}

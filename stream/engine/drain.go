package engine

import (
	"maps"
	"slices"

	"weir/stream/batch"
	"weir/stream/catalog"
	"weir/stream/operator"
)

// DrainRows is how many rows an operator moves at once because time passed. What is due moves
// within its step, however much it is, in pieces of this size.
const DrainRows = 10_000

// Due reports whether a step at block time now would move rows of a view even without input, or
// the mark of a history that a view reads, for which rows may wait.
func (e *Engine) Due(now int64) bool {
	//weir:unordered a disjunction does not depend on order
	for _, r := range e.rels {
		v := r.view
		if v == nil || v.reason != "" {
			continue
		}
		if v.prog.Circuit.Due(now) || slices.ContainsFunc(v.prog.Inputs, func(id uint32) bool {
			return e.behind(id, now)
		}) {
			return true
		}
	}
	return false
}

// behind reports whether a relation is a history whose mark stands before block time now.
func (e *Engine) behind(id uint32, now int64) bool {
	r, m := e.rels[id], e.marks[id]
	return r != nil && r.def.Kind == catalog.History && (m == nil || m[catalog.HistValidFrom] < now)
}

// histories lists the histories of tables. Each has block time as its mark (catalog.History).
func (e *Engine) histories() (out []*relation) {
	for _, id := range slices.Sorted(maps.Keys(e.rels)) {
		if r := e.rels[id]; r.def.Kind == catalog.History {
			out = append(out, r)
		}
	}
	return out
}

// drain moves the rows of a view that are due, before the step's own rows come, and returns what
// that puts out. Marks stand where the step before left them.
func (e *Engine) drain(v *view, ctx *operator.Context) (out []*batch.Batch) {
	ctx.DrainRows = DrainRows
	for v.prog.Circuit.Due(ctx.Env.Now) {
		d, _ := v.prog.Circuit.Step(ctx, func(id uint32) operator.Delta {
			if v.fill != nil {
				return operator.Delta{}
			}
			return operator.Delta{Marks: e.marks[id]}
		})
		if d.Rows != nil {
			out = append(out, d.Rows)
		}
	}
	ctx.DrainRows = 0
	return out
}

package engine

import (
	"weir/stream/batch"
	"weir/stream/operator"
)

// DrainRows is how many rows an operator moves at once because time passed. What is due moves
// within its step, however much it is, in pieces of this size.
const DrainRows = 10_000

// Due reports whether a step at block time now would move rows of a view even without input.
func (e *Engine) Due(now int64) bool {
	//weir:unordered a disjunction does not depend on order
	for _, r := range e.rels {
		if v := r.view; v != nil && v.reason == "" && v.prog.Circuit.Due(now) {
			return true
		}
	}
	return false
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

package oracle

import (
	"slices"

	"weir/stream/plan"
	"weir/stream/value"
	"weir/stream/window"
)

// lateness has the rows of both inputs; the mark of the time column stands behind.
func (e *evaluator) lateness(n *plan.Lateness) ([]Row, []int64) {
	rows, m := e.node(n.OnTime)
	late, _ := e.node(n.Late)
	marks := none(len(m))
	if w := m[n.TimeCol]; w != window.None {
		marks[n.TimeCol] = max(w-n.Micros, value.MinTimestamp)
	}
	return append(slices.Clone(rows), late...), marks
}

// clock returns the mark of a column of a plan if no lateness were allowed.
func (e *evaluator) clock(n plan.Node, col int) int64 {
	_, m := newEvaluator(Input{Marks: e.in.Marks, Env: e.in.Env}).node(plan.Clock(n))
	return m[col]
}

package oracle

import (
	"slices"

	"weir/stream/plan"
	"weir/stream/value"
)

// asof looks for the match of each left row among all right rows.
func (e *evaluator) asof(n *plan.Asof) ([]Row, []int64) {
	left, lm := e.node(n.Left)
	right, rm := e.node(n.Right)
	marks := none(len(lm) + len(rm))
	if n.Op == plan.AsofGE || n.Op == plan.AsofGT {
		marks[n.LeftTime] = min(lm[n.LeftTime], rm[n.RightTime])
	}
	right = Consolidate(right)
	visible := plan.Visible(n.Right.Schema())
	var out []Row
	for _, l := range left {
		var best []value.Datum
		for _, r := range right {
			if sameKeys(l, r, n.LeftKeys, n.RightKeys) && qualifies(n, l, r) &&
				(best == nil || nearer(n, visible, r, Row{best, 1})) {
				best = r.Vals
			}
		}
		if best == nil && n.Outer {
			best = make([]value.Datum, len(rm))
		}
		if best != nil {
			out = append(out, Row{append(slices.Clone(l.Vals), best...), l.Weight})
		}
	}
	return out, marks
}

func qualifies(n *plan.Asof, l, r Row) bool {
	x, y := l.Vals[n.LeftTime], r.Vals[n.RightTime]
	if x.IsNull() || y.IsNull() {
		return false
	}
	switch c := value.Compare(x, y); n.Op {
	case plan.AsofGE:
		return c >= 0
	case plan.AsofGT:
		return c > 0
	case plan.AsofLE:
		return c <= 0
	default:
		return c < 0
	}
}

// nearer reports whether a is a better match than b: by time, then by the whole visible row; rows
// come in the order of their encoding, which decides last.
func nearer(n *plan.Asof, visible []int, a, b Row) bool {
	back := n.Op == plan.AsofGE || n.Op == plan.AsofGT
	return order([]plan.SortKey{{Col: n.RightTime, Desc: back}}, visible, a, b) < 0
}

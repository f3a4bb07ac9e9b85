package oracle

import (
	"slices"

	"weir/stream/plan"
	"weir/stream/row"
	"weir/stream/value"
)

// setOp counts each row on both sides.
func (e *evaluator) setOp(n *plan.SetOp) ([]Row, []int64) {
	left, lm := e.node(n.Left)
	right, rm := e.node(n.Right)
	lf, rf := plan.Derive(n.Left).Frozen, plan.Derive(n.Right).Frozen
	marks := none(len(lm))
	for c := range marks {
		if lf[c] && rf[c] {
			marks[c] = min(lm[c], rm[c])
		}
	}
	fields := n.Schema()
	counts := func(rows []Row) []Row {
		out := make([]Row, len(rows))
		for i, r := range rows {
			vals := slices.Clone(r.Vals)
			for c, f := range fields {
				vals[c] = row.Canonical(f.Type, vals[c])
			}
			out[i] = Row{vals, r.Weight}
		}
		return Consolidate(out)
	}
	times := counts(right)
	var out []Row
	for _, l := range counts(left) {
		r := int64(0)
		for _, o := range times {
			if sameRow(l.Vals, o.Vals) {
				r += o.Weight
			}
		}
		switch {
		case n.Except && n.All:
			l.Weight -= r
		case n.All:
			l.Weight = min(l.Weight, r)
		case (r > 0) != n.Except:
			l.Weight = 1
		default:
			l.Weight = 0
		}
		if l.Weight > 0 {
			out = append(out, l)
		}
	}
	return out, marks
}

// sameRow is IS NOT DISTINCT FROM, column by column.
func sameRow(a, b []value.Datum) bool {
	return slices.EqualFunc(a, b, func(x, y value.Datum) bool {
		if x.IsNull() || y.IsNull() {
			return x.IsNull() && y.IsNull()
		}
		return value.Equal(x, y)
	})
}

package oracle

import (
	"slices"

	"weir/stream/plan"
	"weir/stream/row"
	"weir/stream/value"
)

// View is what a materialized view holds, and what its error relation does.
type View struct {
	Rows, Errors []Row   // consolidated, ordered by their encoding
	Marks        []int64 // per column, window.None: none
}

// EvalView evaluates a plan as a view with the given key (none: the whole row): key columns are
// canonical, and rows over the limits of keys and rows are errors (54000) of operator 0, "row".
func EvalView(n plan.Node, key []int, in Input) View {
	e := newEvaluator(in)
	rows, marks := e.node(n)
	fields := n.Schema()
	if len(key) == 0 {
		for i := range fields {
			key = append(key, i)
		}
	}
	var kept []Row
	for _, r := range rows {
		r.Vals = slices.Clone(r.Vals)
		keyed := make([]value.Datum, len(key))
		for i, c := range key {
			r.Vals[c] = row.Canonical(fields[c].Type, r.Vals[c])
			keyed[i] = r.Vals[c]
		}
		if len(row.AppendKeyDatums(nil, keyed)) > row.MaxKey ||
			len(row.AppendRowDatums(nil, r.Vals)) > row.MaxRow {
			e.fail(0, "row", value.StateTooLarge, r)
			continue
		}
		kept = append(kept, r)
	}
	return View{Rows: Consolidate(kept), Errors: Consolidate(e.errors), Marks: marks}
}

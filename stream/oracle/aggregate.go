package oracle

import (
	"weir/stream/plan"
	"weir/stream/row"
	"weir/stream/value"
)

// aggregate collects the rows of each group and folds every call over them, value by value.
func (e *evaluator) aggregate(op int, n *plan.Aggregate) ([]Row, []int64) {
	rows, m := e.node(n.Input)
	in := n.Input.Schema()
	marks := none(len(n.GroupBy) + len(n.Calls))
	for i, g := range n.GroupBy {
		marks[i] = m[g]
	}
	at := map[string]int{}
	var groups [][]Row
	var heads [][]value.Datum
	if len(n.GroupBy) == 0 {
		groups, heads = append(groups, nil), append(heads, nil)
		at[string(row.AppendKeyDatums(nil, nil))] = 0
	}
	for _, r := range rows {
		head := make([]value.Datum, len(n.GroupBy))
		for i, g := range n.GroupBy {
			head[i] = row.Canonical(in[g].Type, r.Vals[g])
		}
		k := string(row.AppendKeyDatums(nil, head))
		i, ok := at[k]
		if !ok {
			i = len(groups)
			at[k] = i
			groups, heads = append(groups, nil), append(heads, head)
		}
		groups[i] = append(groups[i], r)
	}
	var out []Row
	for i, g := range groups {
		vals, alive := e.fold(op, n, in, heads[i], Consolidate(g))
		if alive {
			out = append(out, Row{vals, 1})
		}
	}
	return out, marks
}

// fold computes the row of one group; alive is false when it has no rows or a call failed.
func (e *evaluator) fold(
	op int, n *plan.Aggregate, in []plan.Field, head []value.Datum, rows []Row,
) (vals []value.Datum, alive bool) {
	if len(rows) == 0 && len(n.GroupBy) > 0 {
		return nil, false
	}
	vals = append(vals, head...)
	for i, c := range n.Calls {
		d, err := fold(c, in, rows)
		if err != nil {
			e.fail(op, n.Names[len(head)+i], err.SQLState, Row{head, 1})
			return nil, false
		}
		vals = append(vals, d)
	}
	return vals, true
}

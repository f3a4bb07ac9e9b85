package oracle

import (
	"slices"

	"weir/stream/plan"
	"weir/stream/value"
)

// Query evaluates a plan as a query: a Sort at its root orders and cuts the rows, ties go by the
// whole visible row, then by the row's encoding. Every row stands as often as its weight says.
// failed counts the rows that a scalar error left out; a query with any fails as a whole.
func Query(n plan.Node, in Input) (rows [][]value.Datum, failed int64) {
	set, failed := Eval(n, in)
	sort := &plan.Sort{Limit: -1}
	if s, ok := n.(*plan.Sort); ok {
		sort = s
	}
	visible := plan.Visible(n.Schema())
	slices.SortStableFunc(set, func(a, b Row) int { return order(sort.Keys, visible, a, b) })
	skip := sort.Offset
	for _, r := range set {
		for range r.Weight {
			switch {
			case skip > 0:
				skip--
			case sort.Limit >= 0 && int64(len(rows)) >= sort.Limit &&
				!(sort.Ties && sort.Limit > 0 && peers(sort.Keys, rows[len(rows)-1], r.Vals)):
				return rows, failed
			default:
				rows = append(rows, r.Vals)
			}
		}
	}
	return rows, failed
}

// unsorted is the plan below a Sort at the root.
func unsorted(n plan.Node) plan.Node {
	if s, ok := n.(*plan.Sort); ok {
		return s.Input
	}
	return n
}

// peers reports whether two rows are equal in the order.
func peers(keys []plan.SortKey, a, b []value.Datum) bool {
	return order(keys, nil, Row{Vals: a}, Row{Vals: b}) == 0
}

func order(keys []plan.SortKey, visible []int, a, b Row) int {
	for _, k := range keys {
		x, y := a.Vals[k.Col], b.Vals[k.Col]
		c := value.CompareNulls(x, y, k.NullsFirst)
		if k.Desc && !x.IsNull() && !y.IsNull() {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	for _, i := range visible {
		if c := value.CompareNulls(a.Vals[i], b.Vals[i], false); c != 0 {
			return c
		}
	}
	return 0
}

package oracle

import (
	"slices"

	"weir/stream/plan"
	"weir/stream/row"
	"weir/stream/value"
)

// partitions cuts rows by the values of columns, expands them to single rows, and sorts each
// partition: by the keys, then the whole visible row, then the row's encoding.
func partitions(rows []Row, in plan.Node, by []int, keys []plan.SortKey) (out [][][]value.Datum) {
	visible := plan.Visible(in.Schema())
	rows = Consolidate(rows)
	slices.SortStableFunc(rows, func(a, b Row) int { return order(keys, visible, a, b) })
	at := map[string]int{}
	for _, r := range rows {
		var head []value.Datum
		for _, c := range by {
			head = append(head, r.Vals[c])
		}
		k := string(row.AppendKeyDatums(nil, head))
		i, ok := at[k]
		if !ok {
			i = len(out)
			at[k] = i
			out = append(out, nil)
		}
		for range r.Weight {
			out[i] = append(out[i], r.Vals)
		}
	}
	return out
}

// topN numbers the rows of each sorted partition and keeps those within the limit.
func (e *evaluator) topN(n *plan.TopN) ([]Row, []int64) {
	rows, m := e.node(n.Input)
	marks := none(len(n.Schema()))
	for _, c := range n.PartitionBy {
		marks[c] = m[c]
	}
	if c := n.Timed(); c >= 0 {
		marks[c] = m[c]
	}
	var out []Row
	for _, part := range partitions(rows, n.Input, n.PartitionBy, n.Keys) {
		rank, dense := int64(0), int64(0)
		for i, r := range part {
			position := int64(i) + 1
			if i == 0 || !peers(n.Keys, part[i-1], r) {
				rank = position
				dense++
			}
			number := map[plan.RankKind]int64{
				plan.RowNumber: position, plan.Rank: rank, plan.DenseRank: dense,
			}[n.Kind]
			if position <= n.Offset || n.Limit == 0 ||
				n.Limit > 0 && number > n.Limit && number-n.Limit > n.Offset {
				continue
			}
			vals := slices.Clone(r)
			if n.Numbered {
				vals = append(vals, value.NewInt8(number))
			}
			out = append(out, Row{vals, 1})
		}
	}
	return out, marks
}

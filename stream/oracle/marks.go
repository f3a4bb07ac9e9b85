package oracle

import "weir/stream/catalog"

// StreamMarks spreads a stream's watermarks, or block time for the history of a table, over its row
// space: their columns have them. None that are given are none that there are.
func StreamMarks(r *catalog.Relation, used ...int64) []int64 {
	marks := none(len(r.RowSpace()))
	for i, w := range r.Watermarks {
		if i < len(used) {
			marks[w.Column] = used[i]
		}
	}
	if r.Kind == catalog.History && len(used) > 0 {
		marks[catalog.HistValidFrom] = used[0]
	}
	return marks
}

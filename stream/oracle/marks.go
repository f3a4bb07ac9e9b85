package oracle

import "weir/stream/catalog"

// StreamMarks spreads a stream's watermarks over its row space: their columns have them. None that
// are given are none that there are.
func StreamMarks(r *catalog.Relation, used ...int64) []int64 {
	marks := none(len(r.RowSpace()))
	for i, w := range r.Watermarks {
		if i < len(used) {
			marks[w.Column] = used[i]
		}
	}
	return marks
}

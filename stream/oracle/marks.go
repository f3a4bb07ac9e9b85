package oracle

import "weir/stream/catalog"

// StreamMarks spreads a stream's watermark, or block time for the history of a table, over its
// row space: its time column has it.
func StreamMarks(r *catalog.Relation, w int64) []int64 {
	marks := none(len(r.RowSpace()))
	if r.Watermark != nil {
		marks[r.Watermark.Column] = w
	}
	if r.Kind == catalog.History {
		marks[catalog.HistValidFrom] = w
	}
	return marks
}

package oracle

import "weir/stream/catalog"

// StreamMarks spreads a stream's watermark over its row space: its time column has it.
func StreamMarks(r *catalog.Relation, w int64) []int64 {
	marks := none(len(r.RowSpace()))
	if r.Watermark != nil {
		marks[r.Watermark.Column] = w
	}
	return marks
}

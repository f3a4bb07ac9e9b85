package pgwire

import (
	"context"
	"slices"
	"testing"
	"time"

	"weir/stream/batch"
	"weir/stream/value"
)

// TestBatchWritesWhatRowWrites compares the bytes of both ways, in both formats, with NULLs and
// a row that counts twice.
func TestBatchWritesWhatRowWrites(t *testing.T) {
	var columns []Column
	var types []value.Type
	for _, d := range everyKind {
		columns = append(columns, Column{d.Kind.String(), value.Of(d.Kind)})
		types = append(types, value.Of(d.Kind))
	}
	nulls := make([]value.Datum, len(types))
	b := batch.FromRows(types, [][]value.Datum{everyKind, nulls}, []int64{2, 1})
	for _, format := range []int16{formatText, formatBinary} {
		writer := func() *resultWriter {
			return &resultWriter{
				ctx: context.Background(), out: &output{conn: discard{}, timeout: time.Minute},
				columns: columns, formats: slices.Repeat([]int16{format}, len(columns)),
			}
		}
		byRow, byBatch := writer(), writer()
		for _, row := range [][]value.Datum{everyKind, everyKind, nulls} {
			if err := byRow.Row(row); err != nil {
				t.Fatal(err)
			}
		}
		if err := byBatch.Batch(b); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(byRow.out.buf, byBatch.out.buf) {
			t.Fatalf("format %d:\n%q\n%q", format, byRow.out.buf, byBatch.out.buf)
		}
		wrong := slices.Clone(everyKind)
		wrong[0] = value.NewInt4(1)
		before := len(byRow.out.buf)
		if byRow.Row(wrong) == nil || byRow.Row(wrong[1:]) == nil || len(byRow.out.buf) != before {
			t.Fatal("a wrong row was written")
		}
	}
}

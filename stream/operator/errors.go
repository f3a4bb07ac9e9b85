package operator

import (
	"crypto/sha256"
	"unicode/utf8"

	"weir/stream/batch"
	"weir/stream/row"
	"weir/stream/value"
)

// Bounds of a row of an error relation, in bytes. They keep its key (the first four columns)
// within the limit of keys.
const (
	MaxErrorExpression = 128  // longer names are cut at a character
	MaxErrorInput      = 512  // longer rows keep a head and the SHA-256 of the whole
	MaxErrorText       = 1024 // the readable form is cut at a character
)

// SinkOp is the operator number of the materialisation; plan nodes count from 1 in preorder.
const SinkOp = 0

// ErrorTypes are the columns of an error relation: operator, expression, sqlstate, input,
// input_text. The first four are its key.
func ErrorTypes() []value.Type {
	return []value.Type{
		value.Of(value.Int4), value.Of(value.Text), value.Of(value.Text), value.Of(value.Bytea),
		value.Of(value.Text),
	}
}

// ErrorKey are the key columns of an error relation.
func ErrorKey() []int { return []int{0, 1, 2, 3} }

// Errors collects the error rows of one view in one step.
type Errors struct {
	b     *batch.Builder
	input []byte
	text  []byte
}

// NewErrors returns an empty collection.
func NewErrors() *Errors { return &Errors{b: batch.NewBuilder(ErrorTypes(), 0)} }

// Add records that row i of cols, counted weight times, failed.
func (e *Errors) Add(op int, expression, sqlState string, cols []*value.Vec, i int, weight int64) {
	e.input = CutErrorInput(row.AppendRow(e.input[:0], cols, i))
	e.text = e.text[:0]
	for j, c := range cols {
		e.text = appendErrorText(e.text, j, c.Datum(i))
	}
	e.b.Cols[0].AppendInt(int64(op))
	e.b.Cols[1].AppendBytes([]byte(CutText(expression, MaxErrorExpression)))
	e.b.Cols[2].AppendBytes([]byte(sqlState))
	e.b.Cols[3].AppendBytes(e.input)
	e.b.Cols[4].AppendBytes([]byte(CutText(string(e.text), MaxErrorText)))
	e.b.Close(weight)
}

// Rows returns what was collected; nil for nothing.
func (e *Errors) Rows() *batch.Batch { return rowsOrNil(e.b.Batch()) }

// CutErrorInput bounds an encoded row: a long one keeps its head, then its SHA-256.
func CutErrorInput(b []byte) []byte {
	if len(b) <= MaxErrorInput {
		return b
	}
	h := sha256.Sum256(b)
	return append(b[:MaxErrorInput-len(h)], h[:]...)
}

// CutText cuts s to at most n bytes at a character.
func CutText(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// appendErrorText appends one value in PostgreSQL's text form.
func appendErrorText(dst []byte, col int, d value.Datum) []byte {
	if col > 0 {
		dst = append(dst, ", "...)
	}
	if d.IsNull() {
		return append(dst, "NULL"...)
	}
	return value.AppendText(dst, d)
}

package oracle

import (
	"crypto/sha256"
	"unicode/utf8"

	"weir/stream/row"
	"weir/stream/value"
)

// Bounds of a row of an error relation, in bytes.
const (
	maxExpression = 128
	maxInput      = 512
	maxText       = 1024
)

// fail records that a row failed in an operator and leaves its output: as a row of the error
// relation (operator, expression, sqlstate, input, input_text).
func (e *evaluator) fail(op int, expression, sqlState string, r Row) {
	input := row.AppendRowDatums(nil, r.Vals)
	if len(input) > maxInput {
		h := sha256.Sum256(input)
		input = append(input[:maxInput-len(h)], h[:]...)
	}
	var text []byte
	for i, d := range r.Vals {
		if i > 0 {
			text = append(text, ", "...)
		}
		if d.IsNull() {
			text = append(text, "NULL"...)
		} else {
			text = value.AppendText(text, d)
		}
	}
	e.errors = append(e.errors, Row{Weight: r.Weight, Vals: []value.Datum{
		value.NewInt4(int32(op)), value.NewText(cut(expression, maxExpression)),
		value.NewText(sqlState), value.NewBytea(input), value.NewText(cut(string(text), maxText)),
	}})
}

// cut keeps the whole characters among the first n bytes.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

func (e *evaluator) failed() int64 {
	n := int64(0)
	for _, r := range e.errors {
		n += r.Weight
	}
	return n
}

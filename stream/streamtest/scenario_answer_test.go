package streamtest

import (
	"weir/stream/engine"
	"weir/stream/value"
)

// visible prints the columns of an answer that a client sees.
func visible(got *engine.Rows) (out string) {
	for _, r := range got.Rows {
		vals := make([]value.Datum, len(got.Visible))
		for i, c := range got.Visible {
			vals[i] = r[c]
		}
		out += show(vals) + "\n"
	}
	return out
}

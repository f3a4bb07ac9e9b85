package agg

import (
	"weir/stream/row"
	"weir/stream/value"
)

// MaxResult bounds what string_agg, array_agg and the jsonb functions make, in bytes: the size of
// a row.
const MaxResult = row.MaxRowBytes

// ErrResultTooLarge is the error of a group whose result exceeds MaxResult.
var ErrResultTooLarge = value.Errorf(value.StateTooLarge,
	"the result of an aggregate exceeds %d bytes", MaxResult)

// stringAgg joins texts or byte strings, each but the first after its delimiter; a NULL delimiter
// is empty.
func stringAgg(c Call, cols []*value.Vec, weights []int64) (value.Datum, *value.Error) {
	if len(weights) == 0 {
		return value.Datum{}, nil
	}
	var out []byte
	for i, w := range weights {
		text, delim := cols[0].Text(i), []byte(nil)
		if !cols[1].IsNull(i) {
			delim = cols[1].Text(i)
		}
		for n := range w {
			if i > 0 || n > 0 {
				out = append(out, delim...)
			}
			if out = append(out, text...); len(out) > MaxResult {
				return value.Datum{}, ErrResultTooLarge
			}
			if len(text)+len(delim) == 0 {
				break // however often
			}
		}
	}
	return value.NewBytes(c.Type.Kind, out), nil
}

// arrayAgg makes an array of the values, NULLs included; NULL if there are none. Its elements
// count against MaxResult by their row encodings, and there are at most value.MaxArrayLen.
func arrayAgg(_ Call, cols []*value.Vec, weights []int64) (value.Datum, *value.Error) {
	if len(weights) == 0 {
		return value.Datum{}, nil
	}
	var elems []value.Datum
	size := int64(0)
	for i, w := range weights {
		one := int64(row.Size(cols[:1], i))
		if w > value.MaxArrayLen || size+one*w > MaxResult ||
			int64(len(elems))+w > value.MaxArrayLen {
			return value.Datum{}, ErrResultTooLarge
		}
		size += one * w
		for d := cols[0].Datum(i); w > 0; w-- {
			elems = append(elems, d)
		}
	}
	return value.NewArray(cols[0].Type, elems), nil
}

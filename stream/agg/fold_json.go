package agg

import (
	"bytes"
	"fmt"
	"math"

	"weir/stream/value"
)

// errNullKey is PostgreSQL's error of jsonb_object_agg for a NULL key.
var errNullKey = value.Errorf(value.StateBadParameter, "field name must not be null")

// maxJSONText bounds JSON text before it is brought into canonical form, which drops duplicate keys
// and escapes.
const maxJSONText = 16 * MaxResult

// jsonbAgg makes a JSON array of the values; NULL if there are none.
func jsonbAgg(_ Call, cols []*value.Vec, weights []int64) (value.Datum, *value.Error) {
	if len(weights) == 0 {
		return value.Datum{}, nil
	}
	out := []byte{'['}
	for i, w := range weights {
		one := appendJSON(nil, cols[0].Datum(i))
		for range w {
			if len(out) > 1 {
				out = append(out, ", "...)
			}
			if out = append(out, one...); len(out) > maxJSONText {
				return value.Datum{}, ErrResultTooLarge
			}
		}
	}
	return newJSON(append(out, ']'))
}

// jsonbObjectAgg makes a JSON object; the last of equal keys stays.
func jsonbObjectAgg(_ Call, cols []*value.Vec, weights []int64) (value.Datum, *value.Error) {
	if len(weights) == 0 {
		return value.Datum{}, nil
	}
	out := []byte{'{'}
	for i, w := range weights {
		if w == 0 {
			continue
		}
		if cols[0].IsNull(i) {
			return value.Datum{}, errNullKey
		}
		if i > 0 {
			out = append(out, ", "...)
		}
		key := appendJSON(nil, cols[0].Datum(i))
		if key[0] != '"' {
			key = append(append([]byte{'"'}, key...), '"')
		}
		out = append(append(out, key...), ": "...)
		if out = appendJSON(out, cols[1].Datum(i)); len(out) > maxJSONText {
			return value.Datum{}, ErrResultTooLarge
		}
	}
	return newJSON(append(out, '}'))
}

// newJSON makes a jsonb of JSON text.
func newJSON(text []byte) (value.Datum, *value.Error) {
	s, err := value.ParseJSON(string(text))
	switch {
	case err != nil:
		return value.Datum{}, err
	case len(s) > MaxResult:
		return value.Datum{}, ErrResultTooLarge
	}
	return value.NewBytes(value.JSONB, []byte(s)), nil
}

// appendJSON appends what to_jsonb makes of a value: numbers and booleans as they are, times in
// the form of ISO 8601, the rest as text.
func appendJSON(dst []byte, d value.Datum) []byte {
	text := func() []byte { return value.AppendText(nil, d) }
	switch d.Kind {
	case value.Null:
		return append(dst, "null"...)
	case value.Bool:
		if d.Bool() {
			return append(dst, "true"...)
		}
		return append(dst, "false"...)
	case value.Int2, value.Int4, value.Int8, value.Numeric:
		return value.AppendText(dst, d)
	case value.Float4, value.Float8:
		if d.F == d.F && !math.IsInf(d.F, 0) {
			return value.AppendText(dst, d)
		}
	case value.JSONB:
		return append(dst, d.S...)
	case value.Timestamp:
		return appendJSONText(dst, bytes.Replace(text(), []byte(" "), []byte("T"), 1))
	case value.TimestampTZ:
		iso := bytes.Replace(text(), []byte(" "), []byte("T"), 1)
		return appendJSONText(dst, bytes.Replace(iso, []byte("+00"), []byte("+00:00"), 1))
	}
	return appendJSONText(dst, text())
}

// appendJSONText appends a JSON string.
func appendJSONText(dst, s []byte) []byte {
	dst = append(dst, '"')
	for _, c := range s {
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c < 0x20:
			dst = fmt.Appendf(dst, `\u%04x`, c)
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}

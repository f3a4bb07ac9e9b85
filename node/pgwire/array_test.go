package pgwire

import (
	"bytes"
	"testing"

	"weir/stream/value"
)

// FuzzParseArray: no bytes break the reader of binary arrays, and what it takes it writes again
// in a form that means the same.
func FuzzParseArray(f *testing.F) {
	for _, d := range edgeValues() {
		if d.Kind == value.Array {
			f.Add(byte(value.ArrayElem(d)), appendBinary(nil, d))
		}
	}
	f.Fuzz(func(t *testing.T, k byte, b []byte) {
		elem := value.Kind(k)
		if !elem.Valid() || elem >= value.Array {
			return
		}
		typ := value.ArrayOf(value.Of(elem))
		d, err := parseTyped(typ, b, "array")
		if err != nil {
			return
		}
		again, err := parseTyped(typ, appendBinary(nil, d), "array")
		if err != nil || again != d {
			t.Fatalf("%x: %v, then %v, %v", b, value.Format(d), again, err)
		}
	})
}

// TestArrayLength: MaxArrayLen elements are read, one more is 54000.
func TestArrayLength(t *testing.T) {
	elems := make([]value.Datum, value.MaxArrayLen)
	b := appendBinary(nil, value.NewArray(value.Of(value.Bool), elems))
	if _, err := parseTyped(value.ArrayOf(value.Of(value.Bool)), b, "array"); err != nil {
		t.Error(err)
	}
	b = append(bytes.Clone(b), 0xff, 0xff, 0xff, 0xff)
	b[14], b[15] = 0x80, 0x01
	_, err := parseTyped(value.ArrayOf(value.Of(value.Bool)), b, "array")
	if err != value.ErrArrayTooLong {
		t.Error(err)
	}
}

package row_test

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"

	"weir/stream/row"
	"weir/stream/value"
	"weir/stream/value/valuetest"
)

// TestKeyOrder: the byte order of keys is the column-wise order of the values, NULLs last, and
// a key decodes to the canonical representative.
func TestKeyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		types := valuetest.Types(t, 4)
		a, b := valuetest.Row(t, types, "a"), valuetest.Row(t, types, "b")
		ka, kb := row.AppendKeyDatums(nil, a), row.AppendKeyDatums(nil, b)
		want := 0
		for i := range a {
			want = cmp.Or(want, value.CompareNulls(a[i], b[i], false))
		}
		if got := bytes.Compare(ka, kb); got != want {
			t.Fatalf("keys of %v and %v: %d, want %d\n%x\n%x", a, b, got, want, ka, kb)
		}
		da, err := row.DecodeKey(types, ka)
		if err != nil {
			t.Fatalf("%v of %v: %v", ka, a, err)
		}
		for i := range da {
			if !value.Equal(da[i], a[i]) {
				t.Fatalf("%v came back as %v", a[i], da[i])
			}
			c, d := row.Canonical(types[i], a[i]), da[i]
			if fmt.Sprint(c) != fmt.Sprint(d) {
				t.Fatalf("canonical %v, decoded %v", c, d)
			}
		}
		if again := row.AppendKeyDatums(nil, da); !bytes.Equal(again, ka) {
			t.Fatalf("%x became %x", ka, again)
		}
	})
}

// TestRowRoundTrip: rows keep representations, from single values and from columns alike.
func TestRowRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		types := valuetest.Types(t, 12)
		ds := valuetest.Row(t, types, "row")
		b := row.AppendRowDatums(nil, ds)
		got, err := row.DecodeRow(types, b)
		if err != nil || row.AppendRowDatums(nil, got) == nil {
			t.Fatalf("%x: %v", b, err)
		}
		cols := valuetest.Columns(types, [][]value.Datum{ds})
		if fromCols := row.AppendRow(nil, cols, 0); !bytes.Equal(fromCols, b) {
			t.Fatalf("columns %x, values %x", fromCols, b)
		}
		if n := row.Size(cols, 0); n != len(b) {
			t.Fatalf("size %d, encoded %d", n, len(b))
		}
		if !bytes.Equal(row.AppendKey(nil, cols, 0), row.AppendKeyDatums(nil, ds)) {
			t.Fatal("keys of columns and values differ")
		}
		entry := row.AppendEntry(nil, 300, cols, 0)
		into := valuetest.Columns(types, nil)
		w, err := row.DecodeEntryInto(into, entry)
		if err != nil || w != 300 || !bytes.Equal(row.AppendRow(nil, into, 0), b) {
			t.Fatalf("entry %x: weight %d, %v", entry, w, err)
		}
	})
}

// TestKeyIntervalExtremes: every interval has a key that decodes to an equal interval.
func TestKeyIntervalExtremes(t *testing.T) {
	types := []value.Type{value.Of(value.Interval)}
	for i := range 27 {
		pick := func(d int) int64 { return int64(i/d%3 - 1) }
		v := value.IntervalValue{
			Months: int32(pick(1) * math.MaxInt32), Days: int32(pick(3) * math.MaxInt32),
			Micros: pick(9) * math.MaxInt64,
		}
		d := value.NewInterval(v)
		got, err := row.DecodeKey(types, row.AppendKeyDatums(nil, []value.Datum{d}))
		if err != nil || !value.Equal(got[0], d) {
			t.Errorf("%+v came back as %v, %v", v, got, err)
		}
	}
}

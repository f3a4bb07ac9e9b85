package row_test

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"weir/stream/row"
	"weir/stream/value"
	"weir/stream/value/valuetest"
)

// fuzzTypes makes at most 8 column types of a fuzzer's bytes; numerics get modifiers, and bytes
// from 0xF0 on are records of the types so far.
func fuzzTypes(b []byte) []value.Type {
	kinds := valuetest.Kinds()[:value.Record-value.Bool]
	var types []value.Type
	for _, c := range b[:min(len(b), 8)] {
		if c >= 0xF0 {
			types = append(types, recordOf(types))
			continue
		}
		t := value.Of(kinds[int(c)%len(kinds)])
		if p := c / 16 * 3; t.Kind == value.Numeric && p > 0 && p <= value.MaxPrecision {
			t.Precision, t.Scale = p, p/2
		}
		types = append(types, t)
	}
	return types
}

// recordOf is a record of fields of the given types that can stand in one.
func recordOf(types []value.Type) value.Type {
	var fields []value.Field
	for _, t := range types {
		if t.Validate() == nil {
			fields = append(fields, value.Field{Name: "f", Type: t})
		}
	}
	t, err := value.RecordOf(fields)
	if err != nil {
		panic(err)
	}
	return t
}

// seedTypes has every kind, seedRows some values of each. The order is that of fuzzTypes.
func seedTypes() []byte { return []byte{0, 1, 2, 3, 4, 0x34, 5, 6} }
func moreTypes() []byte { return []byte{7, 8, 9, 10, 11, 12, 13, 14} }
func lastTypes() []byte { return []byte{15, 7, 4, 0x84} }
func rowTypes() []byte  { return []byte{2, 7, 4, 0xF0, 0xF1} }

func seedRows(types []value.Type) [][]value.Datum {
	row := func(n int64, text string) []value.Datum {
		ds := make([]value.Datum, len(types))
		for i, t := range types {
			switch k := t.Kind; k.Class() {
			case value.ClassInt:
				lo, hi := k.IntRange()
				ds[i] = value.NewInt(k, max(lo, min(hi, n)))
			case value.ClassDecimal:
				d, _ := value.DecimalFromInt64(n).Rescale(t.Precision, t.Scale)
				if t.Precision == 0 {
					d.Coef.Hi, d.Scale = n%10, uint8(uint64(n)%39)
				}
				ds[i] = value.NewDecimal(d)
			case value.ClassFloat:
				ds[i] = value.NewFloat(k, float64(n)/3)
			case value.ClassInterval:
				v := value.IntervalValue{Months: int32(n % 100), Days: int32(n % 7), Micros: n}
				ds[i] = value.NewInterval(v)
			default:
				ds[i] = value.NewBytes(k, []byte(text))
				if k == value.UUID {
					ds[i] = value.NewBytes(k, []byte(strings.Repeat("\x01", 16)))
				}
				if k == value.JSONB {
					ds[i] = value.NewBytes(k, []byte(`{"a": [1, null]}`))
				}
				if k == value.Record {
					ds[i] = value.NewRecord(ds[:i])
				}
			}
		}
		return ds
	}
	return [][]value.Datum{
		row(1, "weir"), row(-300, ""), row(math.MaxInt64, "é"), make([]value.Datum, len(types)),
		row(math.MinInt64, "long enough to matter"), row(0, "0"),
	}
}

// seed adds the encodings that encode makes of the seed rows of each list of types.
func seed(f *testing.F, encode func(types []value.Type, rows [][]value.Datum) []byte) {
	for _, b := range [][]byte{seedTypes(), moreTypes(), lastTypes(), rowTypes()} {
		types := fuzzTypes(b)
		rows := seedRows(types)
		for n := range len(rows) {
			f.Add(b, encode(types, rows[:n+1]))
		}
	}
}

func FuzzPayload(f *testing.F) {
	seed(f, func(types []value.Type, rows [][]value.Datum) []byte {
		return row.EncodePayload(valuetest.Columns(types, rows), len(rows))
	})
	f.Fuzz(func(t *testing.T, kinds, b []byte) {
		types := fuzzTypes(kinds)
		cols, n, err := row.DecodePayload(types, b, 1<<16)
		if err != nil {
			return
		}
		checkColumns(t, types, cols, n)
		if again := row.EncodePayload(cols, n); !bytes.Equal(again, b) {
			t.Fatalf("%x became %x", b, again)
		}
	})
}

func FuzzChanges(f *testing.F) {
	seed(f, func(types []value.Type, rows [][]value.Datum) []byte {
		ops := make([]row.Op, len(rows))
		for i := range ops {
			ops[i] = row.Op(1 + i%3)
		}
		return row.EncodeChanges(ops, valuetest.Columns(types, rows), len(rows))
	})
	f.Fuzz(func(t *testing.T, kinds, b []byte) {
		types := fuzzTypes(kinds)
		ops, cols, n, err := row.DecodeChanges(types, b, 1<<16)
		if err != nil {
			return
		}
		checkColumns(t, types, cols, n)
		if again := row.EncodeChanges(ops, cols, n); !bytes.Equal(again, b) {
			t.Fatalf("%x became %x", b, again)
		}
	})
}

// checkColumns fails unless every value also passes the row codec, which checks each alone.
func checkColumns(t *testing.T, types []value.Type, cols []*value.Vec, n int) {
	for _, c := range cols {
		c.Check()
		if c.Len() != n {
			t.Fatalf("%d values in %d rows", c.Len(), n)
		}
	}
	for i := range n {
		b := row.AppendRow(nil, cols, i)
		if _, err := row.DecodeRow(types, b); err != nil {
			t.Fatalf("row %d of the payload has no row encoding: %x", i, b)
		}
	}
}

func FuzzRow(f *testing.F) {
	seed(f, func(_ []value.Type, rows [][]value.Datum) []byte {
		return row.AppendRowDatums(nil, rows[len(rows)-1])
	})
	f.Fuzz(func(t *testing.T, kinds, b []byte) {
		types := fuzzTypes(kinds)
		into := valuetest.Columns(types, nil)
		intoErr := row.DecodeRowInto(into, b)
		ds, err := row.DecodeRow(types, b)
		if (err == nil) != (intoErr == nil) {
			t.Fatalf("values: %v, columns: %v", err, intoErr)
		}
		if err != nil {
			return
		}
		if again := row.AppendRowDatums(nil, ds); !bytes.Equal(again, b) {
			t.Fatalf("%x became %x", b, again)
		}
		if again := row.AppendRow(nil, into, 0); !bytes.Equal(again, b) {
			t.Fatalf("%x became %x", b, again)
		}
	})
}

func FuzzEntry(f *testing.F) {
	seed(f, func(_ []value.Type, rows [][]value.Datum) []byte {
		return row.AppendEntryDatums(nil, 1<<uint(7*len(rows)), rows[len(rows)-1])
	})
	f.Fuzz(func(t *testing.T, kinds, b []byte) {
		types := fuzzTypes(kinds)
		into := valuetest.Columns(types, nil)
		w, ds, err := row.DecodeEntry(types, b)
		w2, intoErr := row.DecodeEntryInto(into, b)
		if (err == nil) != (intoErr == nil) {
			t.Fatalf("values: %v, columns: %v", err, intoErr)
		}
		if err != nil {
			return
		}
		if again := row.AppendEntryDatums(nil, w, ds); !bytes.Equal(again, b) {
			t.Fatalf("%x became %x", b, again)
		}
		if again := row.AppendEntry(nil, w2, into, 0); !bytes.Equal(again, b) {
			t.Fatalf("%x became %x", b, again)
		}
		if w3, rest, err := row.SplitEntry(b); err != nil || w3 != w ||
			!bytes.Equal(rest, row.AppendRowDatums(nil, ds)) {
			t.Fatalf("split of %x: %d, %x, %v", b, w3, rest, err)
		}
	})
}

func FuzzKey(f *testing.F) {
	seed(f, func(_ []value.Type, rows [][]value.Datum) []byte {
		return row.AppendKeyDatums(nil, rows[len(rows)-1])
	})
	f.Fuzz(func(t *testing.T, kinds, b []byte) {
		types := fuzzTypes(kinds)
		into := valuetest.Columns(types, nil)
		intoErr := row.DecodeKeyInto(into, b)
		ds, err := row.DecodeKey(types, b)
		if (err == nil) != (intoErr == nil) {
			t.Fatalf("values: %v, columns: %v", err, intoErr)
		}
		if err != nil {
			return
		}
		if again := row.AppendKeyDatums(nil, ds); !bytes.Equal(again, b) {
			t.Fatalf("%x became %x", b, again)
		}
		if again := row.AppendKey(nil, into, 0); !bytes.Equal(again, b) {
			t.Fatalf("%x became %x", b, again)
		}
	})
}

package row_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/stream/row"
	"weir/stream/value"
	"weir/stream/value/valuetest"
)

var rewriteVectors = flag.Bool("vectors", false, "write docs/spec/vectors anew")

// vector is one golden encoding. Values are PostgreSQL's text output, null is NULL.
type vector struct {
	Name  string      `json:"name"`
	Types []string    `json:"types"`
	Ops   []int       `json:"ops,omitempty"`
	Rows  [][]*string `json:"rows"`
	Hex   string      `json:"hex"`
}

func newVector(name string, types []value.Type, rows [][]value.Datum, b []byte) vector {
	v := vector{Name: name, Hex: hex.EncodeToString(b)}
	for _, t := range types {
		v.Types = append(v.Types, t.String())
	}
	for _, ds := range rows {
		texts := make([]*string, len(ds))
		for i, d := range ds {
			if !d.IsNull() {
				s := value.Format(d)
				texts[i] = &s
			}
		}
		v.Rows = append(v.Rows, texts)
	}
	return v
}

// golden compares vectors with a file of docs/spec/vectors. To accept a change of protocol:
// go test ./stream/row -run Vectors -vectors
func golden(t *testing.T, file string, got []vector) {
	var buf bytes.Buffer
	buf.WriteString("[\n")
	for i, v := range got {
		line, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		buf.WriteString(" ")
		buf.Write(line)
		if i < len(got)-1 {
			buf.WriteString(",")
		}
		buf.WriteString("\n")
	}
	buf.WriteString("]\n")
	path := filepath.Join("..", "..", "docs", "spec", "vectors", file)
	if *rewriteVectors {
		if err := os.WriteFile(path, buf.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(want, buf.Bytes()) {
		t.Fatalf("%s differs from what the code makes (%v)", file, err)
	}
}

// domain is a type and values of it with the edges.
type domain struct {
	typ    value.Type
	values []value.Datum
}

func ints(k value.Kind, more ...int64) domain {
	lo, hi := k.IntRange()
	d := domain{typ: value.Of(k)}
	for _, v := range append([]int64{lo, hi}, more...) {
		d.values = append(d.values, value.NewInt(k, v))
	}
	return d
}

func decimals(t *testing.T, typ value.Type, texts ...string) domain {
	d := domain{typ: typ}
	for _, s := range texts {
		v, err := value.ParseDecimal(s)
		if err != nil {
			t.Fatal(err)
		}
		if v, err = v.Rescale(typ.Precision, typ.Scale); err != nil {
			t.Fatal(err)
		}
		d.values = append(d.values, value.NewDecimal(v))
	}
	return d
}

func floats(k value.Kind, vs ...float64) domain {
	d := domain{typ: value.Of(k)}
	vs = append(vs, 0, math.Copysign(0, -1), 1.5, -1.5, math.Inf(1), math.Inf(-1), math.NaN())
	for _, v := range vs {
		d.values = append(d.values, value.NewFloat(k, v))
	}
	return d
}

func texts(k value.Kind, vs ...string) domain {
	d := domain{typ: value.Of(k)}
	for _, v := range vs {
		d.values = append(d.values, value.NewBytes(k, []byte(v)))
	}
	return d
}

func intervals(vs ...value.IntervalValue) domain {
	d := domain{typ: value.Of(value.Interval)}
	for _, v := range vs {
		d.values = append(d.values, value.NewInterval(v))
	}
	return d
}

func domains(t *testing.T) []domain {
	nines := strings.Repeat("9", value.MaxPrecision)
	return []domain{
		ints(value.Bool),
		ints(value.Int2, 0, 1, -1, 300),
		ints(value.Int4, 0, 1, -1, 70_000),
		ints(value.Int8, 0, 1, -1, 1<<40),
		decimals(t, value.Of(value.Numeric), "0", "0.00", "1", "-1", "1.50", "1.5", "150", "-0.05",
			"99999999999999999999.5", "-"+nines, "0."+nines),
		decimals(t, value.Type{Kind: value.Numeric, Precision: 10, Scale: 2}, "0", "12.34",
			"-12.34", "99999999.99", "100"),
		floats(value.Float4, math.MaxFloat32, math.SmallestNonzeroFloat32),
		floats(value.Float8, math.MaxFloat64, math.SmallestNonzeroFloat64, 0.1),
		texts(value.Text, "", "a", "ab", "weir", "é", "日本"),
		texts(value.Bytea, "", "\x00", "\x00\x01", "\xff", "a\x00b"),
		ints(value.Date, 0, 19_675, -1),
		ints(value.Time, 43_200_000_000),
		ints(value.Timestamp, 0, 1_700_000_000_123_456, -1),
		ints(value.TimestampTZ, 0, 1_700_000_000_123_456),
		intervals(value.IntervalValue{}, value.IntervalValue{Months: 1},
			value.IntervalValue{Days: 30}, value.IntervalValue{Micros: -1},
			value.IntervalValue{Months: 14, Days: -3, Micros: 14_706_000_007}),
		texts(value.UUID, strings.Repeat("\x00", 16),
			"\x12\x3e\x45\x67\xe8\x9b\x12\xd3\xa4\x56Bf\x14\x17\x40\x00"),
		texts(value.JSONB, `{}`, `{"a": [1, null], "b": "x"}`, `1.5`),
	}
}

// example is the worked example of docs/spec/rows.md and payload.md.
func example(t *testing.T) (types []value.Type, rows [][]value.Datum) {
	money := value.Type{Kind: value.Numeric, Precision: 10, Scale: 2}
	types = []value.Type{value.Of(value.Int4), value.Of(value.Text), money}
	price := decimals(t, money, "12.50", "3.00")
	return types, [][]value.Datum{
		{value.NewInt4(7), value.NewText("weir"), price.values[0]},
		{value.NewInt4(-2), value.NullDatum, price.values[1]},
	}
}

func TestVectors(t *testing.T) {
	var keys, rows, payloads []vector
	single := func(types []value.Type, ds []value.Datum) {
		name := types[0].String()
		if len(types) > 1 {
			name = "example"
		}
		one := [][]value.Datum{ds}
		key, enc := row.AppendKeyDatums(nil, ds), row.AppendRowDatums(nil, ds)
		keys = append(keys, newVector(name, types, one, key))
		rows = append(rows, newVector(name, types, one, enc))
		if _, err := row.DecodeKey(types, key); err != nil {
			t.Errorf("key %x of %v: %v", key, ds, err)
		}
		if _, err := row.DecodeRow(types, enc); err != nil {
			t.Errorf("row %x of %v: %v", enc, ds, err)
		}
	}
	whole := func(name string, types []value.Type, all [][]value.Datum) {
		b := row.EncodePayload(valuetest.Columns(types, all), len(all))
		payloads = append(payloads, newVector(name, types, all, b))
		if _, _, err := row.DecodePayload(types, b, len(all)); err != nil {
			t.Errorf("payload %x of %v: %v", b, all, err)
		}
	}
	types, all := example(t)
	for _, ds := range all {
		single(types, ds)
	}
	whole("example", types, all)
	ops := []row.Op{row.OpUpsert, row.OpDelete}
	changes := newVector("example of changes", types, all,
		row.EncodeChanges(ops, valuetest.Columns(types, all), len(all)))
	for _, op := range ops {
		changes.Ops = append(changes.Ops, int(op))
	}
	payloads = append(payloads, changes)
	whole("no rows", types, nil)
	for _, d := range domains(t) {
		one, column := []value.Type{d.typ}, [][]value.Datum{}
		for _, v := range d.values {
			single(one, []value.Datum{v})
			column = append(column, []value.Datum{v})
		}
		whole(d.typ.String(), one, column)
		single(one, []value.Datum{value.NullDatum})
		column = append(column[:2:2], []value.Datum{value.NullDatum})
		whole(d.typ.String()+" with NULL", one, column)
		whole(d.typ.String()+" all NULL", one, [][]value.Datum{{value.NullDatum}})
	}
	golden(t, "key.json", keys)
	golden(t, "row.json", rows)
	golden(t, "payload.json", payloads)
}

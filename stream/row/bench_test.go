package row_test

import (
	"fmt"
	"testing"

	"weir/stream/row"
	"weir/stream/value"
)

const benchRows = 8192

// benchColumns are columns as streams have them, 8192 rows each.
func benchColumns() map[string]*value.Vec {
	text := value.NewVec(value.Of(value.Text), benchRows)
	nulls := value.NewVec(value.Of(value.Int8), benchRows)
	num := value.NewVec(value.Type{Kind: value.Numeric, Precision: 12, Scale: 2}, benchRows)
	float := value.NewVec(value.Of(value.Float8), benchRows)
	ids, times, flags := make([]int64, benchRows), make([]int64, benchRows), make([]int64, benchRows)
	for i := range int64(benchRows) {
		ids[i] = i * 7919 % 50_000
		times[i] = 1_700_000_000_000_000 + i*12_345
		flags[i] = i & 1
		text.AppendBytes(fmt.Appendf(nil, "device-%d", i%977))
		num.AppendDecimal(value.Decimal{Coef: value.Int128{Lo: uint64(i * 101)}, Scale: 2})
		float.AppendFloat(float64(i) / 3)
		if i%10 == 0 {
			nulls.AppendNull()
		} else {
			nulls.AppendInt(i << 40)
		}
	}
	return map[string]*value.Vec{
		"int8":      value.NewVecInts(value.Of(value.Int8), ids, nil),
		"timestamp": value.NewVecInts(value.Of(value.Timestamp), times, nil),
		"bool":      value.NewVecInts(value.Of(value.Bool), flags, nil),
		"text":      text, "numeric": num, "float8": float, "int8nulls": nulls,
	}
}

// benchNames is the order of columns in a row.
var benchNames = []string{"int8", "timestamp", "bool", "text", "numeric", "float8", "int8nulls"}

func benchRow() (types []value.Type, cols []*value.Vec) {
	all := benchColumns()
	for _, name := range benchNames {
		cols = append(cols, all[name])
		types = append(types, all[name].Type)
	}
	return types, cols
}

func perValue(b *testing.B, values int) {
	b.ReportMetric(float64(b.N)*float64(values)/b.Elapsed().Seconds()/1e6, "Mvalues/s")
}

func BenchmarkDecodePayload(b *testing.B) {
	types, cols := benchRow()
	run := func(name string, types []value.Type, cols []*value.Vec) {
		b.Run(name, func(b *testing.B) {
			p := row.EncodePayload(cols, benchRows)
			b.SetBytes(int64(len(p)))
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := row.DecodePayload(types, p, benchRows); err != nil {
					b.Fatal(err)
				}
			}
			perValue(b, benchRows*len(cols))
		})
	}
	for i, name := range benchNames {
		run(name, types[i:i+1], cols[i:i+1])
	}
	run("all", types, cols)
}

func BenchmarkEncodePayload(b *testing.B) {
	_, cols := benchRow()
	b.ReportAllocs()
	for b.Loop() {
		row.EncodePayload(cols, benchRows)
	}
	perValue(b, benchRows*len(cols))
}

func BenchmarkEncodeKeys(b *testing.B) {
	all := benchColumns()
	for name, cols := range map[string][]*value.Vec{
		"int8":           {all["int8"]},
		"text":           {all["text"]},
		"numeric":        {all["numeric"]},
		"timestamp,text": {all["timestamp"], all["text"]},
	} {
		b.Run(name, func(b *testing.B) {
			var keys row.Keys
			b.ReportAllocs()
			for b.Loop() {
				keys.EncodeKeys(cols, benchRows)
			}
			perValue(b, benchRows)
		})
	}
}

func BenchmarkDecodeRowInto(b *testing.B) {
	types, cols := benchRow()
	var arena []byte
	ends := make([]int, benchRows)
	for i := range ends {
		arena = row.AppendRow(arena, cols, i)
		ends[i] = len(arena)
	}
	into := make([]*value.Vec, len(types))
	for i, t := range types {
		into[i] = value.NewVec(t, benchRows)
	}
	b.SetBytes(int64(len(arena)))
	b.ReportAllocs()
	for b.Loop() {
		for _, c := range into {
			c.Reset()
		}
		start := 0
		for _, end := range ends {
			if err := row.DecodeRowInto(into, arena[start:end]); err != nil {
				b.Fatal(err)
			}
			start = end
		}
	}
	perValue(b, benchRows*len(types))
}

func BenchmarkAppendRow(b *testing.B) {
	_, cols := benchRow()
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = buf[:0]
		for i := range benchRows {
			buf = row.AppendRow(buf, cols, i)
		}
	}
	perValue(b, benchRows*len(cols))
}

package valuetest

import (
	"math"

	"pgregory.net/rapid"

	"weir/stream/value"
)

// Kinds are all kinds that columns may have.
func Kinds() []value.Kind {
	var ks []value.Kind
	for k := value.Bool; k < value.NumKinds; k++ {
		ks = append(ks, k)
	}
	return ks
}

// Type draws a column type.
func Type(t *rapid.T, label string) value.Type {
	return typeWithin(t, label, 2)
}

// typeWithin draws a type in which records nest to a depth.
func typeWithin(t *rapid.T, label string, depth int) value.Type {
	kinds := Kinds()
	if depth == 0 {
		kinds = kinds[:value.Record-value.Bool]
	}
	ty := value.Of(rapid.SampledFrom(kinds).Draw(t, label))
	if ty.Kind == value.Record {
		fields := make([]value.Field, rapid.IntRange(0, 3).Draw(t, label+" fields"))
		for i := range fields {
			fields[i].Name = rapid.SampledFrom([]string{"f1", "a", "", "é b"}).Draw(t, label+" name")
			fields[i].Type = typeWithin(t, label+" field", depth-1)
		}
		ty, err := value.RecordOf(fields)
		if err != nil {
			t.Fatal(err)
		}
		return ty
	}
	if ty.Kind == value.Array {
		elem := rapid.SampledFrom(Kinds()[:value.Array-value.Bool]).Draw(t, label+" element")
		ty.Elem = elem
	}
	if (ty.Kind == value.Numeric || ty.Elem == value.Numeric) && rapid.Bool().Draw(t, "modifier") {
		ty.Precision = uint8(rapid.IntRange(1, value.MaxPrecision).Draw(t, "precision"))
		ty.Scale = uint8(rapid.IntRange(0, int(ty.Precision)).Draw(t, "scale"))
	}
	return ty
}

// Types draws 1 to limit column types.
func Types(t *rapid.T, limit int) []value.Type {
	types := make([]value.Type, rapid.IntRange(1, limit).Draw(t, "columns"))
	for i := range types {
		types[i] = Type(t, "type")
	}
	return types
}

// Row draws a row of the given types.
func Row(t *rapid.T, types []value.Type, label string) []value.Datum {
	ds := make([]value.Datum, len(types))
	for i, ty := range types {
		ds[i] = Datum(t, ty, label)
	}
	return ds
}

// Columns makes columns of rows.
func Columns(types []value.Type, rows [][]value.Datum) []*value.Vec {
	cols := make([]*value.Vec, len(types))
	for i, ty := range types {
		cols[i] = value.NewVec(ty, len(rows))
		for _, r := range rows {
			cols[i].AppendDatum(r[i])
		}
	}
	return cols
}

// Datum draws a value of type ty, NULL one time in eight.
func Datum(t *rapid.T, ty value.Type, label string) value.Datum {
	if rapid.IntRange(0, 7).Draw(t, label+" null") == 0 {
		return value.NullDatum
	}
	k := ty.Kind
	if k == value.Array {
		elems := make([]value.Datum, rapid.IntRange(0, 3).Draw(t, label+" length"))
		for i := range elems {
			elems[i] = Datum(t, ty.ElemType(), label)
		}
		return value.NewArray(ty.ElemType(), elems)
	}
	if k == value.Record {
		var fields []value.Datum
		for f := range ty.EachField() {
			fields = append(fields, Datum(t, f.Type, label))
		}
		return value.NewRecord(fields)
	}
	switch k.Class() {
	case value.ClassInt:
		return value.NewInt(k, integer(t, k, label))
	case value.ClassDecimal:
		return value.NewDecimal(Decimal(t, ty, label))
	case value.ClassFloat:
		return value.NewFloat(k, Float(t, label))
	case value.ClassBytes:
		return byteValue(t, k, label)
	}
	return value.NewInterval(value.IntervalValue{
		Months: int32(rapid.Int64Range(-14, 14).Draw(t, label)),
		Days:   int32(rapid.SampledFrom([]int64{0, 1, -1, 29, 30, 31, 365}).Draw(t, label)),
		Micros: rapid.SampledFrom([]int64{
			0, 1, -1, value.MicrosPerDay, -30 * value.MicrosPerDay, 3_600_000_001,
			math.MaxInt64, math.MinInt64,
		}).Draw(t, label),
	})
}

func integer(t *rapid.T, k value.Kind, label string) int64 {
	lo, hi := k.IntRange()
	switch rapid.IntRange(0, 4).Draw(t, label+" size") {
	case 0:
		return rapid.SampledFrom([]int64{lo, hi, max(lo, -1), min(hi, 1)}).Draw(t, label)
	case 1:
		return rapid.Int64Range(lo, hi).Draw(t, label)
	}
	return rapid.Int64Range(max(lo, -5), min(hi, 5)).Draw(t, label)
}

// Decimal draws a numeric of type ty, often with trailing zeros.
func Decimal(t *rapid.T, ty value.Type, label string) value.Decimal {
	d := value.DecimalFromInt64(rapid.Int64Range(-12, 12).Draw(t, label))
	if rapid.IntRange(0, 3).Draw(t, label+" size") == 0 {
		d = value.DecimalFromInt64(rapid.Int64().Draw(t, label))
		e := value.DecimalFromInt64(rapid.Int64().Draw(t, label))
		if p, err := d.Mul(e); err == nil {
			d = p
		}
	}
	d.Scale = uint8(rapid.IntRange(0, 6).Draw(t, label+" scale"))
	if ty.Precision == 0 {
		if rapid.IntRange(0, 7).Draw(t, label+" deep") == 0 {
			d.Scale = uint8(rapid.IntRange(0, value.MaxPrecision).Draw(t, label))
		}
		return d
	}
	if r, err := d.Rescale(ty.Precision, ty.Scale); err == nil {
		return r
	}
	return value.Decimal{Scale: ty.Scale}
}

// Float draws a float with the edges.
func Float(t *rapid.T, label string) float64 {
	if rapid.Bool().Draw(t, label+" edge") {
		return rapid.SampledFrom([]float64{
			0, math.Copysign(0, -1), math.NaN(), math.Inf(1), math.Inf(-1), 1, -1, 0.1,
			math.MaxFloat64, math.SmallestNonzeroFloat64,
		}).Draw(t, label)
	}
	return math.Float64frombits(rapid.Uint64().Draw(t, label))
}

func byteValue(t *rapid.T, k value.Kind, label string) value.Datum {
	switch k {
	case value.UUID:
		return value.NewBytes(k, rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, label))
	case value.Bytea:
		return value.NewBytea(rapid.SliceOfN(rapid.SampledFrom([]byte{0, 1, 2, 0xFF}), 0, 4).
			Draw(t, label))
	case value.JSONB:
		s, _ := value.ParseJSON(rapid.SampledFrom([]string{
			`null`, `{"b": 1, "a": [1.50, true]}`, `"x\u00e9\n"`, `[]`, `-0.0`,
			`{}`, `[[]]`, `[1]`, `[2, 1]`, `{"a": 1}`, `{"bb": null}`, `true`, `false`, `"a"`, `12.5`,
		}).Draw(t, label))
		return value.NewBytes(k, []byte(s))
	}
	return value.NewText(rapid.StringOfN(rapid.RuneFrom([]rune("abAB %_\\é0")), 0, 6, -1).
		Draw(t, label))
}

package value

import "math"

// NullDatum is SQL NULL.
var NullDatum = Datum{}

// NewInt makes a value of any kind of ClassInt from its integer form. It does not check ranges.
func NewInt(k Kind, v int64) Datum { return Datum{Kind: k, I: v} }

// NewInt4 makes an int4.
func NewInt4(v int32) Datum { return Datum{Kind: Int4, I: int64(v)} }

// NewInt8 makes an int8.
func NewInt8(v int64) Datum { return Datum{Kind: Int8, I: v} }

// NewBool makes a boolean.
func NewBool(v bool) Datum {
	if v {
		return Datum{Kind: Bool, I: 1}
	}
	return Datum{Kind: Bool}
}

// NewText makes a text; s must be valid UTF-8 without NUL (CheckText).
func NewText(s string) Datum { return Datum{Kind: Text, S: s} }

// NewBytea makes a bytea.
func NewBytea(b []byte) Datum { return Datum{Kind: Bytea, S: string(b)} }

// NewBytes makes a value of any kind of ClassBytes.
func NewBytes(k Kind, b []byte) Datum { return Datum{Kind: k, S: string(b)} }

// NewDecimal makes a numeric.
func NewDecimal(d Decimal) Datum { return Datum{Kind: Numeric, D: d} }

// NewFloat makes a float4 or float8; NaN becomes the canonical one and float4 is rounded.
func NewFloat(k Kind, f float64) Datum {
	return Datum{Kind: k, F: canonicalFloat(k, f)}
}

// NewTimestamp makes a timestamp from microseconds since 1970-01-01.
func NewTimestamp(micros int64) Datum { return Datum{Kind: Timestamp, I: micros} }

// NewTimestampTZ makes a timestamptz from microseconds since 1970-01-01 UTC.
func NewTimestampTZ(micros int64) Datum { return Datum{Kind: TimestampTZ, I: micros} }

// NewDate makes a date from days since 1970-01-01.
func NewDate(days int64) Datum { return Datum{Kind: Date, I: days} }

// NewInterval makes an interval.
func NewInterval(v IntervalValue) Datum { return Datum{Kind: Interval, V: v} }

// Bool returns the truth value of a boolean; NULL is false.
func (d Datum) Bool() bool { return d.Kind == Bool && d.I != 0 }

// canonicalNaN is the one NaN that is ever stored.
var canonicalNaN = math.Float64frombits(0x7FF8000000000000)

func canonicalFloat(k Kind, f float64) float64 {
	if f != f {
		return canonicalNaN
	}
	if k == Float4 {
		return float64(float32(f))
	}
	return f
}

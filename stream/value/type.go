package value

// Kind is a SQL type without its modifier. The numbers are frozen: they stand in encoded plans,
// catalogs and payloads.
type Kind uint8

// The kinds. Null is the type of a bare NULL before it is resolved ("unknown").
const (
	Null        Kind = 0
	Bool        Kind = 1
	Int2        Kind = 2
	Int4        Kind = 3
	Int8        Kind = 4
	Numeric     Kind = 5
	Float4      Kind = 6
	Float8      Kind = 7
	Text        Kind = 8
	Bytea       Kind = 9
	Date        Kind = 10
	Time        Kind = 11
	Timestamp   Kind = 12
	TimestampTZ Kind = 13
	Interval    Kind = 14
	UUID        Kind = 15
	JSONB       Kind = 16
	Array       Kind = 17 // of one dimension
	Record      Kind = 18 // a row as a value; never of a stored column
)

// Type is a SQL type with its modifier.
type Type struct {
	Kind Kind
	// Precision and Scale are those of numeric(p,s); Precision 0 means numeric without a
	// modifier, whose values each carry their own scale.
	Precision, Scale uint8
	// Elem is the kind of an array's elements, whose modifier is then Precision and Scale.
	Elem Kind
	// Fields has the names and types of a record's fields (RecordOf), so that == compares them.
	Fields string
}

// Int128 is a signed 128-bit integer in two's complement.
type Int128 struct {
	Hi int64
	Lo uint64
}

// Decimal is Coef * 10^-Scale, with Scale in 0..38 and |Coef| < 10^38.
// Scale is the display scale (1.50 has 2); comparison and keys ignore trailing zeros.
type Decimal struct {
	Coef  Int128
	Scale uint8
}

// IntervalValue is PostgreSQL's interval: three parts that do not convert into each other
// except in comparisons (30 days a month, 24 hours a day).
type IntervalValue struct {
	Months, Days int32
	Micros       int64
}

// Datum is one SQL value. Kind Null is SQL NULL; otherwise the field of the kind's class is set:
// I for bool (0, 1), the integers, date (days), time, timestamp and timestamptz (microseconds);
// D for numeric; F for the floats (NaN canonical, -0 kept out of keys); S for text, bytea, uuid
// (16 bytes), jsonb (canonical text), arrays (NewArray) and records (NewRecord); V for interval.
type Datum struct {
	Kind Kind
	I    int64
	F    float64
	D    Decimal
	S    string
	V    IntervalValue
}

// IsNull reports whether d is SQL NULL.
func (d Datum) IsNull() bool { return d.Kind == Null }

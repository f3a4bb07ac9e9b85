package value

import (
	"math"
	"strconv"
)

// Class says which storage a kind uses in Datum and Vec.
type Class uint8

// The storage classes.
const (
	ClassNone     Class = iota // Null
	ClassInt                   // bool, int2, int4, int8, date, time, timestamp, timestamptz
	ClassDecimal               // numeric
	ClassFloat                 // float4, float8
	ClassBytes                 // text, bytea, uuid, jsonb, arrays, records
	ClassInterval              // interval
)

// NumKinds is one more than the largest Kind.
const NumKinds = 19

var kindClass = [NumKinds]Class{
	Bool: ClassInt, Int2: ClassInt, Int4: ClassInt, Int8: ClassInt, Numeric: ClassDecimal,
	Float4: ClassFloat, Float8: ClassFloat, Text: ClassBytes, Bytea: ClassBytes,
	Date: ClassInt, Time: ClassInt, Timestamp: ClassInt, TimestampTZ: ClassInt,
	Interval: ClassInterval, UUID: ClassBytes, JSONB: ClassBytes,
	Array: ClassBytes, Record: ClassBytes,
}

var kindNames = [NumKinds]string{
	Null: "unknown", Bool: "bool", Int2: "int2", Int4: "int4", Int8: "int8",
	Numeric: "numeric", Float4: "float4", Float8: "float8", Text: "text", Bytea: "bytea",
	Date: "date", Time: "time", Timestamp: "timestamp", TimestampTZ: "timestamptz",
	Interval: "interval", UUID: "uuid", JSONB: "jsonb", Array: "array",
	Record: "record",
}

var sqlNames = [NumKinds]string{
	Null: "unknown", Bool: "boolean", Int2: "smallint", Int4: "integer", Int8: "bigint",
	Numeric: "numeric", Float4: "real", Float8: "double precision", Text: "text",
	Bytea: "bytea", Date: "date", Time: "time without time zone",
	Timestamp: "timestamp without time zone", TimestampTZ: "timestamp with time zone",
	Interval: "interval", UUID: "uuid", JSONB: "jsonb", Array: "array",
	Record: "record",
}

// Valid reports whether k is a known kind other than Null.
func (k Kind) Valid() bool { return k > Null && k < NumKinds }

// Class returns the storage class of k.
func (k Kind) Class() Class {
	if k >= NumKinds {
		return ClassNone
	}
	return kindClass[k]
}

// String returns the short name, such as "int4" and "timestamptz": the one that function names
// of the library use.
func (k Kind) String() string {
	if k >= NumKinds {
		return "kind" + strconv.Itoa(int(k))
	}
	return kindNames[k]
}

// KindByName is the inverse of Kind.String.
func KindByName(name string) (Kind, bool) {
	for k, n := range kindNames {
		if n == name {
			return Kind(k), true
		}
	}
	return Null, false
}

// String returns the name that PostgreSQL's format_type gives, such as "numeric(10,2)" and
// "timestamp without time zone".
func (t Type) String() string {
	if t.Kind >= NumKinds {
		return t.Kind.String()
	}
	if t.Kind == Array && t.Elem.Valid() && t.Elem < Array {
		return t.ElemType().String() + "[]"
	}
	if t.Kind == Numeric && t.Precision > 0 {
		return "numeric(" + strconv.Itoa(int(t.Precision)) + "," + strconv.Itoa(int(t.Scale)) + ")"
	}
	return sqlNames[t.Kind]
}

// Of returns the type of kind k without a modifier.
func Of(k Kind) Type { return Type{Kind: k} }

// MaxPrecision is the largest precision and scale of numeric.
const MaxPrecision = 38

// Validate reports whether t is a type that columns of a query may have.
func (t Type) Validate() *Error {
	switch {
	case !t.Kind.Valid():
		return Errorf(StateUnsupported, "type %d is unknown", t.Kind)
	case t.Kind == Record:
		return t.validateRecord()
	case t.Fields != "":
		return Errorf(StateUnsupported, "type %s has no fields", t.Kind)
	case t.Kind == Array && (!t.Elem.Valid() || t.Elem >= Array):
		return Errorf(StateUnsupported, "arrays of type %d are not supported", t.Elem)
	case t.Kind == Array:
		return t.ElemType().Validate()
	case t.Elem != Null:
		return Errorf(StateUnsupported, "type %s has no elements", t.Kind)
	case t.Kind != Numeric && (t.Precision != 0 || t.Scale != 0):
		return Errorf(StateBadParameter, "type %s takes no modifier", t)
	case t.Precision > MaxPrecision:
		return Errorf(StateBadParameter, "NUMERIC precision %d must be between 1 and %d",
			t.Precision, MaxPrecision)
	case t.Scale > t.Precision:
		return Errorf(StateBadParameter, "NUMERIC scale %d must be between 0 and precision %d",
			t.Scale, t.Precision)
	}
	return nil
}

// IntRange returns the least and greatest integer that a kind of ClassInt holds.
func (k Kind) IntRange() (lo, hi int64) {
	switch k {
	case Bool:
		return 0, 1
	case Int2:
		return math.MinInt16, math.MaxInt16
	case Int4:
		return math.MinInt32, math.MaxInt32
	case Date:
		return MinDate, MaxDate
	case Time:
		return 0, MicrosPerDay
	case Timestamp, TimestampTZ:
		return MinTimestamp, MaxTimestamp
	default:
		return math.MinInt64, math.MaxInt64
	}
}

// IsInteger reports whether k is one of the integer kinds.
func (k Kind) IsInteger() bool { return k == Int2 || k == Int4 || k == Int8 }

// IsNumber reports whether k is an integer, numeric or a float.
func (k Kind) IsNumber() bool { return k >= Int2 && k <= Float8 }

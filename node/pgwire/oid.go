package pgwire

import "weir/stream/value"

// typeInfo is how PostgreSQL's pg_type names a kind on the wire.
type typeInfo struct {
	oid   uint32
	size  int16  // -1 for variable length
	array uint32 // the OID of arrays of it
}

// A bare NULL is reported as text, as PostgreSQL does for results.
var typeInfos = [value.NumKinds]typeInfo{
	value.Null:        {25, -1, 1009},
	value.Bool:        {16, 1, 1000},
	value.Int2:        {21, 2, 1005},
	value.Int4:        {23, 4, 1007},
	value.Int8:        {20, 8, 1016},
	value.Numeric:     {1700, -1, 1231},
	value.Float4:      {700, 4, 1021},
	value.Float8:      {701, 8, 1022},
	value.Text:        {25, -1, 1009},
	value.Bytea:       {17, -1, 1001},
	value.Date:        {1082, 4, 1182},
	value.Time:        {1083, 8, 1183},
	value.Timestamp:   {1114, 8, 1115},
	value.TimestampTZ: {1184, 8, 1185},
	value.Interval:    {1186, 16, 1187},
	value.UUID:        {2950, 16, 2951},
	value.JSONB:       {3802, -1, 3807},
	value.Record:      {2249, -1, 2287},
}

// infoOf returns how a type is named on the wire.
func infoOf(t value.Type) typeInfo {
	switch {
	case t.Kind == value.Array && t.Elem < value.Array:
		return typeInfo{oid: typeInfos[t.Elem].array, size: -1}
	case t.Kind < value.Array || t.Kind == value.Record:
		return typeInfos[t.Kind]
	}
	return typeInfo{}
}

// OID returns the pg_type OID of a type.
func OID(t value.Type) uint32 { return infoOf(t).oid }

// TypeByOID returns the type that a client's type OID means. varchar, bpchar, name, unknown and
// json's text forms count as text; ok is false for types that Weir does not have.
func TypeByOID(oid uint32) (t value.Type, ok bool) {
	switch oid {
	case 19, 705, 1042, 1043: // name, unknown, bpchar, varchar
		return value.Of(value.Text), true
	case 1002, 1003, 1014, 1015: // arrays of "char", name, bpchar, varchar
		return value.ArrayOf(value.Of(value.Text)), true
	case 114: // json
		return value.Of(value.JSONB), true
	}
	for k := value.Bool; k < value.Array; k++ {
		switch oid {
		case typeInfos[k].oid:
			return value.Of(k), true
		case typeInfos[k].array:
			return value.ArrayOf(value.Of(k)), true
		}
	}
	return value.Type{}, false
}

// typeModifier is atttypmod: for numeric the packed precision and scale plus the 4 bytes that
// PostgreSQL once needed for a header, otherwise -1.
func typeModifier(t value.Type) int32 {
	if t.Precision > 0 {
		return int32(t.Precision)<<16 | int32(t.Scale) + 4
	}
	return -1
}

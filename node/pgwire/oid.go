package pgwire

import "weir/stream/value"

// typeInfo is how PostgreSQL's pg_type names a kind on the wire.
type typeInfo struct {
	oid  uint32
	size int16 // -1 for variable length
}

// A bare NULL is reported as text, as PostgreSQL does for results.
var typeInfos = [value.NumKinds]typeInfo{
	value.Null:        {25, -1},
	value.Bool:        {16, 1},
	value.Int2:        {21, 2},
	value.Int4:        {23, 4},
	value.Int8:        {20, 8},
	value.Numeric:     {1700, -1},
	value.Float4:      {700, 4},
	value.Float8:      {701, 8},
	value.Text:        {25, -1},
	value.Bytea:       {17, -1},
	value.Date:        {1082, 4},
	value.Time:        {1083, 8},
	value.Timestamp:   {1114, 8},
	value.TimestampTZ: {1184, 8},
	value.Interval:    {1186, 16},
	value.UUID:        {2950, 16},
	value.JSONB:       {3802, -1},
}

// OID returns the pg_type OID of a kind.
func OID(k value.Kind) uint32 {
	if k >= value.NumKinds {
		return 0
	}
	return typeInfos[k].oid
}

// KindByOID returns the kind that a client's type OID means. varchar, bpchar, name, unknown and
// json's text forms count as text; ok is false for types that Weir does not have.
func KindByOID(oid uint32) (k value.Kind, ok bool) {
	switch oid {
	case 19, 705, 1042, 1043: // name, unknown, bpchar, varchar
		return value.Text, true
	case 114: // json
		return value.JSONB, true
	}
	for k := value.Bool; k < value.NumKinds; k++ {
		if typeInfos[k].oid == oid {
			return k, true
		}
	}
	return value.Null, false
}

// typeModifier is atttypmod: for numeric the packed precision and scale plus the 4 bytes that
// PostgreSQL once needed for a header, otherwise -1.
func typeModifier(t value.Type) int32 {
	if t.Kind == value.Numeric && t.Precision > 0 {
		return int32(t.Precision)<<16 | int32(t.Scale) + 4
	}
	return -1
}

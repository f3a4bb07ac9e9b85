package value

// Vec is a column of values of one type. Exactly one of the storage slices is in use, by the
// class of Type.Kind:
//
//	Ints    bool, int2, int4, int8, date, time, timestamp, timestamptz
//	Decs    numeric
//	Floats  float4, float8
//	Offs+Bytes  text, bytea, uuid, jsonb, array, record: value i is Bytes[Offs[i]:Offs[i+1]],
//	            len(Offs) = n+1
//	Ivs     interval
//
// A NULL keeps a zero in its slot, so kernels may compute on it and ignore the result.
type Vec struct {
	Type   Type
	n      int
	Nulls  Bitmap // bit i set: value i is NULL; nil when no value is
	Ints   []int64
	Decs   []Decimal
	Floats []float64
	Offs   []uint32
	Bytes  []byte
	Ivs    []IntervalValue
}

// Bitmap is a little-endian bit set; bits beyond its length read as 0.
type Bitmap []uint64

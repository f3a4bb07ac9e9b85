package pgwire

import (
	"encoding/binary"
	"math"

	"weir/stream/value"
)

// PostgreSQL counts binary dates and timestamps from 2000-01-01.
const (
	epochDays   = 10957
	epochMicros = epochDays * value.MicrosPerDay
)

// jsonbVersion is the byte before the text of a binary jsonb.
const jsonbVersion = 1

// appendBinary appends the binary form of d, which is not NULL. Source: the typsend functions of
// PostgreSQL 15 (src/backend/utils/adt).
func appendBinary(dst []byte, d value.Datum) []byte {
	switch d.Kind {
	case value.Bool:
		return append(dst, byte(d.I))
	case value.Int2:
		return binary.BigEndian.AppendUint16(dst, uint16(d.I))
	case value.Int4:
		return binary.BigEndian.AppendUint32(dst, uint32(d.I))
	case value.Date:
		return binary.BigEndian.AppendUint32(dst, uint32(d.I-epochDays))
	case value.Int8, value.Time:
		return binary.BigEndian.AppendUint64(dst, uint64(d.I))
	case value.Timestamp, value.TimestampTZ:
		return binary.BigEndian.AppendUint64(dst, uint64(d.I-epochMicros))
	case value.Float4:
		return binary.BigEndian.AppendUint32(dst, math.Float32bits(float32(d.F)))
	case value.Float8:
		return binary.BigEndian.AppendUint64(dst, math.Float64bits(d.F))
	case value.Numeric:
		return appendNumeric(dst, d.D)
	case value.Interval:
		dst = binary.BigEndian.AppendUint64(dst, uint64(d.V.Micros))
		dst = binary.BigEndian.AppendUint32(dst, uint32(d.V.Days))
		return binary.BigEndian.AppendUint32(dst, uint32(d.V.Months))
	case value.Array:
		return appendArray(dst, d)
	case value.JSONB:
		dst = append(dst, jsonbVersion)
	}
	return append(dst, d.S...)
}

// parseBinary reads the binary form of a value of kind k; what names the parameter in errors.
func parseBinary(k value.Kind, b []byte, what string) (value.Datum, error) {
	if size := typeInfos[k].size; size >= 0 && len(b) != int(size) {
		return value.Datum{}, errorf(stateBadBinary, "incorrect binary data format in %s", what)
	}
	switch k {
	case value.Bool:
		return value.NewBool(b[0] != 0), nil
	case value.Int2:
		return value.NewInt(k, int64(int16(binary.BigEndian.Uint16(b)))), nil
	case value.Int4:
		return value.NewInt(k, int64(int32(binary.BigEndian.Uint32(b)))), nil
	case value.Date:
		return inRange(k, int64(int32(binary.BigEndian.Uint32(b)))+epochDays, value.ErrDateRange)
	case value.Int8:
		return value.NewInt(k, int64(binary.BigEndian.Uint64(b))), nil
	case value.Time:
		return inRange(k, int64(binary.BigEndian.Uint64(b)), value.ErrTimeRange)
	case value.Timestamp, value.TimestampTZ:
		t := int64(binary.BigEndian.Uint64(b))
		if t > math.MaxInt64-epochMicros {
			return value.Datum{}, value.ErrTimestampRange
		}
		return inRange(k, t+epochMicros, value.ErrTimestampRange)
	case value.Float4:
		return value.NewFloat(k, float64(math.Float32frombits(binary.BigEndian.Uint32(b)))), nil
	case value.Float8:
		return value.NewFloat(k, math.Float64frombits(binary.BigEndian.Uint64(b))), nil
	case value.Interval:
		return value.NewInterval(value.IntervalValue{
			Micros: int64(binary.BigEndian.Uint64(b)),
			Days:   int32(binary.BigEndian.Uint32(b[8:])),
			Months: int32(binary.BigEndian.Uint32(b[12:])),
		}), nil
	case value.Bytea, value.UUID:
		return value.NewBytes(k, b), nil
	}
	return parseBinaryVar(k, b, what)
}

func parseBinaryVar(k value.Kind, b []byte, what string) (value.Datum, error) {
	switch k {
	case value.Numeric:
		d, err := parseNumeric(b)
		if err != nil {
			return value.Datum{}, err
		}
		return value.NewDecimal(d), nil
	case value.JSONB:
		if len(b) == 0 || b[0] != jsonbVersion {
			return value.Datum{}, errorf(stateBadBinary, "unsupported jsonb version in %s", what)
		}
		s, err := value.ParseJSON(string(b[1:]))
		if err != nil {
			return value.Datum{}, err
		}
		return value.Datum{Kind: k, S: s}, nil
	case value.Text, value.Null:
		s := string(b)
		if err := value.CheckText(s); err != nil {
			return value.Datum{}, err
		}
		return value.NewText(s), nil
	}
	return value.Datum{}, errorf(stateUnsupported, "no binary format for type %s", value.Of(k))
}

func inRange(k value.Kind, v int64, outside *value.Error) (value.Datum, error) {
	if lo, hi := k.IntRange(); v < lo || v > hi {
		return value.Datum{}, outside
	}
	return value.NewInt(k, v), nil
}

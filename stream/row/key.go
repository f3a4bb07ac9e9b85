package row

import (
	"bytes"
	"encoding/binary"
	"math"
	"strconv"

	"weir/stream/value"
)

// Tags of keys. User keys start with KeyTag, so that the sentinels 00 and FF of a tree lie
// outside them; NULL sorts last.
const (
	KeyTag   = 0x10
	tagValue = 0x20
	tagNull  = 0xF0
)

// AppendKey appends the key of row i of cols: KeyTag, then every column in turn. Byte order of
// keys is column-wise value.CompareNulls with NULLs last. The caller judges the size:
// CheckKeySize.
func AppendKey(dst []byte, cols []*value.Vec, i int) []byte {
	dst = append(dst, KeyTag)
	for _, c := range cols {
		dst = AppendKeyColumn(dst, c, i)
	}
	return dst
}

// AppendKeyColumn appends the part of a key that value i of c makes, without KeyTag.
func AppendKeyColumn(dst []byte, c *value.Vec, i int) []byte {
	if c.IsNull(i) {
		return append(dst, tagNull)
	}
	dst = append(dst, tagValue)
	switch c.Type.Kind.Class() {
	case value.ClassInt:
		return appendKeyInt(dst, c.Type.Kind, c.Ints[i])
	case value.ClassDecimal:
		return appendKeyDecimal(dst, c.Decs[i])
	case value.ClassFloat:
		return appendKeyFloat(dst, c.Type.Kind, c.Floats[i])
	case value.ClassBytes:
		switch c.Type.Kind {
		case value.UUID:
			return append(dst, c.Text(i)...)
		case value.Array, value.JSONB, value.Record:
			return appendKeyTree(dst, c.Datum(i))
		}
		return appendKeyBytes(dst, c.Text(i))
	default:
		return appendKeySpan(dst, c.Ivs[i].Span())
	}
}

// AppendKeyDatums appends the same key from single values.
func AppendKeyDatums(dst []byte, ds []value.Datum) []byte {
	dst = append(dst, KeyTag)
	for _, d := range ds {
		dst = AppendKeyDatum(dst, d)
	}
	return dst
}

// AppendKeyDatum is AppendKeyColumn for a single value.
func AppendKeyDatum(dst []byte, d value.Datum) []byte {
	if d.IsNull() {
		return append(dst, tagNull)
	}
	dst = append(dst, tagValue)
	switch d.Kind.Class() {
	case value.ClassInt:
		return appendKeyInt(dst, d.Kind, d.I)
	case value.ClassDecimal:
		return appendKeyDecimal(dst, d.D)
	case value.ClassFloat:
		return appendKeyFloat(dst, d.Kind, d.F)
	case value.ClassBytes:
		switch d.Kind {
		case value.UUID:
			return append(dst, d.S...)
		case value.Array, value.JSONB, value.Record:
			return appendKeyTree(dst, d)
		}
		return appendKeyBytes(dst, d.S)
	default:
		return appendKeySpan(dst, d.V.Span())
	}
}

// intWidth is the number of key bytes of an integer-class kind.
func intWidth(k value.Kind) int {
	switch k {
	case value.Bool:
		return 1
	case value.Int2:
		return 2
	case value.Int4, value.Date:
		return 4
	}
	return 8
}

func appendKeyInt(dst []byte, k value.Kind, v int64) []byte {
	switch intWidth(k) {
	case 1:
		return append(dst, byte(v))
	case 2:
		return binary.BigEndian.AppendUint16(dst, uint16(v)^1<<15)
	case 4:
		return binary.BigEndian.AppendUint32(dst, uint32(v)^1<<31)
	}
	return binary.BigEndian.AppendUint64(dst, uint64(v)^1<<63)
}

// appendKeyFloat flips the sign bit of positive numbers and all bits of negative ones. -0 is
// encoded as 0 and the canonical NaN sorts last.
func appendKeyFloat(dst []byte, k value.Kind, f float64) []byte {
	if f == 0 {
		f = 0
	}
	if k == value.Float4 {
		b := math.Float32bits(float32(f))
		if f != f {
			b = canonicalNaN4
		}
		return binary.BigEndian.AppendUint32(dst, flip32(b))
	}
	return binary.BigEndian.AppendUint64(dst, flip64(math.Float64bits(f)))
}

func flip32(b uint32) uint32 { return b ^ (uint32(int32(b)>>31) | 1<<31) }
func flip64(b uint64) uint64 { return b ^ (uint64(int64(b)>>63) | 1<<63) }

// Numerics: one byte of sign and exponent, then pairs of significant digits as 1..100, then 0;
// all bytes after the first are complemented for negative numbers.
const (
	decZero    = 0x80
	decExpBias = 37 // the exponent E of 0.d1d2.. * 10^E is -37..38
)

func appendKeyDecimal(dst []byte, d value.Decimal) []byte {
	sign := d.Sign()
	if sign == 0 {
		return append(dst, decZero)
	}
	var buf [40]byte
	digits, exp := appendDigits(buf[:0], d)
	digits = bytes.TrimRight(digits, "\x00")
	if len(digits)&1 != 0 {
		digits = append(digits, 0)
	}
	var flip byte
	e := byte(exp + decExpBias)
	if sign > 0 {
		dst = append(dst, 0x81+e)
	} else {
		flip = 0xFF
		dst = append(dst, 0x7F-e)
	}
	for i := 0; i < len(digits); i += 2 {
		dst = append(dst, (digits[i]*10+digits[i+1]+1)^flip)
	}
	return append(dst, flip)
}

// appendDigits is d.AppendDigits, with division of 64 bits where that is enough.
func appendDigits(dst []byte, d value.Decimal) (digits []byte, exp int) {
	v, ok := d.Coef.Int64()
	if !ok {
		return d.AppendDigits(dst)
	}
	u := uint64(v)
	if v < 0 {
		u = -u
	}
	dst = strconv.AppendUint(dst, u, 10)
	for i := range dst {
		dst[i] -= '0'
	}
	return dst, len(dst) - int(d.Scale)
}

// Bytes: 00 becomes 00 FF, and 00 01 ends the value.
func appendKeyBytes[T string | []byte](dst []byte, s T) []byte {
	for i := 0; i < len(s); i++ {
		if s[i] == 0 {
			dst = append(dst, 0, 0xFF)
		} else {
			dst = append(dst, s[i])
		}
	}
	return append(dst, 0, 1)
}

func appendKeySpan(dst []byte, s value.Int128) []byte {
	dst = binary.BigEndian.AppendUint64(dst, uint64(s.Hi)^1<<63)
	return binary.BigEndian.AppendUint64(dst, s.Lo)
}

package row

import (
	"encoding/binary"
	"math"
	"math/bits"

	"weir/stream/value"
)

// AppendRow appends row i of cols: a bit per column, set for NULL (least significant bit first,
// whole bytes), then each value that is not NULL:
//
//	bool, integers, date, time, timestamps   zigzag varint
//	numeric                                  scale byte, zigzag varint of the coefficient
//	float4, float8                           4, 8 bytes little endian
//	uuid                                     16 bytes
//	text, bytea, jsonb, arrays, records      varint length, bytes (value.NewArray, value.NewRecord)
//	interval                                 three zigzag varints
//
// The caller judges the size: CheckRowSize.
func AppendRow(dst []byte, cols []*value.Vec, i int) []byte {
	base := len(dst)
	dst = appendZeros(dst, (len(cols)+7)/8)
	for j, c := range cols {
		if c.IsNull(i) {
			dst[base+j/8] |= 1 << (j & 7)
			continue
		}
		switch k := c.Type.Kind; k.Class() {
		case value.ClassInt:
			dst = binary.AppendVarint(dst, c.Ints[i])
		case value.ClassDecimal:
			dst = c.Decs[i].AppendBinary(dst)
		case value.ClassFloat:
			dst = appendFloat(dst, k, c.Floats[i])
		case value.ClassBytes:
			dst = appendBytes(dst, k, c.Text(i))
		default:
			dst = appendInterval(dst, c.Ivs[i])
		}
	}
	return dst
}

// AppendRowDatums appends the same row from single values.
func AppendRowDatums(dst []byte, ds []value.Datum) []byte {
	base := len(dst)
	dst = appendZeros(dst, (len(ds)+7)/8)
	for j, d := range ds {
		if d.IsNull() {
			dst[base+j/8] |= 1 << (j & 7)
			continue
		}
		switch d.Kind.Class() {
		case value.ClassInt:
			dst = binary.AppendVarint(dst, d.I)
		case value.ClassDecimal:
			dst = d.D.AppendBinary(dst)
		case value.ClassFloat:
			dst = appendFloat(dst, d.Kind, d.F)
		case value.ClassBytes:
			dst = appendBytes(dst, d.Kind, d.S)
		default:
			dst = appendInterval(dst, d.V)
		}
	}
	return dst
}

func appendZeros(dst []byte, n int) []byte {
	for range n {
		dst = append(dst, 0)
	}
	return dst
}

func appendFloat(dst []byte, k value.Kind, f float64) []byte {
	if k == value.Float4 {
		b := math.Float32bits(float32(f))
		if f != f {
			b = canonicalNaN4
		}
		return binary.LittleEndian.AppendUint32(dst, b)
	}
	return binary.LittleEndian.AppendUint64(dst, math.Float64bits(f))
}

func appendBytes[T string | []byte](dst []byte, k value.Kind, s T) []byte {
	if k != value.UUID {
		dst = binary.AppendUvarint(dst, uint64(len(s)))
	}
	return append(dst, s...)
}

func appendInterval(dst []byte, v value.IntervalValue) []byte {
	dst = binary.AppendVarint(dst, int64(v.Months))
	dst = binary.AppendVarint(dst, int64(v.Days))
	return binary.AppendVarint(dst, v.Micros)
}

// Size returns the length of AppendRow's encoding without making it.
func Size(cols []*value.Vec, i int) int {
	n := (len(cols) + 7) / 8
	for _, c := range cols {
		if c.IsNull(i) {
			continue
		}
		switch k := c.Type.Kind; k.Class() {
		case value.ClassInt:
			n += varintLen(c.Ints[i])
		case value.ClassDecimal:
			var buf [24]byte
			n += len(c.Decs[i].AppendBinary(buf[:0]))
		case value.ClassFloat:
			n += floatWidth(k)
		case value.ClassBytes:
			l := int(c.Offs[i+1] - c.Offs[i])
			if k != value.UUID {
				n += uvarintLen(uint64(l))
			}
			n += l
		default:
			v := c.Ivs[i]
			n += varintLen(int64(v.Months)) + varintLen(int64(v.Days)) + varintLen(v.Micros)
		}
	}
	return n
}

// floatWidth is the number of bytes of a float kind.
func floatWidth(k value.Kind) int {
	if k == value.Float4 {
		return 4
	}
	return 8
}

func varintLen(v int64) int   { return uvarintLen(uint64(v)<<1 ^ uint64(v>>63)) }
func uvarintLen(v uint64) int { return (bits.Len64(v|1) + 6) / 7 }

// AppendEntry appends the value of a relation's entry: the weight (at least 1) as a varint, then
// the row.
func AppendEntry(dst []byte, weight uint64, cols []*value.Vec, i int) []byte {
	return AppendRow(binary.AppendUvarint(dst, weight), cols, i)
}

// AppendEntryDatums appends the same entry from single values.
func AppendEntryDatums(dst []byte, weight uint64, ds []value.Datum) []byte {
	return AppendRowDatums(binary.AppendUvarint(dst, weight), ds)
}

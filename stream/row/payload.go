package row

import (
	"encoding/binary"
	"math/bits"

	"weir/internal/invariant"
	"weir/stream/value"
)

// First bytes of a payload. Later layouts take other numbers.
const (
	payloadRows    = 1 // columns only: what an Append carries
	payloadChanges = 2 // an op per row, then columns: what a Change carries
)

// Codec bytes of columns. Each kind has one codec today, so the bytes of a column follow from its
// values; another coding of a kind will be another number.
const (
	codecFrame    = 1 // integers, date, time, timestamps: distance from the least, 1 2 4 8 bytes
	codecBits     = 2 // bool: a bit each
	codecDecimal  = 3 // numeric: scales, then coefficients as a frame or 16 bytes each
	codecFloat    = 4 // float4, float8: IEEE 754, 4 or 8 bytes
	codecBytes    = 5 // text, bytea, jsonb, arrays: lengths as a frame, then all bytes
	codecFixed    = 6 // uuid: 16 bytes each
	codecInterval = 7 // months, days and microseconds, a frame each
	codecOps      = 8 // ops of changes: two bits each
)

// codecOf returns the codec of a column of kind k.
func codecOf(k value.Kind) byte {
	switch k.Class() {
	case value.ClassInt:
		if k == value.Bool {
			return codecBits
		}
		return codecFrame
	case value.ClassDecimal:
		return codecDecimal
	case value.ClassFloat:
		return codecFloat
	case value.ClassBytes:
		if k == value.UUID {
			return codecFixed
		}
		return codecBytes
	default:
		return codecInterval
	}
}

// Op says what a row of a Change does to the row of the same key.
type Op uint8

// The ops. The numbers are frozen.
const (
	OpInsert Op = 1 // the key must be new
	OpUpsert Op = 2 // replaces what is there
	OpDelete Op = 3 // only the key's columns count
)

// EncodePayload encodes n rows of 1..MaxColumns columns of n values each. It panics on other
// shapes. Values must be valid for their columns' types, or DecodePayload will refuse the result.
func EncodePayload(cols []*value.Vec, n int) []byte {
	dst := append(make([]byte, 0, roomFor(cols, n)), payloadRows)
	return appendColumns(binary.AppendUvarint(dst, uint64(n)), cols, n)
}

// EncodeChanges encodes n changes: ops[i] applies to row i of cols.
func EncodeChanges(ops []Op, cols []*value.Vec, n int) []byte {
	invariant.Check(len(ops) == n, "%d ops for %d rows", len(ops), n)
	dst := append(make([]byte, 0, roomFor(cols, n)+n/4), payloadChanges)
	dst = append(binary.AppendUvarint(dst, uint64(n)), codecOps)
	start := len(dst)
	dst = appendZeros(dst, (n+3)/4)
	for i, op := range ops {
		invariant.Check(op >= OpInsert && op <= OpDelete, "op %d", op)
		dst[start+i/4] |= byte(op) << (i & 3 * 2)
	}
	return appendColumns(dst, cols, n)
}

// roomFor guesses the size of a payload, rarely too low: values of 4 bytes, and all texts.
func roomFor(cols []*value.Vec, n int) int {
	size := 32
	for _, c := range cols {
		size += 32 + 4*n
		if c.Type.Kind.Class() == value.ClassFloat {
			size += 4 * n
		}
		if c.Type.Kind.Class() == value.ClassBytes && c.Len() > 0 {
			size += int(c.Offs[c.Len()] - c.Offs[0])
		}
	}
	return size
}

func appendColumns(dst []byte, cols []*value.Vec, n int) []byte {
	invariant.Check(n >= 0 && len(cols) > 0 && len(cols) <= MaxColumns,
		"payload of %d rows, %d columns", n, len(cols))
	dst = binary.AppendUvarint(dst, uint64(len(cols)))
	scratch := make([]int64, 0, n)
	for _, c := range cols {
		invariant.Check(c.Len() == n, "column of %d values in a payload of %d rows", c.Len(), n)
		dst = append(dst, codecOf(c.Type.Kind))
		dst = appendNullBits(dst, c)
		dst, scratch = appendColumn(dst, scratch[:0], c)
	}
	return dst
}

// appendNullBits appends 0, or 1 and a bit per row, lowest bit first, of which one is set.
func appendNullBits(dst []byte, c *value.Vec) []byte {
	if !c.HasNulls() {
		return append(dst, 0)
	}
	dst = append(dst, 1)
	start, size := len(dst), (c.Len()+7)/8
	dst = appendZeros(dst, size)
	for i, w := range c.Nulls {
		for ; w != 0; w &= w - 1 {
			k := i*64 + bits.TrailingZeros64(w)
			dst[start+k/8] |= 1 << (k & 7)
		}
	}
	return dst
}

// appendColumn appends the values of c that are not NULL. scratch is empty storage for integers,
// handed back grown.
func appendColumn(dst []byte, scratch []int64, c *value.Vec) (out []byte, grown []int64) {
	switch codecOf(c.Type.Kind) {
	case codecFrame:
		if !c.HasNulls() {
			return appendFrame(dst, c.Ints), scratch
		}
		scratch = collect(scratch, c, func(i int) int64 { return c.Ints[i] })
		return appendFrame(dst, scratch), scratch
	case codecBits:
		scratch = collect(scratch, c, func(i int) int64 { return c.Ints[i] })
		return appendBits(dst, scratch), scratch
	case codecDecimal:
		return appendDecimals(dst, scratch, c)
	case codecFloat:
		for i, f := range c.Floats {
			if !c.IsNull(i) {
				dst = appendFloat(dst, c.Type.Kind, value.NewFloat(c.Type.Kind, f).F)
			}
		}
		return dst, scratch
	case codecBytes, codecFixed:
		if c.Type.Kind != value.UUID {
			length := func(i int) int64 { return int64(c.Offs[i+1] - c.Offs[i]) }
			scratch = collect(scratch, c, length)
			dst = appendFrame(dst, scratch)
		}
		return append(dst, c.Bytes[c.Offs[0]:c.Offs[c.Len()]]...), scratch
	}
	part := func(get func(i int) int64) {
		scratch = collect(scratch[:0], c, get)
		dst = appendFrame(dst, scratch)
	}
	part(func(i int) int64 { return int64(c.Ivs[i].Months) })
	part(func(i int) int64 { return int64(c.Ivs[i].Days) })
	part(func(i int) int64 { return c.Ivs[i].Micros })
	return dst, scratch
}

// collect appends what get says of the values of c that are not NULL.
func collect(dst []int64, c *value.Vec, get func(i int) int64) []int64 {
	for i := range c.Len() {
		if !c.IsNull(i) {
			dst = append(dst, get(i))
		}
	}
	return dst
}

func appendBits(dst []byte, vs []int64) []byte {
	start := len(dst)
	dst = appendZeros(dst, (len(vs)+7)/8)
	for i, v := range vs {
		invariant.Check(v == 0 || v == 1, "boolean %d", v)
		dst[start+i/8] |= byte(v) << (i & 7)
	}
	return dst
}

// appendFrame appends nothing for no values, or the least value as a zigzag varint, the width w
// that holds the greatest distance from it, and each value's distance in w bytes (frame of
// reference, as in J. Goldstein, R. Ramakrishnan, U. Shaft: Compressing Relations and Indexes).
func appendFrame(dst []byte, vs []int64) []byte {
	if len(vs) == 0 {
		return dst
	}
	lo, hi := vs[0], vs[0]
	for _, v := range vs {
		lo, hi = min(lo, v), max(hi, v)
	}
	dst = binary.AppendVarint(dst, lo)
	w := byteWidth(uint64(hi) - uint64(lo))
	dst = append(dst, byte(w))
	for _, v := range vs {
		switch d := uint64(v) - uint64(lo); w {
		case 1:
			dst = append(dst, byte(d))
		case 2:
			dst = binary.LittleEndian.AppendUint16(dst, uint16(d))
		case 4:
			dst = binary.LittleEndian.AppendUint32(dst, uint32(d))
		default:
			dst = binary.LittleEndian.AppendUint64(dst, d)
		}
	}
	return dst
}

// Forms of the two parts of a numeric column.
const (
	scaleOne  = 0 // one scale for all values
	scaleEach = 1 // a byte for each value; not all are equal
	coefFrame = 0 // a frame
	coefWide  = 1 // 16 bytes each, little endian; some value needs more than 8
)

func appendDecimals(dst []byte, scratch []int64, c *value.Vec) (out []byte, grown []int64) {
	form, coefs, first := byte(scaleOne), byte(coefFrame), -1
	for i, d := range c.Decs {
		if c.IsNull(i) {
			continue
		}
		if first < 0 {
			first = i
		}
		if d.Scale != c.Decs[first].Scale {
			form = scaleEach
		}
		v, narrow := d.Coef.Int64()
		if !narrow {
			coefs = coefWide
		}
		scratch = append(scratch, v)
	}
	if first < 0 {
		return dst, scratch
	}
	dst = append(dst, form)
	if form == scaleOne {
		dst = append(dst, c.Decs[first].Scale)
	}
	for i, d := range c.Decs {
		if form == scaleEach && !c.IsNull(i) {
			dst = append(dst, d.Scale)
		}
	}
	dst = append(dst, coefs)
	if coefs == coefFrame {
		return appendFrame(dst, scratch), scratch
	}
	for i, d := range c.Decs {
		if !c.IsNull(i) {
			dst = binary.LittleEndian.AppendUint64(dst, d.Coef.Lo)
			dst = binary.LittleEndian.AppendUint64(dst, uint64(d.Coef.Hi))
		}
	}
	return dst, scratch
}

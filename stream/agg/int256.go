package agg

import (
	"encoding/binary"
	"math/bits"

	"weir/stream/value"
)

// appendInt256 writes the number of bytes, then that many of the two's complement, big endian,
// as few as keep the sign.
func appendInt256(dst []byte, v value.Int256) []byte {
	var raw [32]byte
	if x, ok := v.Int64(); ok { // nearly all sums
		skip := (bits.LeadingZeros64(uint64(x^x>>63)) - 1) / 8
		dst = append(dst, byte(8-skip))
		binary.BigEndian.PutUint64(raw[:], uint64(x))
		return append(dst, raw[skip:8]...)
	}
	for i, w := range v {
		binary.BigEndian.PutUint64(raw[24-8*i:], w)
	}
	skip := 0
	for skip < 31 && (raw[skip] == 0 && raw[skip+1] < 0x80 ||
		raw[skip] == 0xFF && raw[skip+1] >= 0x80) {
		skip++
	}
	return append(append(dst, byte(32-skip)), raw[skip:]...)
}

func cutInt256(b []byte) (value.Int256, []byte) {
	n := int(b[0])
	if n <= 8 {
		x := int64(int8(b[1]))
		for _, c := range b[2 : 1+n] {
			x = x<<8 | int64(c)
		}
		sign := uint64(x >> 63)
		return value.Int256{uint64(x), sign, sign, sign}, b[1+n:]
	}
	var raw [32]byte
	if b[1] >= 0x80 {
		for i := range raw {
			raw[i] = 0xFF
		}
	}
	copy(raw[32-n:], b[1:1+n])
	var v value.Int256
	for i := range v {
		v[i] = binary.BigEndian.Uint64(raw[24-8*i:])
	}
	return v, b[1+n:]
}

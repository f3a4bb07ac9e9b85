package agg

import (
	"encoding/binary"
	"math/bits"

	"weir/stream/value"
)

// bitCounts is the state of bit_and, bit_or and bit_xor: how many values there are, and how many
// have each bit of the sign-extended 64.
type bitCounts struct {
	count int64
	ones  [64]int64
}

func (s *bitCounts) reset() { *s = bitCounts{} }

func (s *bitCounts) add(arg, _ *value.Vec, i int, w int64) {
	s.count += w
	for x := uint64(arg.Ints[i]); x != 0; x &= x - 1 {
		s.ones[bits.TrailingZeros64(x)] += w
	}
}

func (s *bitCounts) merge(o *bitCounts) {
	s.count += o.count
	for k, n := range o.ones {
		s.ones[k] += n
	}
}

// append writes the count, which bits have ones, and how many.
func (s *bitCounts) append(dst []byte) []byte {
	dst = binary.AppendVarint(dst, s.count)
	some := uint64(0)
	for k, n := range s.ones {
		if n != 0 {
			some |= 1 << k
		}
	}
	dst = binary.LittleEndian.AppendUint64(dst, some)
	for ; some != 0; some &= some - 1 {
		dst = binary.AppendVarint(dst, s.ones[bits.TrailingZeros64(some)])
	}
	return dst
}

func (s *bitCounts) load(b []byte) []byte {
	s.count, b = cutVarint(b)
	some := binary.LittleEndian.Uint64(b)
	b = b[8:]
	for ; some != 0; some &= some - 1 {
		s.ones[bits.TrailingZeros64(some)], b = cutVarint(b)
	}
	return b
}

func (s *bitCounts) result(f Func, t value.Type) (value.Datum, *value.Error) {
	if s.count == 0 {
		return value.Datum{}, nil
	}
	out := uint64(0)
	for k, n := range s.ones {
		if f == BitAnd && n == s.count || f == BitOr && n != 0 || f == BitXor && n&1 != 0 {
			out |= 1 << k
		}
	}
	return value.NewInt(t.Kind, int64(out)), nil
}

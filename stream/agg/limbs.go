package agg

import (
	"encoding/binary"
	"math/big"
	"math/bits"
	"slices"

	"weir/stream/value"
)

// limbs is an integer of any size in units of 2^(64*low - zero), where zero is up to its user: a
// window of 64-bit limbs in two's complement, least significant first, that covers what has been
// added so far. The top limb is only sign: all zeros or all ones.
//
//	bit  ... 64*(low+2)        64*(low+1)        64*low
//	       |  limbs[2] = sign | limbs[1]        | limbs[0]      | zeros
type limbs struct {
	low int
	w   []uint64
}

func (s *limbs) reset() { s.low, s.w = 0, s.w[:0] }

// product is a magnitude in words, least significant first.
type product [5]uint64

// times multiplies a magnitude below 2^256 by a factor.
func times(m [4]uint64, f uint64) (p product) {
	var carry uint64
	for i, x := range m {
		hi, lo := bits.Mul64(x, f)
		var c uint64
		p[i], c = bits.Add64(lo, carry, 0)
		carry = hi + c
	}
	p[4] = carry
	return p
}

// addProduct adds +-p * 2^at, counted from bit 0 of limb 0.
func (s *limbs) addProduct(neg bool, p product, at int) {
	var v [6]uint64
	if shift := uint(at & 63); shift == 0 {
		copy(v[:], p[:])
	} else {
		for i, x := range p {
			v[i] |= x << shift
			v[i+1] = x >> (64 - shift)
		}
	}
	n := len(v)
	for n > 0 && v[n-1] == 0 {
		n--
	}
	first := 0
	for first < n && v[first] == 0 {
		first++
	}
	if first == n {
		return
	}
	s.addWords(neg, v[first:n], at>>6+first)
}

// addWords adds +-v, whose first word is limb at.
func (s *limbs) addWords(neg bool, v []uint64, at int) {
	s.cover(at, at+len(v)+1)
	w := s.w[at-s.low:]
	var c uint64
	if neg {
		for i, x := range v {
			w[i], c = bits.Sub64(w[i], x, c)
		}
		for i := len(v); c != 0 && i < len(w); i++ {
			w[i], c = bits.Sub64(w[i], 0, c)
		}
	} else {
		for i, x := range v {
			w[i], c = bits.Add64(w[i], x, c)
		}
		for i := len(v); c != 0 && i < len(w); i++ {
			w[i], c = bits.Add64(w[i], 0, c)
		}
	}
	s.signed()
}

// merge adds o.
func (s *limbs) merge(o *limbs) {
	if len(o.w) == 0 {
		return
	}
	s.cover(o.low, o.low+len(o.w))
	w := s.w[o.low-s.low:]
	var c uint64
	for i, x := range o.w {
		w[i], c = bits.Add64(w[i], x, c)
	}
	sign := o.w[len(o.w)-1]
	for i := len(o.w); i < len(w); i++ {
		w[i], c = bits.Add64(w[i], sign, c)
	}
	s.signed()
}

// cover makes the window hold limbs from..to-1, the last of which is only sign.
func (s *limbs) cover(from, to int) {
	if len(s.w) == 0 {
		s.low = from
		for range to - from {
			s.w = append(s.w, 0)
		}
		return
	}
	if from < s.low {
		n := len(s.w)
		s.w = slices.Grow(s.w, s.low-from)[:n+s.low-from]
		copy(s.w[s.low-from:], s.w[:n])
		clear(s.w[:s.low-from])
		s.low = from
	}
	for sign := s.w[len(s.w)-1]; s.low+len(s.w) < to; {
		s.w = append(s.w, sign)
	}
}

// signed restores the top limb to be only sign.
func (s *limbs) signed() {
	if top := s.w[len(s.w)-1]; top+1 > 1 {
		s.w = append(s.w, uint64(int64(top)>>63))
	}
}

// trim makes the window as small as the value allows.
func (s *limbs) trim() {
	n := len(s.w)
	for n > 1 && s.w[n-1] == s.w[n-2] && s.w[n-1]+1 <= 1 {
		n--
	}
	first := 0
	for first < n && s.w[first] == 0 {
		first++
	}
	if first == n {
		s.reset()
		return
	}
	s.low += first
	s.w = s.w[:copy(s.w, s.w[first:n])]
}

// append writes the number of limbs, and, if there are some, the first one's place and all of them.
func (s *limbs) append(dst []byte) []byte {
	s.trim()
	dst = binary.AppendUvarint(dst, uint64(len(s.w)))
	if len(s.w) == 0 {
		return dst
	}
	dst = binary.AppendUvarint(dst, uint64(s.low))
	for _, x := range s.w {
		dst = binary.AppendUvarint(dst, x+1) // a sign limb is short
	}
	return dst
}

func (s *limbs) load(b []byte) []byte {
	s.reset()
	n, b := cutUvarint(b)
	if n == 0 {
		return b
	}
	low, b := cutUvarint(b)
	s.low = int(low)
	for range n {
		var x uint64
		x, b = cutUvarint(b)
		s.w = append(s.w, x-1)
	}
	return b
}

// sign returns -1, 0 or +1.
func (s *limbs) sign() int {
	if n := len(s.w); n > 0 && s.w[n-1] != 0 {
		return -1
	}
	for _, x := range s.w {
		if x != 0 {
			return 1
		}
	}
	return 0
}

// magnitude writes the absolute value into dst, without leading zeros, and says whether the
// value is negative.
func (s *limbs) magnitude(dst []uint64) (neg bool, mag []uint64) {
	mag = append(dst, s.w...)
	if n := len(mag); n > 0 && mag[n-1] != 0 {
		neg = true
		c := uint64(1)
		for i, x := range mag {
			mag[i], c = bits.Add64(^x, 0, c)
		}
	}
	for len(mag) > 0 && mag[len(mag)-1] == 0 {
		mag = mag[:len(mag)-1]
	}
	return neg, mag
}

// big returns the value in units of limb 0.
func (s *limbs) big() *big.Int {
	neg, mag := s.magnitude(nil)
	raw := make([]byte, 8*len(mag))
	for i, x := range mag {
		binary.BigEndian.PutUint64(raw[len(raw)-8*i-8:], x)
	}
	z := new(big.Int).SetBytes(raw)
	z.Lsh(z, uint(64*s.low))
	if neg {
		z.Neg(z)
	}
	return z
}

// int128 returns the value in units of limb 0 if it fits.
func (s *limbs) int128() (value.Int128, bool) {
	if len(s.w) == 0 {
		return value.Int128{}, true
	}
	at := func(i int) uint64 {
		switch i -= s.low; {
		case i < 0:
			return 0
		case i >= len(s.w):
			return s.w[len(s.w)-1]
		}
		return s.w[i]
	}
	v := value.Int128{Hi: int64(at(1)), Lo: at(0)}
	for i := 2; i < s.low+len(s.w); i++ {
		if at(i) != uint64(v.Hi>>63) {
			return v, false
		}
	}
	return v, s.w[len(s.w)-1] == uint64(v.Hi>>63)
}

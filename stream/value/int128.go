package value

import (
	"cmp"
	"math"
	"math/bits"
)

// Int128FromInt64 widens v.
func Int128FromInt64(v int64) Int128 { return Int128{v >> 63, uint64(v)} }

// Add returns a + b, wrapping.
func (a Int128) Add(b Int128) Int128 {
	lo, c := bits.Add64(a.Lo, b.Lo, 0)
	hi, _ := bits.Add64(uint64(a.Hi), uint64(b.Hi), c)
	return Int128{int64(hi), lo}
}

// Sub returns a - b, wrapping.
func (a Int128) Sub(b Int128) Int128 {
	lo, c := bits.Sub64(a.Lo, b.Lo, 0)
	hi, _ := bits.Sub64(uint64(a.Hi), uint64(b.Hi), c)
	return Int128{int64(hi), lo}
}

// Neg returns -a, wrapping at the least value.
func (a Int128) Neg() Int128 { return Int128{}.Sub(a) }

// Sign returns -1, 0 or +1.
func (a Int128) Sign() int {
	switch {
	case a.Hi < 0:
		return -1
	case a.Hi == 0 && a.Lo == 0:
		return 0
	}
	return 1
}

// Cmp orders signed integers.
func (a Int128) Cmp(b Int128) int {
	if a.Hi != b.Hi {
		return cmp.Compare(a.Hi, b.Hi)
	}
	return cmp.Compare(a.Lo, b.Lo)
}

// Int64 returns a as an int64 if it fits.
func (a Int128) Int64() (int64, bool) {
	v := int64(a.Lo)
	return v, a.Hi == v>>63
}

// MulInt64 returns the exact product of two int64.
func MulInt64(a, b int64) Int128 { return mulInt64(a, b) }

func mulInt64(a, b int64) Int128 {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	h := int64(hi)
	if a < 0 {
		h -= b
	}
	if b < 0 {
		h -= a
	}
	return Int128{h, lo}
}

// mag returns the absolute value as an unsigned number.
func (a Int128) mag() u128 {
	if a.Hi < 0 {
		a = a.Neg()
	}
	return u128{a.Lo, uint64(a.Hi)}
}

// divSmall divides by d > 0, truncating toward zero; the remainder has a's sign.
func (a Int128) divSmall(d uint64) (q, r Int128) {
	m := a.mag()
	qh, rem := m[1]/d, m[1]%d
	ql, rem := bits.Div64(rem, m[0], d)
	q, r = Int128{int64(qh), ql}, Int128{0, rem}
	if a.Hi < 0 {
		return q.Neg(), r.Neg()
	}
	return q, r
}

func (a Int128) clamp32() int64 {
	v, ok := a.Int64()
	switch {
	case !ok && a.Hi < 0 || ok && v < math.MinInt32:
		return math.MinInt32
	case !ok || v > math.MaxInt32:
		return math.MaxInt32
	}
	return v
}

// u128 and u256 are unsigned integers, least significant word first.
type (
	u128 [2]uint64
	u256 [4]uint64
)

func (a u128) wide() u256 { return u256{a[0], a[1]} }

func mul128(a, b u128) u256 {
	var z u256
	h00, l00 := bits.Mul64(a[0], b[0])
	h01, l01 := bits.Mul64(a[0], b[1])
	h10, l10 := bits.Mul64(a[1], b[0])
	h11, l11 := bits.Mul64(a[1], b[1])
	z[0] = l00
	var c1, c2, c uint64
	z[1], c1 = bits.Add64(h00, l01, 0)
	z[1], c2 = bits.Add64(z[1], l10, 0)
	z[2], c = bits.Add64(h01, h10, c1)
	z[3] = h11 + c
	z[2], c = bits.Add64(z[2], l11, c2)
	z[3] += c
	return z
}

func (a u256) add(b u256) (z u256, carry uint64) {
	for i := range a {
		z[i], carry = bits.Add64(a[i], b[i], carry)
	}
	return z, carry
}

func (a u256) sub(b u256) (z u256, borrow uint64) {
	for i := range a {
		z[i], borrow = bits.Sub64(a[i], b[i], borrow)
	}
	return z, borrow
}

func (a u256) cmp(b u256) int {
	for i := 3; i >= 0; i-- {
		if a[i] != b[i] {
			return cmp.Compare(a[i], b[i])
		}
	}
	return 0
}

func (a u256) isZero() bool { return a[0]|a[1]|a[2]|a[3] == 0 }

func (a u256) fits128() bool { return a[2]|a[3] == 0 }

// mulSmall returns a * m and the carry out of 256 bits.
func (a u256) mulSmall(m uint64) (z u256, carry uint64) {
	for i := range a {
		hi, lo := bits.Mul64(a[i], m)
		var c uint64
		z[i], c = bits.Add64(lo, carry, 0)
		carry = hi + c
	}
	return z, carry
}

// mul returns a * b and whether it fits in 256 bits.
func (a u256) mul(b u256) (u256, bool) {
	var z u256
	ok := true
	for i := range b {
		if b[i] == 0 {
			continue
		}
		p, carry := a.mulSmall(b[i])
		for j := 4 - i; j < 4; j++ {
			ok = ok && p[j] == 0
		}
		ok = ok && carry == 0
		var s u256
		copy(s[i:], p[:4-i])
		var c uint64
		z, c = z.add(s)
		ok = ok && c == 0
	}
	return z, ok
}

func (a u256) bitLen() int {
	for i := 3; i >= 0; i-- {
		if a[i] != 0 {
			return 64*i + bits.Len64(a[i])
		}
	}
	return 0
}

// divSmall returns the quotient and remainder of a / d.
func (a u256) divSmall(d uint64) (q u256, r uint64) {
	for i := 3; i >= 0; i-- {
		q[i], r = bits.Div64(r, a[i], d)
	}
	return q, r
}

// div returns the quotient and remainder of a / d for d > 0: Knuth, The Art of Computer
// Programming 4.3.1, algorithm D, with 64-bit digits.
func (a u256) div(d u256) (q, r u256) {
	if a.cmp(d) < 0 {
		return u256{}, a
	}
	n := (d.bitLen() + 63) / 64
	if n == 1 {
		q, rem := a.divSmall(d[0])
		return q, u256{rem}
	}
	shift := uint(bits.LeadingZeros64(d[n-1]))
	v := d.shl(shift)
	var u [5]uint64
	s := a.shl(shift)
	copy(u[:4], s[:])
	if shift > 0 {
		u[4] = a[3] >> (64 - shift)
	}
	for j := 4 - n; j >= 0; j-- {
		q[j] = divStep(u[j:j+n+1], v[:n])
	}
	copy(r[:], u[:4])
	return q, r.shr(shift)
}

// divStep subtracts the largest multiple of v from u and returns the multiplier; u has one digit
// more than v, v is normalised.
func divStep(u, v []uint64) uint64 {
	n := len(v)
	qhat := uint64(math.MaxUint64)
	if u[n] < v[n-1] {
		var rhat uint64
		qhat, rhat = bits.Div64(u[n], u[n-1], v[n-1])
		for {
			hi, lo := bits.Mul64(qhat, v[n-2])
			if hi < rhat || hi == rhat && lo <= u[n-2] {
				break
			}
			qhat--
			var c uint64
			if rhat, c = bits.Add64(rhat, v[n-1], 0); c != 0 {
				break
			}
		}
	}
	if mulSub(u, v, qhat) {
		for c := uint64(0); c == 0; {
			qhat--
			for i := range v {
				u[i], c = bits.Add64(u[i], v[i], c)
			}
			u[n], c = bits.Add64(u[n], 0, c)
		}
	}
	return qhat
}

// mulSub computes u -= q * v and reports whether that went below zero.
func mulSub(u, v []uint64, q uint64) bool {
	var carry, borrow uint64
	for i := range v {
		hi, lo := bits.Mul64(q, v[i])
		var c uint64
		lo, c = bits.Add64(lo, carry, 0)
		carry = hi + c
		u[i], borrow = bits.Sub64(u[i], lo, borrow)
	}
	u[len(v)], borrow = bits.Sub64(u[len(v)], carry, borrow)
	return borrow != 0
}

func (a u256) shl(s uint) u256 {
	if s == 0 {
		return a
	}
	return u256{
		a[0] << s, a[1]<<s | a[0]>>(64-s), a[2]<<s | a[1]>>(64-s), a[3]<<s | a[2]>>(64-s),
	}
}

func (a u256) shr(s uint) u256 {
	if s == 0 {
		return a
	}
	return u256{
		a[0]>>s | a[1]<<(64-s), a[1]>>s | a[2]<<(64-s), a[2]>>s | a[3]<<(64-s), a[3] >> s,
	}
}

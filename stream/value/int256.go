package value

import "math/bits"

// Int256 is a signed 256-bit integer in two's complement, least significant word first. Sums of
// numerics accumulate in it, so that their order and intermediate size do not matter.
type Int256 [4]uint64

// Int256FromInt128 widens v.
func Int256FromInt128(v Int128) Int256 {
	s := uint64(v.Hi >> 63)
	return Int256{v.Lo, uint64(v.Hi), s, s}
}

// Add returns a + b, wrapping.
func (a Int256) Add(b Int256) Int256 {
	z, _ := u256(a).add(u256(b))
	return Int256(z)
}

// Neg returns -a.
func (a Int256) Neg() Int256 {
	z, _ := u256{}.sub(u256(a))
	return Int256(z)
}

// Sign returns -1, 0 or +1.
func (a Int256) Sign() int {
	switch {
	case a[3]>>63 != 0:
		return -1
	case u256(a).isZero():
		return 0
	}
	return 1
}

// AddMul returns a + v*w, wrapping; the product is exact.
func (a Int256) AddMul(v Int128, w int64) Int256 {
	switch w {
	case 1:
		return a.Add(Int256FromInt128(v))
	case -1:
		return a.Add(Int256FromInt128(v).Neg())
	}
	p := Int256(mul128(v.mag(), Int128FromInt64(w).mag()))
	if (v.Hi < 0) != (w < 0) {
		p = p.Neg()
	}
	return a.Add(p)
}

func (a Int256) mag() (neg bool, m u256) {
	if a[3]>>63 != 0 {
		return true, u256(a.Neg())
	}
	return false, u256(a)
}

// MulPow10 returns a * 10^n (n <= 77) and whether it fits.
func (a Int256) MulPow10(n int) (Int256, bool) {
	neg, m := a.mag()
	m, ok := m.mul(pow10[n])
	if m[3]>>63 != 0 {
		return Int256{}, false
	}
	if neg {
		return Int256(m).Neg(), ok
	}
	return Int256(m), ok
}

// Decimal returns a * 10^-scale as a numeric cut to 38 digits.
func (a Int256) Decimal(scale int) (Decimal, *Error) {
	neg, m := a.mag()
	return fitDecimal(neg, m, scale)
}

// Int64 returns a as an int64 if it fits.
func (a Int256) Int64() (int64, bool) {
	v := int64(a[0])
	s := uint64(v >> 63)
	return v, a[1] == s && a[2] == s && a[3] == s
}

// MulAdd64 is the word-wise a*m + c for m, c >= 0, used when decoding; it wraps.
func (a Int256) MulAdd64(m, c uint64) Int256 {
	z, _ := u256(a).mulSmall(m)
	var carry uint64
	z[0], carry = bits.Add64(z[0], c, 0)
	for i := 1; i < 4; i++ {
		z[i], carry = bits.Add64(z[i], 0, carry)
	}
	return Int256(z)
}

// DivSmall divides a >= 0 by d > 0, toward zero.
func (a Int256) DivSmall(d uint64) Int256 {
	q, _ := u256(a).divSmall(d)
	return Int256(q)
}

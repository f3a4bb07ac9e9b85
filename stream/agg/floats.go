package agg

import (
	"encoding/binary"
	"math"
	"math/big"
	"math/bits"

	"weir/stream/value"
)

// Exact sums of floats and of products of two floats, in fixed point (the accumulator of
// U. Kulisch, "Computer Arithmetic and Validity", chapter 8): unit is 2^-sumZero or
// 2^-productZero, both multiples of 64 so that limbs start at them.
const (
	sumZero     = 1088 // the least double is 2^-1074
	productZero = 2176 // twice that: the product of two units is a unit
)

// Precision and least exponents of the results.
var (
	double = format{bits: 53, least: -1074, most: 1024}
	single = format{bits: 24, least: -149, most: 128}
)

// format is a binary floating-point format: digits, the exponent of its least number, and the
// exponent at which it ends.
type format struct{ bits, least, most int }

// split returns |x| = mant * 2^exp for a finite x.
func split(x float64) (neg bool, mant uint64, exp int) {
	b := math.Float64bits(x)
	mant, exp = b&(1<<52-1), int(b>>52&0x7FF)
	if exp == 0 {
		exp = 1
	} else {
		mant |= 1 << 52
	}
	return b>>63 != 0, mant, exp - 1075
}

func magnitude(w int64) uint64 {
	if w < 0 {
		return -uint64(w)
	}
	return uint64(w)
}

// addFloat adds x*w, for a finite x.
func (s *limbs) addFloat(x float64, w int64) {
	neg, mant, exp := split(x)
	hi, lo := bits.Mul64(mant, magnitude(w))
	s.addProduct(neg != (w < 0), product{lo, hi}, exp+sumZero)
}

// addFloats adds x*y*w, for finite x and y: the product has at most 106 bits, so it is exact.
func (s *limbs) addFloats(x, y float64, w int64) {
	xn, xm, xe := split(x)
	yn, ym, ye := split(y)
	hi, lo := bits.Mul64(xm, ym)
	s.addProduct((xn != yn) != (w < 0), times([4]uint64{lo, hi}, magnitude(w)),
		xe+ye+productZero)
}

// float rounds a sum of floats once, to nearest even; not ok when it is beyond the format.
func (s *limbs) float(f format) (x float64, ok bool) {
	var room [48]uint64
	neg, mag := s.magnitude(room[:0])
	if len(mag) == 0 {
		return 0, true
	}
	top := 64*len(mag) - 1 - bits.LeadingZeros64(mag[len(mag)-1]) // the highest bit that is set
	unit := 64*s.low - sumZero                                    // exponent of bit 0
	cut := max(top-f.bits+1, f.least-unit)                        // bits below are rounded away
	if cut <= 0 {
		mant := mag[0]
		return signedFloat(neg, mant, unit, f)
	}
	mant := bitsAt(mag, cut)
	half := bitsAt(mag, cut-1)&1 != 0
	if half && (mant&1 != 0 || anyBelow(mag, cut-1)) {
		mant++
	}
	return signedFloat(neg, mant, unit+cut, f)
}

// bitsAt returns the bits from position at on, of which at most 64 are left.
func bitsAt(mag []uint64, at int) uint64 {
	i, shift := at>>6, uint(at&63)
	if i >= len(mag) {
		return 0
	}
	x := mag[i] >> shift
	if shift > 0 && i+1 < len(mag) {
		x |= mag[i+1] << (64 - shift)
	}
	return x
}

// anyBelow reports whether a bit below position at is set.
func anyBelow(mag []uint64, at int) bool {
	for i := range at >> 6 {
		if mag[i] != 0 {
			return true
		}
	}
	return at>>6 < len(mag) && mag[at>>6]<<(63-uint(at&63))<<1 != 0
}

// signedFloat is +-mant * 2^exp, which the format holds unless it is too great.
func signedFloat(neg bool, mant uint64, exp int, f format) (float64, bool) {
	switch {
	case mant == 0:
		return 0, true
	case bits.Len64(mant)+exp > f.most:
		return 0, false
	}
	x := math.Ldexp(float64(mant), exp)
	if neg {
		x = -x
	}
	return x, true
}

// ratio rounds num/den * 2^exp once to a double, for den above 0.
func ratio(num *big.Int, exp int, den *big.Int) (float64, *value.Error) {
	if num.Sign() == 0 {
		return 0, nil
	}
	mag := new(big.Int).Abs(num)
	if up := den.BitLen() - mag.BitLen() + 66; up > 0 {
		mag.Lsh(mag, uint(up))
		exp -= up
	}
	q, r := new(big.Int).QuoRem(mag, den, new(big.Int))
	cut := max(q.BitLen()-double.bits, double.least-exp)
	mant := new(big.Int).Rsh(q, uint(cut)).Uint64()
	rest := new(big.Int).Sub(q, new(big.Int).Lsh(new(big.Int).SetUint64(mant), uint(cut)))
	half := new(big.Int).Lsh(big.NewInt(1), uint(cut-1))
	switch c := rest.Cmp(half); {
	case c > 0, c == 0 && (r.Sign() != 0 || mant&1 != 0):
		mant++
	}
	x, ok := signedFloat(num.Sign() < 0, mant, exp+cut, double)
	if !ok {
		return 0, value.ErrFloatOverflow
	}
	return x, nil
}

// specials counts the values that have no place in fixed point.
type specials struct{ nan, up, down int64 }

func (s *specials) reset() { *s = specials{} }

// add counts x if it is not finite.
func (s *specials) add(x float64, w int64) bool {
	switch {
	case x != x:
		s.nan += w
	case x > math.MaxFloat64:
		s.up += w
	case x < -math.MaxFloat64:
		s.down += w
	default:
		return false
	}
	return true
}

func (s *specials) merge(o *specials) {
	s.nan, s.up, s.down = s.nan+o.nan, s.up+o.up, s.down+o.down
}

func (s *specials) any() bool { return s.nan != 0 || s.up != 0 || s.down != 0 }

func (s *specials) append(dst []byte) []byte {
	dst = binary.AppendVarint(dst, s.nan)
	dst = binary.AppendVarint(dst, s.up)
	return binary.AppendVarint(dst, s.down)
}

func (s *specials) load(b []byte) []byte {
	s.nan, b = cutVarint(b)
	s.up, b = cutVarint(b)
	s.down, b = cutVarint(b)
	return b
}

// sum is the sum of values of which some are not finite.
func (s *specials) sum() float64 {
	switch {
	case s.nan != 0 || s.up != 0 && s.down != 0:
		return math.NaN()
	case s.up != 0:
		return math.Inf(1)
	}
	return math.Inf(-1)
}

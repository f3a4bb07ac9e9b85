package value

import (
	"math"
	"math/big"
)

// The elementary functions are computed in fixed point with fracBits bits behind the point, far
// more than any result shows, and rounded once. Nothing depends on the processor's own.
const fracBits = 512

var (
	fixedOne = new(big.Int).Lsh(big.NewInt(1), fracBits)
	fixedLn2 = atanhSeries(big.NewInt(1), big.NewInt(3)) // ln 2 = 2 atanh(1/3)
	bigTen   = big.NewInt(10)
	bigOne   = big.NewInt(1)
)

func bigPow10(n int) *big.Int { return new(big.Int).Exp(bigTen, big.NewInt(int64(n)), nil) }

// atanhSeries returns 2 atanh(p/q) for |p/q| <= 1/3.
func atanhSeries(p, q *big.Int) *big.Int {
	y := new(big.Int).Lsh(p, fracBits)
	y.Quo(y, q)
	square := new(big.Int).Mul(y, y)
	square.Rsh(square, fracBits)
	sum, term := new(big.Int), new(big.Int).Set(y)
	for i := int64(1); term.Sign() != 0; i += 2 {
		sum.Add(sum, new(big.Int).Quo(term, big.NewInt(i)))
		term.Mul(term, square)
		if term.Sign() < 0 { // toward zero, so that the series ends
			term.Neg(term).Rsh(term, fracBits).Neg(term)
		} else {
			term.Rsh(term, fracBits)
		}
	}
	return sum.Lsh(sum, 1)
}

// fixedLn returns ln(p/q) for p, q > 0.
func fixedLn(p, q *big.Int) *big.Int {
	k := p.BitLen() - q.BitLen()
	a, b := new(big.Int).Set(p), new(big.Int).Set(q)
	if k >= 0 {
		b.Lsh(b, uint(k))
	} else {
		a.Lsh(a, uint(-k))
	}
	// a/b lies in (1/2, 2); bring it into (2/3, 4/3]
	if twice := new(big.Int).Mul(a, big.NewInt(3)); twice.Cmp(new(big.Int).Lsh(b, 2)) > 0 {
		b.Lsh(b, 1)
		k++
	}
	ln := atanhSeries(new(big.Int).Sub(a, b), new(big.Int).Add(a, b))
	return ln.Add(ln, new(big.Int).Mul(fixedLn2, big.NewInt(int64(k))))
}

// fixedExp returns m and k with e^x = m * 2^k, m in [1/2, 2) or so.
func fixedExp(x *big.Int) (m *big.Int, k int) {
	n := new(big.Int).Div(x, fixedLn2)
	if !n.IsInt64() || n.Int64() > 1<<20 || n.Int64() < -1<<20 {
		if x.Sign() > 0 {
			return new(big.Int).Set(fixedOne), 1 << 20
		}
		return new(big.Int).Set(fixedOne), -1 << 20
	}
	k = int(n.Int64())
	r := new(big.Int).Sub(x, new(big.Int).Mul(n, fixedLn2))
	const halvings = 16
	r.Rsh(r, halvings)
	sum, term := new(big.Int).Set(fixedOne), new(big.Int).Set(fixedOne)
	for i := int64(1); ; i++ {
		term.Mul(term, r).Rsh(term, fracBits)
		term.Quo(term, big.NewInt(i))
		if term.Sign() == 0 {
			break
		}
		sum.Add(sum, term)
	}
	for range halvings {
		sum.Mul(sum, sum).Rsh(sum, fracBits)
	}
	return sum, k
}

// roundFraction returns p/q rounded half away from zero at scale, cut to 38 digits.
func roundFraction(p, q *big.Int, scale int) (Decimal, *Error) {
	scale = max(min(scale, MaxPrecision), 0)
	neg := p.Sign() < 0 != (q.Sign() < 0)
	p, q = new(big.Int).Abs(p), new(big.Int).Abs(q)
	limit := bigPow10(MaxPrecision)
	for ; scale >= 0; scale-- {
		n := new(big.Int).Mul(p, bigPow10(scale))
		n.Lsh(n, 1).Add(n, q)
		n.Quo(n, new(big.Int).Lsh(q, 1))
		if n.Cmp(limit) < 0 {
			return decimalFromBig(neg, n, scale), nil
		}
	}
	return Decimal{}, ErrNumericRange
}

func decimalFromBig(neg bool, n *big.Int, scale int) Decimal {
	var w [16]byte
	n.FillBytes(w[:])
	var m u256
	for i := range 8 {
		m[1] = m[1]<<8 | uint64(w[i])
		m[0] = m[0]<<8 | uint64(w[8+i])
	}
	return rawDecimal(neg && n.Sign() != 0, m, scale)
}

// fraction returns d as p/q.
func (d Decimal) fraction() (p, q *big.Int) {
	m := d.Coef.mag()
	p = new(big.Int).Lsh(new(big.Int).SetUint64(m[1]), 64)
	p.Or(p, new(big.Int).SetUint64(m[0]))
	if d.Coef.Hi < 0 {
		p.Neg(p)
	}
	return p, bigPow10(int(d.Scale))
}

// fixed returns d in fixed point.
func (d Decimal) fixed() *big.Int {
	p, q := d.fraction()
	p.Lsh(p, fracBits)
	return p.Quo(p, q)
}

// roundFixed rounds m * 2^k, m in fixed point, to scale.
func roundFixed(m *big.Int, k, scale int) (Decimal, *Error) {
	switch shift := fracBits - k; {
	case shift < 0:
		if -shift > 1024 {
			return Decimal{}, ErrNumericRange
		}
		return roundFraction(new(big.Int).Lsh(m, uint(-shift)), bigOne, scale)
	case shift > 8192:
		return Decimal{Scale: uint8(max(min(scale, MaxPrecision), 0))}, nil
	default:
		return roundFraction(m, new(big.Int).Lsh(bigOne, uint(shift)), scale)
	}
}

// tenExponent returns the logarithm to base 10 of |v|, in fixed point and not 0, truncated toward
// zero.
func tenExponent(v *big.Int) int {
	v = new(big.Int).Abs(v)
	n := 0
	for v.Cmp(fixedOne) < 0 {
		v.Mul(v, bigTen)
		n--
	}
	for limit := new(big.Int).Mul(fixedOne, bigTen); v.Cmp(limit) >= 0; n++ {
		v.Quo(v, bigTen)
	}
	if n < 0 && v.Cmp(fixedOne) != 0 {
		n++ // toward zero
	}
	return n
}

// floatFixed returns f as p * 2^e.
func floatFraction(f float64) (p *big.Int, e int) {
	m, e := math.Frexp(f)
	return big.NewInt(int64(float64(m * (1 << 53)))), e - 53
}

// fixedFloat returns the float64 nearest to m * 2^k, m in fixed point.
func fixedFloat(m *big.Int, k int) float64 {
	x := new(big.Float).SetPrec(2 * fracBits).SetInt(m)
	x.SetMantExp(x, k-fracBits)
	f, _ := x.Float64()
	return f
}

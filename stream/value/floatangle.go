package value

import (
	"math"
	"math/big"
)

// piBits are the bits behind the point of fixedPi: enough to divide the largest float8 by it and
// keep fracBits of the remainder.
const piBits = fracBits + 1100

// fixedPi is pi by Machin's formula, 16 atan(1/5) - 4 atan(1/239), with piBits bits.
var fixedPi = machinPi()

var errFloatInput = &Error{StateOutOfRange, "input is out of range"}

func machinPi() *big.Int {
	inverse := func(q, factor int64) *big.Int { // factor * atan(1/q)
		const guard = 64
		square := big.NewInt(q * q)
		term := new(big.Int).Lsh(big.NewInt(factor), piBits+guard)
		term.Quo(term, big.NewInt(q))
		sum := new(big.Int)
		for i := int64(1); term.Sign() != 0; i += 2 {
			part := new(big.Int).Quo(term, big.NewInt(i))
			if i%4 == 1 {
				sum.Add(sum, part)
			} else {
				sum.Sub(sum, part)
			}
			term.Quo(term, square)
		}
		return sum.Rsh(sum, guard)
	}
	return new(big.Int).Sub(inverse(5, 16), inverse(239, 4))
}

// halfPi is pi/2 in fixed point.
func halfPi() *big.Int { return new(big.Int).Rsh(fixedPi, piBits-fracBits+1) }

// tinyAngle is the magnitude below which sin x, tan x, asin x and atan x round to x.
const tinyAngle = 0x1p-200

// sinCos returns the sine and the cosine of a finite f in fixed point.
func sinCos(f float64) (sin, cos *big.Int) {
	p, e := floatFraction(f)
	if shift := piBits + e; shift >= 0 {
		p.Lsh(p, uint(shift))
	} else {
		p.Rsh(p, uint(-shift))
	}
	quarter := new(big.Int).Rsh(fixedPi, 1)
	n, r := new(big.Int).DivMod(p, quarter, new(big.Int))
	r.Rsh(r, piBits-fracBits)
	sin, cos = seriesSinCos(r)
	switch new(big.Int).And(n, big.NewInt(3)).Int64() {
	case 1:
		sin, cos = cos, sin.Neg(sin)
	case 2:
		sin, cos = sin.Neg(sin), cos.Neg(cos)
	case 3:
		sin, cos = cos.Neg(cos), sin
	}
	return sin, cos
}

// seriesSinCos sums the series of Taylor for r in [0, pi/2], in fixed point.
func seriesSinCos(r *big.Int) (sin, cos *big.Int) {
	sin, cos = new(big.Int), new(big.Int)
	term := new(big.Int).Set(fixedOne)
	for i := int64(0); term.Sign() != 0; i++ {
		to := cos
		if i%2 == 1 {
			to = sin
		}
		if i%4 < 2 {
			to.Add(to, term)
		} else {
			to.Sub(to, term)
		}
		term.Mul(term, r).Rsh(term, fracBits)
		term.Quo(term, big.NewInt(i+1))
	}
	return sin, cos
}

// fixedAtan returns atan(y/x) for y, x >= 0, not both 0, in fixed point.
func fixedAtan(y, x *big.Int) *big.Int {
	if y.Cmp(x) > 0 {
		return new(big.Int).Sub(halfPi(), fixedAtan(x, y))
	}
	t := new(big.Int).Lsh(y, fracBits)
	t.Quo(t, x)
	const halvings = 6 // atan t = 2 atan(t / (1 + sqrt(1 + t*t)))
	for range halvings {
		root := new(big.Int).Mul(t, t)
		root.Add(root, new(big.Int).Lsh(fixedOne, fracBits)).Sqrt(root)
		t.Lsh(t, fracBits).Quo(t, root.Add(root, fixedOne))
	}
	square := new(big.Int).Mul(t, t)
	square.Rsh(square, fracBits)
	sum := new(big.Int)
	for i := int64(1); t.Sign() != 0; i += 2 {
		part := new(big.Int).Quo(t, big.NewInt(i))
		if i%4 == 1 {
			sum.Add(sum, part)
		} else {
			sum.Sub(sum, part)
		}
		t.Mul(t, square).Rsh(t, fracBits)
	}
	return sum.Lsh(sum, halvings)
}

// FloatSin returns the sine of f radians; 22003 for infinities.
func FloatSin(f float64) (float64, *Error) {
	if math.IsInf(f, 0) {
		return 0, errFloatInput
	}
	if f != f || math.Abs(f) < tinyAngle {
		return f, nil
	}
	sin, _ := sinCos(f)
	return fixedFloat(sin, 0), nil
}

// FloatCos returns the cosine of f radians; 22003 for infinities.
func FloatCos(f float64) (float64, *Error) {
	if math.IsInf(f, 0) {
		return 0, errFloatInput
	}
	if f != f {
		return f, nil
	}
	_, cos := sinCos(f)
	return fixedFloat(cos, 0), nil
}

// FloatTan returns the tangent of f radians; 22003 for infinities.
func FloatTan(f float64) (float64, *Error) {
	if math.IsInf(f, 0) {
		return 0, errFloatInput
	}
	if f != f || math.Abs(f) < tinyAngle {
		return f, nil
	}
	sin, cos := sinCos(f)
	return fixedFloat(sin.Lsh(sin, fracBits).Quo(sin, cos), 0), nil
}

// FloatCot returns the cotangent of f radians, an infinity for 0; 22003 for infinities.
func FloatCot(f float64) (float64, *Error) {
	if math.IsInf(f, 0) {
		return 0, errFloatInput
	}
	if f != f || math.Abs(f) < tinyAngle {
		return float64(1 / f), nil
	}
	sin, cos := sinCos(f)
	return fixedFloat(cos.Lsh(cos, fracBits).Quo(cos, sin), 0), nil
}

// complement returns sqrt(1 - f*f) for |f| <= 1, in fixed point.
func complement(f float64) *big.Int {
	x := floatFixed(f)
	x.Mul(x, x)
	x.Sub(new(big.Int).Lsh(fixedOne, fracBits), x)
	return x.Sqrt(x)
}

// FloatAsin returns the arc sine in radians; 22003 outside of [-1, 1].
func FloatAsin(f float64) (float64, *Error) {
	if f != f {
		return f, nil
	}
	if f < -1 || f > 1 {
		return 0, errFloatInput
	}
	if math.Abs(f) < tinyAngle {
		return f, nil
	}
	angle := fixedAtan(floatFixed(math.Abs(f)), complement(f))
	return math.Copysign(fixedFloat(angle, 0), f), nil
}

// FloatAcos returns the arc cosine in radians; 22003 outside of [-1, 1].
func FloatAcos(f float64) (float64, *Error) {
	if f != f {
		return f, nil
	}
	if f < -1 || f > 1 {
		return 0, errFloatInput
	}
	angle := fixedAtan(complement(f), floatFixed(math.Abs(f)))
	if f < 0 {
		angle.Sub(new(big.Int).Lsh(halfPi(), 1), angle)
	}
	return fixedFloat(angle, 0), nil
}

// FloatAtan returns the arc tangent in radians.
func FloatAtan(f float64) (float64, *Error) { return FloatAtan2(f, 1) }

// FloatAtan2 returns the angle of the point (x, y) in radians, with the special cases of
// IEEE 754.
func FloatAtan2(y, x float64) (float64, *Error) {
	if y != y || x != x {
		return math.NaN(), nil
	}
	a, b := math.Abs(y), math.Abs(x)
	switch { // infinities stand for large and for equal numbers
	case math.IsInf(a, 0) && math.IsInf(b, 0):
		a, b = 1, 1
	case math.IsInf(a, 0):
		a, b = 1, 0
	case math.IsInf(b, 0):
		a, b = 0, 1
	}
	back := math.Signbit(x)
	if a == 0 && !back {
		return math.Copysign(0, y), nil
	}
	if a == 0 {
		b = 1
	}
	_, ea := math.Frexp(a)
	_, eb := math.Frexp(b)
	if b != 0 && a != 0 && ea-eb < -200 && !back { // atan z rounds as z does
		z := new(big.Float).SetPrec(fracBits).SetFloat64(a)
		r, _ := z.Quo(z, new(big.Float).SetPrec(fracBits).SetFloat64(b)).Float64()
		return math.Copysign(r, y), nil
	}
	p, q := exactPair(a, b)
	angle := fixedAtan(p, q)
	if back {
		angle.Sub(new(big.Int).Lsh(halfPi(), 1), angle)
	}
	return math.Copysign(fixedFloat(angle, 0), y), nil
}

// exactPair returns integers in the proportion of a to b.
func exactPair(a, b float64) (p, q *big.Int) {
	p, e := floatFraction(a)
	q, f := floatFraction(b)
	if a == 0 || b == 0 {
		return p, q
	}
	if e >= f {
		p.Lsh(p, uint(e-f))
	} else {
		q.Lsh(q, uint(f-e))
	}
	return p, q
}

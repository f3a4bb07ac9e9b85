package value

import (
	"math"
	"math/big"
)

// The functions of floats are computed from the exact value of their argument and rounded once,
// to the nearest float8.

// FloatLn returns the natural logarithm.
func FloatLn(f float64) (float64, *Error) {
	if err := checkFloatLog(f); err != nil || math.IsInf(f, 1) || f != f {
		return f, err
	}
	return fixedFloat(floatLn(f), 0), nil
}

// FloatLog10 returns the logarithm to base 10.
func FloatLog10(f float64) (float64, *Error) {
	if err := checkFloatLog(f); err != nil || math.IsInf(f, 1) || f != f {
		return f, err
	}
	ln := floatLn(f)
	ln.Lsh(ln, fracBits)
	return fixedFloat(ln.Quo(ln, fixedLn(bigTen, bigOne)), 0), nil
}

func checkFloatLog(f float64) *Error {
	switch {
	case f == 0:
		return errLogZero
	case f < 0:
		return errLogNegative
	}
	return nil
}

func floatLn(f float64) *big.Int {
	p, e := floatFraction(f)
	if e >= 0 {
		return fixedLn(p.Lsh(p, uint(e)), bigOne)
	}
	return fixedLn(p, new(big.Int).Lsh(bigOne, uint(-e)))
}

// floatFixed returns f, finite and below 2^64, in fixed point.
func floatFixed(f float64) *big.Int {
	p, e := floatFraction(f)
	if e += fracBits; e >= 0 {
		return p.Lsh(p, uint(e))
	}
	return p.Rsh(p, uint(-e))
}

// FloatExp returns e^f; 22003 on overflow and underflow.
func FloatExp(f float64) (float64, *Error) {
	switch {
	case f != f || math.IsInf(f, 1):
		return f, nil
	case math.IsInf(f, -1):
		return 0, nil
	case f > 1000:
		return 0, ErrFloatOverflow
	case f < -1000:
		return 0, ErrFloatUnderflow
	}
	return rangedFloat(fixedFloat(fixedExp(floatFixed(f))))
}

func rangedFloat(r float64) (float64, *Error) {
	switch {
	case math.IsInf(r, 0):
		return 0, ErrFloatOverflow
	case r == 0:
		return 0, ErrFloatUnderflow
	}
	return r, nil
}

// FloatSqrt returns the square root, which IEEE 754 fixes.
func FloatSqrt(f float64) (float64, *Error) {
	if f < 0 {
		return 0, errSqrtNegative
	}
	return math.Sqrt(f), nil
}

// FloatCbrt returns the cube root.
func FloatCbrt(f float64) (float64, *Error) {
	if f == 0 || f != f || math.IsInf(f, 0) {
		return f, nil
	}
	ln := floatLn(math.Abs(f))
	m, k := fixedExp(ln.Quo(ln, big.NewInt(3)))
	return math.Copysign(fixedFloat(m, k), f), nil
}

// FloatPower returns f^g. Source of the special cases: dpow of PostgreSQL's float.c.
func FloatPower(f, g float64) (float64, *Error) {
	integer := math.Trunc(g) == g
	odd := integer && math.Mod(g, 2) != 0
	switch {
	case f != f:
		if g == 0 {
			return 1, nil
		}
		return f, nil
	case g != g:
		if f == 1 {
			return 1, nil
		}
		return g, nil
	case f == 0 && g < 0:
		return 0, errZeroPower
	case f < 0 && !integer && !math.IsInf(g, 0):
		return 0, errComplexPower
	case math.IsInf(g, 0):
		return infinitePower(math.Abs(f), g > 0), nil
	case math.IsInf(f, 0):
		r := 0.0
		if g == 0 {
			r = 1
		} else if g > 0 {
			r = math.Inf(1)
		}
		if f < 0 && odd {
			r = -r
		}
		return r, nil
	case g == 0 || f == 1:
		return 1, nil
	case f == 0:
		if odd {
			return f, nil
		}
		return 0, nil
	}
	r, err := powerMagnitude(math.Abs(f), g)
	if f < 0 && odd {
		r = -r
	}
	return r, err
}

// infinitePower is |f| to the power of an infinity.
func infinitePower(f float64, positive bool) float64 {
	switch {
	case f == 1:
		return 1
	case f > 1 == positive:
		return math.Inf(1)
	}
	return 0
}

func powerMagnitude(f, g float64) (float64, *Error) {
	if math.Abs(g) >= 1<<64 {
		if f == 1 {
			return 1, nil
		}
		if f > 1 == (g > 0) {
			return 0, ErrFloatOverflow
		}
		return 0, ErrFloatUnderflow
	}
	x := floatLn(f)
	x.Mul(x, floatFixed(g)).Rsh(x, fracBits)
	return rangedFloat(fixedFloat(fixedExp(x)))
}

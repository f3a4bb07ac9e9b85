package value

import (
	"math/big"
)

// Errors of powers, roots and logarithms.
var (
	errSqrtNegative = &Error{"2201F", "cannot take square root of a negative number"}
	errZeroPower    = &Error{"2201F", "zero raised to a negative power is undefined"}
	errComplexPower = &Error{
		"2201F", "a negative number raised to a non-integer power yields a complex result",
	}
	errLogZero     = &Error{"2201E", "cannot take logarithm of zero"}
	errLogNegative = &Error{"2201E", "cannot take logarithm of a negative number"}
	errFactorial   = &Error{StateOutOfRange, "factorial of a negative number is undefined"}
)

// Sqrt returns the square root with PostgreSQL's scale.
func (d Decimal) Sqrt() (Decimal, *Error) {
	if d.Sign() < 0 {
		return Decimal{}, errSqrtNegative
	}
	weight, _ := d.nbase()
	sweight := weight*4/2 + 1
	if weight < 0 {
		sweight = 1 - (1-weight*4)/2
	}
	if d.Sign() == 0 {
		sweight = 1
	}
	scale := min(max(minSigDigits-sweight, int(d.Scale), 0), MaxPrecision)
	p, _ := d.fraction()
	for limit := bigPow10(MaxPrecision); ; scale-- {
		n := new(big.Int).Mul(p, bigPow10(2*MaxPrecision+2*scale-int(d.Scale)))
		root := new(big.Int).Sqrt(n) // with MaxPrecision digits more than asked for
		out := new(big.Int).Quo(root, bigPow10(MaxPrecision))
		next := new(big.Int).Mul(out, big.NewInt(2))
		next.Add(next, bigOne).Mul(next, bigPow10(MaxPrecision)).Rsh(next, 1)
		if root.Cmp(next) >= 0 {
			out.Add(out, bigOne)
		}
		if out.Cmp(limit) < 0 {
			return decimalFromBig(false, out, scale), nil
		}
	}
}

// Exp returns e^d with PostgreSQL's scale: 16 significant digits at least.
func (d Decimal) Exp() (Decimal, *Error) {
	x := d.fixed()
	m, k := fixedExp(x)
	return roundFixed(m, k, max(minSigDigits-resultWeight(x), int(d.Scale), 0))
}

// resultWeight is the logarithm to base 10 of e^x, truncated toward zero.
func resultWeight(x *big.Int) int {
	w := new(big.Int).Mul(x, big.NewInt(434294481903252))
	w.Quo(w, bigPow10(15))
	w.Quo(w, fixedOne)
	if !w.IsInt64() || w.Int64() > 2000 {
		return 2000
	}
	return int(max(w.Int64(), -2000))
}

func (d Decimal) checkLog() *Error {
	switch d.Sign() {
	case 0:
		return errLogZero
	case -1:
		return errLogNegative
	}
	return nil
}

// lnWeight estimates the decimal weight of ln d (estimate_ln_dweight of PostgreSQL's numeric.c).
func (d Decimal) lnWeight(ln *big.Int) int {
	nine, eleven := Decimal{Int128FromInt64(9), 1}, Decimal{Int128FromInt64(11), 1}
	if d.Cmp(nine) < 0 || d.Cmp(eleven) > 0 {
		return tenExponent(ln)
	}
	x, err := d.Sub(DecimalFromInt64(1))
	if err != nil || x.Sign() == 0 {
		return 0
	}
	weight, first := x.nbase()
	w := 0
	for ; first >= 10; first /= 10 {
		w++
	}
	return weight*4 + w
}

func (d Decimal) fixedLn() *big.Int {
	p, q := d.fraction()
	return fixedLn(p, q)
}

// Ln returns the natural logarithm with PostgreSQL's scale.
func (d Decimal) Ln() (Decimal, *Error) {
	if err := d.checkLog(); err != nil {
		return Decimal{}, err
	}
	ln := d.fixedLn()
	return roundFixed(ln, 0, max(minSigDigits-d.lnWeight(ln), int(d.Scale), 0))
}

// Log returns the logarithm of e to base d with PostgreSQL's scale.
func (d Decimal) Log(e Decimal) (Decimal, *Error) {
	for _, x := range []Decimal{d, e} {
		if err := x.checkLog(); err != nil {
			return Decimal{}, err
		}
	}
	base, num := d.fixedLn(), e.fixedLn()
	if base.Sign() == 0 {
		return Decimal{}, ErrDivisionByZero
	}
	weight := e.lnWeight(num) - d.lnWeight(base)
	return roundFraction(num, base, max(minSigDigits-weight, int(d.Scale), int(e.Scale), 0))
}

// isInteger reports whether d has no fraction.
func (d Decimal) isInteger() bool { return d.Trim().Scale == 0 }

// Power returns d^e with PostgreSQL's scale.
func (d Decimal) Power(e Decimal) (Decimal, *Error) {
	switch {
	case d.Sign() == 0 && e.Sign() < 0:
		return Decimal{}, errZeroPower
	case d.Sign() < 0 && !e.isInteger():
		return Decimal{}, errComplexPower
	}
	if n, ok := e.Int64(); ok && e.isInteger() && int64(int32(n)) == n {
		return d.powerInt(n)
	}
	if d.Sign() == 0 {
		return Decimal{Scale: minSigDigits}, nil
	}
	neg := false
	if d.Sign() < 0 { // an integer beyond 32 bits
		two := DecimalFromInt64(2)
		odd, _ := e.Mod(two)
		neg = odd.Sign() != 0
	}
	p, q := e.fraction()
	x := new(big.Int).Mul(d.Abs().fixedLn(), p)
	x.Quo(x, q)
	m, k := fixedExp(x)
	if neg {
		m.Neg(m)
	}
	return roundFixed(m, k, max(minSigDigits-resultWeight(x), int(d.Scale), int(e.Scale), 0))
}

// powerInt multiplies exactly as long as the digits are few, and otherwise goes by logarithms.
func (d Decimal) powerInt(n int64) (Decimal, *Error) {
	scale := max(minSigDigits, int(d.Scale))
	p, q := d.fraction()
	switch {
	case n == 0:
		return roundFraction(bigOne, bigOne, scale)
	case d.Sign() == 0:
		return Decimal{Scale: uint8(scale)}, nil
	}
	size := n
	if size < 0 {
		p, q, size = q, p, -size
	}
	if size <= 256 {
		e := big.NewInt(size)
		return roundFraction(p.Exp(p, e, nil), q.Exp(q, e, nil), scale)
	}
	neg := d.Sign() < 0 && size&1 != 0
	x := new(big.Int).Mul(d.Abs().fixedLn(), big.NewInt(n))
	m, k := fixedExp(x)
	if neg {
		m.Neg(m)
	}
	return roundFixed(m, k, scale)
}

// MinScale returns the least scale that holds d.
func (d Decimal) MinScale() int { return int(d.Trim().Scale) }

// GCD returns the greatest common divisor, at the greater of the scales.
func (d Decimal) GCD(e Decimal) (Decimal, *Error) {
	a, b, scale := bigAlign(d, e)
	return roundFraction(a.GCD(nil, nil, a, b), bigPow10(scale), scale)
}

// LCM returns the least common multiple, at the greater of the scales.
func (d Decimal) LCM(e Decimal) (Decimal, *Error) {
	a, b, scale := bigAlign(d, e)
	if a.Sign() == 0 || b.Sign() == 0 {
		return Decimal{Scale: uint8(scale)}, nil
	}
	g := new(big.Int).GCD(nil, nil, a, b)
	return roundFraction(a.Mul(a.Quo(a, g), b), bigPow10(scale), scale)
}

// bigAlign returns the magnitudes at the greater scale.
func bigAlign(d, e Decimal) (a, b *big.Int, scale int) {
	scale = int(max(d.Scale, e.Scale))
	a, _ = d.Abs().fraction()
	b, _ = e.Abs().fraction()
	a.Mul(a, bigPow10(scale-int(d.Scale)))
	b.Mul(b, bigPow10(scale-int(e.Scale)))
	return a, b, scale
}

// Factorial returns n!.
func Factorial(n int64) (Decimal, *Error) {
	switch {
	case n < 0:
		return Decimal{}, errFactorial
	case n > 33: // 34! has 39 digits
		return Decimal{}, ErrNumericRange
	}
	return roundFraction(new(big.Int).MulRange(1, n), bigOne, 0)
}

// Bucket returns the bucket of d among count equal ones between lo and hi, 0 before and count + 1
// behind them: width_bucket. The caller has checked that lo and hi differ and count > 0.
func (d Decimal) Bucket(lo, hi Decimal, count int64) int64 {
	sign := lo.Cmp(hi)
	switch {
	case d.Cmp(lo) == sign:
		return 0
	case d.Cmp(hi) != sign:
		return count + 1
	}
	scale := max(d.Scale, lo.Scale, hi.Scale)
	at := func(x Decimal) *big.Int {
		p, _ := x.fraction()
		return p.Mul(p, bigPow10(int(scale-x.Scale)))
	}
	n := at(d)
	n.Sub(n, at(lo)).Mul(n, big.NewInt(count))
	w := at(hi)
	w.Sub(w, at(lo))
	return n.Quo(n, w).Int64() + 1
}

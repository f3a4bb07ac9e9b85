package agg

import (
	"encoding/binary"
	"math"
	"math/big"

	"weir/stream/value"
)

// floatSquares is the state of stddev and variance over floats: the sums of x and of x*x are exact.
type floatSquares struct {
	count, odd   int64 // odd: values that are not finite
	sum, squared limbs
}

func (s *floatSquares) reset() {
	s.count, s.odd = 0, 0
	s.sum.reset()
	s.squared.reset()
}

func (s *floatSquares) add(arg, _ *value.Vec, i int, w int64) {
	s.count += w
	x := arg.Floats[i]
	if !finite(x) {
		s.odd += w
		return
	}
	s.sum.addFloat(x, w)
	s.squared.addFloats(x, x, w)
}

func finite(x float64) bool { return math.Abs(x) <= math.MaxFloat64 }

func (s *floatSquares) merge(o *floatSquares) {
	s.count, s.odd = s.count+o.count, s.odd+o.odd
	s.sum.merge(&o.sum)
	s.squared.merge(&o.squared)
}

func (s *floatSquares) append(dst []byte) []byte {
	dst = binary.AppendVarint(binary.AppendVarint(dst, s.count), s.odd)
	return s.squared.append(s.sum.append(dst))
}

func (s *floatSquares) load(b []byte) []byte {
	s.count, b = cutVarint(b)
	s.odd, b = cutVarint(b)
	return s.squared.load(s.sum.load(b))
}

// result rounds the variance once, and its root once.
func (s *floatSquares) result(f Func, t value.Type) (value.Datum, *value.Error) {
	sample := f == StddevSamp || f == VarSamp
	switch {
	case s.count == 0, sample && s.count == 1:
		return value.Datum{}, nil
	case s.odd != 0:
		return value.NewFloat(t.Kind, math.NaN()), nil
	}
	x, err := ratio(spread(s.count, &s.sum, &s.sum, &s.squared), -productZero,
		pairsOf(s.count, sample))
	if err != nil {
		return value.Datum{}, err
	}
	if f == StddevPop || f == StddevSamp {
		x = math.Sqrt(x)
	}
	return value.NewFloat(t.Kind, x), nil
}

// spread is n*sum(x*y) - sum(x)*sum(y), in units of 2^-productZero.
func spread(n int64, x, y, xy *limbs) *big.Int {
	z := xy.big()
	z.Mul(z, big.NewInt(n))
	return z.Sub(z, new(big.Int).Mul(x.big(), y.big()))
}

// pairsOf is n*n, or n*(n-1) for a sample.
func pairsOf(n int64, sample bool) *big.Int {
	m := big.NewInt(n)
	if sample {
		m = big.NewInt(n - 1)
	}
	return m.Mul(m, big.NewInt(n))
}

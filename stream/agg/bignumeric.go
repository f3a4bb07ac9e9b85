package agg

import (
	"math/big"

	"weir/stream/value"
)

// Arithmetic of PostgreSQL's numeric, without the limit of 38 digits: for values between the exact
// sums and a result.

func pow10(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

var ten = big.NewInt(10)

// digits is the number of decimal digits; 0 has none.
func digits(m *big.Int) int {
	if m.Sign() == 0 {
		return 0
	}
	return len(new(big.Int).Abs(m).Text(10))
}

// head returns the weight and value of the first digit of m * 10^-scale in base 10000; 0, 0 for 0.
func head(m *big.Int, scale int) (weight, first int) {
	n := digits(m)
	if n == 0 {
		return 0, 0
	}
	top := n - scale - 1 // decimal exponent of the first digit
	weight = top >> 2
	keep := top - 4*weight + 1 // decimal digits within the first one of base 10000
	text := new(big.Int).Abs(m).Text(10)
	for i := range keep {
		first *= 10
		if i < len(text) {
			first += int(text[i] - '0')
		}
	}
	return weight, first
}

// quotientScale is select_div_scale of PostgreSQL's numeric.c for num * 10^-ns / den: at least 16
// significant digits, at least the scale of the dividend, at most 1000.
func quotientScale(num *big.Int, ns int, den *big.Int) int {
	w1, f1 := head(num, ns)
	w2, f2 := head(den, 0)
	weight := w1 - w2
	if f1 <= f2 {
		weight--
	}
	return min(max(16-4*weight, ns, 0), 1000)
}

// divide is num * 10^-ns / den in units of 10^-scale, rounded half away from zero; den is above 0.
func divide(num *big.Int, ns int, den *big.Int, scale int) *big.Int {
	a, b := new(big.Int).Abs(num), den
	if up := scale - ns; up >= 0 {
		a.Mul(a, pow10(up))
	} else {
		b = new(big.Int).Mul(b, pow10(-up))
	}
	q, r := a.QuoRem(a, b, new(big.Int))
	if r.Lsh(r, 1).Cmp(b) >= 0 {
		q.Add(q, big.NewInt(1))
	}
	if num.Sign() < 0 {
		q.Neg(q)
	}
	return q
}

// root is the square root of m * 10^-ms in units of 10^-scale, rounded half up.
func root(m *big.Int, ms, scale int) *big.Int {
	z := new(big.Int) // one digit more than is wanted, cut off
	if up := 2*(scale+1) - ms; up >= 0 {
		z.Mul(m, pow10(up))
	} else {
		z.Quo(m, pow10(-up))
	}
	z.Sqrt(z)
	return z.Quo(z.Add(z, big.NewInt(5)), ten)
}

// fit makes a numeric of a number that at gives in units of 10^-scale: at that scale, or at the
// greatest with which it has at most 38 digits. What does not fit at scale 0 overflows.
func fit(scale int, at func(scale int) *big.Int) (value.Datum, *value.Error) {
	for scale = min(scale, value.MaxPrecision); scale >= 0; {
		m := at(scale)
		over := digits(m) - value.MaxPrecision
		if over > 0 {
			scale -= over
			continue
		}
		return value.NewDecimal(value.Decimal{Coef: int128(m), Scale: uint8(scale)}), nil
	}
	return value.Datum{}, value.ErrNumericRange
}

// int128 converts a number of at most 38 digits.
func int128(m *big.Int) value.Int128 {
	a := new(big.Int).Abs(m)
	lo := new(big.Int).And(a, new(big.Int).SetUint64(1<<64-1)).Uint64()
	c := value.Int128{Hi: int64(a.Rsh(a, 64).Uint64()), Lo: lo}
	if m.Sign() < 0 {
		c = c.Neg()
	}
	return c
}

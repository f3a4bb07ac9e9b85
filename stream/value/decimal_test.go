package value_test

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"weir/stream/value"
	"weir/stream/value/valuetest"
)

// rat is the exact value of d.
func rat(d value.Decimal) *big.Rat {
	r, ok := new(big.Rat).SetString(d.String())
	if !ok {
		panic("not a number: " + d.String())
	}
	return r
}

// rounded is r at scale digits, half away from zero, as an integer times 10^-scale.
func rounded(r *big.Rat, scale int) *big.Rat {
	ten := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)
	twice := new(big.Int).Mul(r.Num(), ten)
	twice.Mul(twice, big.NewInt(2))
	if r.Sign() >= 0 {
		twice.Add(twice, r.Denom())
	} else {
		twice.Sub(twice, r.Denom())
	}
	twice.Quo(twice, new(big.Int).Mul(r.Denom(), big.NewInt(2)))
	return new(big.Rat).SetFrac(twice, ten)
}

// TestDecimalArithmetic compares with exact rationals: a result is the exact one rounded to the
// scale that it has, the scale is PostgreSQL's unless 38 digits do not hold it, and an overflow
// is one.
func TestDecimalArithmetic(t *testing.T) {
	ty := value.Of(value.Numeric)
	limit := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(38), nil))
	rapid.Check(t, func(t *rapid.T) {
		a, b := valuetest.Decimal(t, ty, "a"), valuetest.Decimal(t, ty, "b")
		x, y := rat(a), rat(b)
		check := func(op string, got value.Decimal, err *value.Error, want *big.Rat, scale int) {
			if err != nil {
				edge := new(big.Rat).Sub(limit, big.NewRat(1, 2)) // rounds to 39 digits
				if new(big.Rat).Abs(want).Cmp(edge) < 0 {
					t.Fatalf("%s %s %s: %v", a, op, b, err)
				}
				return
			}
			if !got.Valid() || rat(got).Cmp(rounded(want, int(got.Scale))) != 0 {
				t.Fatalf("%s %s %s = %s, want %s", a, op, b, got, want.FloatString(40))
			}
			full := new(big.Rat).Abs(rounded(want, min(int(got.Scale)+1, 77)))
			ten := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(got.Scale)+1), nil)
			if int(got.Scale) < min(scale, 38) &&
				full.Mul(full, new(big.Rat).SetInt(ten)).Cmp(limit) < 0 {
				t.Fatalf("%s %s %s = %s: scale %d would fit", a, op, b, got, scale)
			}
		}
		wide := max(int(a.Scale), int(b.Scale))
		sum, err := a.Add(b)
		check("+", sum, err, new(big.Rat).Add(x, y), wide)
		diff, err := a.Sub(b)
		check("-", diff, err, new(big.Rat).Sub(x, y), wide)
		prod, err := a.Mul(b)
		check("*", prod, err, new(big.Rat).Mul(x, y), int(a.Scale)+int(b.Scale))
		if c := a.Cmp(b); c != x.Cmp(y) {
			t.Fatalf("%s <=> %s: %d", a, b, c)
		}
		if b.Sign() == 0 {
			if _, err := a.Div(b); err != value.ErrDivisionByZero {
				t.Fatalf("%s / 0: %v", a, err)
			}
			return
		}
		quo, err := a.Div(b)
		check("/", quo, err, new(big.Rat).Quo(x, y), wide)
		q := new(big.Rat).Quo(x, y)
		whole := new(big.Rat).SetInt(new(big.Int).Quo(q.Num(), q.Denom()))
		mod, err := a.Mod(b)
		check("%", mod, err, new(big.Rat).Sub(x, whole.Mul(whole, y)), wide)
	})
}

// TestDecimalRounding compares Round and Rescale with exact rationals.
func TestDecimalRounding(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := valuetest.Decimal(t, value.Of(value.Numeric), "d")
		scale := rapid.IntRange(0, 38).Draw(t, "scale")
		if r, err := d.Round(scale); err == nil && rat(r).Cmp(rounded(rat(d), int(r.Scale))) != 0 {
			t.Fatalf("round(%s, %d) = %s", d, scale, r)
		}
		ty := valuetest.Type(t, "type")
		if ty.Kind != value.Numeric || ty.Precision == 0 {
			return
		}
		want := rounded(rat(d), int(ty.Scale))
		limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(ty.Precision-ty.Scale)), nil)
		fits := new(big.Rat).Abs(want).Cmp(new(big.Rat).SetInt(limit)) < 0
		r, err := d.Rescale(ty.Precision, ty.Scale)
		if (err == nil) != fits || fits && (rat(r).Cmp(want) != 0 || r.Scale != ty.Scale) {
			t.Fatalf("%s as %s: %s, %v", d, ty, r, err)
		}
	})
}

// TestDecimalLimits: 38 digits fit, 39 do not.
func TestDecimalLimits(t *testing.T) {
	nines := "99999999999999999999999999999999999999"
	d, err := value.ParseDecimal(nines)
	if err != nil || d.String() != nines {
		t.Fatalf("%s: %v", d, err)
	}
	if _, err := value.ParseDecimal(nines + "9"); err != value.ErrNumericRange {
		t.Fatalf("39 digits: %v", err)
	}
	if _, err := d.Add(value.DecimalFromInt64(1)); err != value.ErrNumericRange {
		t.Fatalf("10^38: %v", err)
	}
}

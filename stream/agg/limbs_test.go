package agg

import (
	"bytes"
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"weir/stream/value"
	"weir/stream/value/valuetest"
)

// drawFloat draws finite floats of all sizes.
func drawFloat(t *rapid.T) float64 {
	switch rapid.IntRange(0, 3).Draw(t, "size") {
	case 0:
		return rapid.SampledFrom([]float64{
			0, 1, -1, 0.1, math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64, 1 << 53, 0.5,
			-math.SmallestNonzeroFloat64, 1e-300, 1e300, 0x1p-1022, 0x1.fffffffffffffp-1023,
		}).Draw(t, "edge")
	case 1:
		return float64(rapid.IntRange(-100, 100).Draw(t, "small")) / 8
	}
	for {
		x := math.Float64frombits(rapid.Uint64().Draw(t, "bits"))
		if finite(x) {
			return x
		}
	}
}

func exactly(x float64) *big.Rat { return new(big.Rat).SetFloat64(x) }

// TestFloatSumIsExact adds and takes back floats in any order and any interleaving, through stored
// forms and merges: the bits are those of the exact sum rounded once, as math/big has it.
func TestFloatSumIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s, other floatTotal
		want, count := new(big.Rat), int64(0)
		for range rapid.IntRange(0, 30).Draw(t, "n") {
			x := drawFloat(t)
			w := rapid.SampledFrom([]int64{1, 1, -1, 3, -7, 1 << 40, -1 << 62}).Draw(t, "w")
			to := &s
			if rapid.Bool().Draw(t, "other") {
				to = &other
			}
			to.add(value.FromDatums(value.Of(value.Float8), value.NewFloat(value.Float8, x)), nil, 0, w)
			want.Add(want, new(big.Rat).Mul(exactly(x), new(big.Rat).SetInt64(w)))
			count += w
			if rapid.IntRange(0, 4).Draw(t, "store") == 0 {
				b := to.append(nil)
				to.reset()
				if rest := to.load(b); len(rest) != 0 || !bytes.Equal(to.append(nil), b) {
					t.Fatalf("%x is not canonical", b)
				}
			}
		}
		s.merge(&other)
		for f, kind := range map[format]value.Kind{double: value.Float8, single: value.Float4} {
			got, ok := s.sum.float(f)
			wantX, _ := want.Float64()
			if kind == value.Float4 {
				y, _ := want.Float32()
				wantX = float64(y)
			}
			if math.IsInf(wantX, 0) == ok || ok && math.Float64bits(got) != math.Float64bits(wantX+0) {
				t.Fatalf("%v: %v %v, want %v", kind, got, ok, wantX)
			}
		}
		if s.count != count {
			t.Fatal("count")
		}
	})
}

// TestEqualSumsHaveEqualBytes reaches one sum by two ways: the stored forms are the same, and what
// was taken back leaves nothing.
func TestEqualSumsHaveEqualBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var a, b floatSquares
		var xs []float64
		for range rapid.IntRange(1, 12).Draw(t, "n") {
			xs = append(xs, drawFloat(t))
		}
		add := func(s *floatSquares, x float64, w int64) {
			s.add(value.FromDatums(value.Of(value.Float8), value.NewFloat(value.Float8, x)), nil, 0, w)
		}
		extra := drawFloat(t)
		add(&a, extra, 5)
		for i := range xs {
			add(&a, xs[i], 2)
			add(&b, xs[len(xs)-1-i], 1)
			add(&b, xs[len(xs)-1-i], 1)
		}
		add(&a, extra, -5)
		if x, y := a.append(nil), b.append(nil); !bytes.Equal(x, y) {
			t.Fatalf("%x\n%x", x, y)
		}
		for _, x := range xs {
			add(&a, x, -2)
		}
		if x := a.append(nil); !bytes.Equal(x, (&floatSquares{}).append(nil)) {
			t.Fatalf("nothing leaves %x", x)
		}
	})
}

// TestRatioRoundsOnce compares with math/big.
func TestRatioRoundsOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		num := big.NewInt(rapid.Int64().Draw(t, "num"))
		num.Mul(num, big.NewInt(rapid.Int64().Draw(t, "num2")))
		num.Lsh(num, uint(rapid.IntRange(0, 2000).Draw(t, "up")))
		den := big.NewInt(rapid.Int64Range(1, math.MaxInt64).Draw(t, "den"))
		exp := rapid.IntRange(-2300, 1100).Draw(t, "exp")
		got, err := ratio(num, exp, den)
		r := new(big.Rat).SetFrac(num, den)
		two := new(big.Rat).SetInt(new(big.Int).Lsh(big.NewInt(1), uint(max(exp, -exp))))
		if exp < 0 {
			r.Quo(r, two)
		} else {
			r.Mul(r, two)
		}
		want, _ := r.Float64()
		if math.IsInf(want, 0) != (err != nil) || err == nil && got != want {
			t.Fatalf("%v %v, want %v", got, err, want)
		}
	})
}

// TestSquaresAreExact compares sums of numerics and of their squares with math/big.
func TestSquaresAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s squares
		sum, squared := new(big.Rat), new(big.Rat)
		for range rapid.IntRange(1, 12).Draw(t, "n") {
			d := valuetest.Decimal(t, value.Of(value.Numeric), "d")
			w := rapid.SampledFrom([]int64{1, 1, -1, 9, 1 << 61, -1 << 62}).Draw(t, "w")
			s.add(value.FromDatums(value.Of(value.Numeric), value.NewDecimal(d)), nil, 0, w)
			x, _ := new(big.Rat).SetString(d.String())
			by := new(big.Rat).SetInt64(w)
			sum.Add(sum, new(big.Rat).Mul(x, by))
			squared.Add(squared, x.Mul(x, x).Mul(x, by))
		}
		b := s.append(nil)
		var back squares
		if rest := back.load(b); len(rest) != 0 || !bytes.Equal(back.append(nil), b) {
			t.Fatalf("%x is not canonical", b)
		}
		for i := range back.parts {
			p := &back.parts[i]
			by := new(big.Rat).SetInt(pow10(int(p.scale)))
			sum.Sub(sum, new(big.Rat).Quo(new(big.Rat).SetInt(p.sum.big()), by))
			squared.Sub(squared, new(big.Rat).Quo(new(big.Rat).SetInt(p.squared.big()), by.Mul(by, by)))
		}
		if sum.Sign() != 0 || squared.Sign() != 0 {
			t.Fatal("sums differ")
		}
	})
}

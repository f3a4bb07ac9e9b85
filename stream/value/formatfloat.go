package value

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// appendFloat writes the shortest digits that read back, with an exponent from 10^fixed on and
// below 10^-4, as PostgreSQL 12 and later.
func appendFloat(dst []byte, f float64, bits, fixed int) []byte {
	switch {
	case f != f:
		return append(dst, "NaN"...)
	case math.IsInf(f, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(f, -1):
		return append(dst, "-Infinity"...)
	case f == 0:
		return strconv.AppendFloat(dst, f, 'f', -1, bits)
	}
	e := shortestFloat(f, bits)
	exp, _ := strconv.Atoi(e[strings.IndexByte(e, 'e')+1:])
	if exp < -4 || exp >= fixed {
		return append(dst, e...)
	}
	return strconv.AppendFloat(dst, f, 'f', -1, bits)
}

// shortestFloat is f in exponent form. Where the shortest digits lie exactly between f and its
// neighbour, strconv takes them (reading rounds to even) but PostgreSQL takes longer ones.
func shortestFloat(f float64, bits int) string {
	s := strconv.FormatFloat(f, 'e', -1, bits)
	for digits := 1; onBoundary(s, f, bits); digits++ {
		s = strconv.FormatFloat(f, 'e', digits, bits)
		if back, _ := strconv.ParseFloat(s, bits); back != f {
			s = strconv.FormatFloat(f, 'e', -1, bits)
		}
	}
	return s
}

// onBoundary reports whether s is the middle of f and a neighbour. A middle with few enough
// digits to be the shortest form is an integer beyond the mantissa: smaller ones end in a 5
// behind more digits than the shortest form has.
func onBoundary(s string, f float64, bits int) bool {
	f = math.Abs(f)
	if bits == 64 && f < 1<<53 || bits == 32 && f < 1<<22 {
		return false
	}
	lower, upper := math.Nextafter(f, 0), math.Nextafter(f, math.Inf(1))
	if bits == 32 {
		lower = float64(math.Nextafter32(float32(f), 0))
		upper = float64(math.Nextafter32(float32(f), float32(math.Inf(1))))
	}
	shown, ok := new(big.Rat).SetString(strings.TrimPrefix(s, "-"))
	if !ok {
		return false
	}
	exact := new(big.Rat).SetFloat64(f)
	for _, near := range [2]float64{lower, upper} {
		if math.IsInf(near, 0) {
			continue
		}
		middle := new(big.Rat).SetFloat64(near)
		middle.Add(middle, exact)
		middle.Quo(middle, big.NewRat(2, 1))
		if middle.Cmp(shown) == 0 {
			return true
		}
	}
	return false
}

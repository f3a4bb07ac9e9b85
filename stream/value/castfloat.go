package value

import (
	"math"
	"strconv"
)

// Float returns the float64 nearest to d.
func (d Decimal) Float() float64 {
	f, _ := strconv.ParseFloat(d.String(), 64)
	return f
}

// Float32 returns the float32 nearest to d, rounded once.
func (d Decimal) Float32() float64 {
	f, _ := strconv.ParseFloat(d.String(), 32)
	return f
}

// DecimalFromFloat reads the first 15 (float4: 6) significant digits of f, as PostgreSQL's cast
// to numeric does.
func DecimalFromFloat(k Kind, f float64) (Decimal, *Error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return Decimal{}, Errorf(StateUnsupported, "numeric NaN and infinity are not supported")
	}
	digits := 15
	if k == Float4 {
		digits = 6
	}
	d, err := ParseDecimal(strconv.FormatFloat(f, 'g', digits, 64))
	if err != nil {
		return Decimal{}, err
	}
	return d.Trim(), nil
}

// IntFromFloat rounds f half to even to an integer of kind k; 22003 if it does not fit.
func IntFromFloat(k Kind, f float64) (int64, *Error) {
	r := math.RoundToEven(f)
	lo, hi := k.IntRange()
	if !(r >= float64(lo)) || r >= float64(hi) && k == Int8 || r > float64(hi) {
		return 0, IntRangeError(k)
	}
	return int64(r), nil
}

// Float4FromFloat8 rounds f to float4: 22003 on overflow and on underflow to zero.
func Float4FromFloat8(f float64) (float64, *Error) {
	r := float64(float32(f))
	switch {
	case math.IsInf(r, 0) && !math.IsInf(f, 0):
		return 0, ErrFloatOverflow
	case r == 0 && f != 0:
		return 0, ErrFloatUnderflow
	}
	return r, nil
}

package value

import (
	"math/bits"

	"weir/internal/invariant"
)

// pow10 holds 10^0 .. 10^77, all that fit in 256 bits.
var pow10 = func() (t [78]u256) {
	t[0] = u256{1}
	for i := 1; i < len(t); i++ {
		t[i], _ = t[i-1].mulSmall(10)
	}
	return t
}()

// digits returns the number of decimal digits of a; 0 has none.
func (a u256) digits() int {
	n := a.bitLen()
	if n == 0 {
		return 0
	}
	d := n * 1233 >> 12 // floor(n * log10(2)), or one less than the digits
	if d < len(pow10) && a.cmp(pow10[d]) >= 0 {
		d++
	}
	return d
}

// roundDiv returns a / 10^n rounded half away from zero.
func (a u256) roundDiv(n int) u256 {
	if n == 0 {
		return a
	}
	if n >= len(pow10) {
		return u256{}
	}
	q, r := a.div(pow10[n])
	half, _ := pow10[n].divSmall(2)
	if r.cmp(half) >= 0 {
		q, _ = q.add(u256{1})
	}
	return q
}

// fitDecimal makes a numeric of mag * 10^-scale. What does not fit in 38 digits or in scale 38
// is rounded away (half away from zero) as long as only fraction digits go; beyond that the
// value overflows.
func fitDecimal(neg bool, mag u256, scale int) (Decimal, *Error) {
	drop := max(mag.digits()-MaxPrecision, scale-MaxPrecision, 0)
	if drop > scale {
		return Decimal{}, ErrNumericRange
	}
	mag, scale = mag.roundDiv(drop), scale-drop
	if mag.cmp(pow10[MaxPrecision]) >= 0 { // rounding carried into a 39th digit
		if scale == 0 {
			return Decimal{}, ErrNumericRange
		}
		mag, scale = mag.roundDiv(1), scale-1
	}
	return rawDecimal(neg, mag, scale), nil
}

func rawDecimal(neg bool, mag u256, scale int) Decimal {
	invariant.Check(mag.fits128() && mag[1]>>63 == 0, "numeric coefficient beyond 127 bits")
	c := Int128{int64(mag[1]), mag[0]}
	if neg {
		c = c.Neg()
	}
	return Decimal{Coef: c, Scale: uint8(scale)}
}

// DecimalFromInt64 makes a numeric of scale 0.
func DecimalFromInt64(v int64) Decimal { return Decimal{Coef: Int128FromInt64(v)} }

// Valid reports whether d obeys the invariants of Decimal; only decoders need it.
func (d Decimal) Valid() bool {
	return d.Scale <= MaxPrecision && d.Coef.mag().wide().cmp(pow10[MaxPrecision]) < 0
}

// Sign returns -1, 0 or +1.
func (d Decimal) Sign() int { return d.Coef.Sign() }

// Neg returns -d.
func (d Decimal) Neg() Decimal { return Decimal{d.Coef.Neg(), d.Scale} }

// Abs returns |d|.
func (d Decimal) Abs() Decimal {
	if d.Coef.Hi < 0 {
		return d.Neg()
	}
	return d
}

// small reports that the coefficient has at most 62 bits, so that sums of two and products with
// small factors stay within 128 bits.
func (d Decimal) small() bool {
	v, ok := d.Coef.Int64()
	return ok && v>>62 == v>>63
}

// Cmp orders by value: 1.0 equals 1.00.
func (d Decimal) Cmp(e Decimal) int {
	if d.Scale == e.Scale {
		return d.Coef.Cmp(e.Coef)
	}
	ds, es := d.Sign(), e.Sign()
	if ds != es {
		if ds < es {
			return -1
		}
		return 1
	}
	a, b, _ := align(d, e)
	if ds < 0 {
		return b.cmp(a)
	}
	return a.cmp(b)
}

// align returns the magnitudes of d and e at their common (greater) scale.
func align(d, e Decimal) (a, b u256, scale int) {
	a, b = d.Coef.mag().wide(), e.Coef.mag().wide()
	switch {
	case d.Scale < e.Scale:
		a, _ = a.mul(pow10[e.Scale-d.Scale])
		return a, b, int(e.Scale)
	case e.Scale < d.Scale:
		b, _ = b.mul(pow10[d.Scale-e.Scale])
	}
	return a, b, int(d.Scale)
}

// Add returns d + e at the greater of their scales.
func (d Decimal) Add(e Decimal) (Decimal, *Error) {
	if d.Scale == e.Scale && d.small() && e.small() {
		return Decimal{d.Coef.Add(e.Coef), d.Scale}, nil
	}
	a, b, scale := align(d, e)
	dn, en := d.Coef.Hi < 0, e.Coef.Hi < 0
	if dn == en {
		s, _ := a.add(b) // below 2 * 10^76
		return fitDecimal(dn, s, scale)
	}
	if a.cmp(b) >= 0 {
		s, _ := a.sub(b)
		return fitDecimal(dn, s, scale)
	}
	s, _ := b.sub(a)
	return fitDecimal(en, s, scale)
}

// Sub returns d - e at the greater of their scales.
func (d Decimal) Sub(e Decimal) (Decimal, *Error) { return d.Add(e.Neg()) }

// Mul returns d * e at the sum of their scales.
func (d Decimal) Mul(e Decimal) (Decimal, *Error) {
	scale := int(d.Scale) + int(e.Scale)
	if d.small() && e.small() && scale <= MaxPrecision {
		x, _ := d.Coef.Int64()
		y, _ := e.Coef.Int64()
		if p := mulInt64(x, y); p.mag().wide().cmp(pow10[MaxPrecision]) < 0 {
			return Decimal{p, uint8(scale)}, nil
		}
	}
	p := mul128(d.Coef.mag(), e.Coef.mag())
	return fitDecimal(d.Coef.Hi < 0 != (e.Coef.Hi < 0), p, scale)
}

// minSigDigits is PostgreSQL's NUMERIC_MIN_SIG_DIGITS: the least number of significant digits
// of a quotient.
const minSigDigits = 16

// nbase returns the weight and value of the first base-10000 digit of d, as PostgreSQL stores
// it: 0, 0 for zero.
func (d Decimal) nbase() (weight, first int) {
	m := d.Coef.mag().wide()
	n := m.digits()
	if n == 0 {
		return 0, 0
	}
	top := n - int(d.Scale) - 1 // decimal exponent of the first digit
	weight = top >> 2
	keep := top - 4*weight + 1 // decimal digits within the first base-10000 digit
	if n >= keep {
		m, _ = m.div(pow10[n-keep])
	} else {
		m, _ = m.mul(pow10[keep-n])
	}
	return weight, int(m[0])
}

// divScale is select_div_scale of PostgreSQL's numeric.c: a quotient gets at least 16
// significant digits and at least the scale of either operand.
func divScale(d, e Decimal) int {
	w1, f1 := d.nbase()
	w2, f2 := e.nbase()
	qweight := w1 - w2
	if f1 <= f2 {
		qweight--
	}
	return max(minSigDigits-qweight*4, int(d.Scale), int(e.Scale), 0)
}

// Div returns d / e with PostgreSQL's result scale, cut to 38 digits.
func (d Decimal) Div(e Decimal) (Decimal, *Error) {
	if e.Sign() == 0 {
		return Decimal{}, ErrDivisionByZero
	}
	a, b := d.Coef.mag().wide(), e.Coef.mag().wide()
	neg := d.Coef.Hi < 0 != (e.Coef.Hi < 0)
	return divMag(neg, a, b, int(d.Scale)-int(e.Scale), divScale(d, e))
}

// divMag returns a/b * 10^-shift at scale, or at the greatest scale with which the result has
// at most 38 digits. a and b have at most 38 digits.
func divMag(neg bool, a, b u256, shift, scale int) (Decimal, *Error) {
	scale = min(scale, MaxPrecision)
	if a.isZero() {
		return Decimal{Scale: uint8(scale)}, nil
	}
	room := MaxPrecision - (a.digits() - b.digits()) // exponent that makes 38 or 39 digits
	exp := min(scale-shift, room)
	for {
		if exp+shift < 0 {
			return Decimal{}, ErrNumericRange
		}
		q := divRound(a, b, exp)
		if q.cmp(pow10[MaxPrecision]) < 0 {
			return rawDecimal(neg && !q.isZero(), q, exp+shift), nil
		}
		exp--
	}
}

// divRound returns a * 10^exp / b rounded half away from zero.
func divRound(a, b u256, exp int) u256 {
	if exp >= 0 {
		a, _ = a.mul(pow10[exp])
	} else {
		b, _ = b.mul(pow10[-exp])
	}
	q, r := a.div(b)
	twice := r.shl(1)
	if r[3]>>63 != 0 || twice.cmp(b) >= 0 {
		q, _ = q.add(u256{1})
	}
	return q
}

// Mod returns the remainder of d / e truncated toward zero; it has d's sign.
func (d Decimal) Mod(e Decimal) (Decimal, *Error) {
	if e.Sign() == 0 {
		return Decimal{}, ErrDivisionByZero
	}
	a, b, scale := align(d, e)
	_, r := a.div(b)
	return fitDecimal(d.Coef.Hi < 0, r, scale)
}

// Quotient returns d / e truncated toward zero to an integer.
func (d Decimal) Quotient(e Decimal) (Decimal, *Error) {
	if e.Sign() == 0 {
		return Decimal{}, ErrDivisionByZero
	}
	a, b, _ := align(d, e)
	q, _ := a.div(b)
	return fitDecimal(d.Coef.Hi < 0 != (e.Coef.Hi < 0) && !q.isZero(), q, 0)
}

// Round rounds half away from zero to scale digits after the point; a negative scale rounds
// before the point. The result has that scale, or 0.
func (d Decimal) Round(scale int) (Decimal, *Error) { return d.rescale(scale, true) }

// Trunc cuts to scale digits after the point, toward zero.
func (d Decimal) Trunc(scale int) (Decimal, *Error) { return d.rescale(scale, false) }

func (d Decimal) rescale(scale int, round bool) (Decimal, *Error) {
	scale = max(min(scale, MaxPrecision), -MaxPrecision-1)
	m := d.Coef.mag().wide()
	neg := d.Coef.Hi < 0
	switch drop := int(d.Scale) - scale; {
	case drop <= 0:
		m, _ = m.mul(pow10[-drop])
	case round:
		m = m.roundDiv(drop)
	case drop < len(pow10):
		m, _ = m.div(pow10[drop])
	default:
		m = u256{}
	}
	if scale < 0 {
		m, _ = m.mul(pow10[-scale])
		scale = 0
	}
	return fitDecimal(neg && !m.isZero(), m, scale)
}

// Ceil returns the least integer not below d.
func (d Decimal) Ceil() (Decimal, *Error) { return d.toInteger(1) }

// Floor returns the greatest integer not above d.
func (d Decimal) Floor() (Decimal, *Error) { return d.toInteger(-1) }

func (d Decimal) toInteger(toward int) (Decimal, *Error) {
	t, err := d.Trunc(0)
	if err != nil || t.Cmp(d) == 0 || d.Sign() != toward {
		return t, err
	}
	return t.Add(DecimalFromInt64(int64(toward)))
}

// Rescale applies the modifier numeric(precision, scale): rounds to scale, and overflows when
// more than precision digits remain. Precision 0 leaves d as it is.
func (d Decimal) Rescale(precision, scale uint8) (Decimal, *Error) {
	if precision == 0 {
		return d, nil
	}
	if d.Scale == scale && d.Coef.mag().wide().cmp(pow10[precision]) < 0 {
		return d, nil
	}
	m := d.Coef.mag().wide()
	if drop := int(d.Scale) - int(scale); drop >= 0 {
		m = m.roundDiv(drop)
	} else {
		m, _ = m.mul(pow10[-drop])
	}
	if m.cmp(pow10[precision]) >= 0 {
		return Decimal{}, &Error{StateOutOfRange, "numeric field overflow"}
	}
	return rawDecimal(d.Coef.Hi < 0 && !m.isZero(), m, int(scale)), nil
}

// Trim drops trailing zeros of the fraction: the canonical form of equal values.
func (d Decimal) Trim() Decimal {
	if d.Scale == 0 {
		return d
	}
	m := d.Coef.mag().wide()
	scale := d.Scale
	for scale > 0 {
		q, r := m.divSmall(10)
		if r != 0 {
			break
		}
		m, scale = q, scale-1
	}
	return rawDecimal(d.Coef.Hi < 0, m, int(scale))
}

// Int64 rounds half away from zero to an int64 if it fits.
func (d Decimal) Int64() (int64, bool) {
	if d.Scale > 0 {
		r, err := d.Round(0)
		if err != nil {
			return 0, false
		}
		d = r
	}
	return d.Coef.Int64()
}

// AppendText appends the decimal form with Scale digits after the point.
func (d Decimal) AppendText(dst []byte) []byte {
	if d.Coef.Hi < 0 {
		dst = append(dst, '-')
	}
	var buf [80]byte
	i := len(buf)
	m := d.Coef.mag()
	for n := 0; n <= int(d.Scale) || m != (u128{}); n++ {
		if n == int(d.Scale) && n > 0 {
			i--
			buf[i] = '.'
		}
		var r uint64
		m, r = m.divSmall10()
		i--
		buf[i] = byte('0' + r)
	}
	return append(dst, buf[i:]...)
}

func (a u128) divSmall10() (u128, uint64) {
	qh, r := a[1]/10, a[1]%10
	ql, r := bits.Div64(r, a[0], 10)
	return u128{ql, qh}, r
}

// String returns the decimal form.
func (d Decimal) String() string { return string(d.AppendText(nil)) }

// AppendDigits appends the significant decimal digits of |d| (0..9 each, no leading zero, none
// for zero) and returns the exponent E of d = 0.DIGITS * 10^E.
func (d Decimal) AppendDigits(dst []byte) (digits []byte, exp int) {
	m := d.Coef.mag()
	var buf [40]byte
	i := len(buf)
	for m != (u128{}) {
		var r uint64
		m, r = m.divSmall10()
		i--
		buf[i] = byte(r)
	}
	return append(dst, buf[i:]...), len(buf) - i - int(d.Scale)
}

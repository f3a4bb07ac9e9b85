package pgwire

import (
	"encoding/binary"

	"weir/stream/value"
)

// A binary numeric is four big-endian int16 (digit count, weight, sign, display scale) and then
// the digits, base 10000; digit i counts 10000^(weight-i). Source: numeric_send and numeric_recv
// of PostgreSQL 15.
const (
	numericHeader   = 8
	numericBase     = 10000
	baseDigits      = 4 // decimal digits of one base-10000 digit
	numericNegative = 0x4000
	numericNaN      = 0xC000
	numericPosInf   = 0xD000
	numericNegInf   = 0xF000
	numericMaxScale = 0x3FFF
)

func appendNumeric(dst []byte, d value.Decimal) []byte {
	var room [2*value.MaxPrecision + 4]byte
	text := d.AppendText(room[:0])
	sign := uint16(0)
	if text[0] == '-' {
		sign, text = numericNegative, text[1:]
	}
	whole, fraction := text, []byte(nil)
	for i, c := range text {
		if c == '.' {
			whole, fraction = text[:i], text[i+1:]
			break
		}
	}
	var digits [2*value.MaxPrecision/baseDigits + 2]uint16
	n, weight := 0, (len(whole)+baseDigits-1)/baseDigits-1
	for i := range weight + 1 {
		end := len(whole) - (weight-i)*baseDigits
		digits[n] = digit(whole[max(0, end-baseDigits):end])
		n++
	}
	for ; len(fraction) > 0; n++ {
		part := fraction[:min(baseDigits, len(fraction))]
		digits[n] = digit(part)
		for range baseDigits - len(part) {
			digits[n] *= 10
		}
		fraction = fraction[len(part):]
	}
	lo := 0
	for lo < n && digits[lo] == 0 {
		lo, weight = lo+1, weight-1
	}
	for n > lo && digits[n-1] == 0 {
		n--
	}
	if lo == n {
		weight = 0
	}
	dst = binary.BigEndian.AppendUint16(dst, uint16(n-lo))
	dst = binary.BigEndian.AppendUint16(dst, uint16(weight))
	dst = binary.BigEndian.AppendUint16(dst, sign)
	dst = binary.BigEndian.AppendUint16(dst, uint16(d.Scale))
	for _, v := range digits[lo:n] {
		dst = binary.BigEndian.AppendUint16(dst, v)
	}
	return dst
}

func digit(text []byte) (v uint16) {
	for _, c := range text {
		v = v*10 + uint16(c-'0')
	}
	return v
}

// parseNumeric writes the number as decimal text and lets value.ParseDecimal judge it, so that
// rounding and overflow are those of a text parameter.
func parseNumeric(b []byte) (value.Decimal, error) {
	if len(b) < numericHeader {
		return value.Decimal{}, errorf(stateBadBinary, "insufficient data left in message")
	}
	n := int(int16(binary.BigEndian.Uint16(b)))
	weight := int(int16(binary.BigEndian.Uint16(b[2:])))
	sign, scale := binary.BigEndian.Uint16(b[4:]), binary.BigEndian.Uint16(b[6:])
	switch sign {
	case 0, numericNegative:
	case numericNaN, numericPosInf, numericNegInf:
		return value.Decimal{}, errorf(stateUnsupported, "numeric NaN and Infinity are not supported")
	default:
		return value.Decimal{}, errorf(stateBadBinary, "invalid sign in external \"numeric\" value")
	}
	if scale > numericMaxScale {
		return value.Decimal{}, errorf(stateBadBinary, "invalid scale in external \"numeric\" value")
	}
	digits := b[numericHeader:]
	if n < 0 || len(digits) != 2*n {
		return value.Decimal{}, errorf(stateBadBinary, "invalid length in external \"numeric\" value")
	}
	text, err := numericText(digits, weight, int(scale))
	if err != nil {
		return value.Decimal{}, err
	}
	if sign == numericNegative {
		text = append([]byte{'-'}, text...)
	}
	d, verr := value.ParseDecimal(string(text))
	if verr != nil {
		return value.Decimal{}, verr
	}
	return d, nil
}

// numericText writes base-10000 digits with scale decimal digits after the point; digits beyond
// them are cut off.
func numericText(digits []byte, weight, scale int) ([]byte, error) {
	for len(digits) > 0 && digits[0] == 0 && digits[1] == 0 {
		digits, weight = digits[2:], weight-1
	}
	if len(digits) == 0 {
		weight = -1
	}
	if weight > value.MaxPrecision/baseDigits {
		return nil, value.ErrNumericRange
	}
	at := func(i int) (int, error) {
		if i < 0 || 2*i >= len(digits) {
			return 0, nil
		}
		v := int(binary.BigEndian.Uint16(digits[2*i:]))
		if v >= numericBase {
			return 0, errorf(stateBadBinary, "invalid digit in external \"numeric\" value")
		}
		return v, nil
	}
	text := []byte{'0'}
	last := weight + (scale+baseDigits-1)/baseDigits
	for i := min(0, weight+1); i <= max(last, weight); i++ {
		v, err := at(i)
		if err != nil {
			return nil, err
		}
		if i == weight+1 {
			text = append(text, '.')
		}
		text = append(text, byte('0'+v/1000), byte('0'+v/100%10), byte('0'+v/10%10),
			byte('0'+v%10))
	}
	if extra := (last-weight)*baseDigits - scale; extra > 0 {
		text = text[:len(text)-extra]
	}
	return text, nil
}

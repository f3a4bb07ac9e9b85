package expr

import (
	"strings"

	"weir/stream/value"
)

// numberReader reads a number in a format: to_number. Source: NUM_processor and
// NUM_numpart_from_char of PostgreSQL's formatting.c.
type numberReader struct {
	*numberFormat
	in       string
	at       int
	sign     byte // ' ' while unknown
	digits   []byte
	readPre  int
	readPost int
	readDec  bool
}

func readNumber(n *numberFormat, in string) (value.Decimal, *value.Error) {
	if n.scientific {
		return value.Decimal{}, &value.Error{
			SQLState: value.StateUnsupported, Msg: `"EEEE" not supported for input`,
		}
	}
	if n.roman {
		return value.Decimal{}, &value.Error{
			SQLState: value.StateUnsupported, Msg: `"RN" not supported for input`,
		}
	}
	r := numberReader{numberFormat: n, in: in, sign: ' '}
	for _, p := range n.parts {
		if r.at >= len(in) {
			break
		}
		r.part(p)
	}
	text := string(r.sign) + strings.TrimSuffix(string(r.digits), ".")
	d, err := value.ParseDecimal(text)
	if err != nil {
		return d, err
	}
	if d, err = d.Round(r.readPost); err != nil {
		return d, err
	}
	if whole := n.pre + n.multi; whole < value.MaxPrecision && !wholeFits(d, whole) {
		return d, &value.Error{SQLState: value.StateOutOfRange, Msg: "numeric field overflow"}
	}
	if !n.shifted {
		return d, nil
	}
	unit, err := value.DecimalFromInt64(10).Power(value.DecimalFromInt64(int64(-n.multi)))
	if err != nil {
		return d, err
	}
	return d.Mul(unit)
}

// wholeFits reports whether d has at most n digits before the point.
func wholeFits(d value.Decimal, n int) bool {
	_, exp := d.AppendDigits(nil)
	return d.Sign() == 0 || exp <= n
}

func (r *numberReader) peek() byte {
	if r.at < len(r.in) {
		return r.in[r.at]
	}
	return 0
}

func (r *numberReader) part(p numberPart) {
	switch p.word {
	case "":
		r.at += runeLen(r.in[r.at:])
	case "9", "0", ".", "D":
		r.digitPart(p.word)
		r.at++
	case ",", "G":
		if r.fill {
			return // nothing counts as inside of a number when one is read
		}
		if r.peek() == ',' {
			r.at++
		}
	case "L":
		r.skip(1)
	case "TH":
		if !r.decimal && r.sign != '#' {
			r.skip(2)
		}
	case "MI":
		r.signPart("-")
	case "PL":
		r.signPart("+")
	case "SG":
		r.signPart("+-")
	}
}

// skip passes over n letters that are not of a number.
func (r *numberReader) skip(n int) {
	for ; n > 0 && r.at < len(r.in) && !strings.Contains("0123456789.,+-", r.in[r.at:r.at+1]); n-- {
		r.at += runeLen(r.in[r.at:])
	}
}

func (r *numberReader) signPart(signs string) {
	if c := r.peek(); strings.IndexByte(signs, c) >= 0 {
		r.sign = c
		r.at++
		return
	}
	r.skip(1)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// digitPart reads a digit or the point; r.at is then on its last byte.
func (r *numberReader) digitPart(word string) {
	if r.peek() == ' ' {
		r.at++
	}
	if r.at >= len(r.in) {
		return
	}
	if r.sign == ' ' && (word == "0" || word == "9") && r.readPre+r.readPost == 0 {
		switch c := r.peek(); {
		case c == '-' || r.bracket && c == '<':
			r.sign = '-'
			r.at++
		case c == '+':
			r.sign = '+'
			r.at++
		}
	}
	if r.at >= len(r.in) {
		return
	}
	isRead := false
	switch c := r.peek(); {
	case isDigit(c):
		if r.readDec && r.readPost == r.post {
			return
		}
		r.digits = append(r.digits, c)
		if r.readDec {
			r.readPost++
		} else {
			r.readPre++
		}
		isRead = true
	case r.decimal && !r.readDec && c == '.':
		r.digits = append(r.digits, '.')
		r.readDec, isRead = true, true
	}
	if r.sign == ' ' && r.readPre+r.readPost > 0 {
		r.signBehind(isRead)
	}
}

func (r *numberReader) signBehind(isRead bool) {
	switch {
	case r.numberFormat.sign != signNone && isRead && r.at+1 < len(r.in) && !isDigit(r.in[r.at+1]):
		if c := r.in[r.at+1]; c == '-' || c == '+' {
			r.sign = c
			r.at++
		}
	case !isRead && r.numberFormat.sign == signNone && (r.plus || r.minus):
		if c := r.peek(); c == '-' || c == '+' {
			r.sign = c
		}
	}
}

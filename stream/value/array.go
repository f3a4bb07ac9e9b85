package value

import (
	"encoding/binary"
	"math"
	"strings"

	"weir/internal/invariant"
)

// MaxArrayLen bounds the elements of an array (54000 beyond).
const MaxArrayLen = 32768

// ErrArrayTooLong is the refusal of an array of more than MaxArrayLen elements.
var ErrArrayTooLong = Errorf(StateTooLarge, "an array may not have more than %d elements",
	MaxArrayLen)

// ArrayOf returns the type of arrays whose elements have type elem.
func ArrayOf(elem Type) Type {
	return Type{Kind: Array, Elem: elem.Kind, Precision: elem.Precision, Scale: elem.Scale}
}

// ElemType returns the type of the elements of an array type.
func (t Type) ElemType() Type {
	return Type{Kind: t.Elem, Precision: t.Precision, Scale: t.Scale}
}

// NewArray makes an array of elements that are NULL or values of type elem, of which there are at
// most MaxArrayLen. Its S holds the bytes that columns hold:
//
//	kind of the elements, varint 2 * count + (1 if some element is NULL)
//	if so a bit per element, set for NULL, least significant bit first, whole bytes
//	each element that is not NULL, as a row holds it (package row)
//
// Two arrays have the same bytes if and only if their elements are the same representations.
func NewArray(elem Type, elems []Datum) Datum {
	invariant.Check(len(elems) <= MaxArrayLen, "array of %d elements", len(elems))
	return Datum{Kind: Array, S: string(appendArray(nil, elem.Kind, elems))}
}

func appendArray(dst []byte, elem Kind, elems []Datum) []byte {
	head, nulls := uint64(len(elems))<<1, false
	for _, d := range elems {
		nulls = nulls || d.IsNull()
	}
	if nulls {
		head |= 1
	}
	dst = binary.AppendUvarint(append(dst, byte(elem)), head)
	start := len(dst)
	if nulls {
		dst = append(dst, make([]byte, (len(elems)+7)/8)...)
	}
	for i, d := range elems {
		if d.IsNull() {
			dst[start+i/8] |= 1 << (i & 7)
			continue
		}
		invariant.Check(d.Kind == elem, "%v in an array of %v", d.Kind, elem)
		dst = appendElem(dst, d)
	}
	return dst
}

func appendElem(dst []byte, d Datum) []byte {
	switch d.Kind.Class() {
	case ClassInt:
		return binary.AppendVarint(dst, d.I)
	case ClassDecimal:
		return d.D.AppendBinary(dst)
	case ClassFloat:
		if d.Kind == Float4 {
			b := math.Float32bits(float32(d.F))
			if d.F != d.F {
				b = canonicalNaN4
			}
			return binary.LittleEndian.AppendUint32(dst, b)
		}
		return binary.LittleEndian.AppendUint64(dst, math.Float64bits(d.F))
	case ClassBytes:
		if d.Kind != UUID {
			dst = binary.AppendUvarint(dst, uint64(len(d.S)))
		}
		return append(dst, d.S...)
	}
	dst = binary.AppendVarint(dst, int64(d.V.Months))
	dst = binary.AppendVarint(dst, int64(d.V.Days))
	return binary.AppendVarint(dst, d.V.Micros)
}

// ArrayElem returns the kind of an array's elements.
func ArrayElem(d Datum) Kind { return Kind(d.S[0]) }

// ArrayLen returns the number of an array's elements.
func ArrayLen(d Datum) int {
	head := uint64(0)
	for i := 1; i < len(d.S); i++ {
		head |= uint64(d.S[i]&0x7F) << (7 * (i - 1))
		if d.S[i] < 0x80 {
			break
		}
	}
	return int(head >> 1)
}

// ArrayElems returns the elements of an array.
func ArrayElems(d Datum) []Datum {
	elems, ok := readArray(Of(ArrayElem(d)), d.S)
	invariant.Check(ok, "malformed array")
	return elems
}

// ValidArray reports whether b is what NewArray makes of elements of type elem.
func ValidArray(elem Type, b []byte) bool {
	elems, ok := readArray(elem, string(b))
	if !ok {
		return false
	}
	for _, d := range elems {
		if !d.IsNull() && !validElem(elem, d) {
			return false
		}
	}
	return true
}

// validElem judges what readArray does not: text, modifiers, ranges.
func validElem(t Type, d Datum) bool {
	switch t.Kind.Class() {
	case ClassInt:
		lo, hi := t.Kind.IntRange()
		return d.I >= lo && d.I <= hi
	case ClassDecimal:
		if !d.D.Valid() {
			return false
		}
		e, err := d.D.Rescale(t.Precision, t.Scale)
		return err == nil && e == d.D
	case ClassBytes:
		switch t.Kind {
		case Text:
			return CheckText(d.S) == nil
		case JSONB:
			return CheckText(d.S) == nil && IsCanonicalJSON([]byte(d.S))
		case Array:
			return ValidArray(t.ElemType(), []byte(d.S))
		case Record:
			return ValidRecord(t, []byte(d.S))
		}
	}
	return true
}

// elemReader consumes the bytes of an array or a record; the first fault sticks.
type elemReader struct {
	s   string
	bad bool
}

func (r *elemReader) take(n uint64) string {
	if n > uint64(len(r.s)) {
		r.bad = true
		return ""
	}
	s := r.s[:n]
	r.s = r.s[n:]
	return s
}

func (r *elemReader) uvarint() uint64 {
	var v uint64
	for i := 0; i < len(r.s) && i < binary.MaxVarintLen64; i++ {
		c := r.s[i]
		v |= uint64(c&0x7F) << (7 * i)
		if c < 0x80 {
			if c == 0 && i > 0 || i == 9 && c > 1 {
				break
			}
			r.s = r.s[i+1:]
			return v
		}
	}
	r.bad = true
	return 0
}

func (r *elemReader) varint() int64 {
	u := r.uvarint()
	return int64(u>>1) ^ -int64(u&1)
}

// readArray takes apart what appendArray makes; ok is false for other bytes. Texts share
// storage with s.
func readArray(elem Type, s string) (elems []Datum, ok bool) {
	if len(s) < 2 || Kind(s[0]) != elem.Kind || elem.Kind.Class() == ClassNone ||
		elem.Kind >= Array {
		return nil, false
	}
	r := elemReader{s: s[1:]}
	head := r.uvarint()
	n := head >> 1
	if r.bad || n > MaxArrayLen || n > 8*uint64(len(s)) {
		return nil, false
	}
	nulls := ""
	if head&1 != 0 {
		nulls = r.take((n + 7) / 8)
		if r.bad || strings.Trim(nulls, "\x00") == "" || n&7 != 0 && nulls[len(nulls)-1]>>(n&7) != 0 {
			return nil, false
		}
	}
	elems = make([]Datum, n)
	for i := range elems {
		if nulls != "" && nulls[i/8]>>(i&7)&1 != 0 {
			continue
		}
		elems[i] = r.elem(elem.Kind)
	}
	return elems, !r.bad && r.s == ""
}

func (r *elemReader) elem(k Kind) Datum {
	d := Datum{Kind: k}
	switch k.Class() {
	case ClassInt:
		d.I = r.varint()
	case ClassDecimal:
		var n int
		d.D, n = ReadDecimal(r.s)
		r.bad = r.bad || n == 0
		r.take(uint64(n))
	case ClassFloat:
		d.F = r.float(k)
	case ClassBytes:
		if k == UUID {
			d.S = r.take(16)
		} else {
			d.S = r.take(r.uvarint())
		}
	default:
		m, days := r.varint(), r.varint()
		d.V = IntervalValue{Months: int32(m), Days: int32(days), Micros: r.varint()}
		r.bad = r.bad || int64(d.V.Months) != m || int64(d.V.Days) != days
	}
	return d
}

// canonicalNaN4 is the one NaN of float4.
const canonicalNaN4 = 0x7FC00000

func (r *elemReader) float(k Kind) float64 {
	if k == Float4 {
		b := binary.LittleEndian.Uint32(append([]byte(r.take(4)), 0, 0, 0, 0))
		f := math.Float32frombits(b)
		if f != f {
			r.bad = r.bad || b != canonicalNaN4
			return canonicalNaN
		}
		return float64(f)
	}
	b := binary.LittleEndian.Uint64(append([]byte(r.take(8)), 0, 0, 0, 0, 0, 0, 0, 0))
	f := math.Float64frombits(b)
	r.bad = r.bad || f != f && b != math.Float64bits(canonicalNaN)
	return f
}

// AppendBinary appends the scale as a byte and the coefficient as a zigzag varint.
func (d Decimal) AppendBinary(dst []byte) []byte {
	dst = append(dst, d.Scale)
	s := uint64(d.Coef.Hi >> 63)
	lo, hi := d.Coef.Lo<<1^s, (uint64(d.Coef.Hi)<<1|d.Coef.Lo>>63)^s
	for hi != 0 || lo >= 0x80 {
		dst = append(dst, byte(lo)|0x80)
		lo, hi = lo>>7|hi<<57, hi>>7
	}
	return append(dst, byte(lo))
}

// ReadDecimal reads what AppendBinary makes from the front of b and returns how many bytes it
// took, 0 if the bytes are malformed. The caller judges the value: Decimal.Valid.
func ReadDecimal[S string | []byte](b S) (d Decimal, n int) {
	var lo, hi uint64
	for i := 1; i < len(b); i++ {
		c, shift := uint64(b[i]), uint(7*(i-1))
		if shift >= 128 || shift == 126 && c > 3 {
			return Decimal{}, 0
		}
		lo |= c & 0x7F << shift
		if shift >= 64 {
			hi |= c & 0x7F << (shift - 64)
		} else if shift > 57 {
			hi |= c & 0x7F >> (64 - shift)
		}
		if c < 0x80 {
			if c == 0 && i > 1 {
				return Decimal{}, 0
			}
			s := -(lo & 1)
			coef := Int128{Hi: int64(hi>>1 ^ s), Lo: (lo>>1 | hi<<63) ^ s}
			return Decimal{Coef: coef, Scale: b[0]}, i + 1
		}
	}
	return Decimal{}, 0
}

// CompareArrays orders arrays as PostgreSQL does: element by element, NULL equal to NULL and
// above all else, then the shorter first.
func CompareArrays(a, b Datum) int {
	if a.S == b.S {
		return 0
	}
	x, y := ArrayElems(a), ArrayElems(b)
	for i := range min(len(x), len(y)) {
		if r := CompareNulls(x[i], y[i], false); r != 0 {
			return r
		}
	}
	switch {
	case len(x) < len(y):
		return -1
	case len(x) > len(y):
		return 1
	}
	return 0
}

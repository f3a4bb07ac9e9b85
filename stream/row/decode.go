package row

import (
	"encoding/binary"
	"errors"
	"math"
	"math/bits"
	"unicode/utf8"

	"weir/stream/value"
)

// ErrMalformed is the rejection of bytes that no encoder makes. Text, range and canonical form
// are all checked: nothing but the encoding of valid values decodes.
var ErrMalformed = errors.New("row: malformed encoding")

// DecodeRow decodes a row of the given column types.
func DecodeRow(types []value.Type, b []byte) ([]value.Datum, error) {
	r := reader{b: b}
	ds := make([]value.Datum, len(types))
	r.row(types, func(j int, d value.Datum) { ds[j] = d })
	if err := r.end(); err != nil {
		return nil, err
	}
	return ds, nil
}

// DecodeRowInto appends a decoded row to cols, whose types say what to expect. On an error some
// of cols have grown: the caller discards them.
func DecodeRowInto(cols []*value.Vec, b []byte) error {
	r := reader{b: b}
	r.rowInto(cols)
	return r.end()
}

// DecodeEntry decodes the value of a relation's entry.
func DecodeEntry(types []value.Type, b []byte) (weight uint64, ds []value.Datum, err error) {
	weight, n := entryWeight(b)
	if n == 0 {
		return 0, nil, ErrMalformed
	}
	ds, err = DecodeRow(types, b[n:])
	return weight, ds, err
}

// DecodeEntryInto appends a decoded entry's row to cols and returns its weight.
func DecodeEntryInto(cols []*value.Vec, b []byte) (weight uint64, err error) {
	weight, n := entryWeight(b)
	if n == 0 {
		return 0, ErrMalformed
	}
	return weight, DecodeRowInto(cols, b[n:])
}

// SplitEntry returns the weight and the encoded row of an entry.
func SplitEntry(b []byte) (weight uint64, row []byte, err error) {
	weight, n := entryWeight(b)
	if n == 0 {
		return 0, nil, ErrMalformed
	}
	return weight, b[n:], nil
}

func entryWeight(b []byte) (weight uint64, n int) {
	weight, n = binary.Uvarint(b)
	if n <= 0 || weight == 0 || weight > math.MaxInt64 || n != uvarintLen(weight) {
		return 0, 0
	}
	return weight, n
}

// reader consumes bytes; the first fault sticks.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) end() error {
	if r.bad || len(r.b) > 0 {
		return ErrMalformed
	}
	return nil
}

func (r *reader) require(ok bool) { r.bad = r.bad || !ok }

// take returns the next n bytes, or n zero bytes (at most 16) after a fault.
func (r *reader) take(n int) []byte {
	if n < 0 || n > len(r.b) {
		r.bad = true
	}
	if r.bad {
		var zeros [16]byte
		return zeros[:min(max(n, 0), len(zeros))]
	}
	b := r.b[:n:n]
	r.b = r.b[n:]
	return b
}

func (r *reader) byte() byte { return r.take(1)[0] }

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 || n != uvarintLen(v) {
		r.bad = true
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) varint() int64 {
	u := r.uvarint()
	return int64(u>>1) ^ -int64(u&1)
}

// nulls reads the NULL bits of n columns.
func (r *reader) nulls(n int) []byte {
	b := r.take((n + 7) / 8)
	if r.bad {
		return make([]byte, (n+7)/8)
	}
	if n&7 != 0 {
		r.require(b[len(b)-1]>>(n&7) == 0)
	}
	return b
}

func (r *reader) row(types []value.Type, set func(j int, d value.Datum)) {
	nulls := r.nulls(len(types))
	for j, t := range types {
		if r.bad {
			return
		}
		if nulls[j/8]>>(j&7)&1 != 0 {
			set(j, value.Datum{})
			continue
		}
		d := value.Datum{Kind: t.Kind}
		switch t.Kind.Class() {
		case value.ClassInt:
			d.I = r.int(t.Kind)
		case value.ClassDecimal:
			d.D = r.decimal(t)
		case value.ClassFloat:
			d.F = r.float(t.Kind)
		case value.ClassBytes:
			d.S = string(r.bytes(t))
		case value.ClassInterval:
			d.V = r.interval()
		default:
			r.bad = true
		}
		set(j, d)
	}
}

func (r *reader) rowInto(cols []*value.Vec) {
	nulls := r.nulls(len(cols))
	for j, c := range cols {
		if nulls[j/8]>>(j&7)&1 != 0 {
			c.AppendNull()
			continue
		}
		switch k := c.Type.Kind; k.Class() {
		case value.ClassInt:
			c.AppendInt(r.int(k))
		case value.ClassDecimal:
			c.AppendDecimal(r.decimal(c.Type))
		case value.ClassFloat:
			c.AppendFloat(r.float(k))
		case value.ClassBytes:
			c.AppendBytes(r.bytes(c.Type))
		default:
			c.AppendInterval(r.interval())
		}
	}
}

func (r *reader) int(k value.Kind) int64 {
	v := r.varint()
	lo, hi := k.IntRange()
	r.require(v >= lo && v <= hi)
	return v
}

// decimal reads a coefficient of at most 127 bits; a value under numeric(p,s) has scale s and
// at most p digits.
func (r *reader) decimal(t value.Type) value.Decimal {
	d, n := value.ReadDecimal(r.b)
	if n == 0 {
		r.bad = true
		return value.Decimal{}
	}
	r.take(n)
	r.require(validDecimal(d, t))
	return d
}

func validDecimal(d value.Decimal, t value.Type) bool {
	if !d.Valid() {
		return false
	}
	if t.Precision == 0 {
		return true
	}
	e, err := d.Rescale(t.Precision, t.Scale)
	return err == nil && e == d
}

func (r *reader) float(k value.Kind) float64 {
	if k == value.Float4 {
		return r.float4(binary.LittleEndian.Uint32(r.take(4)))
	}
	return r.float8(binary.LittleEndian.Uint64(r.take(8)))
}

func (r *reader) float4(bits uint32) float64 {
	f := math.Float32frombits(bits)
	r.require(f == f || bits == canonicalNaN4)
	if f != f {
		return math.Float64frombits(canonicalNaN)
	}
	return float64(f)
}

// The one NaN of float8 and of float4.
const (
	canonicalNaN  = 0x7FF8000000000000
	canonicalNaN4 = 0x7FC00000
)

func (r *reader) float8(bits uint64) float64 {
	f := math.Float64frombits(bits)
	r.require(f == f || bits == canonicalNaN)
	return f
}

func (r *reader) bytes(t value.Type) []byte {
	if t.Kind == value.UUID {
		return r.take(16)
	}
	n := r.uvarint()
	if n > uint64(len(r.b)) {
		r.bad = true
		return nil
	}
	b := r.take(int(n))
	r.require(validBytes(t, b))
	return b
}

// validBytes checks what a kind of ClassBytes demands of its bytes.
func validBytes(t value.Type, b []byte) bool {
	switch t.Kind {
	case value.Text:
		return value.ValidText(b)
	case value.JSONB:
		return value.ValidText(b) && value.IsCanonicalJSON(b)
	case value.Array:
		return value.ValidArray(t.ElemType(), b)
	case value.Record:
		return value.ValidRecord(t, b)
	case value.UUID:
		return len(b) == 16
	}
	return true
}

func (r *reader) interval() value.IntervalValue {
	m, d := r.varint(), r.varint()
	v := value.IntervalValue{Months: int32(m), Days: int32(d), Micros: r.varint()}
	r.require(int64(v.Months) == m && int64(v.Days) == d)
	return v
}

// runeStarts reports whether every offset lies on a character of b, which is valid UTF-8.
func runeStarts(b []byte, offs []uint32) bool {
	for _, o := range offs {
		if int(o) < len(b) && !utf8.RuneStart(b[o]) {
			return false
		}
	}
	return true
}

// byteWidth returns the least of 1, 2, 4, 8 bytes that hold v.
func byteWidth(v uint64) int {
	switch n := bits.Len64(v); {
	case n <= 8:
		return 1
	case n <= 16:
		return 2
	case n <= 32:
		return 4
	}
	return 8
}

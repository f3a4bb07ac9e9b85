package row

import (
	"bytes"
	"encoding/binary"
	"math"

	"weir/stream/value"
)

// DecodeKey decodes a key of the given column types. It returns canonical representatives:
// numerics with the scale of their type or else without trailing zeros, 0 for -0, and intervals
// in months of 30 days, days and microseconds of one sign.
func DecodeKey(types []value.Type, b []byte) ([]value.Datum, error) {
	r := reader{b: b}
	r.require(r.byte() == KeyTag)
	ds := make([]value.Datum, len(types))
	for j, t := range types {
		ds[j] = r.keyDatum(t)
	}
	if err := r.end(); err != nil {
		return nil, err
	}
	return ds, nil
}

// DecodeKeyInto appends the columns of a decoded key to cols. On an error some of cols have
// grown: the caller discards them.
func DecodeKeyInto(cols []*value.Vec, b []byte) error {
	r := reader{b: b}
	r.require(r.byte() == KeyTag)
	for _, c := range cols {
		c.AppendDatum(r.keyDatum(c.Type))
	}
	return r.end()
}

// Canonical returns the representative that DecodeKey gives for d in a column of type t.
func Canonical(t value.Type, d value.Datum) value.Datum {
	r := reader{b: AppendKeyDatum(nil, d)}
	return r.keyDatum(t)
}

func (r *reader) keyDatum(t value.Type) value.Datum {
	tag := r.byte()
	if r.bad || tag == tagNull {
		return value.Datum{}
	}
	r.require(tag == tagValue)
	d := value.Datum{Kind: t.Kind}
	switch t.Kind.Class() {
	case value.ClassInt:
		d.I = r.keyInt(t.Kind)
	case value.ClassDecimal:
		d.D = r.keyDecimal(t)
	case value.ClassFloat:
		d.F = r.keyFloat(t.Kind)
	case value.ClassBytes:
		switch t.Kind {
		case value.Array:
			return r.keyArray(t)
		case value.JSONB:
			return r.keyJSON()
		case value.Record:
			return r.keyRecord(t)
		}
		d.S = string(r.keyBytes(t.Kind))
	case value.ClassInterval:
		d.V = r.keyInterval()
	default:
		r.bad = true
	}
	if r.bad {
		return value.Datum{}
	}
	return d
}

func (r *reader) keyInt(k value.Kind) int64 {
	var v int64
	switch intWidth(k) {
	case 1:
		v = int64(r.byte())
	case 2:
		v = int64(int16(binary.BigEndian.Uint16(r.take(2)) ^ 1<<15))
	case 4:
		v = int64(int32(binary.BigEndian.Uint32(r.take(4)) ^ 1<<31))
	default:
		v = int64(binary.BigEndian.Uint64(r.take(8)) ^ 1<<63)
	}
	lo, hi := k.IntRange()
	r.require(v >= lo && v <= hi)
	return v
}

func (r *reader) keyFloat(k value.Kind) float64 {
	if k == value.Float4 {
		b := binary.BigEndian.Uint32(r.take(4))
		b ^= uint32(int32(^b)>>31) | 1<<31
		r.require(b != 1<<31)
		return r.float4(b)
	}
	b := binary.BigEndian.Uint64(r.take(8))
	b ^= uint64(int64(^b)>>63) | 1<<63
	r.require(b != 1<<63)
	return r.float8(b)
}

func (r *reader) keyDecimal(t value.Type) value.Decimal {
	head := r.byte()
	if head == decZero {
		return value.Decimal{Scale: t.Scale}
	}
	var flip byte
	exp := int(head) - 0x81 - decExpBias
	if head < decZero {
		flip = 0xFF
		exp = 0x7F - int(head) - decExpBias
	}
	var coef value.Int256
	n, last := 0, byte(0)
	for {
		c := r.byte() ^ flip
		if r.bad || c > 100 || n > 40 {
			r.bad = true
			return value.Decimal{}
		}
		if c == 0 {
			break
		}
		last = c - 1
		r.require(n > 0 || last >= 10)
		coef = coef.MulAdd64(100, uint64(last))
		n += 2
	}
	r.require(n > 0 && last != 0)
	scale := n - exp
	if n > 0 && last%10 == 0 { // the last pair holds one digit
		coef = coef.DivSmall(10)
		scale--
		n--
	}
	return r.finishDecimal(t, coef, n, scale, flip != 0)
}

func (r *reader) finishDecimal(t value.Type, c value.Int256, n, scale int, neg bool) value.Decimal {
	if scale < 0 { // trailing zeros before the point
		var ok bool
		c, ok = c.MulPow10(min(-scale, 77))
		r.require(ok)
		scale = 0
	}
	r.require(!r.bad && n <= value.MaxPrecision && scale <= value.MaxPrecision)
	if r.bad {
		return value.Decimal{}
	}
	if neg {
		c = c.Neg()
	}
	d, err := c.Decimal(scale)
	r.require(err == nil && int(d.Scale) == scale)
	if t.Precision > 0 {
		e, err := d.Rescale(t.Precision, t.Scale)
		r.require(err == nil && e.Cmp(d) == 0)
		d = e
	}
	return d
}

func (r *reader) keyBytes(k value.Kind) []byte {
	if k == value.UUID {
		return r.take(16)
	}
	var out []byte
	for {
		i := bytes.IndexByte(r.b, 0)
		if i < 0 || i+1 >= len(r.b) {
			r.bad = true
			return nil
		}
		end := r.b[i+1]
		out = append(out, r.b[:i]...)
		r.b = r.b[i+2:]
		switch end {
		case 0xFF:
			out = append(out, 0)
		case 1:
			r.require(validBytes(value.Of(k), out))
			return out
		default:
			r.bad = true
			return nil
		}
	}
}

func (r *reader) keyInterval() value.IntervalValue {
	hi := int64(binary.BigEndian.Uint64(r.take(8)) ^ 1<<63)
	lo := binary.BigEndian.Uint64(r.take(8))
	v, ok := value.IntervalFromSpan(value.Int128{Hi: hi, Lo: lo})
	r.require(ok && !r.bad && hi < math.MaxInt32 && hi > math.MinInt32)
	return v
}

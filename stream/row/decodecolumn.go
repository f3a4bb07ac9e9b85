package row

import (
	"bytes"
	"encoding/binary"
	"math"
	"unicode/utf8"

	"weir/stream/value"
)

// frame is a frame of reference as read: the least value and the distances from it.
type frame struct {
	least int64
	width int
	data  []byte
}

// frame reads a frame of k values; fill checks the rest.
func (r *payloadReader) frame(k int) frame {
	if k == 0 || r.bad {
		return frame{}
	}
	f := frame{least: r.varint(), width: int(r.byte())}
	w := f.width
	r.must(w == 1 || w == 2 || w == 4 || w == 8, "the width of integers is not 1, 2, 4 or 8")
	if r.bad || k > len(r.b)/w {
		r.must(false, "the integers end early")
		return frame{}
	}
	f.data = r.take(k * w)
	return f
}

// fill writes the values of f, all of which must lie in lo..hi, and checks that the least value
// and the width are the ones that an encoder chooses.
func (r *payloadReader) fill(dst []int64, f frame, lo, hi int64) {
	if len(dst) == 0 || r.bad {
		return
	}
	if !r.must(f.least >= lo && f.least <= hi, "a value is out of range") {
		return
	}
	var least, most uint64
	switch f.width {
	case 1:
		least, most = fill1(dst, f)
	case 2:
		least, most = fill2(dst, f)
	case 4:
		least, most = fill4(dst, f)
	default:
		least, most = fill8(dst, f)
	}
	r.must(most <= uint64(hi)-uint64(f.least), "a value is out of range")
	r.must(least == 0, "the least integer does not occur")
	r.must(byteWidth(most) == f.width, "the integers are wider than they need to be")
}

// The loops of fill return the least and the greatest distance.

func fill1(dst []int64, f frame) (least, most uint64) {
	least = math.MaxUint64
	src := f.data[:len(dst)]
	for i, c := range src {
		d := uint64(c)
		least, most = min(least, d), max(most, d)
		dst[i] = f.least + int64(d)
	}
	return least, most
}

func fill2(dst []int64, f frame) (least, most uint64) {
	least = math.MaxUint64
	src := f.data
	for i := range dst {
		d := uint64(binary.LittleEndian.Uint16(src[2*i:]))
		least, most = min(least, d), max(most, d)
		dst[i] = f.least + int64(d)
	}
	return least, most
}

func fill4(dst []int64, f frame) (least, most uint64) {
	least = math.MaxUint64
	src := f.data
	for i := range dst {
		d := uint64(binary.LittleEndian.Uint32(src[4*i:]))
		least, most = min(least, d), max(most, d)
		dst[i] = f.least + int64(d)
	}
	return least, most
}

// fill8 wraps around in dst for distances that fill then refuses.
func fill8(dst []int64, f frame) (least, most uint64) {
	least = math.MaxUint64
	src := f.data
	for i := range dst {
		d := binary.LittleEndian.Uint64(src[8*i:])
		least, most = min(least, d), max(most, d)
		dst[i] = f.least + int64(d)
	}
	return least, most
}

// The readers of columns read k values into the front of a column of n rows, or record a fault.

func (r *payloadReader) ints(t value.Type, n, k int) *value.Vec {
	f := r.frame(k)
	if r.bad {
		return nil
	}
	v := value.NewVecLen(t, n)
	lo, hi := t.Kind.IntRange()
	r.fill(v.Ints[:k], f, lo, hi)
	return v
}

func (r *payloadReader) bools(t value.Type, n, k int) *value.Vec {
	b := r.take((k + 7) / 8)
	if r.bad {
		return nil
	}
	r.must(k&7 == 0 || b[len(b)-1]>>(k&7) == 0, "a bit lies beyond the last boolean")
	v := value.NewVecLen(t, n)
	for i := range v.Ints[:k] {
		v.Ints[i] = int64(b[i>>3] >> (i & 7) & 1)
	}
	return v
}

func (r *payloadReader) decimals(t value.Type, n, k int) *value.Vec {
	if k == 0 {
		return value.NewVecLen(t, n)
	}
	scales := r.scales(t, k)
	wide := r.byte()
	if !r.must(wide <= coefWide, "the coefficients have an unknown form") {
		return nil
	}
	if wide == coefWide {
		return r.wideDecimals(t, n, k, scales)
	}
	f := r.frame(k)
	if r.bad {
		return nil
	}
	ints := make([]int64, k)
	lo, hi := coefRange(t)
	r.fill(ints, f, lo, hi)
	v := value.NewVecLen(t, n)
	for i, c := range ints {
		v.Decs[i].Coef = value.Int128{Hi: c >> 63, Lo: uint64(c)}
	}
	setScales(v.Decs[:k], scales)
	return v
}

// coefRange returns the coefficients that numerics of type t have, among those of 8 bytes.
func coefRange(t value.Type) (lo, hi int64) {
	if t.Precision == 0 || t.Precision > 18 {
		return math.MinInt64, math.MaxInt64
	}
	hi = 1
	for range t.Precision {
		hi *= 10
	}
	return 1 - hi, hi - 1
}

// scales reads the scales of k > 0 numerics: one byte for all, or a byte for each.
func (r *payloadReader) scales(t value.Type, k int) []byte {
	each := r.byte()
	r.must(each <= scaleEach, "the scales have an unknown form")
	size := 1
	if each == scaleEach {
		size = k
	}
	b := r.take(size)
	if r.bad {
		return nil
	}
	most, varied := b[0], false
	for _, s := range b {
		most = max(most, s)
		varied = varied || s != b[0]
	}
	r.must(varied == (each == scaleEach), "a scale for each value, and all are the same")
	if t.Precision > 0 {
		r.must(!varied && most == t.Scale, "a value has another scale than its type")
	}
	r.must(most <= value.MaxPrecision, "a scale is above 38")
	return b
}

func setScales(ds []value.Decimal, scales []byte) {
	switch len(scales) {
	case 0: // refused before
	case 1:
		for i := range ds {
			ds[i].Scale = scales[0]
		}
	default:
		for i := range ds {
			ds[i].Scale = scales[i]
		}
	}
}

func (r *payloadReader) wideDecimals(t value.Type, n, k int, scales []byte) *value.Vec {
	if r.bad || k > len(r.b)/16 {
		r.must(false, "the coefficients end early")
		return nil
	}
	b := r.take(16 * k)
	v := value.NewVecLen(t, n)
	ds := v.Decs[:k]
	setScales(ds, scales)
	valid, needed := true, false
	for i := range ds {
		ds[i].Coef.Lo = binary.LittleEndian.Uint64(b[16*i:])
		ds[i].Coef.Hi = int64(binary.LittleEndian.Uint64(b[16*i+8:]))
		_, narrow := ds[i].Coef.Int64()
		valid, needed = valid && validDecimal(ds[i], t), needed || !narrow
	}
	r.must(valid, "a value is out of range")
	r.must(needed, "the coefficients are wider than they need to be")
	return v
}

func (r *payloadReader) floats(t value.Type, n, k int) *value.Vec {
	w := floatWidth(t.Kind)
	if k > len(r.b)/w {
		r.must(false, "the numbers end early")
		return nil
	}
	b := r.take(k * w)
	v := value.NewVecLen(t, n)
	ok := true
	if w == 4 {
		for i := range v.Floats[:k] {
			u := binary.LittleEndian.Uint32(b[4*i:])
			f := math.Float32frombits(u)
			if f != f {
				ok = ok && u == canonicalNaN4
				v.Floats[i] = math.Float64frombits(canonicalNaN)
				continue
			}
			v.Floats[i] = float64(f)
		}
	} else {
		for i := range v.Floats[:k] {
			u := binary.LittleEndian.Uint64(b[8*i:])
			f := math.Float64frombits(u)
			ok = ok && (f == f || u == canonicalNaN)
			v.Floats[i] = f
		}
	}
	r.must(ok, "a NaN is not the canonical one")
	return v
}

// byteValues reads k values and gives NULLs empty ones.
func (r *payloadReader) byteValues(t value.Type, n, k int, nulls value.Bitmap) *value.Vec {
	lengths := make([]int64, 0)
	total := 16 * k
	if t.Kind != value.UUID {
		lengths, total = r.lengths(k)
	}
	if r.bad || total > len(r.b) {
		r.must(false, "the bytes end early")
		return nil
	}
	data := bytes.Clone(r.take(total))
	offs := make([]uint32, n+1)
	at, next := uint32(0), 0
	for i := range n {
		if nulls == nil || !nulls.Get(i) {
			if t.Kind == value.UUID {
				at += 16
			} else {
				at += uint32(lengths[next])
				next++
			}
		}
		offs[i+1] = at
	}
	v := value.NewVecBytes(t, offs, data, nulls)
	r.checkBytes(v)
	return v
}

// lengths reads the lengths of k values, none of which exceeds the bytes that are left.
func (r *payloadReader) lengths(k int) (lengths []int64, total int) {
	f := r.frame(k)
	if r.bad {
		return nil, 0
	}
	lengths = make([]int64, k)
	r.fill(lengths, f, 0, int64(min(len(r.b), math.MaxInt32)))
	sum := uint64(0) // k and each length are below 2^31
	for _, l := range lengths {
		sum += uint64(l)
	}
	return lengths, int(min(sum, math.MaxInt32))
}

// checkBytes checks a whole column of text at once: the characters of all values in a row are
// those of the values, if each value starts with the start of a character.
func (r *payloadReader) checkBytes(v *value.Vec) {
	if v.Type.Kind == value.Array || v.Type.Kind == value.Record {
		ok := true
		for i := range v.Len() {
			ok = ok && (v.IsNull(i) || validBytes(v.Type, v.Text(i)))
		}
		r.must(ok, "an array or a record is not canonical")
		return
	}
	if v.Type.Kind != value.Text && v.Type.Kind != value.JSONB {
		return
	}
	r.must(bytes.IndexByte(v.Bytes, 0) < 0, "a text contains NUL")
	r.must(utf8.Valid(v.Bytes) && runeStarts(v.Bytes, v.Offs), "a text is not valid UTF-8")
	if v.Type.Kind != value.JSONB {
		return
	}
	for i := range v.Len() {
		if !v.IsNull(i) && !value.IsCanonicalJSON(v.Text(i)) {
			r.must(false, "a jsonb is not canonical")
			return
		}
	}
}

func (r *payloadReader) intervals(t value.Type, n, k int) *value.Vec {
	v := value.NewVecLen(t, 0)
	var ints []int64
	for part := range 3 {
		f := r.frame(k)
		if r.bad {
			return nil
		}
		if part == 0 {
			v, ints = value.NewVecLen(t, n), make([]int64, k)
		}
		ivs := v.Ivs[:k]
		if part == 2 {
			r.fill(ints, f, math.MinInt64, math.MaxInt64)
			for i := range ivs {
				ivs[i].Micros = ints[i]
			}
			continue
		}
		r.fill(ints, f, math.MinInt32, math.MaxInt32)
		for i := range ivs {
			if part == 0 {
				ivs[i].Months = int32(ints[i])
			} else {
				ivs[i].Days = int32(ints[i])
			}
		}
	}
	return v
}

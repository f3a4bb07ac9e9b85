package value

import (
	"math"
	"slices"

	"weir/internal/invariant"
)

// NewVec returns an empty column of type t with room for capacity values. Byte columns get room
// for 16 bytes a value.
func NewVec(t Type, capacity int) *Vec {
	v := &Vec{Type: t}
	switch t.Kind.Class() {
	case ClassInt:
		v.Ints = make([]int64, 0, capacity)
	case ClassDecimal:
		v.Decs = make([]Decimal, 0, capacity)
	case ClassFloat:
		v.Floats = make([]float64, 0, capacity)
	case ClassBytes:
		v.Offs = append(make([]uint32, 0, capacity+1), 0)
		v.Bytes = make([]byte, 0, 16*capacity)
	case ClassInterval:
		v.Ivs = make([]IntervalValue, 0, capacity)
	default:
		invariant.Fail("column of type %v", t)
	}
	return v
}

// NewVecLen returns a column of n zero values, for kernels that fill Ints, Decs, Floats or Ivs
// by index. Byte columns hold n empty values.
func NewVecLen(t Type, n int) *Vec {
	v := &Vec{Type: t, n: n}
	switch t.Kind.Class() {
	case ClassInt:
		v.Ints = make([]int64, n)
	case ClassDecimal:
		v.Decs = make([]Decimal, n)
	case ClassFloat:
		v.Floats = make([]float64, n)
	case ClassBytes:
		v.Offs = make([]uint32, n+1)
	case ClassInterval:
		v.Ivs = make([]IntervalValue, n)
	default:
		invariant.Fail("column of type %v", t)
	}
	return v
}

// NewVecInts wraps ints, which the column then owns; nulls may be nil. Slots of NULLs must be 0.
func NewVecInts(t Type, ints []int64, nulls Bitmap) *Vec {
	invariant.Check(t.Kind.Class() == ClassInt, "integers in a column of type %v", t)
	return &Vec{Type: t, n: len(ints), Ints: ints, Nulls: nulls}
}

// NewVecDecimals wraps decs, as NewVecInts.
func NewVecDecimals(t Type, decs []Decimal, nulls Bitmap) *Vec {
	invariant.Check(t.Kind.Class() == ClassDecimal, "numerics in a column of type %v", t)
	return &Vec{Type: t, n: len(decs), Decs: decs, Nulls: nulls}
}

// NewVecBytes wraps offs (one more than values) and data, as NewVecInts.
func NewVecBytes(t Type, offs []uint32, data []byte, nulls Bitmap) *Vec {
	invariant.Check(t.Kind.Class() == ClassBytes && len(offs) > 0, "bytes in a column of %v", t)
	return &Vec{Type: t, n: len(offs) - 1, Offs: offs, Bytes: data, Nulls: nulls}
}

// Len returns the number of values.
func (v *Vec) Len() int { return v.n }

// IsNull reports whether value i is NULL.
func (v *Vec) IsNull(i int) bool { return v.Nulls != nil && v.Nulls.Get(i) }

// HasNulls reports whether some value is NULL.
func (v *Vec) HasNulls() bool { return v.Nulls.Any() }

// SetNull makes value i NULL and zeroes its slot. Not for byte columns with bytes at i.
func (v *Vec) SetNull(i int) {
	v.Nulls.Set(i)
	switch v.Type.Kind.Class() {
	case ClassInt:
		v.Ints[i] = 0
	case ClassDecimal:
		v.Decs[i] = Decimal{}
	case ClassFloat:
		v.Floats[i] = 0
	case ClassBytes:
		invariant.Check(v.Offs[i] == v.Offs[i+1], "NULL over %d bytes", v.Offs[i+1]-v.Offs[i])
	case ClassInterval:
		v.Ivs[i] = IntervalValue{}
	}
}

// Text returns the bytes of value i of a byte column; they belong to the column.
func (v *Vec) Text(i int) []byte { return v.Bytes[v.Offs[i]:v.Offs[i+1]:v.Offs[i+1]] }

// AppendNull appends NULL.
func (v *Vec) AppendNull() {
	v.Nulls.Set(v.n)
	switch v.Type.Kind.Class() {
	case ClassInt:
		v.Ints = append(v.Ints, 0)
	case ClassDecimal:
		v.Decs = append(v.Decs, Decimal{})
	case ClassFloat:
		v.Floats = append(v.Floats, 0)
	case ClassBytes:
		v.Offs = append(v.Offs, uint32(len(v.Bytes)))
	case ClassInterval:
		v.Ivs = append(v.Ivs, IntervalValue{})
	}
	v.n++
}

// AppendInt appends a value of ClassInt.
func (v *Vec) AppendInt(x int64) {
	v.Ints = append(v.Ints, x)
	v.n++
}

// AppendDecimal appends a numeric.
func (v *Vec) AppendDecimal(d Decimal) {
	v.Decs = append(v.Decs, d)
	v.n++
}

// AppendFloat appends a float; NaN becomes canonical.
func (v *Vec) AppendFloat(f float64) {
	v.Floats = append(v.Floats, canonicalFloat(v.Type.Kind, f))
	v.n++
}

// AppendBytes appends a copy of b to a byte column. A column holds less than 4 GiB.
func (v *Vec) AppendBytes(b []byte) {
	v.Bytes = append(v.Bytes, b...)
	v.closeBytes()
}

// EndBytes ends a value whose bytes the caller has appended to v.Bytes.
func (v *Vec) EndBytes() { v.closeBytes() }

func (v *Vec) closeBytes() {
	if len(v.Bytes) > math.MaxUint32 { // not Check, which would allocate its argument
		invariant.Fail("column of %d bytes", len(v.Bytes))
	}
	v.Offs = append(v.Offs, uint32(len(v.Bytes)))
	v.n++
}

// AppendInterval appends an interval.
func (v *Vec) AppendInterval(iv IntervalValue) {
	v.Ivs = append(v.Ivs, iv)
	v.n++
}

// AppendDatum appends a value of the column's kind, or NULL.
func (v *Vec) AppendDatum(d Datum) {
	if d.Kind == Null {
		v.AppendNull()
		return
	}
	if d.Kind != v.Type.Kind { // not Check, which would allocate its arguments
		invariant.Fail("%v in a column of %v", d.Kind, v.Type)
	}
	switch d.Kind.Class() {
	case ClassInt:
		v.AppendInt(d.I)
	case ClassDecimal:
		v.AppendDecimal(d.D)
	case ClassFloat:
		v.AppendFloat(d.F)
	case ClassBytes:
		v.Bytes = append(v.Bytes, d.S...)
		v.closeBytes()
	default:
		v.AppendInterval(d.V)
	}
}

// Datum returns value i. For byte columns it copies.
func (v *Vec) Datum(i int) Datum {
	if v.IsNull(i) {
		return Datum{}
	}
	d := Datum{Kind: v.Type.Kind}
	switch v.Type.Kind.Class() {
	case ClassInt:
		d.I = v.Ints[i]
	case ClassDecimal:
		d.D = v.Decs[i]
	case ClassFloat:
		d.F = v.Floats[i]
	case ClassBytes:
		d.S = string(v.Text(i))
	default:
		d.V = v.Ivs[i]
	}
	return d
}

// AppendFrom appends value i of src, a column of the same kind.
func (v *Vec) AppendFrom(src *Vec, i int) {
	if src.IsNull(i) {
		v.AppendNull()
		return
	}
	switch v.Type.Kind.Class() {
	case ClassInt:
		v.AppendInt(src.Ints[i])
	case ClassDecimal:
		v.AppendDecimal(src.Decs[i])
	case ClassFloat:
		v.AppendFloat(src.Floats[i])
	case ClassBytes:
		v.AppendBytes(src.Text(i))
	default:
		v.AppendInterval(src.Ivs[i])
	}
}

// AppendVec appends all values of src, a column of the same kind.
func (v *Vec) AppendVec(src *Vec) {
	invariant.Check(v.Type.Kind == src.Type.Kind, "append %v to %v", src.Type, v.Type)
	if src.Nulls != nil {
		for i := range src.n {
			if src.Nulls.Get(i) {
				v.Nulls.Set(v.n + i)
			}
		}
	}
	v.Ints = append(v.Ints, src.Ints...)
	v.Decs = append(v.Decs, src.Decs...)
	v.Floats = append(v.Floats, src.Floats...)
	v.Ivs = append(v.Ivs, src.Ivs...)
	if len(src.Offs) > 0 {
		first, base := src.Offs[0], uint32(len(v.Bytes))
		v.Bytes = append(v.Bytes, src.Bytes[first:src.Offs[src.n]]...)
		invariant.Check(len(v.Bytes) <= math.MaxUint32, "column of %d bytes", len(v.Bytes))
		for _, o := range src.Offs[1:] {
			v.Offs = append(v.Offs, base+o-first)
		}
	}
	v.n += src.n
}

// Gather returns the values at sel, in that order, as a new column.
func (v *Vec) Gather(sel []int32) *Vec {
	z := &Vec{Type: v.Type, n: len(sel)}
	switch v.Type.Kind.Class() {
	case ClassInt:
		z.Ints = gather(v.Ints, sel)
	case ClassDecimal:
		z.Decs = gather(v.Decs, sel)
	case ClassFloat:
		z.Floats = gather(v.Floats, sel)
	case ClassBytes:
		v.gatherBytes(z, sel)
	case ClassInterval:
		z.Ivs = gather(v.Ivs, sel)
	}
	if v.Nulls != nil {
		for i, s := range sel {
			if v.Nulls.Get(int(s)) {
				z.Nulls.Set(i)
			}
		}
	}
	return z
}

func gather[T any](src []T, sel []int32) []T {
	z := make([]T, len(sel))
	for i, s := range sel {
		z[i] = src[s]
	}
	return z
}

func (v *Vec) gatherBytes(z *Vec, sel []int32) {
	total := 0
	for _, s := range sel {
		total += int(v.Offs[s+1] - v.Offs[s])
	}
	invariant.Check(total <= math.MaxUint32, "column of %d bytes", total)
	z.Offs = make([]uint32, 1, len(sel)+1)
	z.Bytes = make([]byte, 0, total)
	for _, s := range sel {
		z.Bytes = append(z.Bytes, v.Bytes[v.Offs[s]:v.Offs[s+1]]...)
		z.Offs = append(z.Offs, uint32(len(z.Bytes)))
	}
}

// Slice returns values lo..hi-1, sharing storage. Offs of the result need not start at 0.
func (v *Vec) Slice(lo, hi int) *Vec {
	z := &Vec{Type: v.Type, n: hi - lo, Nulls: v.Nulls.slice(lo, hi)}
	switch v.Type.Kind.Class() {
	case ClassInt:
		z.Ints = v.Ints[lo:hi:hi]
	case ClassDecimal:
		z.Decs = v.Decs[lo:hi:hi]
	case ClassFloat:
		z.Floats = v.Floats[lo:hi:hi]
	case ClassBytes:
		z.Offs, z.Bytes = v.Offs[lo:hi+1:hi+1], v.Bytes
	case ClassInterval:
		z.Ivs = v.Ivs[lo:hi:hi]
	}
	return z
}

// Reset empties the column and keeps its storage.
func (v *Vec) Reset() {
	v.n, v.Nulls = 0, v.Nulls[:0]
	v.Ints, v.Decs, v.Floats = v.Ints[:0], v.Decs[:0], v.Floats[:0]
	v.Ivs, v.Bytes = v.Ivs[:0], v.Bytes[:0]
	if v.Offs != nil {
		v.Offs = append(v.Offs[:0], 0)
	}
}

// FromDatums makes a column of type t.
func FromDatums(t Type, ds ...Datum) *Vec {
	v := NewVec(t, len(ds))
	for _, d := range ds {
		v.AppendDatum(d)
	}
	return v
}

// Check panics unless the column obeys its invariants.
func (v *Vec) Check() {
	n := [...]int{len(v.Ints), len(v.Decs), len(v.Floats), len(v.Offs) - 1, len(v.Ivs)}
	c := v.Type.Kind.Class()
	invariant.Check(c != ClassNone, "column of type %v", v.Type)
	invariant.Check(n[c-1] == v.n, "column of %v has %d slots for %d values", v.Type, n[c-1], v.n)
	for i := v.n; i < 64*len(v.Nulls); i++ {
		invariant.Check(!v.Nulls.Get(i), "NULL bit %d beyond %d values", i, v.n)
	}
	if c == ClassBytes {
		invariant.Check(slices.IsSorted(v.Offs), "offsets descend")
		invariant.Check(int(v.Offs[v.n]) <= len(v.Bytes), "offset beyond the bytes")
	}
}

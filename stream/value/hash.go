package value

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math"
	"math/bits"
)

// Multipliers of the column hash: odd constants from xxHash64.
const (
	hashPrime1 = 0x9E3779B185EBCA87
	hashPrime2 = 0xC2B2AE3D27D4EB4F
)

// hashMix folds x into h (multiply, fold the 128-bit product).
func hashMix(h, x uint64) uint64 {
	hi, lo := bits.Mul64(h^x^hashPrime1, hashPrime2)
	return hi ^ lo
}

// HashInto folds every value of the column into the hash of its row. Identical values (see
// Identical) hash equally. The hash is fixed for ever but not cryptographic: who uses it bounds
// the work that chosen collisions can cause.
func (v *Vec) HashInto(h []uint64) {
	switch v.Type.Kind.Class() {
	case ClassInt:
		for i, x := range v.Ints {
			h[i] = hashMix(h[i], uint64(x))
		}
	case ClassDecimal:
		for i, d := range v.Decs {
			h[i] = hashMix(hashMix(h[i], d.Coef.Lo), uint64(d.Coef.Hi)<<8^uint64(d.Scale))
		}
	case ClassFloat:
		for i, f := range v.Floats {
			h[i] = hashMix(h[i], math.Float64bits(f))
		}
	case ClassBytes:
		for i := range v.n {
			h[i] = hashBytes(h[i], v.Text(i))
		}
	case ClassInterval:
		for i, x := range v.Ivs {
			parts := uint64(uint32(x.Months))<<32 | uint64(uint32(x.Days))
			h[i] = hashMix(hashMix(h[i], parts), uint64(x.Micros))
		}
	}
	if v.Nulls != nil {
		for i := range v.n {
			if v.Nulls.Get(i) {
				h[i] = hashMix(h[i], hashPrime1)
			}
		}
	}
}

func hashBytes(h uint64, b []byte) uint64 {
	h = hashMix(h, uint64(len(b)))
	for len(b) >= 8 {
		h = hashMix(h, binary.LittleEndian.Uint64(b))
		b = b[8:]
	}
	var tail uint64
	for i, c := range b {
		tail |= uint64(c) << (8 * i)
	}
	return hashMix(h, tail)
}

// HashBytes hashes b with the column hash from seed.
func HashBytes(seed uint64, b []byte) uint64 { return hashBytes(seed, b) }

// Identical reports whether value i of v and value j of w are the same representation: NULL is
// identical to NULL, 1.0 is not identical to 1.00 although they are equal.
func (v *Vec) Identical(i int, w *Vec, j int) bool {
	if a, b := v.IsNull(i), w.IsNull(j); a || b {
		return a && b
	}
	switch v.Type.Kind.Class() {
	case ClassInt:
		return v.Ints[i] == w.Ints[j]
	case ClassDecimal:
		return v.Decs[i] == w.Decs[j]
	case ClassFloat:
		return math.Float64bits(v.Floats[i]) == math.Float64bits(w.Floats[j])
	case ClassBytes:
		return bytes.Equal(v.Text(i), w.Text(j))
	default:
		return v.Ivs[i] == w.Ivs[j]
	}
}

// CompareAt orders value i of v against value j of w, NULLs last (see CompareNulls).
func (v *Vec) CompareAt(i int, w *Vec, j int) int {
	if a, b := v.IsNull(i), w.IsNull(j); a || b {
		switch {
		case a && b:
			return 0
		case a:
			return 1
		}
		return -1
	}
	if k := v.Type.Kind; k.Class() == ClassBytes && k < JSONB {
		return bytes.Compare(v.Text(i), w.Text(j))
	}
	return Compare(v.Datum(i), w.Datum(j))
}

// CompareRepresentation orders the representations of two equal values of the column: numerics
// by scale, floats by bits, intervals by parts, arrays and records by bytes.
func (v *Vec) CompareRepresentation(i, j int) int {
	switch v.Type.Kind.Class() {
	case ClassDecimal:
		return cmp.Compare(v.Decs[i].Scale, v.Decs[j].Scale)
	case ClassFloat:
		return cmp.Compare(math.Float64bits(v.Floats[i]), math.Float64bits(v.Floats[j]))
	case ClassBytes:
		return bytes.Compare(v.Text(i), v.Text(j))
	case ClassInterval:
		return CompareIntervalParts(v.Ivs[i], v.Ivs[j])
	}
	return 0
}

// CompareIntervalParts orders intervals by months, days, microseconds: an order of
// representations, not of lengths.
func CompareIntervalParts(a, b IntervalValue) int {
	if r := cmp.Compare(a.Months, b.Months); r != 0 {
		return r
	}
	if r := cmp.Compare(a.Days, b.Days); r != 0 {
		return r
	}
	return cmp.Compare(a.Micros, b.Micros)
}

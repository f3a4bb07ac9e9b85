package value

import (
	"cmp"
	"math/bits"
	"strings"

	"weir/internal/invariant"
)

// Compare orders two values of one kind, neither NULL, as PostgreSQL does: text by bytes (the C
// collation), numeric ignoring trailing zeros, NaN greatest and equal to itself, -0 equal to 0,
// intervals with 30-day months and 24-hour days, arrays element by element (CompareArrays), jsonb
// by type, size and members (CompareJSON), records field by field
// (CompareRecords). It returns -1, 0 or +1.
func Compare(a, b Datum) int {
	invariant.Check(a.Kind == b.Kind && a.Kind != Null, "compare %v with %v", a.Kind, b.Kind)
	switch a.Kind.Class() {
	case ClassInt:
		return cmp.Compare(a.I, b.I)
	case ClassDecimal:
		return a.D.Cmp(b.D)
	case ClassFloat:
		return CompareFloat(a.F, b.F)
	case ClassBytes:
		switch a.Kind {
		case Array:
			return CompareArrays(a, b)
		case JSONB:
			return CompareJSON(a.S, b.S)
		case Record:
			return CompareRecords(a, b)
		}
		return strings.Compare(a.S, b.S)
	default:
		return a.V.Cmp(b.V)
	}
}

// CompareNulls is Compare with NULLs: they are equal to each other and come last, or first if
// nullsFirst.
func CompareNulls(a, b Datum, nullsFirst bool) int {
	an, bn := a.Kind == Null, b.Kind == Null
	if !an && !bn {
		return Compare(a, b)
	}
	r := 0
	switch {
	case an && !bn:
		r = 1
	case bn && !an:
		r = -1
	}
	if nullsFirst {
		return -r
	}
	return r
}

// Equal is SQL equality with NULL equal to NULL (IS NOT DISTINCT FROM).
func Equal(a, b Datum) bool { return CompareNulls(a, b, false) == 0 }

// CompareFloat orders floats as PostgreSQL does: NaN is greatest and equals itself, -0 equals 0.
func CompareFloat(a, b float64) int {
	switch an, bn := a != a, b != b; {
	case an && bn:
		return 0
	case an:
		return 1
	case bn:
		return -1
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// Span is the interval's comparison value in microseconds, with months of 30 days of 24 hours.
func (v IntervalValue) Span() Int128 {
	days := int64(v.Months)*30 + int64(v.Days)
	hi, lo := bits.Mul64(uint64(abs64(days)), MicrosPerDay)
	s := Int128{int64(hi), lo}
	if days < 0 {
		s = s.Neg()
	}
	return s.Add(Int128FromInt64(v.Micros))
}

// Cmp orders intervals by Span.
func (v IntervalValue) Cmp(w IntervalValue) int {
	if v == w {
		return 0
	}
	return v.Span().Cmp(w.Span())
}

// IntervalFromSpan returns the canonical interval among those that compare equal: whole months
// of 30 days, then days, then microseconds, as far as the parts hold them.
func IntervalFromSpan(s Int128) (IntervalValue, bool) {
	const monthMicros = 30 * MicrosPerDay
	months, rest := s.divSmall(monthMicros)
	m := months.clamp32()
	if Int128FromInt64(m) != months {
		rest = s.Sub(mulInt64(m, monthMicros))
	}
	days, micros := rest.divSmall(MicrosPerDay)
	d := days.clamp32()
	if Int128FromInt64(d) != days {
		micros = rest.Sub(mulInt64(d, MicrosPerDay))
	}
	us, ok := micros.Int64()
	return IntervalValue{int32(m), int32(d), us}, ok
}

func abs64(v int64) int64 {
	if v < 0 {
		return -v
	}
	return v
}

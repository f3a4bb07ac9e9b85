package operator

import (
	"weir/stream/value"
)

// FrameMode is the unit of a frame; the numbers are those of plans.
type FrameMode uint8

// The modes.
const (
	FrameRange  FrameMode = 0
	FrameRows   FrameMode = 1
	FrameGroups FrameMode = 2
)

// BoundKind is the kind of an end of a frame; the numbers are those of plans.
type BoundKind uint8

// The kinds.
const (
	UnboundedPreceding BoundKind = 0
	Preceding          BoundKind = 1
	CurrentRow         BoundKind = 2
	Following          BoundKind = 3
	UnboundedFollowing BoundKind = 4
)

// Bound is an end of a frame; Offset belongs to Preceding and Following.
type Bound struct {
	Kind   BoundKind
	Offset value.Datum
}

// FrameExclude says which rows around the current one leave a frame; the numbers are those of
// plans.
type FrameExclude uint8

// The exclusions.
const (
	ExcludeNone  FrameExclude = 0
	ExcludeRow   FrameExclude = 1
	ExcludeGroup FrameExclude = 2
	ExcludeTies  FrameExclude = 3
)

// Frame is the part of its partition that a function sees from a row.
type Frame struct {
	Mode       FrameMode
	Start, End Bound
	Exclude    FrameExclude
}

var errFrameOffset = value.Errorf("22013", "frame offset must not be negative")

// fault is what every row fails with, if an offset is negative.
func (f *Frame) fault() *value.Error {
	for _, b := range [...]Bound{f.Start, f.End} {
		if !b.Offset.IsNull() && negative(b.Offset) {
			return errFrameOffset
		}
	}
	return nil
}

func negative(d value.Datum) bool {
	switch d.Kind.Class() {
	case value.ClassDecimal:
		return d.D.Sign() < 0
	case value.ClassFloat:
		return !(d.F >= 0)
	case value.ClassInterval:
		return d.V.Span().Sign() < 0
	}
	return d.I < 0
}

// units are the single rows of a region in their order, every copy of a row on its own.
type units struct {
	entry []int32 // per unit: entry of the region
	group []int32 // per unit: group of peers
	start []int32 // per group: its first unit; one more at the end
}

func (u *units) len() int { return len(u.entry) }

// frame returns the units s <= k < e that unit i sees, before exclusion; s >= e: none. order gives
// the value of the ORDER BY column of a unit, for RANGE with an offset.
func (u *units) frame(f *Frame, key OrderKey, i int, order func(unit int) value.Datum) (s, e int) {
	e = u.len()
	if f.Start.Kind != UnboundedPreceding {
		s = u.edge(f.Mode, f.Start, key, i, order, false)
	}
	if f.End.Kind != UnboundedFollowing {
		e = u.edge(f.Mode, f.End, key, i, order, true)
	}
	return s, e
}

// edge returns the first unit of a frame, or, with end, the first behind it.
func (u *units) edge(mode FrameMode, b Bound, key OrderKey, i int,
	order func(unit int) value.Datum, end bool,
) int {
	groups := len(u.start) - 1
	switch {
	case mode == FrameRows:
		return edgeAt(moved(i, b, u.len()), u.len(), end)
	case mode == FrameGroups || b.Kind == CurrentRow:
		return int(u.start[edgeAt(moved(int(u.group[i]), b, groups), groups, end)])
	}
	base := order(i)
	if base.IsNull() { // an offset from NULL leads to its peers
		return int(u.start[edgeAt(int(u.group[i]), groups, end)])
	}
	lo, hi := 0, groups
	for lo < hi {
		mid := (lo + hi) / 2
		if u.beyond(order(int(u.start[mid])), base, b, key, end) {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return int(u.start[lo])
}

// edgeAt returns where a frame starts that begins with position t of n, or where one ends that has
// t as its last; -1 and n lie outside.
func edgeAt(t, n int, end bool) int {
	if end {
		return min(t+1, n)
	}
	return max(t, 0)
}

// moved returns position i of n moved by the offset of a bound, -1 or n for any beyond.
func moved(i int, b Bound, n int) int {
	by := b.Offset.I
	switch {
	case b.Kind == Preceding && by > int64(i):
		return -1
	case b.Kind == Preceding:
		return i - int(by)
	case b.Kind == Following && by >= int64(n-i):
		return n
	case b.Kind == Following:
		return i + int(by)
	}
	return i
}

// beyond reports whether a value lies at or behind the start that a RANGE bound makes from base,
// or, with end, behind the end.
func (u *units) beyond(v, base value.Datum, b Bound, key OrderKey, end bool) bool {
	if v.IsNull() {
		return !key.NullsFirst
	}
	c := compareShifted(v, base, b.Offset, key.Desc, b.Kind == Following)
	return c > 0 || c == 0 && !end
}

// compareShifted compares v, in the direction of an order, with base moved by an offset of at
// least 0 forward or backward in that direction. A sum beyond the range of its type is beyond
// every value.
func compareShifted(v, base, off value.Datum, desc, forward bool) int {
	add := forward != desc
	c := 0
	switch v.Kind.Class() {
	case value.ClassDecimal:
		c = compareDecimal(v.D, base.D, off.D, add)
	case value.ClassFloat:
		c = compareFloat(v.F, base.F, off.F, add)
	case value.ClassInterval:
		c = compareInterval(v.V, base.V, off.V, add)
	default:
		c = compareInts(v, base, off, add)
	}
	if desc {
		return -c
	}
	return c
}

// over is the answer when base moved by an offset has left the range of its type.
func over(add bool) int {
	if add {
		return -1
	}
	return 1
}

func compareDecimal(v, base, off value.Decimal, add bool) int {
	if !add {
		off = off.Neg()
	}
	sum, err := base.Add(off)
	if err != nil {
		return over(add)
	}
	return v.Cmp(sum)
}

// compareFloat is in_range_float8_float8 of PostgreSQL's float.c: NaN is its own only neighbour,
// and an infinity less an infinite offset reaches everything.
func compareFloat(v, base, off float64, add bool) int {
	if v != v || base != base {
		return value.CompareFloat(v, base)
	}
	sum := float64(base + off)
	if !add {
		sum = float64(base - off)
	}
	if sum != sum {
		return 0
	}
	return value.CompareFloat(v, sum)
}

func compareInterval(v, base, off value.IntervalValue, add bool) int {
	move := base.Sub
	if add {
		move = base.Add
	}
	sum, err := move(off)
	if err != nil {
		return over(add)
	}
	return v.Cmp(sum)
}

func compareInts(v, base, off value.Datum, add bool) int {
	var sum value.Int128
	at := value.Int128FromInt64(v.I)
	switch {
	case off.Kind != value.Interval:
		step := value.Int128FromInt64(off.I)
		if !add {
			step = step.Neg()
		}
		sum = value.Int128FromInt64(base.I).Add(step)
	case v.Kind == value.Time: // only the time part counts, and it does not go around
		step := value.Int128FromInt64(off.V.Micros)
		if !add {
			step = step.Neg()
		}
		sum = value.Int128FromInt64(base.I).Add(step)
	default:
		at = value.Int128FromInt64(instant(v.Kind, v.I))
		t, ok := shiftTime(instant(v.Kind, base.I), off.V, add)
		if !ok {
			return over(add)
		}
		sum = value.Int128FromInt64(t)
	}
	return at.Cmp(sum)
}

// instant is a date or a timestamp in microseconds.
func instant(k value.Kind, v int64) int64 {
	if k == value.Date {
		return v * value.MicrosPerDay
	}
	return v
}

func shiftTime(t int64, by value.IntervalValue, add bool) (int64, bool) {
	move := value.SubInterval
	if add {
		move = value.AddInterval
	}
	t, err := move(t, by)
	return t, err == nil
}

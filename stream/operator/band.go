package operator

import (
	"math"

	"weir/stream/row"
	"weir/stream/state"
	"weir/stream/value"
	"weir/stream/window"
)

// Band bounds the pairs of a join in time: only those with Low <= left - right <= High, in
// microseconds, are judged. math.MinInt64 and math.MaxInt64 are open ends.
type Band struct {
	Left, Right int // timestamp columns of the sides
	Low, High   int64
	Marked      bool // one of the columns can carry a mark
}

// minBucket is the least width of a bucket of time, in microseconds.
const minBucket = 1_000_000

// bucket is the width of the buckets of a join with this band and keys, 0 for none. Rows whose
// state can be freed at both ends stand in buckets as wide as the band, so that a row reaches
// into three of them at most.
func (b *Band) bucket(keys int) int64 {
	if keys == 0 || !b.Marked || b.Low == math.MinInt64 || b.High == math.MaxInt64 {
		return 0
	}
	width := saturatingAdd(b.High, -max(b.Low, -math.MaxInt64))
	if width > math.MaxInt64/4 {
		return 0
	}
	return max(width, minBucket)
}

// timeReach is what rows at a time t may pair with on the other side: times t+low to t+high.
type timeReach struct{ low, high int64 }

// reach returns the reach of the left rows, or of the right ones.
func (b *Band) reach(right bool) timeReach {
	if right {
		return timeReach{b.Low, b.High}
	}
	return timeReach{negated(b.High), negated(b.Low)}
}

// negated keeps open ends open.
func negated(v int64) int64 {
	switch v {
	case math.MinInt64:
		return math.MaxInt64
	case math.MaxInt64:
		return math.MinInt64
	}
	return -v
}

// saturatingAdd adds; open ends and overflow give the end of the range.
func saturatingAdd(a, b int64) int64 {
	sum := a + b
	switch {
	case b == math.MinInt64 || a < 0 && b < 0 && sum >= 0:
		return math.MinInt64
	case b == math.MaxInt64 || a > 0 && b > 0 && sum < 0:
		return math.MaxInt64
	}
	return sum
}

// floorDiv divides by d > 0, rounding toward negative infinity.
func floorDiv(a, d int64) int64 {
	q := a / d
	if a%d < 0 {
		q--
	}
	return q
}

func appendBucket(dst []byte, n int64) []byte {
	return row.AppendKeyDatum(dst, value.NewInt8(n))
}

// leftMark is the time below which no left row is in a pair that still changes. A pair changes
// when its left row does, at or above l, or its right one, at or above r, which puts the left
// one at or above r + Low.
func (b *Band) leftMark(l, r int64) int64 {
	if l == window.None || r == window.None || b.Low == math.MinInt64 {
		return window.None
	}
	return min(l, saturatingAdd(r, b.Low))
}

// rightMark is leftMark of the right rows.
func (b *Band) rightMark(l, r int64) int64 {
	if l == window.None || r == window.None || b.High == math.MaxInt64 {
		return window.None
	}
	return min(r, saturatingAdd(l, -b.High))
}

// free drops the rows that no later row of the other side reaches: left ones below the right mark
// plus Low, right ones below the left mark minus High.
func (b *Band) free(left, right *side, l, r int64) {
	if r != window.None && b.Low != math.MinInt64 {
		left.freeTime(saturatingAdd(r, b.Low))
	}
	if l != window.None && b.High != math.MaxInt64 {
		right.freeTime(saturatingAdd(l, -b.High))
	}
}

// freeTime drops rows below a time: whole buckets of them, or all if only time orders them.
func (s *side) freeTime(bound int64) {
	switch {
	case s.bucket > 0:
		s.rows.FreeBelow(markKey(value.Int8, floorDiv(bound, s.bucket)))
	case len(s.keys) == 0:
		s.rows.FreeBelow(markKey(s.types[s.time].Kind, bound))
	}
}

// meetInReach is meet for a join with a band: it reads the rows that have the key of an entry and
// a time within its reach, from one bucket of s after the other. own has the times of d.
func (s *side) meetInReach(
	f *found, d keyed, own []int64, r timeReach, v state.Version, visit visitor,
) {
	if s.bucket == 0 {
		s.pass(f, d, own, r, v, 0, visit)
		return
	}
	last := floorDiv(saturatingAdd(s.bucket-1, r.high), s.bucket)
	for off := floorDiv(r.low, s.bucket); off <= last; off++ {
		s.pass(f, d, own, r, v, off, visit)
	}
}

// pass reads the buckets that lie off behind those of the entries. Times ascend within a group,
// so what the entries reach is a window that slides over the rows of a key.
func (s *side) pass(
	f *found, d keyed, own []int64, r timeReach, v state.Version, off int64, visit visitor,
) {
	w := sliding{side: s, f: f, cur: v.Cursor()}
	var last []byte
	from, to := int64(math.MinInt64), int64(math.MaxInt64) // of the bucket
	for _, at := range d.order {
		group, t := d.group(at), own[d.e.rows[at]]
		first := last == nil || string(group) != string(last)
		if first {
			last = group
			if s.bucket == 0 {
				w.start(group)
			} else {
				b := floorDiv(t, s.bucket) + off
				from, to = b*s.bucket, b*s.bucket+s.bucket-1
				w.startBucket(b, group)
			}
		}
		w.slide(max(saturatingAdd(t, r.low), from), min(saturatingAdd(t, r.high), to))
		visit(at, w.lo, w.hi, first)
	}
}

// sliding is the rows of one key within reach of the current entry: lo to hi-1 of f.
type sliding struct {
	side   *side
	f      *found
	cur    state.Cursor
	prefix []byte // of the entries of the key
	key    []byte
	lo, hi int
	read   int64 // times up to here were read
	begun  bool
}

// start begins with the rows of a key.
func (w *sliding) start(prefix []byte) {
	w.prefix = append(w.prefix[:0], prefix...)
	w.lo, w.hi, w.begun = len(w.f.weights), len(w.f.weights), false
}

// startBucket begins with the rows of a bucket that have the key of a group of another.
func (w *sliding) startBucket(b int64, group []byte) {
	w.start(group)
	appendBucket(w.prefix[:1], b) // all bucket numbers have the same width
}

// slide moves on to the times from lo to hi; neither bound moves back within a key.
func (w *sliding) slide(lo, hi int64) {
	times := w.f.cols[w.side.time]
	for w.lo < w.hi && times.Ints[w.lo] < lo {
		w.lo++
	}
	if w.begun {
		lo = max(lo, saturatingAdd(w.read, 1))
	}
	if lo > hi || w.begun && hi <= w.read {
		return
	}
	kind := w.side.types[w.side.time].Kind
	w.key = row.AppendKeyDatum(append(w.key[:0], w.prefix...), value.NewInt(kind, lo))
	w.cur.Seek(w.key)
	w.key = row.AppendKeyDatum(append(w.key[:0], w.prefix...), value.NewInt(kind, hi))
	for ; ; w.cur.Next() {
		k, stored, ok := w.cur.Under(w.prefix)
		if !ok || !upTo(k, w.key) {
			break
		}
		w.side.read(w.f, len(w.key), k, stored)
	}
	w.hi = len(w.f.weights)
	w.begun, w.read = true, hi
}

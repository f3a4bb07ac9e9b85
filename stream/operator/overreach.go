package operator

import (
	"bytes"

	"weir/stream/value"
)

// reach is how far something goes from a row in one direction: through all that its parts allow.
type reach struct {
	all    bool
	rows   int64         // so many rows
	groups int64         // so many groups of peers beyond the row's own; -1: not even its own
	spans  []value.Datum // so far in the value of the ORDER BY column
}

func (r *reach) add(s reach) {
	r.all = r.all || s.all
	r.rows, r.groups = max(r.rows, s.rows), max(r.groups, s.groups)
	r.spans = append(r.spans, s.spans...)
}

var nowhere = reach{groups: -1}

// overReach says how far the parts of a region go. A change can touch the output of rows before
// and after it; computing the output of a row needs rows before and after that.
type overReach struct{ touchBefore, touchAfter, needBefore, needAfter reach }

func newOverReach(o *Over) overReach {
	r := overReach{nowhere, nowhere, nowhere, nowhere}
	for i := range o.spec.Calls {
		c := &o.spec.Calls[i]
		back, ahead := c.looks()
		r.touchBefore.add(ahead)
		r.needAfter.add(ahead)
		if c.numbers() || o.running[i] != nil { // goes on from the row before
			r.touchAfter.all = true
			continue
		}
		r.touchAfter.add(back)
		r.needBefore.add(back)
	}
	return r
}

// looks says how far the call looks from its row.
func (c *OverCall) looks() (back, ahead reach) {
	back, ahead = nowhere, nowhere
	switch {
	case c.numbers():
	case c.framed():
		return c.Frame.looks()
	case !c.Shifts || c.Func != OverLag && c.Func != OverLead:
		back.all, ahead.all = true, true
	case c.Func == OverLag == (c.Shift > 0):
		back.rows = magnitude(c.Shift)
	default:
		ahead.rows = magnitude(c.Shift)
	}
	return back, ahead
}

// magnitude is |v|, as far as there is one.
func magnitude(v int64) int64 {
	if v < 0 {
		return max(-v, -(v + 1))
	}
	return v
}

func (f *Frame) looks() (back, ahead reach) {
	back, ahead = nowhere, nowhere
	f.edgeReach(&back, f.Start, UnboundedPreceding, Preceding)
	f.edgeReach(&ahead, f.End, UnboundedFollowing, Following)
	return back, ahead
}

// edgeReach says how far a frame goes to one side, by its bound on that side.
func (f *Frame) edgeReach(r *reach, b Bound, unbounded, offset BoundKind) {
	switch {
	case b.Kind == unbounded:
		r.all = true
	case b.Kind != offset && f.Mode == FrameRows:
	case b.Kind != offset: // the current row's peers, also by an offset of 0 to the other side
		r.groups = 0
	case f.Mode == FrameRows:
		r.rows = b.Offset.I
	case f.Mode == FrameGroups:
		r.groups = b.Offset.I
	default:
		r.groups = 0
		r.spans = []value.Datum{slack(b.Offset)}
	}
}

// slack widens an offset with months by a day: adding months cuts the day to the month's length,
// so of two times the later may land before the earlier, but by less than a day.
func slack(off value.Datum) value.Datum {
	if off.Kind == value.Interval && off.V.Months != 0 && off.V.Days < 1<<31-1 {
		off.V.Days++
	}
	return off
}

// strider walks from a row through its neighbours, one way, as far as a reach goes.
type strider struct {
	r       *reach
	w       *overWalk
	origin  *overEntry
	forward bool // direction of the walk
	touch   bool // whether the neighbours look at the origin, or the origin at them
	rows    int64
	groups  int64
	last    []byte
}

func (w *overWalk) strider(r *reach, origin *overEntry, forward, touch bool) strider {
	return strider{
		r: r, w: w, origin: origin, forward: forward, touch: touch, last: origin.order(),
	}
}

// within takes the next neighbour and reports whether it is within reach.
func (s *strider) within(e *overEntry) bool {
	if order := e.order(); !bytes.Equal(order, s.last) {
		s.groups++
		s.last = order
	}
	rows := s.rows
	s.rows += e.old
	return s.r.all || rows < s.r.rows || s.groups <= s.r.groups || s.spans(e)
}

// spans compares values: the one that looks moves by the offset towards the other.
func (s *strider) spans(e *overEntry) bool {
	if len(s.r.spans) == 0 {
		return false
	}
	base, v, ahead := s.w.orderValue(s.origin), s.w.orderValue(e), s.forward
	if s.touch {
		base, v, ahead = v, base, !ahead
	}
	if base.IsNull() || v.IsNull() {
		return base.IsNull() && v.IsNull()
	}
	for _, off := range s.r.spans {
		c := compareShifted(v, base, off, s.w.o.spec.Keys[0].Desc, ahead)
		if ahead && c <= 0 || !ahead && c >= 0 {
			return true
		}
	}
	return false
}

package operator

import (
	"bytes"
	"math"

	"weir/stream/value"
)

// overEval computes the functions over one version of a region, for its units lo..hi-1. Result i
// of a call belongs to unit lo+i.
type overEval struct {
	w       *overWalk
	new     bool
	u       units
	lo, hi  int
	vals    [][]value.Datum // per call
	faults  []overFault     // per result, empty if nothing failed
	folds   []Accumulator   // per call
	keepers []Keeper        // per call
	state   overRunning
	more    []byte
}

// overFault is the first call that fails for a row.
type overFault struct {
	call int
	err  *value.Error
}

func (v *overEval) init() {
	calls := v.w.o.spec.Calls
	v.vals = make([][]value.Datum, len(calls))
	v.folds = make([]Accumulator, len(calls))
	v.keepers = make([]Keeper, len(calls))
	for c := range calls {
		v.keepers[c] = calls[c].keeper(v.w.o.spec.Types)
		if calls[c].Func == OverAggregate {
			v.folds[c] = NewAccumulator(calls[c].Agg, v.w.o.spec.Types)
		}
	}
}

// run computes everything; the run over the new version also writes running state.
func (v *overEval) run(isNew bool) {
	v.new = isNew
	v.expand()
	n := v.hi - v.lo
	v.faults = v.faults[:0]
	for c := range v.vals {
		v.vals[c] = zeroed(v.vals[c], n)
	}
	if v.w.o.carries {
		v.runRunning()
	}
	for c := range v.w.o.spec.Calls {
		call := &v.w.o.spec.Calls[c]
		switch {
		case v.w.o.faults[c] != nil:
			for i := range n {
				v.fail(i, c, v.w.o.faults[c])
			}
		case n == 0 || call.numbers() || v.keepers[c] != nil:
		case call.Func == OverAggregate:
			v.runAggregate(c)
		case call.framed():
			v.runValue(c)
		default:
			v.runOther(c)
		}
	}
}

// expand makes the units of the version.
func (v *overEval) expand() {
	u := &v.u
	u.entry, u.group, u.start = u.entry[:0], u.group[:0], u.start[:0]
	v.lo, v.hi = 0, 0
	var last []byte
	for at := range v.w.list {
		if at == v.w.lo {
			v.lo = u.len()
		}
		e := &v.w.list[at]
		weight := e.old
		if v.new {
			weight = e.new
		}
		if weight > 0 {
			v.w.ctx.Bound(int(min(weight, math.MaxInt32)) + u.len())
			if order := e.order(); len(u.start) == 0 || !bytes.Equal(order, last) {
				u.start = append(u.start, int32(u.len()))
				last = order
			}
			for range weight {
				u.entry = append(u.entry, int32(at))
				u.group = append(u.group, int32(len(u.start)-1))
			}
		}
		if at == v.w.hi-1 {
			v.hi = u.len()
		}
	}
	u.start = append(u.start, int32(u.len()))
}

// row is the number of a unit's row.
func (v *overEval) row(unit int) int { return v.w.rowOf(&v.w.list[v.u.entry[unit]]) }

// datum is the value of a column for a unit.
func (v *overEval) datum(col, unit int) value.Datum { return v.w.rows.Cols[col].Datum(v.row(unit)) }

func (v *overEval) orderDatum(unit int) value.Datum {
	return v.datum(v.w.o.spec.Keys[0].Col, unit)
}

// fail notes the error of a result, unless an earlier call failed.
func (v *overEval) fail(i, call int, err *value.Error) {
	for len(v.faults) < v.hi-v.lo {
		v.faults = append(v.faults, overFault{})
	}
	if f := &v.faults[i]; f.err == nil || call < f.call {
		*f = overFault{call, err}
	}
}

func (v *overEval) failed(i int) overFault {
	if i < len(v.faults) {
		return v.faults[i]
	}
	return overFault{}
}

// identical compares result i with result k of another evaluation.
func (v *overEval) identical(i int, o *overEval, k int) bool {
	f, g := v.failed(i), o.failed(k)
	if f.err != nil || g.err != nil {
		return f.err != nil && g.err != nil && f.call == g.call &&
			f.err.SQLState == g.err.SQLState
	}
	for c := range v.vals {
		a, b := v.vals[c][i], o.vals[c][k]
		if math.Float64bits(a.F) != math.Float64bits(b.F) {
			return false
		}
		if a.F, b.F = 0, 0; a != b {
			return false
		}
	}
	return true
}

// set records the result of an accumulator.
func (v *overEval) set(i, c int, f Accumulator) {
	d, err := f.Result()
	if err != nil {
		v.fail(i, c, err)
		return
	}
	v.vals[c][i] = d
}

// runAggregate moves the frame of an aggregate along.
func (v *overEval) runAggregate(c int) {
	call := &v.w.o.spec.Calls[c]
	s := slider{f: v.folds[c], v: v}
	s.f.Reset()
	for i := v.lo; i < v.hi; i++ {
		from, to := v.frame(call, i)
		if call.Frame.Exclude == ExcludeNone {
			s.move(from, max(from, to))
		} else {
			s.f.Reset()
			v.each(&call.Frame, i, from, to, func(k int) bool {
				s.f.Add(v.w.rows.Cols, v.row(k))
				return true
			})
		}
		v.set(i-v.lo, c, s.f)
	}
}

func (v *overEval) frame(call *OverCall, i int) (from, to int) {
	var key OrderKey
	if len(v.w.o.spec.Keys) > 0 {
		key = v.w.o.spec.Keys[0]
	}
	return v.u.frame(&call.Frame, key, i, v.orderDatum)
}

// slider is an accumulator over units from..to-1.
type slider struct {
	f        Accumulator
	v        *overEval
	from, to int
}

// move takes units in and out until they are from..to-1.
func (s *slider) move(from, to int) {
	again := from < s.from || to < s.to || from >= s.to
	for k := s.from; k < from && !again; k++ {
		again = !s.f.Remove(s.v.w.rows.Cols, s.v.row(k))
	}
	first := s.to
	if again {
		s.f.Reset()
		first = from
	}
	for k := first; k < to; k++ {
		row := s.v.row(k)
		s.f.Add(s.v.w.rows.Cols, row)
	}
	s.from, s.to = from, to
}

// each visits the units of a frame that are not excluded.
func (v *overEval) each(f *Frame, i, from, to int, visit func(k int) bool) {
	g := v.u.group[i]
	for k := from; k < to; k++ {
		out := false
		switch f.Exclude {
		case ExcludeRow:
			out = k == i
		case ExcludeGroup:
			out = v.u.group[k] == g
		case ExcludeTies:
			out = v.u.group[k] == g && k != i
		}
		if !out && !visit(k) {
			return
		}
	}
}

// zeroed returns n zero values, in the memory of s if that is large enough.
func zeroed[T any](s []T, n int) []T {
	s = resize(s, n)
	clear(s)
	return s
}

package operator

import (
	"weir/stream/agg"
	"weir/stream/batch"
	"weir/stream/value"
)

// source says where the result of a call comes from.
type source struct {
	kind sourceKind
	at   int // in sums, firsts or runs
}

type sourceKind uint8

const (
	fromRows  sourceKind = iota // the row count of the group
	fromSum                     // a sum that is kept with the group
	fromFirst                   // an extreme that is kept with the group
	fromEnd                     // the first or last entry of a run
	fromRun                     // all entries of a run
)

// assignStates gives each call its state, shared where calls can. Counts come last: they share a
// sum over their column if there is one.
func (a *Aggregate) assignStates(appendOnly bool) {
	a.from = make([]source, len(a.calls))
	for _, counts := range []bool{false, true} {
		for i, c := range a.calls {
			if (c.Func == agg.Count || c.Func == agg.CountStar) == counts {
				a.from[i] = a.stateOf(c.Call, appendOnly)
			}
		}
	}
}

func (a *Aggregate) stateOf(c agg.Call, appendOnly bool) source {
	switch f := c.Func.Family(); {
	case c.SumsRows():
		return source{kind: fromRows}
	case f == agg.Additive:
		return source{fromSum, a.sumFor(c)}
	case f == agg.Ordered:
		return source{fromRun, a.runFor(agg.OrderOf(c, a.in))}
	case appendOnly:
		a.firsts = append(a.firsts, newFirstSlot(c, a.in))
		return source{fromFirst, len(a.firsts) - 1}
	}
	return source{fromEnd, a.runFor(agg.OrderOf(c, a.in))}
}

func (a *Aggregate) sumFor(c agg.Call) int {
	for i, s := range a.sums {
		if agg.Shares(c, s.call) {
			return i
		}
	}
	s := sumSlot{Linear: agg.NewLinear(c, a.in), call: c, run: -1}
	if c.DistinctMatters() {
		s.run = a.runFor(agg.OrderOf(c, a.in))
		a.runs[s.run].distinct = true
	}
	a.sums = append(a.sums, s)
	return len(a.sums) - 1
}

func (a *Aggregate) runFor(o agg.Order) int {
	for i, r := range a.runs {
		if r.order.Equal(o) {
			return i
		}
	}
	a.runs = append(a.runs, &groupRun{order: o})
	return len(a.runs) - 1
}

// sumSlot is the sum of additive calls over the same columns.
type sumSlot struct {
	agg.Linear
	call agg.Call // one of them
	run  int      // of DISTINCT calls: which values there are; -1: none
}

// step adds a delta to the local groups.
func (s *sumSlot) step(b *batch.Batch, of []int32, runs []*groupRun) {
	in := agg.Input{
		Arg: column(b, s.call.Arg), Extra: column(b, s.call.Extra),
		Filter: column(b, s.call.Filter), Weights: b.Weights, Of: of,
	}
	if s.run >= 0 {
		r := runs[s.run]
		in.Arg, in.Extra = distinctValues(in.Arg, r.turned), distinctValues(in.Extra, r.turned)
		in.Filter, in.Weights, in.Of = nil, r.turns, pick(of, r.turned)
	}
	s.Add(&in)
}

func column(b *batch.Batch, col int) *value.Vec {
	if col < 0 {
		return nil
	}
	return b.Cols[col]
}

// distinctValues are the values at some rows in their canonical representation.
func distinctValues(v *value.Vec, at []int32) *value.Vec {
	if v == nil {
		return nil
	}
	v = v.Gather(at)
	if agg.Variable(v.Type) {
		v = canonicalVec(v, v.Len())
	}
	return v
}

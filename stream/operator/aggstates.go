package operator

import (
	"slices"

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

// assignStates gives each call its state, shared where calls can. Counts come after the sums of
// their kind: they share one over their column if there is one. DISTINCT calls come before those
// that read runs, which share a run of theirs only if it has no other filter.
func (a *Aggregate) assignStates(appendOnly bool) {
	a.from = make([]source, len(a.calls))
	for rank := range 4 {
		for i, c := range a.calls {
			if rankOf(c.Call) == rank {
				a.from[i] = a.stateOf(c.Call, appendOnly)
			}
		}
	}
}

func rankOf(c agg.Call) (rank int) {
	if c.Func.Family() != agg.Additive || !c.DistinctMatters() {
		rank = 2
	}
	if c.Func == agg.Count || c.Func == agg.CountStar {
		rank++
	}
	return rank
}

func (a *Aggregate) stateOf(c agg.Call, appendOnly bool) source {
	switch f := c.Func.Family(); {
	case c.SumsRows():
		return source{kind: fromRows}
	case f == agg.Additive:
		return source{fromSum, a.sumFor(c)}
	case f == agg.Ordered:
		return source{fromRun, a.runFor(c)}
	case appendOnly:
		a.firsts = append(a.firsts, newFirstSlot(c, a.in))
		return source{fromFirst, len(a.firsts) - 1}
	}
	return source{fromEnd, a.runFor(c)}
}

func (a *Aggregate) sumFor(c agg.Call) int {
	for i, s := range a.sums {
		if agg.Shares(c, s.call) {
			return i
		}
	}
	s := sumSlot{Linear: agg.NewLinear(c, a.in), call: c, run: -1}
	if c.DistinctMatters() {
		s.run, s.filter = a.distinctRunFor(c)
	}
	a.sums = append(a.sums, s)
	return len(a.sums) - 1
}

// runFor returns the run of a call that reads one: of its order, with its filter alone.
func (a *Aggregate) runFor(c agg.Call) int {
	o := agg.OrderOf(c, a.in)
	filter := o.Filter
	o.Filter = -1
	for i, r := range a.runs {
		if r.order.Equal(o) && len(r.filters) == 1 && r.filters[0] == filter {
			return i
		}
	}
	a.runs = append(a.runs, &groupRun{order: o, filters: []int{filter}})
	return len(a.runs) - 1
}

// distinctRunFor returns the run that tells an additive DISTINCT call of new values, and which
// of the run's filters is the call's.
func (a *Aggregate) distinctRunFor(c agg.Call) (run, filter int) {
	o := agg.OrderOf(c, a.in)
	col := o.Filter
	o.Filter = -1
	for i, r := range a.runs {
		if !r.order.Equal(o) {
			continue
		}
		if f := slices.Index(r.filters, col); f >= 0 {
			return i, f
		}
		if len(r.filters) < maxFilters {
			r.filters = append(r.filters, col)
			return i, len(r.filters) - 1
		}
	}
	a.runs = append(a.runs, &groupRun{order: o, filters: []int{col}, distinct: true})
	return len(a.runs) - 1, 0
}

// sumSlot is the sum of additive calls over the same columns.
type sumSlot struct {
	agg.Linear
	call   agg.Call // one of them
	run    int      // of DISTINCT calls: which values there are; -1: none
	filter int      // of run: which is the calls'
}

// step adds a delta to the local groups.
func (s *sumSlot) step(b *batch.Batch, of []int32, runs []*groupRun) {
	in := agg.Input{
		Arg: column(b, s.call.Arg), Extra: column(b, s.call.Extra),
		Filter: column(b, s.call.Filter), Weights: b.Weights, Of: of,
	}
	if s.run >= 0 {
		t := runs[s.run].turns[s.filter]
		in.Arg, in.Extra = distinctValues(in.Arg, t.rows), distinctValues(in.Extra, t.rows)
		in.Filter, in.Weights, in.Of = nil, t.weights, pick(of, t.rows)
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

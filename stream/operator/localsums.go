package operator

import (
	"bytes"

	"weir/stream/batch"
	"weir/stream/row"
	"weir/stream/value"
)

// localSums are the calls of one step, per local group, as arrays. Memory is kept between steps.
type localSums struct {
	calls  []Call
	in     []value.Type
	scalar bool // extrema are kept here, because the input only appends
	rows   []int64
	per    []localCall
	key    []byte
}

// localCall is one call; which arrays are in use depends on the function and its argument.
type localCall struct {
	counts []int64
	small  []int64        // integers and numeric(p,s): totals while they fit 64 bits
	wide   []value.Int256 // what does not; scale 0 for integers, else the type's
	mixed  []sum          // numeric without modifier: one sum per scale
	best   []int32        // min and max: the row that has the extremum, -1: none
}

// reset makes room for a number of groups.
func (l *localSums) reset(groups int) {
	l.rows = zeroed(l.rows, groups)
	if l.per == nil {
		l.per = make([]localCall, len(l.calls))
	}
	for c, call := range l.calls {
		p := &l.per[c]
		switch {
		case call.Func == CountStar || call.Func == Count:
			p.counts = zeroed(p.counts, groups)
		case call.extreme() && l.scalar:
			p.best = resize(p.best, groups)
			for g := range p.best {
				p.best[g] = -1
			}
		case call.extreme():
		case l.in[call.Arg].Kind == value.Numeric && l.in[call.Arg].Precision == 0:
			p.counts, p.mixed = zeroed(p.counts, groups), resize(p.mixed, groups)
			for g := range p.mixed {
				p.mixed[g] = sum{parts: p.mixed[g].parts[:0]}
			}
		default:
			p.counts, p.small = zeroed(p.counts, groups), zeroed(p.small, groups)
			p.wide = zeroed(p.wide, groups)
		}
	}
}

func zeroed[T any](s []T, n int) []T {
	s = resize(s, n)
	clear(s)
	return s
}

// add folds a batch in; of is the local group of each row.
func (l *localSums) add(b *batch.Batch, of []int32) {
	if b.Weights == nil {
		for _, g := range of {
			l.rows[g]++
		}
	} else {
		for i, g := range of {
			l.rows[g] += b.Weights[i]
		}
	}
	for c, call := range l.calls {
		p := &l.per[c]
		switch {
		case call.Func == CountStar && call.Filter < 0:
		case call.Func == CountStar || call.Func == Count:
			for i, g := range of {
				if passes(b, call.Filter, i) && (call.Arg < 0 || !b.Cols[call.Arg].IsNull(i)) {
					p.counts[g] += b.Weight(i)
				}
			}
		case p.best != nil:
			l.addExtrema(p, call, b, of)
		case !call.extreme():
			l.addValues(p, call, b, of)
		}
	}
}

// addValues adds the values of a sum or avg.
func (l *localSums) addValues(p *localCall, call Call, b *batch.Batch, of []int32) {
	col := b.Cols[call.Arg]
	if call.Filter < 0 && b.Weights == nil && !col.HasNulls() && col.Ints != nil {
		for i, g := range of {
			p.counts[g]++
			p.addInt(g, col.Ints[i], 1)
		}
		return
	}
	decimal := col.Type.Kind == value.Numeric
	for i, g := range of {
		if col.IsNull(i) || !passes(b, call.Filter, i) {
			continue
		}
		w := b.Weight(i)
		p.counts[g] += w
		switch {
		case p.mixed != nil:
			d := col.Decs[i]
			p.mixed[g].add(part{d.Scale, w, value.Int256{}.AddMul(d.Coef, w)})
		case decimal:
			if v, ok := col.Decs[i].Coef.Int64(); ok {
				p.addInt(g, v, w)
			} else {
				p.wide[g] = p.wide[g].AddMul(col.Decs[i].Coef, w)
			}
		default:
			p.addInt(g, col.Ints[i], w)
		}
	}
}

// addInt adds x*w, in 64 bits while that is exact.
func (p *localCall) addInt(g int32, x, w int64) {
	if w == 1 {
		s := p.small[g]
		if z := s + x; (z > s) == (x > 0) {
			p.small[g] = z
			return
		}
	}
	p.wide[g] = p.wide[g].AddMul(value.Int128FromInt64(x), w)
}

// addExtrema finds the row with the extremum of each group.
func (l *localSums) addExtrema(p *localCall, call Call, b *batch.Batch, of []int32) {
	if b.Weights != nil {
		for _, w := range b.Weights {
			if w < 0 {
				panic(Conflict{"a retraction from an input that only appends"})
			}
		}
	}
	col, least := b.Cols[call.Arg], call.Func == Min
	ints := col.Ints
	for i, g := range of {
		if col.IsNull(i) || !passes(b, call.Filter, i) {
			continue
		}
		best := p.best[g]
		switch {
		case best < 0:
		case ints != nil:
			if ints[i] == ints[best] || ints[i] < ints[best] != least {
				continue
			}
		default:
			if c := col.CompareAt(i, col, int(best)); c == 0 || (c < 0) != least {
				continue
			}
		}
		p.best[g] = int32(i)
	}
}

// addTo adds what local group g has to the state of the group; b is the delta that was added.
func (l *localSums) addTo(s *groupState, g int, b *batch.Batch) {
	s.rows += l.rows[g]
	for c, call := range l.calls {
		p := &l.per[c]
		switch {
		case call.Func == CountStar && call.Filter < 0:
		case p.best != nil:
			if i := p.best[g]; i >= 0 {
				l.better(s, c, b.Cols[call.Arg], int(i))
			}
		case call.extreme():
		case p.mixed != nil:
			s.sums[c].count += p.counts[g]
			for _, q := range p.mixed[g].parts {
				s.sums[c].add(q)
			}
		case p.wide != nil:
			s.sums[c].count += p.counts[g]
			total := p.wide[g].AddMul(value.Int128FromInt64(p.small[g]), 1)
			scale := uint8(0)
			if t := l.in[call.Arg]; t.Kind == value.Numeric {
				scale = t.Scale
			}
			s.sums[c].add(part{scale, p.counts[g], total})
		default:
			s.sums[c].count += p.counts[g]
		}
	}
}

// better replaces the extremum of call c if value i of col is beyond it.
func (l *localSums) better(s *groupState, c int, col *value.Vec, i int) {
	l.key = row.AppendKeyColumn(l.key[:0], col, i)
	if len(s.best[c]) == 0 ||
		bytes.Compare(l.key, s.best[c]) < 0 == (l.calls[c].Func == Min) {
		s.best[c] = append(s.best[c][:0], l.key...)
	}
}

package operator

import (
	"bytes"
	"slices"

	"weir/stream/batch"
	"weir/stream/state"
	"weir/stream/value"
)

// JoinShape is what comes out of a join that is not an inner one.
type JoinShape uint8

// The shapes.
const (
	LeftShape JoinShape = iota // pairs, and left rows without a match
	FullShape                  // and right rows without a match
	SemiShape                  // left rows with a match
	AntiShape                  // left rows without a match
)

// JudgedJoin is a LEFT, FULL, semi or anti join whose pairs are judged by a residual condition or
// a band, so that rows of one key can differ in having a match. The run of the left side (in a
// FULL join of both) counts, per row, the weight of what it matches:
//
//	pairs      a*(B+b) and A*b, judged
//	matches    of a left row new in the step: the sum over its pairs of the first kind; of one
//	           that stood before: what it was, plus its pairs of the second kind
//
// A row comes alone while it matches nothing. A pair of which the condition fails is an error and
// no match.
type JudgedJoin struct {
	pairing
	shape JoinShape
}

// NewJudgedJoin returns a join of a shape.
func NewJudgedJoin(s JoinSpec, shape JoinShape) *JudgedJoin {
	j := &JudgedJoin{newPairing(s), shape}
	j.left.counted = true
	j.right.counted = shape == FullShape
	return j
}

// Name implements Operator.
func (j *JudgedJoin) Name() string { return "judged_join" }

// Types implements Operator.
func (j *JudgedJoin) Types() []value.Type {
	if j.half() {
		return j.left.types
	}
	return j.types
}

func (j *JudgedJoin) half() bool { return j.shape == SemiShape || j.shape == AntiShape }

// Step implements Operator.
func (j *JudgedJoin) Step(ctx *Context, in []Delta) Delta {
	oldLeft, oldRight := j.left.rows.Version(), j.right.rows.Version()
	a := j.left.sort(in[0].Rows)
	var b keyed
	if j.right.counted {
		b = j.right.sort(in[1].Rows)
		j.right.rows.Apply(b.tallied(oldRight))
	} else {
		b = j.right.absorb(ctx, in[1].Rows)
	}
	first := j.judged(ctx, a, j.right.rows.Version(), false)
	second := j.judged(ctx, b, oldLeft, true)

	left := j.settle(ctx, &j.left, settling{a, first.own, second, oldLeft})
	parts := append(first.rows, second.rows...)
	if j.half() {
		parts = left.batches(in[0].Rows, second.f, sameWidth)
	} else {
		parts = append(parts, left.batches(in[0].Rows, second.f, j.afterLeft)...)
	}
	if j.right.counted {
		right := j.settle(ctx, &j.right, settling{b, second.own, first, oldRight})
		parts = append(parts, right.batches(in[1].Rows, first.f, j.beforeRight)...)
	}
	out := Delta{Rows: consolidated(j.Types(), parts), Marks: j.outMarks(in)[:len(j.Types())]}
	l, r := j.keyMarks(in)
	j.freeKeys(r, l)
	j.freeBand(in)
	return out
}

// tallied returns writes that add the entries to a counted run and leave the matches as they are.
func (k keyed) tallied(v state.Version) []state.Change {
	keys := k.keys()
	writes := make([]state.Change, len(keys))
	var arena []byte
	v.ProbeSorted(keys, func(i int, stored []byte) {
		t := decodeTally(stored)
		t.weight += k.e.weights[k.order[i]]
		writes[i].Key = keys[i]
		if t.weight != 0 {
			start := len(arena)
			arena = t.append(arena)
			writes[i].Value = arena[start:len(arena):len(arena)]
		}
	})
	return writes
}

// judgement is what came of the pairs of a delta with a version of the other side.
type judgement struct {
	rows []*batch.Batch // the pairs that match; none in half joins
	own  []int64        // per row of the delta: the weight of what it matches
	f    *found
	met  []int64 // per found row: the weight of what matches it
}

// judged pairs a delta with a version of the other side.
func (j *JudgedJoin) judged(ctx *Context, d keyed, other state.Version, flip bool) judgement {
	out := judgement{f: j.other(flip).found(ctx, len(d.order))}
	if len(d.order) == 0 {
		return out
	}
	out.own = make([]int64, d.b.Len)
	if other.Len() == 0 {
		return out
	}
	list, weight := newPairs(d), make([]int64, d.b.Len)
	j.meet(out.f, d, other, flip, func(at int32, lo, hi int, _ bool) {
		weight[d.e.rows[at]] = d.e.weights[at]
		list.add(ctx, out.f, at, lo, hi)
	})
	out.met = make([]int64, len(out.f.weights))
	rows := j.assemble(list, out.f, flip)
	if rows == nil {
		return out
	}
	sel, all := j.judge(ctx, rows)
	match := func(p int) {
		own, other := list.own[p], list.other[p]
		out.own[own] += out.f.weights[other]
		out.met[other] += weight[own]
	}
	if all {
		for p := range list.own {
			match(p)
		}
	} else {
		for _, p := range sel {
			match(int(p))
		}
		rows = rows.Select(sel)
	}
	if !j.half() && rows.Len > 0 {
		out.rows = []*batch.Batch{rows}
	}
	return out
}

// settling is what changes the rows of one side: its delta with the matches of the delta's rows,
// and what met the rows that it had, before.
type settling struct {
	d      keyed
	own    []int64
	met    judgement
	before state.Version
}

// settle writes the new weights and matches of a side and lists what comes alone.
func (j *JudgedJoin) settle(ctx *Context, s *side, c settling) (out loners) {
	touched := c.met.touched()
	var w tallyWriter
	pass := func(t touch) {
		was := tally{c.met.f.weights[t.at], c.met.f.counts[t.at]}
		is := tally{was.weight, was.matches + t.met}
		out.found(t.at, j.visible(is)-j.visible(was))
		w.write(t.key, is)
	}
	keys := c.d.keys()
	c.before.ProbeSorted(keys, func(i int, stored []byte) {
		for len(touched) > 0 && bytes.Compare(touched[0].key, keys[i]) < 0 {
			pass(touched[0])
			touched = touched[1:]
		}
		at := c.d.order[i]
		was := decodeTally(stored)
		is := tally{was.weight + c.d.e.weights[at], was.matches}
		if stored == nil {
			is.matches = c.own[c.d.e.rows[at]]
		}
		if len(touched) > 0 && bytes.Equal(touched[0].key, keys[i]) {
			is.matches += touched[0].met
			touched = touched[1:]
		}
		out.add(c.d.e.rows[at], j.visible(is)-j.visible(was))
		w.write(keys[i], is)
	})
	for _, t := range touched {
		pass(t)
	}
	if j.shape != SemiShape {
		out.addApart(c.d)
	}
	s.rows.Apply(w.writes)
	ctx.wrote(w.writes)
	return out
}

// visible is how often a row comes alone.
func (j *JudgedJoin) visible(t tally) int64 {
	if (t.matches == 0) == (j.shape != SemiShape) {
		return t.weight
	}
	return 0
}

// touch is a row of the state whose matches change.
type touch struct {
	key []byte
	at  int32 // found row
	met int64
}

// touched returns the found rows whose matches change, once each, in the order of their keys.
func (g judgement) touched() []touch {
	var list []touch
	ascending := true
	for i, met := range g.met {
		if met != 0 {
			t := touch{g.f.keys[i], int32(i), met}
			ascending = ascending && (len(list) == 0 ||
				bytes.Compare(list[len(list)-1].key, t.key) < 0)
			list = append(list, t)
		}
	}
	if ascending {
		return list
	}
	slices.SortFunc(list, func(x, y touch) int {
		if c := bytes.Compare(x.key, y.key); c != 0 {
			return c
		}
		return int(x.at) - int(y.at)
	})
	out := list[:0]
	for _, t := range list {
		if n := len(out); n > 0 && bytes.Equal(out[n-1].key, t.key) {
			out[n-1].met += t.met
		} else {
			out = append(out, t)
		}
	}
	return out
}

// tallyWriter collects net writes of tallies.
type tallyWriter struct {
	writes []state.Change
	arena  []byte
}

// write sets an entry; a weight of 0 deletes it.
func (w *tallyWriter) write(key []byte, t tally) {
	if t.weight == 0 {
		w.writes = append(w.writes, state.Change{Key: key})
		return
	}
	w.put(key, t)
}

func (w *tallyWriter) put(key []byte, t tally) {
	start := len(w.arena)
	w.arena = t.append(w.arena)
	value := w.arena[start:len(w.arena):len(w.arena)]
	w.writes = append(w.writes, state.Change{Key: key, Value: value})
}

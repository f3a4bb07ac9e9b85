package operator

import (
	"bytes"
	"encoding/binary"
	"slices"

	"weir/stream/batch"
	"weir/stream/state"
	"weir/stream/value"
)

// overWalk reads regions of an Over and collects writes and output of a step.
type overWalk struct {
	ctx    *Context
	o      *Over
	l      *laid
	v      state.Version // before the step
	list   []overEntry   // the region at hand, in order
	lo, hi int           // entries lo..hi-1 may change their output
	origin overEntry     // where a walk began
	before runningState  // of the row before entry lo
	rows   *batch.Builder
	writes []state.Change
	arena  []byte
	evals  [2]overEval // without the delta, with it
	// Output: rows by their number in rows.
	from    []int32
	weights []int64
	made    []*value.Vec // per call
	doubled bool         // some row came more than once
}

// overEntry is one key of a region; old and new are its weights.
type overEntry struct {
	key      []byte
	at       cut
	old, new int64
	delta    int   // entry of the delta, -1: none
	row      int32 // in rows, -1: not yet
	more     []byte
}

func (e *overEntry) order() []byte { return e.key[e.at.part:e.at.order] }

// runningState is what stands beside a row: the running state after it, and its order.
type runningState struct{ more, order []byte }

func newOverWalk(ctx *Context, o *Over, l *laid) *overWalk {
	n := len(l.order)
	w := &overWalk{
		ctx: ctx, o: o, l: l, v: o.rows.Version(), rows: batch.NewBuilder(o.spec.Types, n),
		writes: make([]state.Change, 0, n), arena: make([]byte, 0, 16*n),
		from: make([]int32, 0, n), weights: make([]int64, 0, n),
	}
	for _, c := range o.spec.Calls {
		w.made = append(w.made, value.NewVec(c.Type, n))
	}
	for i := range w.evals {
		w.evals[i].w = w
		w.evals[i].init()
	}
	return w
}

// partition handles one partition, which has the entries i..j-1 of the delta.
func (w *overWalk) partition(i, j int) {
	w.load(i, j)
	w.evals[0].run(false)
	w.evals[1].run(true)
	w.difference()
	if !w.o.carries { // otherwise the second run has written
		for k := range w.list {
			if e := &w.list[k]; e.old != e.new {
				w.write(e, nil)
			}
		}
	}
}

// load reads the region around entries i..j-1 of the delta.
func (w *overWalk) load(i, j int) {
	prefix := w.l.partition(i)
	w.list = w.list[:0]
	cur := w.v.Cursor()
	cur.Seek(w.l.key(i))
	w.loadBefore(cur, prefix, w.fromDelta(i))
	last := w.loadChanged(&cur, prefix, i, j)
	w.loadAfter(cur, prefix, last)
}

// loadBefore reads what lies before the first change, which is the same in both versions.
func (w *overWalk) loadBefore(cur state.Cursor, prefix []byte, first overEntry) {
	w.before = runningState{}
	touched, touching := 0, true
	w.origin = first
	s := w.strider(&w.o.reach.touchBefore, &w.origin, false, true)
	for cur.Back() {
		e, ok := w.stored(&cur, prefix)
		if !ok {
			break
		}
		if touching && s.within(&e) {
			w.list = append(w.list, e)
			touched++
			continue
		}
		if touching {
			touching = false
			w.before = runningState{e.more, e.order()}
			w.origin = first
			if touched > 0 {
				w.origin = w.list[touched-1]
			}
			s = w.strider(&w.o.reach.needBefore, &w.origin, false, false)
		}
		if !s.within(&e) {
			break
		}
		w.list = append(w.list, e)
	}
	slices.Reverse(w.list)
	w.lo = len(w.list) - touched
}

// loadChanged merges stored and changed entries from the first change to the last.
func (w *overWalk) loadChanged(cur *state.Cursor, prefix []byte, i, j int) (last overEntry) {
	for i < j {
		e, ok := w.stored(cur, prefix)
		c := 1
		if ok {
			c = bytes.Compare(e.key, w.l.key(i))
		}
		if c <= 0 {
			cur.Next()
		}
		if c >= 0 {
			d := w.fromDelta(i)
			if c == 0 {
				d.old, d.more = e.old, e.more
			}
			d.new += d.old
			if d.new < 0 {
				panic(Conflict{"negative weight"})
			}
			e = d
			i++
		}
		w.list = append(w.list, e)
	}
	w.hi = len(w.list)
	return w.list[w.hi-1]
}

// loadAfter reads what lies behind the last change.
func (w *overWalk) loadAfter(cur state.Cursor, prefix []byte, last overEntry) {
	touching := true
	w.origin = last
	s := w.strider(&w.o.reach.touchAfter, &w.origin, true, true)
	for ; ; cur.Next() {
		e, ok := w.stored(&cur, prefix)
		if !ok {
			return
		}
		if touching && s.within(&e) {
			w.list = append(w.list, e)
			w.hi++
			continue
		}
		if touching {
			touching = false
			w.origin = w.list[w.hi-1]
			s = w.strider(&w.o.reach.needAfter, &w.origin, true, false)
		}
		if !s.within(&e) {
			return
		}
		w.list = append(w.list, e)
	}
}

// stored is the entry at a cursor if it belongs to the partition.
func (w *overWalk) stored(cur *state.Cursor, prefix []byte) (e overEntry, ok bool) {
	key, val, ok := cur.Under(prefix)
	if !ok {
		return e, false
	}
	e = overEntry{key: key, delta: -1, row: -1}
	e.old, e.at, e.more = placed(key, val, len(prefix))
	e.new = e.old
	return e, true
}

// fromDelta is an entry of the delta, with its change of weight as its new weight.
func (w *overWalk) fromDelta(i int) overEntry {
	return overEntry{key: w.l.key(i), at: w.l.cut(i), new: w.l.weight(i), delta: i, row: -1}
}

// rowOf is the number of an entry's row in rows.
func (w *overWalk) rowOf(e *overEntry) int {
	if e.row < 0 {
		e.row = int32(w.rows.Len())
		if e.delta >= 0 {
			w.rows.AddFrom(w.l.b.Cols, int(w.l.row(e.delta)), 1)
		} else {
			decodeRow(w.rows.Cols, e.key, e.at)
			w.rows.Close(1)
		}
	}
	return int(e.row)
}

// orderValue is the value of the first ORDER BY column.
func (w *overWalk) orderValue(e *overEntry) value.Datum {
	return w.rows.Cols[w.o.spec.Keys[0].Col].Datum(w.rowOf(e))
}

// write stores an entry with its new weight and running state, if anything of it changed.
func (w *overWalk) write(e *overEntry, more []byte) {
	if e.old == e.new && bytes.Equal(e.more, more) {
		return
	}
	change := state.Change{Key: e.key}
	if e.new != 0 {
		start := len(w.arena)
		w.arena = append(appendPlaced(w.arena, e.new, e.key, e.at), more...)
		change.Value = w.arena[start:len(w.arena):len(w.arena)]
	}
	w.writes = append(w.writes, change)
}

// difference emits, for each row that may have changed, the outputs before and now, unless they
// are identical.
func (w *overWalk) difference() {
	was, is := &w.evals[0], &w.evals[1]
	i, k := 0, 0
	for at := w.lo; at < w.hi; at++ {
		e := &w.list[at]
		w.doubled = w.doubled || e.old > 1 || e.new > 1
		for c := int64(0); c < max(e.old, e.new); c++ {
			switch {
			case c >= e.new:
				w.emit(e, was, i, -1)
				i++
			case c >= e.old:
				w.emit(e, is, k, 1)
				k++
			default:
				if !was.identical(i, is, k) {
					w.emit(e, was, i, -1)
					w.emit(e, is, k, 1)
				}
				i, k = i+1, k+1
			}
		}
	}
}

// emit puts out result i of an evaluation, or its error.
func (w *overWalk) emit(e *overEntry, v *overEval, i int, weight int64) {
	row := w.rowOf(e)
	if f := v.failed(i); f.err != nil {
		w.ctx.Errors.Add(w.o.op, w.o.spec.Calls[f.call].Name, f.err.SQLState, w.rows.Cols, row,
			weight)
		return
	}
	w.ctx.Bound(len(w.from) + 1)
	w.from, w.weights = append(w.from, int32(row)), append(w.weights, weight)
	for c := range w.made {
		appendValue(w.made[c], &v.vals[c][i])
	}
}

// appendValue appends a value of the column's kind, or NULL.
func appendValue(v *value.Vec, d *value.Datum) {
	switch d.Kind.Class() {
	case value.ClassInt:
		v.AppendInt(d.I)
	case value.ClassDecimal:
		v.AppendDecimal(d.D)
	case value.ClassFloat:
		v.AppendFloat(d.F)
	default:
		v.AppendDatum(*d)
	}
}

// batch assembles the output.
func (w *overWalk) batch() *batch.Batch {
	out := w.rows.Batch().Select(w.from)
	out.Weights, out.AppendOnly = w.weights, true
	for _, x := range out.Weights {
		out.AppendOnly = out.AppendOnly && x > 0
	}
	out.Cols = append(out.Cols, w.made...)
	if w.doubled { // copies of one row may have exchanged their outputs
		return out.Consolidate()
	}
	return out
}

// The running state of an Over, after a row: rows of the partition, rows before the row's peers,
// groups of peers, each as a varint; then what each running call keeps.
type overRunning struct{ rows, start, groups int64 }

func (r *overRunning) append(dst []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(r.rows))
	dst = binary.AppendUvarint(dst, uint64(r.start))
	return binary.AppendUvarint(dst, uint64(r.groups))
}

func (r *overRunning) load(b []byte) []byte {
	for _, p := range [...]*int64{&r.rows, &r.start, &r.groups} {
		v, n := binary.Uvarint(b)
		*p, b = int64(v), b[n:]
	}
	return b
}

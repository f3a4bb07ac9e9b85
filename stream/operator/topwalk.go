package operator

import (
	"bytes"

	"weir/stream/batch"
	"weir/stream/state"
	"weir/stream/value"
)

// topWalk merges the run of a TopN with a delta and collects writes and output.
type topWalk struct {
	ctx      *Context
	t        *TopN
	l        *laid
	cur      state.Cursor
	old, new rankCounter
	writes   []state.Change
	arena    []byte
	// Output: rows of the delta, or, from its length on, of stored.
	from    []int32
	weights []int64
	numbers []int64
	stored  *batch.Builder
}

func newTopWalk(ctx *Context, t *TopN, l *laid) *topWalk {
	n := len(l.order)
	return &topWalk{
		ctx: ctx, t: t, l: l, cur: t.rows.Version().Cursor(),
		writes: make([]state.Change, 0, n), arena: make([]byte, 0, 8*n),
		from: make([]int32, 0, n), weights: make([]int64, 0, n),
		stored: batch.NewBuilder(t.spec.Types, 0),
	}
}

// rankCounter numbers the rows of a partition as they come.
type rankCounter struct {
	seen   int64 // rows so far
	start  int64 // rows before the current peers
	groups int64 // groups of peers so far
	peers  []byte
	done   bool // no later row passes
}

// passing are the copies of one row that pass: count of them, numbered from number on, or alike
// for the ranks. kept counts those that can matter later, if the input only appends.
type passing struct{ number, count, kept int64 }

// take counts a row of weight w, with the bytes of its order.
func (c *rankCounter) take(t *TopN, order []byte, w int64) passing {
	if w == 0 || c.done {
		return passing{}
	}
	if c.groups == 0 || !bytes.Equal(order, c.peers) {
		c.start, c.peers = c.seen, order
		c.groups++
	}
	first := c.seen
	c.seen += w
	if t.spec.Kind == RowNumber {
		last := min(c.seen, t.bound)
		c.done = c.seen >= t.bound
		from := max(first, t.skip)
		return passing{from + 1, max(last-from, 0), max(last-first, 0)}
	}
	number := c.start + 1
	if t.spec.Kind == DenseRank {
		number = c.groups
	}
	if number > t.bound {
		c.done = true
		return passing{}
	}
	return passing{number, max(c.seen-max(first, t.skip), 0), w}
}

// agrees reports whether two counters number all later rows alike.
func (c *rankCounter) agrees(d *rankCounter) bool {
	return c.seen == d.seen && c.start == d.start && c.groups == d.groups && c.done == d.done &&
		bytes.Equal(c.peers, d.peers)
}

// topEntry is one key of the merged walk.
type topEntry struct {
	key   []byte
	at    cut
	delta int   // entry of the delta, -1: none
	row   int32 // among the rows of the output, -1: not yet
	old   int64
	new   int64
}

// partition walks one partition, which has the entries i..j-1 of the delta.
func (w *topWalk) partition(i, j int) {
	prefix := w.l.partition(i)
	w.cur.Seek(prefix)
	w.old, w.new = rankCounter{done: w.t.bound == 0}, rankCounter{done: w.t.bound == 0}
	for {
		over := w.old.done && w.new.done
		if over && w.t.spec.AppendOnly {
			w.pass(i, j)
			return
		}
		if over && i < j { // what follows is only stored
			w.cur.Seek(w.l.key(i))
		}
		if i == j && (over || w.old.agrees(&w.new)) {
			return
		}
		e, next, ok := w.next(prefix, i, j)
		if !ok {
			return
		}
		i = next
		order := e.key[e.at.part:e.at.order]
		before := w.old.take(w.t, order, e.old)
		after := w.new.take(w.t, order, e.new)
		w.emit(&e, before, after)
		if w.t.spec.AppendOnly {
			e.new = after.kept
		}
		if e.new != e.old {
			w.write(e)
		}
	}
}

// pass emits what the delta has beyond the limit, if that is the output.
func (w *topWalk) pass(i, j int) {
	for ; w.t.rest && i < j; i++ {
		w.add(w.l.row(i), w.l.weight(i), 0)
	}
}

// next is the lesser of the stored entry at the cursor and entry i of the delta, or both.
func (w *topWalk) next(prefix []byte, i, j int) (e topEntry, next int, ok bool) {
	key, val, stored := w.cur.Under(prefix)
	if !stored && i == j {
		return e, i, false
	}
	c := -1
	switch {
	case !stored:
		c = 1
	case i < j:
		c = bytes.Compare(key, w.l.key(i))
	}
	e = topEntry{delta: -1, row: -1}
	if c <= 0 {
		e.key = key
		e.old, e.at, _ = placed(key, val, len(prefix))
		w.cur.Next()
	}
	e.new = e.old
	if c >= 0 {
		e.key, e.at, e.delta = w.l.key(i), w.l.cut(i), i
		e.new += w.l.weight(i)
		i++
	}
	if e.new < 0 {
		panic(Conflict{"negative weight"})
	}
	return e, i, true
}

func (w *topWalk) write(e topEntry) {
	change := state.Change{Key: e.key}
	if e.new != 0 {
		start := len(w.arena)
		w.arena = appendPlaced(w.arena, e.new, e.key, e.at)
		change.Value = w.arena[start:len(w.arena):len(w.arena)]
	}
	w.writes = append(w.writes, change)
}

// emit adds the difference between what passed before and what passes now.
func (w *topWalk) emit(e *topEntry, before, after passing) {
	sign := int64(1)
	if w.t.rest {
		sign = -1
		if e.delta >= 0 {
			w.add(w.l.row(e.delta), e.new-e.old, 0)
		}
	}
	switch {
	case before.count == 0 && after.count == 0:
	case !w.t.spec.Numbered:
		if d := after.count - before.count; d != 0 {
			w.add(w.rowOf(e), sign*d, 0)
		}
	case w.t.spec.Kind != RowNumber:
		if before.number == after.number {
			before.count, after.count = 0, after.count-before.count
		}
		w.numbered(e, -before.count, before.number)
		w.numbered(e, after.count, after.number)
	default:
		w.renumber(e, before, after, -1)
		w.renumber(e, after, before, 1)
	}
}

func (w *topWalk) numbered(e *topEntry, weight, number int64) {
	if weight != 0 {
		w.add(w.rowOf(e), weight, number)
	}
}

// renumber adds the numbers of a that b has not.
func (w *topWalk) renumber(e *topEntry, a, b passing, weight int64) {
	for n := a.number; n < a.number+a.count; n++ {
		if b.count > 0 && n >= b.number && n < b.number+b.count {
			n = b.number + b.count - 1
			continue
		}
		w.add(w.rowOf(e), weight, n)
	}
}

// rowOf is the row of an entry among those of the delta and stored.
func (w *topWalk) rowOf(e *topEntry) int32 {
	if e.delta >= 0 {
		return w.l.row(e.delta)
	}
	if e.row < 0 {
		e.row = int32(w.l.b.Len + w.stored.Len())
		decodeRow(w.stored.Cols, e.key, e.at)
		w.stored.Close(1)
	}
	return e.row
}

func (w *topWalk) add(from int32, weight, number int64) {
	w.ctx.Bound(len(w.from) + 1)
	w.from, w.weights = append(w.from, from), append(w.weights, weight)
	if w.t.spec.Numbered {
		w.numbers = append(w.numbers, number)
	}
}

// batch assembles the output.
func (w *topWalk) batch() *batch.Batch {
	all := &batch.Batch{Cols: w.l.b.Cols, Len: w.l.b.Len}
	if w.stored.Len() > 0 {
		all = batch.Concat(w.t.spec.Types, all, w.stored.Batch())
	}
	out := all.Select(w.from)
	out.Weights, out.AppendOnly = w.weights, true
	for _, x := range out.Weights {
		out.AppendOnly = out.AppendOnly && x > 0
	}
	if w.t.spec.Numbered {
		out.Cols = append(out.Cols, value.NewVecInts(value.Of(value.Int8), w.numbers, nil))
	}
	return out
}

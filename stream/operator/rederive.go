package operator

import (
	"bytes"
	"encoding/binary"

	"weir/stream/batch"
	"weir/stream/row"
	"weir/stream/state"
)

// rederivation is one step of a recursion that keeps rows once. While it runs, an entry of the
// counts is 2 * count + 1 if the row is in R, 2 * count if it is not; when it is through, exactly
// the rows with a count are in R.
type rederivation struct {
	r       *Recursive
	ctx     *Context
	touched entries // rows whose count changed since the last settle, or that left R
	fallen  entries // rows in R that lost a derivation
	moved   entries // rows that left or entered R in this step
}

func (r *Recursive) rederive(ctx *Context, in []Delta) *batch.Batch {
	before := r.counts.Version()
	d := &rederivation{r: r, ctx: ctx}
	for i, mixed := range r.mixed {
		if mixed && in[i+1].Rows != nil {
			d.takeAll()
			break
		}
	}
	d.count(in[0].Rows)
	for i := range r.mixed {
		d.change(uint32(SelfPort+1+i), in[i+1].Rows)
	}
	for round := 0; d.fallen.len() > 0; round++ {
		r.bound(round)
		list := d.fallen
		d.fallen = entries{}
		d.leave(&list)
	}
	for round := 0; d.touched.len() > 0; round++ {
		list := d.touched
		d.touched = entries{}
		if !d.enter(&list) {
			break
		}
		r.bound(round)
	}
	return d.delta(before)
}

// change feeds the delta of one port: first what leaves, then what comes.
func (d *rederivation) change(port uint32, b *batch.Batch) {
	if b == nil {
		return
	}
	b = b.Consolidate()
	var minus, plus []int32
	for i := range b.Len {
		if b.Weight(i) < 0 {
			minus = append(minus, int32(i))
		} else {
			plus = append(plus, int32(i))
		}
	}
	for _, sel := range [...][]int32{minus, plus} {
		if len(sel) > 0 {
			d.count(d.r.feed(d.ctx, port, b.Select(sel)))
		}
	}
}

// count adds derivations to the counts.
func (d *rederivation) count(b *batch.Batch) {
	if b == nil {
		return
	}
	e := newEntries(b.Len, 32)
	for i := range b.Len {
		e.arena = row.AppendKey(e.arena, b.Cols, i)
		e.close(i, b.Weight(i))
	}
	d.ctx.Bound(d.moved.len() + e.len())
	order := e.net(e.sorted())
	keys := make([][]byte, len(order))
	for i, at := range order {
		keys[i] = e.key(at)
	}
	d.rewrite(keys, func(i int, count int64, in bool) (int64, bool) {
		w := e.weights[order[i]]
		if in && w < 0 {
			d.fallen.copy(keys[i])
		}
		d.touched.copy(keys[i])
		return count + w, in
	})
}

// rewrite changes the entries of sorted keys.
func (d *rederivation) rewrite(
	keys [][]byte, to func(i int, count int64, in bool) (int64, bool),
) {
	writes := make([]state.Change, 0, len(keys))
	arena := make([]byte, 0, 2*len(keys))
	d.r.counts.Version().ProbeSorted(keys, func(i int, stored []byte) {
		was := weightOf(stored)
		count, in := to(i, was>>1, was&1 != 0)
		is := count<<1 | int64(truth(in))
		if is == was {
			return
		}
		ch := state.Change{Key: keys[i]}
		if is != 0 {
			start := len(arena)
			arena = binary.AppendVarint(arena, is)
			ch.Value = arena[start:len(arena):len(arena)]
		}
		writes = append(writes, ch)
	})
	d.r.counts.Apply(writes)
	d.ctx.wrote(writes)
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

// takeAll takes every row out of R.
func (d *rederivation) takeAll() {
	var all entries
	d.r.counts.Version().Scan(nil, nil, func(key, _ []byte) bool {
		all.copy(key)
		return true
	})
	d.leave(&all)
}

// leave takes rows out of R, those that are in it, and counts what follows.
func (d *rederivation) leave(list *entries) {
	var gone [][]byte
	keys := list.distinct()
	d.rewrite(keys, func(i int, count int64, in bool) (int64, bool) {
		if in {
			gone = append(gone, keys[i])
			d.touched.copy(keys[i])
			d.moved.copy(keys[i])
		}
		return count, false
	})
	if len(gone) > 0 {
		d.count(d.r.feed(d.ctx, SelfPort, d.rows(gone, -1)))
	}
}

// enter puts the rows that have a derivation into R, counts what follows, and reports whether
// there were any.
func (d *rederivation) enter(list *entries) bool {
	var come [][]byte
	keys := list.distinct()
	d.rewrite(keys, func(i int, count int64, in bool) (int64, bool) {
		if count > 0 && !in {
			come = append(come, keys[i])
			d.moved.copy(keys[i])
		}
		return count, count > 0
	})
	if len(come) > 0 {
		d.count(d.r.feed(d.ctx, SelfPort, d.rows(come, 1)))
	}
	return len(come) > 0
}

// rows decodes keys.
func (d *rederivation) rows(keys [][]byte, weight int64) *batch.Batch {
	b := batch.NewBuilder(d.r.types, len(keys))
	for _, k := range keys {
		if err := row.DecodeKeyInto(b.Cols, k); err != nil {
			panic("operator: own recursive row does not decode: " + err.Error())
		}
		b.Close(weight)
	}
	return b.Batch()
}

// delta compares R with what it was.
func (d *rederivation) delta(before state.Version) *batch.Batch {
	keys := d.moved.distinct()
	was := make([]bool, len(keys))
	before.ProbeSorted(keys, func(i int, stored []byte) { was[i] = stored != nil })
	var gone, come [][]byte
	d.r.counts.Version().ProbeSorted(keys, func(i int, stored []byte) {
		switch is := stored != nil; {
		case was[i] && !is:
			gone = append(gone, keys[i])
		case is && !was[i]:
			come = append(come, keys[i])
		}
	})
	return batch.Concat(d.r.types, d.rows(gone, -1), d.rows(come, 1))
}

// copy appends an entry with a copy of a key.
func (e *entries) copy(key []byte) {
	e.arena = append(e.arena, key...)
	e.close(0, 1)
}

// distinct returns the keys in order, each once.
func (e *entries) distinct() [][]byte {
	var out [][]byte
	for _, at := range e.sorted() {
		if k := e.key(at); len(out) == 0 || !bytes.Equal(out[len(out)-1], k) {
			out = append(out, k)
		}
	}
	return out
}

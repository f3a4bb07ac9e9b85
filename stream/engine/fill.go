package engine

import (
	"bytes"
	"encoding/binary"

	"weir/stream/batch"
	"weir/stream/catalog"
	"weir/stream/operator"
	"weir/stream/row"
	"weir/stream/value"
)

// fill is the backfill of one view: a cursor per input over the input as it is now.
//
//	input:  ───────── read ─────────┤cursor├──── not read yet ────
//	live delta of a row:   passed   │      │   ignored: it will be read
//
// Watermarks are held until every cursor has reached the end.
type fill struct {
	at, pending map[uint32]cursor
}

// cursor is how far an input has been read.
type cursor struct {
	offset int64  // logs: the greatest offset read, -1 at first
	key    []byte // stored relations: the greatest key read, nil at first
	done   bool   // the end was reached once: everything live passes
}

func newFill() *fill { return &fill{at: map[uint32]cursor{}} }

func (f *fill) get(id uint32) cursor {
	if c, ok := f.pending[id]; ok {
		return c
	}
	if c, ok := f.at[id]; ok {
		return c
	}
	return cursor{offset: -1}
}

// accept takes the pending cursors over and reports whether the fill is finished.
func (f *fill) accept() bool {
	finished := f.pending != nil
	//weir:unordered copies a map into a map; a conjunction does not depend on order
	for id, c := range f.pending {
		f.at[id] = c
		finished = finished && c.done
	}
	f.pending = nil
	return finished
}

func (f *fill) discard() { f.pending = nil }

// live cuts the live delta of an input down to the rows that the cursor has passed, without
// marks. Rows of a log are new: their offsets lie above every cursor that is not done.
func (f *fill) live(r *relation, d operator.Delta) operator.Delta {
	c := f.get(r.def.ID)
	switch {
	case d.Rows == nil || c.done:
		return operator.Delta{Rows: d.Rows}
	case r.def.Log():
		return operator.Delta{}
	}
	sel := make([]int32, 0, d.Rows.Len)
	var key []byte
	cols := keyColumns(r, d.Rows)
	for i := range d.Rows.Len {
		key = row.AppendKey(key[:0], cols, i)
		if c.key != nil && bytes.Compare(key, c.key) <= 0 {
			sel = append(sel, int32(i))
		}
	}
	return operator.Delta{Rows: emptyOr(d.Rows.Select(sel))}
}

// keyColumns are the columns that make the stored key of a relation.
func keyColumns(r *relation, b *batch.Batch) []*value.Vec {
	key := r.def.Key
	if r.def.Kind == catalog.Errors {
		key = operator.ErrorKey()
	}
	if len(key) == 0 {
		return b.Cols
	}
	cols := make([]*value.Vec, len(key))
	for i, c := range key {
		cols[i] = b.Cols[c]
	}
	return cols
}

// Refill makes a view start over from its inputs' rows: its state is dropped, and it is hidden
// until Fill has read them all. The caller empties its stored relations. It is for a view that
// was just defined; Resume does the same for a suspended one.
func (e *Engine) Refill(id uint32) error {
	r := e.rels[id]
	if e.busy {
		return ErrOpen
	}
	if r == nil || r.view == nil || r.view.reason != "" {
		return ErrUnknown
	}
	e.suspend(r.view, "")
	r.view.fill = newFill()
	return nil
}

// Filling reports whether a view is being filled.
func (e *Engine) Filling(id uint32) bool {
	r := e.rels[id]
	return r != nil && r.view != nil && r.view.fill != nil
}

// AnyFilling reports whether some view is being filled.
func (e *Engine) AnyFilling() bool {
	//weir:unordered a disjunction does not depend on order
	for id := range e.rels {
		if e.Filling(id) {
			return true
		}
	}
	return false
}

// Unread is the smallest offset of a log that a backfill has still to read; ok is false when
// there is none.
func (e *Engine) Unread(log uint32) (offset int64, ok bool) {
	//weir:unordered a minimum does not depend on order
	for id := range e.rels {
		if at, reads := e.UnreadBy(id, log); reads && (!ok || at < offset) {
			offset, ok = at, true
		}
	}
	return offset, ok
}

// UnreadBy is the smallest offset of a log that the backfill of one view has still to read.
func (e *Engine) UnreadBy(id, log uint32) (offset int64, ok bool) {
	r := e.rels[id]
	if r == nil || r.view == nil || r.view.fill == nil {
		return 0, false
	}
	for _, in := range r.view.prog.Inputs {
		if in != log {
			continue
		}
		if c := r.view.fill.get(in); !c.done {
			return c.offset + 1, true
		}
	}
	return 0, false
}

// Fill runs up to maxRows more rows of a view's inputs, as the inputs are now, through its
// circuit. Like a step it must be followed by Accept or Discard; env holds the relations at the
// end of the block's last segment. When Done is set, the view is live after Accept.
func (e *Engine) Fill(id uint32, env Env, maxRows int) (*FillResult, error) {
	r := e.rels[id]
	switch {
	case e.busy:
		return nil, ErrOpen
	case r == nil || r.view == nil || r.view.fill == nil:
		return nil, ErrUnknown
	}
	v := r.view
	deltas := map[uint32]operator.Delta{}
	v.fill.pending = map[uint32]cursor{}
	left, done := maxRows, true
	for _, in := range v.prog.Inputs {
		rows, c, err := e.readOn(e.rels[in], v.fill.get(in), env, left)
		if err != nil {
			v.fill.discard()
			return nil, err
		}
		left -= rows.Len
		done = done && c.done
		v.fill.pending[in] = c
		deltas[in] = operator.Delta{Rows: emptyOr(rows)}
	}
	e.busy = true
	seg := Segment{BlockTime: env.BlockTime, Relations: env.Relations}
	o := e.guard(v, seg, func(in uint32) operator.Delta {
		d := deltas[in]
		if done {
			d.Marks = e.marksOf(in)
		}
		return v.scans.adapt(e.rels[in], d)
	})
	if o.failed != "" {
		v.prog.Circuit.Discard()
		e.suspend(v, o.failed)
		e.close()
		return nil, &FillError{Suspension{id, o.failed}}
	}
	e.open = append(e.open, v)
	if o.res.Marks != nil {
		e.next[id] = o.res.Marks
	}
	return &FillResult{ViewResult: o.res, RowsRead: maxRows - left, Done: done}, nil
}

// FillError says that a backfill failed and suspended its view. No step is under way after it.
type FillError struct{ Suspension }

func (f *FillError) Error() string { return "engine: backfill suspended the view: " + f.Reason }

// readOn reads up to limit rows of an input behind a cursor and returns where it then stands.
func (e *Engine) readOn(
	r *relation, c cursor, env Env, limit int,
) (*batch.Batch, cursor, error) {
	none := batch.FromRows(r.types, nil, nil)
	if c.done || limit <= 0 {
		return none, c, nil
	}
	if r.def.Log() {
		if env.History == nil {
			c.done = true
			return none, c, nil
		}
		b, next, more, err := env.History.Rows(r.def.ID, c.offset, limit)
		if err != nil {
			return nil, c, err
		}
		if b == nil || b.Len == 0 {
			b = none
		}
		c.offset, c.done = max(c.offset, next), !more
		return b, c, nil
	}
	b, c := readStored(r, c, env, limit)
	return b, c, nil
}

func readStored(r *relation, c cursor, env Env, limit int) (*batch.Batch, cursor) {
	lo := []byte(nil)
	if c.key != nil {
		lo = append(bytes.Clone(c.key), 0)
	}
	b := batch.NewBuilder(r.types, 0)
	last := c.key
	c.done = true
	env.Relations.Relation(r.def.ID).Scan(lo, nil, func(key, entry []byte) bool {
		if b.Len() >= limit {
			c.done = false
			return false
		}
		w, err := r.decode(b.Cols, entry)
		if err != nil {
			panic(operator.Conflict{Reason: "a stored entry does not decode"})
		}
		b.Close(int64(w))
		last = append(last[:0:0], key...)
		return true
	})
	c.key = last
	return b.Batch(), c
}

// decode appends the row of a stored entry.
func (r *relation) decode(cols []*value.Vec, entry []byte) (weight uint64, err error) {
	if r.shape != nil {
		return r.shape.DecodeEntryInto(cols, entry)
	}
	return row.DecodeEntryInto(cols, entry)
}

// append encodes a cursor: done, offset, then the key behind a presence byte.
func (c cursor) append(dst []byte) []byte {
	flags := byte(0)
	if c.done {
		flags |= 1
	}
	if c.key != nil {
		flags |= 2
	}
	dst = append(dst, flags)
	dst = binary.BigEndian.AppendUint64(dst, uint64(c.offset))
	return append(dst, c.key...)
}

func decodeCursor(b []byte) (cursor, error) {
	if len(b) < 9 || b[0] > 3 || b[0]&2 == 0 && len(b) > 9 {
		return cursor{}, ErrState
	}
	c := cursor{done: b[0]&1 != 0, offset: int64(binary.BigEndian.Uint64(b[1:]))}
	if b[0]&2 != 0 {
		c.key = append([]byte{}, b[9:]...)
	}
	return c, nil
}

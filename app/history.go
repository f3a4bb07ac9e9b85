package app

import (
	"errors"
	"fmt"

	"weir/app/leaf"
	"weir/app/tx"
	"weir/internal/invariant"
	"weir/ledger"
	"weir/ledger/eventlog"
	"weir/stream/batch"
	"weir/stream/catalog"
	"weir/stream/expr"
	"weir/stream/row"
	"weir/stream/value"
)

// history reads the rows of logs in the row space of the relation that shows them: a stream its
// on-time rows, <stream>_late and <stream>_rejected the others.
type history struct {
	log  func(ledger.Unit) *eventlog.Log
	rels map[uint32]*relation
	// erased lists the erasures of a stream, ascending.
	erased func(id uint32) []erasure
}

// Rows implements engine.History.
func (h history) Rows(id uint32, after int64, limit int) (
	rows *batch.Batch, next int64, more bool, err error,
) {
	rel := h.rels[id]
	if rel == nil || !rel.def.Log() {
		return &batch.Batch{}, after, false, nil
	}
	stream := rel
	if rel.def.Of != 0 {
		stream = h.rels[rel.def.Of]
	}
	types := rowTypes(rel.def)
	log := h.log(logUnit(stream.def.ID))
	if log == nil {
		return batch.Concat(types), after, false, nil
	}
	after = max(after, int64(log.Kept().Offset)-1) // rows below are forgotten
	at, ok, err := log.Find(uint64(after + 1))
	if err != nil {
		return nil, after, false, fmt.Errorf("stream %d: %w", stream.def.ID, err)
	}
	if !ok {
		return batch.Concat(types), after, false, nil
	}
	var parts []*batch.Batch
	scanned, most := 0, limit
	gone := h.erased(stream.def.ID)
	for next = after; at < log.Size() && limit > 0 && scanned < most; at++ {
		if e := erasedAt(gone, at); e != nil {
			at, next = e.end-1, int64(e.last)-1
			continue
		}
		lf, cols, err := readAppend(log, at, stream)
		if err != nil {
			return nil, after, false, err
		}
		scanned += int(lf.Rows) + 1
		sel := pick(lf, rel.def.Kind, next, limit)
		next = int64(lf.FirstOffset) + int64(lf.Rows) - 1
		if len(sel) == limit && limit > 0 { // there may be more of them in this Append
			next = int64(lf.FirstOffset) + int64(sel[len(sel)-1])
		}
		limit -= len(sel)
		if len(sel) > 0 {
			parts = append(parts, rowsOf(stream, cols, lf, rel.def.Kind, sel))
		}
	}
	return batch.Concat(types, parts...), next, next+1 < int64(log.Next()), nil
}

// rowTypes are the column types of a relation's row space.
func rowTypes(def *catalog.Relation) []value.Type {
	var out []value.Type
	for _, c := range def.RowSpace() {
		out = append(out, c.Type)
	}
	return out
}

// readAppend reads one Append of a log.
func readAppend(log *eventlog.Log, at uint64, stream *relation) (
	*leaf.Leaf, []*value.Vec, error,
) {
	raw, err := log.Leaf(at)
	if err != nil {
		return nil, nil, fmt.Errorf("leaf %d of stream %d: %w", at, stream.def.ID, err)
	}
	lf, err := leaf.Decode(raw)
	invariant.Check(err == nil, "leaf %d of stream %d has gone bad", at, stream.def.ID)
	payload, err := log.Payload(at)
	if errors.Is(err, eventlog.ErrErased) { // after the height that is read
		return nil, nil, tx.RejectSQL("55000", fmt.Sprintf(
			"rows of %q were erased since: offsets %d to %d", stream.def.Name, lf.FirstOffset,
			lf.FirstOffset+uint64(lf.Rows)-1))
	}
	if err != nil {
		return nil, nil, fmt.Errorf("payload %d of stream %d: %w", at, stream.def.ID, err)
	}
	cols, _, err := decodeColumns(stream.shape, lf.Schema, payload, int(lf.Rows))
	invariant.Check(err == nil, "payload %d of stream %d has gone bad", at, stream.def.ID)
	return lf, cols, nil
}

// pick lists up to limit rows of an Append that a kind of relation shows and whose offsets lie
// above after.
func pick(lf *leaf.Leaf, kind catalog.Kind, after int64, limit int) []int32 {
	sel := make([]int32, 0, min(int(lf.Rows), limit))
	for i := range int(lf.Rows) {
		if len(sel) == limit {
			break
		}
		late, out := lf.Late.Get(i), lf.Rejected.Get(i)
		shown := !late && !out
		switch kind {
		case catalog.Late:
			shown = late
		case catalog.Rejected:
			shown = out
		}
		if shown && int64(lf.FirstOffset)+int64(i) > after {
			sel = append(sel, int32(i))
		}
	}
	return sel
}

// rowsOf returns selected rows of an Append in the row space of the relation that shows them.
func rowsOf(stream *relation, cols []*value.Vec, lf *leaf.Leaf, kind catalog.Kind, sel []int32,
) *batch.Batch {
	b := &batch.Batch{
		Len: len(sel), AppendOnly: true, Cols: make([]*value.Vec, 0, len(cols)+catalog.NumHidden+1),
	}
	for _, c := range cols {
		if len(sel) < int(lf.Rows) {
			c = c.Gather(sel)
		}
		b.Cols = append(b.Cols, c)
	}
	if kind == catalog.Rejected {
		b.Cols = append(b.Cols, reasons(stream, cols, lf, sel))
		return b
	}
	offsets := make([]int64, len(sel))
	b.Ord = make([]batch.Ordinal, len(sel))
	for i, s := range sel {
		offsets[i] = int64(lf.FirstOffset) + int64(s)
		b.Ord[i] = batch.Ordinal{Height: lf.Height, Tx: lf.Tx, Row: uint32(s)}
	}
	b.Cols = append(b.Cols, hidden(lf, offsets)...)
	if kind == catalog.Late {
		for k, w := range stream.def.Watermarks {
			b.Cols = append(b.Cols, missed(b.Cols[w.Column], lf.Mark(k).Producer))
		}
	}
	return b
}

// missed makes the column of a watermark that rows may have missed: NULL for those that did not.
func missed(times *value.Vec, mark int64) *value.Vec {
	out := value.NewVec(value.Of(times.Type.Kind), times.Len())
	for i := range times.Len() {
		if times.IsNull(i) || times.Ints[i] >= mark {
			out.AppendNull()
			continue
		}
		out.AppendInt(mark)
	}
	return out
}

// hidden makes the hidden columns of rows that one leaf brought.
func hidden(lf *leaf.Leaf, offsets []int64) []*value.Vec {
	n := len(offsets)
	producer := value.NewVec(value.Of(value.Text), n)
	name := []byte(producerName(lf.Role, lf.Writer))
	for range n {
		producer.AppendBytes(name)
	}
	return []*value.Vec{
		value.NewVecInts(value.Of(value.Int8), offsets, nil),
		repeat(value.Int8, lf.Height, n),
		repeat(value.TimestampTZ, lf.TimeMicros, n),
		producer,
	}
}

// repeat makes a column of n equal integers.
func repeat(k value.Kind, x int64, n int) *value.Vec {
	ints := make([]int64, n)
	for i := range ints {
		ints[i] = x
	}
	return value.NewVecInts(value.Of(k), ints, nil)
}

// Why a row was rejected. The words are stable; the leaf keeps one bit per row, and the word is
// found again from the row.
const (
	rejectedTime  = "NULL_TIME"
	rejectedNull  = "NOT_NULL"
	rejectedSize  = "ROW_SIZE"
	rejectedCheck = "CHECK"
	rejectedAhead = "TIME_AHEAD"
)

// reasons makes the column that says why each row was rejected.
func reasons(stream *relation, cols []*value.Vec, lf *leaf.Leaf, sel []int32) *value.Vec {
	out := value.NewVec(value.Of(value.Text), len(sel))
	for _, i := range sel {
		out.AppendBytes([]byte(stream.reason(cols, int(i), lf)))
	}
	return out
}

func (r *relation) reason(cols []*value.Vec, i int, lf *leaf.Leaf) string {
	for _, wm := range r.def.Watermarks {
		if cols[wm.Column].IsNull(i) {
			return rejectedTime
		}
	}
	if r.missing(cols, i) {
		return rejectedNull
	}
	if row.Size(cols[:r.shape.Width(lf.Schema)], i) > row.MaxRowBytes {
		return rejectedSize
	}
	vals := make([]value.Datum, len(cols))
	for c, v := range cols {
		vals[c] = v.Datum(i)
	}
	for k := range r.exprs {
		if ok, fault := r.checkRow(k, vals, expr.Env{Now: lf.TimeMicros}); fault != nil || !ok {
			return rejectedCheck
		}
	}
	return rejectedAhead
}

// missing reports whether row i has a NULL in a NOT NULL column.
func (r *relation) missing(cols []*value.Vec, i int) bool {
	for c, def := range r.def.Columns {
		if def.NotNull && cols[c].IsNull(i) {
			return true
		}
	}
	return false
}

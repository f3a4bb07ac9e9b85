package app

import (
	"fmt"
	"slices"

	"weir/app/leaf"
	"weir/internal/invariant"
	"weir/ledger"
	"weir/ledger/eventlog"
	"weir/stream/batch"
	"weir/stream/catalog"
	"weir/stream/row"
	"weir/stream/value"
)

// Which rows of an Append a relation shows.
type share uint8

const (
	shareOnTime share = iota
	shareLate
	shareRejected
)

func shareOf(k catalog.Kind) share {
	switch k {
	case catalog.Late:
		return shareLate
	case catalog.Rejected:
		return shareRejected
	default:
		return shareOnTime
	}
}

// rowsOf returns one share of an Append's rows in the row space of the relation that shows it:
// the stream's columns, then the hidden ones. Late rows also carry the watermark that judged them.
func rowsOf(cols []*value.Vec, lf *leaf.Leaf, which share) *batch.Batch {
	n := int(lf.Rows)
	sel := make([]int32, 0, n)
	for i := range n {
		late, out := lf.Late.Get(i), lf.Rejected.Get(i)
		if out == (which == shareRejected) && (out || late == (which == shareLate)) {
			sel = append(sel, int32(i))
		}
	}
	if len(sel) == 0 {
		return nil
	}
	b := &batch.Batch{Len: len(sel), AppendOnly: true}
	whole := len(sel) == n
	for _, c := range cols {
		if !whole {
			c = c.Gather(sel)
		}
		b.Cols = append(b.Cols, c)
	}
	b.Ord = make([]batch.Ordinal, len(sel))
	offsets := make([]int64, len(sel))
	for i, s := range sel {
		b.Ord[i] = batch.Ordinal{Height: lf.Height, Tx: lf.Tx, Row: uint32(s)}
		offsets[i] = int64(lf.FirstOffset) + int64(s)
	}
	b.Cols = append(b.Cols, hidden(lf, offsets)...)
	if which == shareLate {
		b.Cols = append(b.Cols, repeat(value.Timestamp, lf.ProducerMark, len(sel)))
	}
	return b
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

// history reads the rows of logs in the row space of the relation that shows them.
type history struct {
	log  func(ledger.Unit) *eventlog.Log
	rels map[uint32]*relation
}

// Rows implements engine.History.
func (h history) Rows(id uint32, after int64, limit int) (*batch.Batch, bool, error) {
	rel := h.rels[id]
	if rel == nil || !rel.def.Log() {
		return &batch.Batch{}, false, nil
	}
	stream, which := rel, shareOf(rel.def.Kind)
	if rel.def.Of != 0 {
		stream = h.rels[rel.def.Of]
	}
	types := rowTypes(rel.def)
	log := h.log(logUnit(stream.def.ID))
	if log == nil {
		return batch.Concat(types), false, nil
	}
	at, ok := log.Find(uint64(after + 1))
	if !ok {
		return batch.Concat(types), false, nil
	}
	var parts []*batch.Batch
	n := 0
	for ; at < log.Size() && n < limit; at++ {
		part, err := readAppend(log, at, stream, which, after)
		if err != nil {
			return nil, false, err
		}
		if part != nil {
			parts = append(parts, part)
			n += part.Len
		}
	}
	all := batch.Concat(types, parts...)
	if all.Len > limit {
		return all.Slice(0, limit), true, nil
	}
	return all, at < log.Size(), nil
}

// rowTypes are the column types of a relation's row space.
func rowTypes(def *catalog.Relation) []value.Type {
	var out []value.Type
	for _, c := range def.RowSpace() {
		out = append(out, c.Type)
	}
	return out
}

// readAppend decodes one share of one Append of a log, the rows with offsets above after.
func readAppend(log *eventlog.Log, at uint64, stream *relation, which share, after int64) (
	*batch.Batch, error,
) {
	raw, err := log.Leaf(at)
	if err != nil {
		return nil, fmt.Errorf("leaf %d of stream %d: %w", at, stream.def.ID, err)
	}
	lf, err := leaf.Decode(raw)
	invariant.Check(err == nil, "leaf %d of stream %d has gone bad", at, stream.def.ID)
	payload, err := log.Payload(at)
	if err != nil {
		return nil, fmt.Errorf("payload %d of stream %d: %w", at, stream.def.ID, err)
	}
	cols, _, err := row.DecodePayload(stream.types, payload, int(lf.Rows))
	invariant.Check(err == nil, "payload %d of stream %d has gone bad", at, stream.def.ID)
	out := rowsOf(cols, lf, which)
	if out == nil || int64(lf.FirstOffset) > after {
		return out, nil
	}
	offsets := out.Cols[len(cols)].Ints
	if which == shareRejected {
		invariant.Check(len(out.Cols) > len(cols), "rejected rows carry their offset")
	}
	from, _ := slices.BinarySearch(offsets, after+1)
	if from == out.Len {
		return nil, nil
	}
	return out.Slice(from, out.Len), nil
}

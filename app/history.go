package app

import (
	"weir/app/leaf"
	"weir/stream/batch"
	"weir/stream/catalog"
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

package app

import (
	"fmt"
	"math"

	"weir/app/tx"
	"weir/stream/catalog"
)

// RetentionSegments is how many segments one block forgets at most; more wait for the next.
const RetentionSegments = 64

// retain forgets the segments of streams that their retention does not ask to keep. It is a timer:
// it comes before the block's first transaction, and a block in which nothing is due changes
// nothing. What is due is agreed: block time, and the bytes that there are.
func (b *block) retain() {
	left := RetentionSegments
	for _, id := range sortedKeys(b.x.segments) {
		if left == 0 {
			return
		}
		if n := min(b.due(id), left); n > 0 {
			b.cut(id, n)
			left -= n
		}
	}
}

// due is how many of the first segments of a stream's log may go: those whose last row is older
// than retention, and those without which retention_bytes are still kept; none that a backfill has
// still to read.
func (b *block) due(id uint32) int {
	def, s := b.relation(id), b.x.segments[id]
	r := def.Retention
	if r == (catalog.Retention{}) {
		return 0
	}
	unread := b.unread(def)
	if at, ok := s.pending(); ok {
		unread = min(unread, at)
	}
	bytes := s.bytes
	for n := range s.list {
		seg := &s.list[n]
		old := r.Micros > 0 && seg.last < b.now-r.Micros
		over := r.Bytes > 0 && bytes-seg.bytes >= r.Bytes
		end := uint64(math.MaxUint64)
		if n+1 < len(s.list) {
			end = s.list[n+1].offset
		} else {
			end = b.ledger.Log(logUnit(id)).Next()
		}
		if !old && !over || end > unread {
			return n
		}
		bytes -= seg.bytes
	}
	return len(s.list)
}

// unread is the smallest offset of a stream that some backfill has still to read.
func (b *block) unread(def *catalog.Relation) uint64 {
	least := uint64(math.MaxUint64)
	for _, r := range append(b.x.cat.Derived(def.ID), def) {
		if at, ok := b.x.engine.Unread(r.ID); ok {
			least = min(least, uint64(at))
		}
	}
	return least
}

// completeFrom is from where on the inputs of a view are complete now: see
// catalog.Status.CompleteFrom.
func (b *block) completeFrom(def *catalog.Relation) []uint64 {
	out := make([]uint64, len(def.Inputs))
	whole := true
	for i, in := range def.Inputs {
		for _, at := range b.x.status[b.source(in)].CompleteFrom {
			out[i] = max(out[i], at)
		}
		whole = whole && out[i] == 0
	}
	if whole {
		return nil
	}
	return out
}

// source is the stream or view that a relation belongs to, or the relation itself.
func (b *block) source(id uint32) uint32 {
	if r := b.x.cat.ByID(id); r != nil && r.Of != 0 {
		return r.Of
	}
	return id
}

// retained refuses to fill a view from a stream that has forgotten rows, unless the statement says
// so.
func (b *block) retained(def *catalog.Relation, said bool, hint string) *tx.Reject {
	if said {
		return nil
	}
	for _, in := range def.Inputs {
		id := b.source(in)
		st, of := b.x.status[id], b.x.cat.ByID(id)
		if st == nil || of.Kind != catalog.Stream || len(st.CompleteFrom) == 0 {
			continue
		}
		rej := tx.RejectSQL("55000", fmt.Sprintf(
			"%q reads the stream %q, which is complete only from offset %d on", def.Name,
			of.Name, st.CompleteFrom[0]))
		rej.Hint = hint
		return rej
	}
	return nil
}

// What a statement must say to fill a view from what is left of its inputs.
const (
	hintCreate = "CREATE MATERIALIZED VIEW ... FROM RETAINED AS fills it from the rows that are kept."
	hintResume = "RESUME ... FROM RETAINED fills it from the rows that are kept."
)

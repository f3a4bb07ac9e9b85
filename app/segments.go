package app

import (
	"encoding/binary"
	"fmt"

	"weir/internal/invariant"
	"weir/ledger"
	"weir/ledger/eventlog"
)

// segment is a run of leaves of a log, which is forgotten as a whole. The last one of a log is
// open: it grows until it has segment_leaves leaves or segment_bytes bytes, or a leaf comes
// segment_ms after its first one.
//
//	log:  ── forgotten ──┤ segment │ segment │ segment, open │
//	                   kept from
type segment struct {
	first, end  uint64 // leaves
	offset      uint64 // of its first row
	bytes       uint64 // of payloads
	began, last int64  // block times of its first and its last leaf
}

// segments are what is kept of one log, ascending.
type segments struct {
	list  []segment
	bytes uint64 // of all of them
	dirty bool   // the open one was not written since it grew

	erased []erasure // ascending; a slice that is never changed in place
}

// Segments in their unit: tag, relation id, 0, index of the first leaf.
func segmentKey(relation uint32, first uint64) []byte {
	return binary.BigEndian.AppendUint64(append(marksPrefix(relation), 0), first)
}

// encode writes end, offset, bytes u64, times i64.
func (s *segment) encode() []byte {
	b := binary.BigEndian.AppendUint64(nil, s.end)
	b = binary.BigEndian.AppendUint64(b, s.offset)
	b = binary.BigEndian.AppendUint64(b, s.bytes)
	b = binary.BigEndian.AppendUint64(b, uint64(s.began))
	return binary.BigEndian.AppendUint64(b, uint64(s.last))
}

const segmentSize = 5 * 8

func decodeSegment(first uint64, b []byte) (s segment, ok bool) {
	if len(b) != segmentSize {
		return s, false
	}
	at := func(i int) uint64 { return binary.BigEndian.Uint64(b[8*i:]) }
	s = segment{
		first: first, end: at(0), offset: at(1), bytes: at(2), began: int64(at(3)), last: int64(at(4)),
	}
	return s, s.end > s.first
}

// grow counts a leaf that was appended to a log.
func (b *block) grow(id uint32, index, offset uint64, payload int) {
	s := b.x.segments[id]
	if s == nil {
		s = &segments{}
		b.x.segments[id] = s
	}
	p := &b.x.params
	if n := len(s.list); n > 0 {
		open := &s.list[n-1]
		if open.end-open.first >= uint64(p.SegmentLeaves) || open.bytes >= p.SegmentBytes ||
			b.now-open.began >= int64(p.SegmentMS)*1000 {
			b.saveSegment(id)
			s.list = append(s.list, segment{first: index, offset: offset, began: b.now})
		}
	} else {
		s.list = append(s.list, segment{first: index, offset: offset, began: b.now})
	}
	open := &s.list[len(s.list)-1]
	open.end, open.last = index+1, b.now
	open.bytes += uint64(payload)
	s.bytes += uint64(payload)
	s.dirty = true
}

// saveSegment writes the open segment of a log.
func (b *block) saveSegment(id uint32) {
	s := b.x.segments[id]
	if !s.dirty {
		return
	}
	open := &s.list[len(s.list)-1]
	b.kept.set(segmentKey(id, open.first), open.encode())
	s.dirty = false
}

// saveSegments writes the segments that the block has changed.
func (b *block) saveSegments() {
	for _, id := range sortedKeys(b.x.segments) {
		b.saveSegment(id)
	}
}

// dropSegments forgets the segments of a stream that is dropped.
func (b *block) dropSegments(id uint32) {
	delete(b.x.segments, id)
	b.clearPrefix(b.kept, marksPrefix(id))
}

// loadSegments restores what is kept of the logs, and what was erased.
func (x *executor) loadSegments(r ledger.Reader) (err error) {
	r.Scan([]byte{userTag}, []byte{userTag + 1}, func(key, value []byte) bool {
		if len(key) != 1+4+1+8 || key[5] > 1 {
			err = fmt.Errorf("segments: a key of %d bytes", len(key))
			return false
		}
		id, first := binary.BigEndian.Uint32(key[1:]), binary.BigEndian.Uint64(key[6:])
		s := x.segments[id]
		if s == nil {
			s = &segments{}
			x.segments[id] = s
		}
		if key[5] == 1 {
			e, ok := decodeErasure(first, value)
			if !ok {
				err = fmt.Errorf("an erasure of stream %d does not decode", id)
			}
			s.erased = append(s.erased, e)
			return ok
		}
		one, ok := decodeSegment(first, value)
		if n := len(s.list); !ok || n > 0 && s.list[n-1].end != one.first {
			err = fmt.Errorf("segments of stream %d do not join", id)
			return false
		}
		s.list = append(s.list, one)
		s.bytes += one.bytes
		return true
	})
	return err
}

// keptOf is what a log must keep by the segments that are left of it.
func (s *segments) keptOf(log *eventlog.Log) eventlog.Kept {
	if s == nil || len(s.list) == 0 {
		return eventlog.Kept{From: log.Size(), Offset: log.Next()}
	}
	return eventlog.Kept{From: s.list[0].first, Offset: s.list[0].offset}
}

// checkKept refuses a ledger whose logs keep something else than was agreed.
func (x *executor) checkKept(v *ledger.Version) error {
	for _, id := range sortedKeys(x.rels) {
		log := v.Log(logUnit(id))
		if log == nil {
			continue
		}
		want := x.segments[id].keptOf(log)
		if got := log.Kept(); got != want {
			return fmt.Errorf("%w: the log of stream %d is kept from %+v, not %+v",
				ledger.ErrCorrupt, id, got, want)
		}
	}
	return nil
}

// cut forgets the first segments of a log, n of them.
func (b *block) cut(id uint32, n int) {
	s := b.x.segments[id]
	for i := range s.list[:n] {
		b.kept.set(segmentKey(id, s.list[i].first), nil)
		s.bytes -= s.list[i].bytes
	}
	s.list = append([]segment(nil), s.list[n:]...)
	s.dirty = s.dirty && len(s.list) > 0
	log := b.ledger.Log(logUnit(id))
	kept := s.keptOf(log)
	orFault(b.ledger.Forget(logUnit(id), kept.From))
	invariant.Check(b.ledger.Log(logUnit(id)).Kept() == kept, "segments of stream %d", id)
	b.complete(id, kept.Offset)
	b.dropErased(id, kept.From)
	b.changed = true
}

// erased lists the erasures of a stream.
func (x *executor) erased(id uint32) []erasure {
	if s := x.segments[id]; s != nil {
		return s.erased
	}
	return nil
}

package app

import (
	"encoding/binary"
	"fmt"
	"slices"

	"weir/app/tx"
	"weir/internal/invariant"
	"weir/stream/catalog"
	"weir/stream/sql"
)

// Limits of erasures.
const (
	// MaxErasures is how many erasures of a stream are remembered.
	MaxErasures = 256
	// MaxEraseLeaves is how many batches one erasure covers.
	MaxEraseLeaves = 256
)

// erasure is a run of whole batches of a stream whose rows were erased. From the block of its
// request on no one reads them. The payloads leave the ledger one checkpoint later: a node that
// goes back to the checkpoint before must never meet a payload that is gone and was not erased yet.
//
//	requested ──▶ agreed: a checkpoint has it ──▶ erased: with the next checkpoint
type erasure struct {
	first, end   uint64 // leaves
	offset, last uint64 // of the first row, and behind the last one
	height       int64  // of the request
	at, deadline int64  // block times
	state        byte
	done         int64 // height of the checkpoint that erased the payloads
}

// The states of an erasure.
const (
	eraseRequested = 0
	eraseAgreed    = 1
	eraseDone      = 2
)

// Erasures in the unit of segments: tag, relation id, 1, index of the first leaf.
func erasureKey(relation uint32, first uint64) []byte {
	return binary.BigEndian.AppendUint64(append(marksPrefix(relation), 1), first)
}

// encode writes end, offset, last u64, height, times, done i64, state.
func (e *erasure) encode() []byte {
	var b []byte
	for _, n := range []uint64{
		e.end, e.offset, e.last, uint64(e.height), uint64(e.at), uint64(e.deadline), uint64(e.done),
	} {
		b = binary.BigEndian.AppendUint64(b, n)
	}
	return append(b, e.state)
}

const erasureSize = 7*8 + 1

func decodeErasure(first uint64, b []byte) (e erasure, ok bool) {
	if len(b) != erasureSize {
		return e, false
	}
	at := func(i int) uint64 { return binary.BigEndian.Uint64(b[8*i:]) }
	e = erasure{
		first: first, end: at(0), offset: at(1), last: at(2), height: int64(at(3)),
		at: int64(at(4)), deadline: int64(at(5)), done: int64(at(6)), state: b[7*8],
	}
	return e, e.end > e.first && e.last > e.offset && e.state <= eraseDone
}

// erase judges an erasure and stages it.
func (d *ddlEffect) erase(b *block, t *tx.Tx, s *sql.Erase) *tx.Reject {
	def := b.x.cat.ByID(s.Stream)
	if def == nil {
		return tx.Rejectf(tx.CodeUnknownRelation, "%q was created by the same body", s.Name)
	}
	if rej := b.mayOwn(t, def); rej != nil {
		return rej
	}
	e, rej := b.erasureOf(s)
	if rej != nil {
		return rej
	}
	for _, o := range slices.Concat(d.erased[def.ID], b.x.segments[def.ID].erased) {
		if e.first < o.end && o.first < e.end {
			return tx.RejectSQL("55000", fmt.Sprintf("offsets %d to %d of %q are erased already",
				o.offset, o.last-1, def.Name))
		}
	}
	if len(d.erased[def.ID])+len(b.x.segments[def.ID].erased) >= MaxErasures {
		return tx.RejectSQL("54000", fmt.Sprintf("%q has %d erasures, the limit", def.Name, MaxErasures))
	}
	if d.erased == nil {
		d.erased = map[uint32][]erasure{}
	}
	d.erased[def.ID] = append(d.erased[def.ID], *e)
	d.notices = append(d.notices, Notice{
		SQLState: "00000",
		Message:  fmt.Sprintf("%d rows in %d batches are erased", e.last-e.offset, e.end-e.first),
		Hint: "Nodes erase their copies in time, as SHOW ERASURES tells; blocks and backups are " +
			"the operators'.",
	})
	d.stage(func(b *block) { b.addErasure(def, *e) })
	return nil
}

// erasureOf finds the batches that hold exactly the offsets of an erasure.
func (b *block) erasureOf(s *sql.Erase) (*erasure, *tx.Reject) {
	log := b.ledger.Log(logUnit(s.Stream))
	if kept := log.Kept().Offset; s.First < kept || s.Last >= log.Next() {
		return nil, tx.RejectSQL("22023", fmt.Sprintf("%q has the offsets from %d to below %d", s.Name,
			kept, log.Next()))
	}
	e := &erasure{height: b.height, at: b.now, deadline: b.now + min(s.Within, maxWithin)}
	for _, end := range []struct {
		of   uint64
		leaf *uint64
	}{{s.First, &e.first}, {s.Last, &e.end}} {
		index, ok, err := log.Find(end.of)
		orFault(err)
		invariant.Check(ok, "no batch of stream %d has offset %d", s.Stream, end.of)
		*end.leaf = index
	}
	var err error
	e.offset, _, err = log.Offsets(e.first)
	orFault(err)
	_, e.last, err = log.Offsets(e.end)
	orFault(err)
	e.end++
	switch {
	case e.offset != s.First || e.last != s.Last+1:
		rej := tx.RejectSQL("22023", "an erasure takes whole batches")
		rej.Hint = fmt.Sprintf(
			"The batches that hold these rows are those with weir_offset BETWEEN %d AND %d.",
			e.offset, e.last-1)
		return nil, rej
	case e.end-e.first > MaxEraseLeaves:
		return nil, tx.RejectSQL("54000", fmt.Sprintf("an erasure covers at most %d batches",
			MaxEraseLeaves))
	}
	return e, nil
}

// maxWithin is the longest time of an erasure: a year.
const maxWithin = 366 * 24 * 3600 * 1_000_000

// orFault raises what a store cannot give: it is this node's, and no fault of the statement.
func orFault(err error) {
	if err != nil {
		invariant.Raise(fmt.Errorf("reading a log: %w", err))
	}
}

// addErasure makes the rows of an erasure unreadable. Views that are being filled and would have
// read them are complete only from behind it.
func (b *block) addErasure(def *catalog.Relation, e erasure) {
	s := b.x.segments[def.ID]
	i, _ := slices.BinarySearchFunc(s.erased, e.first, func(o erasure, first uint64) int {
		if o.first < first {
			return -1
		}
		return 1
	})
	s.erased = slices.Insert(slices.Clone(s.erased), i, e)
	b.kept.set(erasureKey(def.ID, e.first), e.encode())
	b.changed = true
	b.complete(def.ID, e.last)
	of := append(b.x.cat.Derived(def.ID), def)
	all, _ := b.x.cat.InOrder()
	for _, v := range all {
		if v.Kind != catalog.View || !b.x.engine.Filling(v.ID) {
			continue
		}
		for i, in := range v.Inputs {
			reads := slices.ContainsFunc(of, func(r *catalog.Relation) bool { return r.ID == in })
			if at, ok := b.x.engine.UnreadBy(v.ID, in); reads && ok && uint64(at) < e.last {
				b.raise(v, i, e.last)
			} else if r := b.x.cat.ByID(in); !reads && r.Kind != catalog.Table {
				b.raise(v, i, slices.Max(append(b.x.status[b.source(in)].CompleteFrom, 0)))
			}
		}
	}
}

// raise moves the offset from which an input of a view was complete.
func (b *block) raise(v *catalog.Relation, input int, from uint64) {
	st := b.x.status[v.ID]
	if from == 0 || len(st.CompleteFrom) > 0 && st.CompleteFrom[input] >= from {
		return
	}
	list := make([]uint64, len(v.Inputs))
	copy(list, st.CompleteFrom)
	list[input] = from
	st.CompleteFrom = list
	b.x.touched[v.ID] = true
}

// complete moves the offset from which a stream is complete.
func (b *block) complete(id uint32, from uint64) {
	st := b.x.status[id]
	if from > 0 && (len(st.CompleteFrom) == 0 || st.CompleteFrom[0] < from) {
		st.CompleteFrom = []uint64{from}
		b.x.touched[id] = true
	}
}

// overdue reports whether an erasure needs a checkpoint now: the first one when half of its time
// has passed, the second one at its deadline. Both are timers.
func (b *block) overdue() bool {
	//weir:unordered a disjunction does not depend on order
	for _, s := range b.x.segments {
		if slices.ContainsFunc(s.erased, func(e erasure) bool {
			return e.state == eraseRequested && e.at+(e.deadline-e.at)/2 <= b.now ||
				e.state == eraseAgreed && e.deadline <= b.now
		}) {
			return true
		}
	}
	return false
}

// moveErasures takes every erasure one checkpoint further. It comes with a checkpoint.
func (b *block) moveErasures() {
	for _, id := range sortedKeys(b.x.segments) {
		s := b.x.segments[id]
		if !slices.ContainsFunc(s.erased, func(e erasure) bool { return e.state != eraseDone }) {
			continue
		}
		s.erased = slices.Clone(s.erased)
		for i := range s.erased {
			e := &s.erased[i]
			switch e.state {
			case eraseRequested:
				e.state = eraseAgreed
			case eraseAgreed:
				e.state, e.done = eraseDone, b.height
				for at := e.first; at < e.end; at++ {
					err := b.ledger.Erase(logUnit(id), at)
					invariant.Check(err == nil, "leaf %d of stream %d cannot be erased: %v", at, id, err)
				}
			default:
				continue
			}
			b.kept.set(erasureKey(id, e.first), e.encode())
		}
	}
}

// pending is the first offset of a stream whose erasure is not done: retention waits for it, so
// that the deadline holds.
func (s *segments) pending() (uint64, bool) {
	for i := range s.erased {
		if e := &s.erased[i]; e.state != eraseDone {
			return e.offset, true
		}
	}
	return 0, false
}

// dropErased forgets the erasures of leaves that retention has taken whole.
func (b *block) dropErased(id uint32, from uint64) {
	s := b.x.segments[id]
	n := 0
	for n < len(s.erased) && s.erased[n].end <= from {
		b.kept.set(erasureKey(id, s.erased[n].first), nil)
		n++
	}
	s.erased = s.erased[n:]
}

// erasedAt returns the erasure that covers a leaf, nil if none does.
func erasedAt(list []erasure, leaf uint64) *erasure {
	i, _ := slices.BinarySearchFunc(list, leaf, func(e erasure, leaf uint64) int {
		if e.end <= leaf {
			return -1
		}
		return 1
	})
	if i < len(list) && list[i].first <= leaf {
		return &list[i]
	}
	return nil
}

package tree

import (
	"bytes"
	"encoding/binary"
	"math/bits"

	"weir/ledger/proof"
)

// edit is what a change does to a leaf: entry at is replaced or deleted, or a new one comes
// before it.
type edit struct {
	at     int
	there  bool   // the leaf has the key
	change Change // a nil Value deletes
}

// patch applies a batch to a leaf of which the result is one page: it copies whole runs of
// entries and their hashes. fits is false when the result is too small or too big for a page;
// then the leaf has to be merged and cut.
func (w *writer) patch(p *Page, batch []Change) (next *Page, changed, fits bool) {
	n, size := p.Len(), len(p.body)
	w.edits = w.edits[:0]
	at := 0
	for _, c := range batch {
		at = p.ceil(at, c.Key)
		e := edit{at: at, change: c}
		var old []byte
		if at < p.Len() {
			if key, value := p.Entry(at); bytes.Equal(key, c.Key) {
				e.there, old = true, value
			}
		}
		if !e.there && c.Value == nil ||
			e.there && c.Value != nil && bytes.Equal(old, c.Value) {
			continue
		}
		if e.there {
			n--
			size -= p.end(at) - int(p.at[at])
		}
		if c.Value != nil {
			n++
			size += fieldLen(c.Key) + fieldLen(c.Value)
		}
		w.edits = append(w.edits, e)
	}
	if len(w.edits) == 0 {
		return p, false, true
	}
	if n < MinFill || n > Fanout {
		return nil, true, false
	}
	return p.edited(w.edits, n, size), true, true
}

// end is where entry i ends in the body.
func (p *Page) end(i int) int {
	if i+1 < len(p.at) {
		return int(p.at[i+1])
	}
	return len(p.body)
}

// fieldLen is the length of an encoded field.
func fieldLen(f []byte) int { return (bits.Len64(uint64(len(f))|1)+6)/7 + len(f) }

// edited returns the leaf of n entries and a body of a size that edits make of p.
func (p *Page) edited(edits []edit, n, size int) *Page {
	q := &Page{
		body:   make([]byte, 0, size),
		at:     make([]uint32, 0, n),
		hashes: make([]proof.Hash, hashCount(n)),
		base:   hashedBase(p),
	}
	q.aligned = q.base != nil && (p.hashed || p.aligned)
	from := 0
	for i := range edits {
		e := &edits[i]
		q.aligned = q.aligned && e.there && e.change.Value != nil
		q.copyRun(p, from, e.at)
		from = e.at
		if e.there {
			from++
		}
		if e.change.Value == nil {
			continue
		}
		q.fresh |= 1 << len(q.at)
		q.at = append(q.at, uint32(len(q.body)))
		q.body = append(binary.AppendUvarint(q.body, uint64(len(e.change.Key))), e.change.Key...)
		q.body = append(binary.AppendUvarint(q.body, uint64(len(e.change.Value))),
			e.change.Value...)
	}
	q.copyRun(p, from, p.Len())
	return q
}

// copyRun appends the entries from..to of p.
func (q *Page) copyRun(p *Page, from, to int) {
	if from >= to {
		return
	}
	first := len(q.at)
	shift := uint32(len(q.body)) - p.at[from] // may wrap around, as does the sum below
	q.body = append(q.body, p.body[p.at[from]:p.end(to-1)]...)
	for _, at := range p.at[from:to] {
		q.at = append(q.at, at+shift)
	}
	copy(q.hashes[first:], p.hashes[from:to])
	q.fresh |= p.fresh >> from & (1<<(to-from) - 1) << first
}

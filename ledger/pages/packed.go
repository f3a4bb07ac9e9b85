package pages

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
)

// Limits of the pages of operator state; those of entries are StateKeyMax and StateValueMax.
//
// What an entry costs is its encoded length, and at least minCost. So one number bounds a page's
// entries and its bytes: 256 × 128 = 32 KiB. A leaf of one entry may cost more, as may an inner
// page of up to three references, so that large keys still make a tree.
const (
	minCost   = 128
	pageCost  = StatePageLen * minCost // a page above this is cut
	cutCost   = pageCost * 3 / 4       // the parts of a cut cost at most this
	mergeCost = pageCost / 4           // a rewritten page below this joins a neighbour

	minRefs       = 2  // of an inner page
	stateLevelMax = 48 // of an inner page
	packedHead    = 4
	locSize       = 12
	locCheck      = 8 // bytes of the hash behind the locations
)

// ref is a page as its parent knows it.
type ref struct {
	key     []byte // smallest key below
	id      ID
	loc     Loc
	entries uint64 // below
	cost    uint64 // of what the page itself holds
	kid     *inner // nil for a leaf
	fresh   bool   // neither hashed nor stored yet
	body    []byte // of a fresh leaf: its encoding
}

// inner is an inner page in memory. A stored one is immutable.
type inner struct {
	level int
	refs  []ref
}

func (r *ref) level() int {
	if r.kid == nil {
		return 0
	}
	return r.kid.level
}

// small reports whether a rewritten page of this cost looks for a neighbour to join.
func (r *ref) small() bool {
	return r.cost < mergeCost || r.kid != nil && len(r.kid.refs) < minRefs
}

// single reports whether the page is a leaf that is large because its only entry is. Others are
// not joined with it: they would be cut off again.
func (r *ref) single() bool { return r.kid == nil && r.cost > pageCost }

func costOf(encoded int) uint64 { return uint64(max(encoded, minCost)) }

func appendHead(b []byte, level, n int) []byte {
	return binary.BigEndian.AppendUint16(append(b, domainStatePage, byte(level)), uint16(n))
}

func appendField(b, f []byte) []byte {
	return append(binary.AppendUvarint(b, uint64(len(f))), f...)
}

// append appends the canonical encoding of a page whose children have their ids.
func (p *inner) append(b []byte) []byte {
	b = appendHead(b, p.level, len(p.refs))
	for i := range p.refs {
		b = p.refs[i].append(b)
	}
	return b
}

func (r *ref) append(b []byte) []byte {
	b = appendField(b, r.key)
	b = binary.AppendUvarint(b, r.entries)
	b = binary.AppendUvarint(b, r.cost)
	return append(b, r.id[:]...)
}

// refCost is what a reference costs in its page.
func (r *ref) refCost() uint64 {
	var b [2 * binary.MaxVarintLen64]byte
	n := len(binary.AppendUvarint(binary.AppendUvarint(b[:0], r.entries), r.cost))
	n += len(binary.AppendUvarint(b[:0], uint64(len(r.key)))) + len(r.key) + sha256.Size
	return costOf(n)
}

// appendLocs appends what is stored behind the canonical encoding of an inner page: where its
// children are, and a check that binds that to the page, as the id does not.
func (p *inner) appendLocs(b []byte, id ID) []byte {
	at := len(b)
	for i := range p.refs {
		b = binary.BigEndian.AppendUint64(b, p.refs[i].loc.Batch)
		b = binary.BigEndian.AppendUint32(b, p.refs[i].loc.Seq)
	}
	sum := checkLocs(id, b[at:])
	return append(b, sum[:locCheck]...)
}

func checkLocs(id ID, locs []byte) [32]byte {
	h := sha256.New()
	h.Write(id[:])
	h.Write(locs)
	return [32]byte(h.Sum(nil))
}

// CanonicalState returns the canonical encoding of a stored page of operator state: what its
// id is the hash of, without the locations behind it.
//
// Errors: ErrInvalid.
func CanonicalState(stored []byte) ([]byte, error) {
	level, n, err := packedHeader(stored)
	if err != nil || level == 0 {
		return stored, err
	}
	end := len(stored) - n*locSize - locCheck
	if end < packedHead {
		return nil, invalid("truncated")
	}
	return stored[:end:end], nil
}

// packedHeader reads the head of a page.
func packedHeader(b []byte) (level, n int, err error) {
	if len(b) < packedHead || b[0] != domainStatePage {
		return 0, 0, invalid("head of a state page")
	}
	level, n = int(b[1]), int(binary.BigEndian.Uint16(b[2:]))
	if level > stateLevelMax || n < 1 || n > StatePageLen || level > 0 && n < minRefs {
		return 0, 0, invalid("state page of %d entries at level %d", n, level)
	}
	return level, n, nil
}

// decodeInner reads the canonical encoding of an inner page, of which it keeps slices.
func decodeInner(b []byte) (*inner, error) {
	level, n, err := packedHeader(b)
	if err != nil || level == 0 {
		return nil, invalid("head of an inner state page")
	}
	p := &inner{level: level, refs: make([]ref, n)}
	rest, cost := b[packedHead:], uint64(0)
	for i := range p.refs {
		r, before := &p.refs[i], len(rest)
		if r.key, rest, err = stateField(rest, StateKeyMax); err != nil {
			return nil, err
		}
		if r.entries, rest, err = number(rest); err != nil {
			return nil, err
		}
		if r.cost, rest, err = number(rest); err != nil {
			return nil, err
		}
		if len(rest) < len(r.id) {
			return nil, invalid("truncated")
		}
		rest = rest[copy(r.id[:], rest):]
		if i > 0 && bytes.Compare(p.refs[i-1].key, r.key) >= 0 {
			return nil, invalid("keys do not ascend")
		}
		cost += costOf(before - len(rest))
	}
	if len(rest) != 0 || cost > pageCost && n >= 2*minRefs {
		return nil, invalid("an inner state page has %d bytes, %d too many", len(b), len(rest))
	}
	return p, nil
}

// number takes a shortest-form uvarint that is not 0.
func number(b []byte) (uint64, []byte, error) {
	n, used := binary.Uvarint(b)
	if used <= 0 || used > 1 && b[used-1] == 0 || n == 0 {
		return 0, nil, invalid("a number")
	}
	return n, b[used:], nil
}

// span is where an entry lies in the encoding of its leaf.
type span struct{ start, key, keyEnd, value, end uint32 }

// leaf is a decoded leaf; it is reused from page to page.
type leaf struct {
	b     []byte
	spans []span
	cost  uint64
}

func (l *leaf) key(i int) []byte   { return l.b[l.spans[i].key:l.spans[i].keyEnd] }
func (l *leaf) value(i int) []byte { return l.b[l.spans[i].value:l.spans[i].end] }

// decode reads the encoding of a leaf, which it keeps.
func (l *leaf) decode(b []byte) error {
	if err := l.index(b); err != nil {
		return err
	}
	for i := range l.spans {
		if i > 0 && bytes.Compare(l.key(i-1), l.key(i)) >= 0 {
			return invalid("keys do not ascend")
		}
	}
	return nil
}

// index is decode but for the order of keys: enough for a page that a parent vouches for.
func (l *leaf) index(b []byte) error {
	level, n, err := packedHeader(b)
	if err != nil || level != 0 {
		return invalid("head of a leaf of state")
	}
	l.b, l.spans, l.cost = b, l.spans[:0], 0
	at := uint32(packedHead)
	for range n {
		s := span{start: at}
		if s.key, s.keyEnd, err = fieldAt(b, at, StateKeyMax); err != nil {
			return err
		}
		if s.value, s.end, err = fieldAt(b, s.keyEnd, StateValueMax); err != nil {
			return err
		}
		at = s.end
		l.spans = append(l.spans, s)
		l.cost += costOf(int(s.end - s.start))
	}
	if int(at) != len(b) || n > 1 && l.cost > pageCost {
		return invalid("a leaf of state has %d bytes, %d too many", len(b), len(b)-int(at))
	}
	return nil
}

// fieldAt finds the field at a place in a page.
func fieldAt(b []byte, at uint32, limit uint64) (from, to uint32, err error) {
	if int(at) < len(b) && uint64(b[at]) < 0x80 && int(at)+1+int(b[at]) <= len(b) {
		return at + 1, at + 1 + uint32(b[at]), nil // most are short
	}
	f, rest, err := stateField(b[at:], limit)
	if err != nil {
		return 0, 0, err
	}
	to = uint32(len(b) - len(rest))
	return to - uint32(len(f)), to, nil
}

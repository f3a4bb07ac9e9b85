package tree

import (
	"bytes"
	"encoding/binary"

	"weir/ledger/proof"
)

// Page is one node of the B+tree. Once hashed it does not change, and readers may share it.
type Page struct {
	level int      // 0 for a leaf
	body  []byte   // leaf: the entries, each uvarint length, key, uvarint length, value
	at    []uint32 // leaf: where each entry starts in body
	kids  []*Ref   // inner: children
	keys  [][]byte // inner: the smallest key below each child

	// hashes holds the page's binary tree level by level: first one hash per entry, then
	// half as many, an odd last one moving up unchanged, and at the end the root.
	hashes []proof.Hash
	fresh  uint32 // leaf, until hashed: entries whose hash is not known yet
	base   *Page  // until hashed: a hashed page that this one resembles
	hashed bool
}

// Level is the page's height above the leaf pages.
func (p *Page) Level() int { return p.level }

// Len is the number of entries.
func (p *Page) Len() int {
	if p.level == 0 {
		return len(p.at)
	}
	return len(p.kids)
}

// Key returns the key of entry i; in an inner page the smallest key below child i.
func (p *Page) Key(i int) []byte {
	if p.level > 0 {
		return p.keys[i]
	}
	key, _ := cutField(p.body[p.at[i]:])
	return key
}

// Entry returns entry i of a leaf.
func (p *Page) Entry(i int) (key, value []byte) {
	key, rest := cutField(p.body[p.at[i]:])
	value, _ = cutField(rest)
	return key, value
}

// Child returns the reference to child i of an inner page.
func (p *Page) Child(i int) *Ref { return p.kids[i] }

// Size is about how many bytes of memory the page takes.
func (p *Page) Size() int {
	const fixed = 200
	return fixed + len(p.body) + 4*len(p.at) + 32*len(p.hashes) + 160*len(p.kids)
}

// Body returns the encoded entries of a leaf.
func (p *Page) Body() []byte { return p.body }

// Hash returns the Merkle root of everything below the page, which must be hashed.
func (p *Page) Hash() proof.Hash { return p.hashes[len(p.hashes)-1] }

// cutField takes a uvarint length and that many bytes from the front of a valid body.
func cutField(b []byte) (field, rest []byte) {
	if n := int(b[0]); n < 0x80 {
		return b[1 : 1+n : 1+n], b[1+n:]
	}
	n, used := binary.Uvarint(b)
	end := used + int(n)
	return b[used:end:end], b[end:]
}

func appendField(b, field []byte) []byte {
	return append(binary.AppendUvarint(b, uint64(len(field))), field...)
}

// floor returns the last entry at or after from with a key <= k, or from-1.
func (p *Page) floor(from int, k []byte) int {
	lo, hi := from, p.Len()
	for lo < hi {
		if mid := (lo + hi) / 2; bytes.Compare(p.Key(mid), k) <= 0 {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo - 1
}

// ceil returns the first entry at or after from with a key >= k, or Len.
func (p *Page) ceil(from int, k []byte) int {
	lo, hi := from, p.Len()
	for lo < hi {
		if mid := (lo + hi) / 2; bytes.Compare(p.Key(mid), k) < 0 {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// row is an entry on its way into a new leaf; hash is nil until it is known.
type row struct {
	key, value []byte
	hash       *proof.Hash
}

// newLeaf makes a leaf of at most Fanout rows, copying them.
func newLeaf(rows []row, base *Page) *Page {
	size := 0
	for i := range rows {
		size += len(rows[i].key) + len(rows[i].value) + 2*binary.MaxVarintLen32
	}
	p := &Page{
		body:   make([]byte, 0, size),
		at:     make([]uint32, len(rows)),
		hashes: make([]proof.Hash, hashCount(len(rows))),
		base:   hashedBase(base),
	}
	for i := range rows {
		p.at[i] = uint32(len(p.body))
		p.body = appendField(appendField(p.body, rows[i].key), rows[i].value)
		if rows[i].hash != nil {
			p.hashes[i] = *rows[i].hash
		} else {
			p.fresh |= 1 << i
		}
	}
	return p
}

// newInner makes an inner page over at least one child.
func newInner(kids []*Ref, base *Page) *Page {
	p := &Page{
		level:  kids[0].Level() + 1,
		kids:   append(make([]*Ref, 0, len(kids)), kids...),
		keys:   make([][]byte, len(kids)),
		hashes: make([]proof.Hash, hashCount(len(kids))),
		base:   hashedBase(base),
	}
	for i, kid := range kids {
		p.keys[i] = kid.first
	}
	return p
}

// hashedBase skips pages of the same block that were never hashed.
func hashedBase(p *Page) *Page {
	if p == nil || p.hashed {
		return p
	}
	return p.base
}

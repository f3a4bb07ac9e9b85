package tree

import (
	"bytes"
	"encoding/binary"
	"slices"

	"weir/ledger/proof"
)

// Page is one node of the B+tree. Once hashed it does not change, and readers may share it.
type Page struct {
	level int // 0 for a leaf
	// body holds the entries: of a leaf each uvarint length, key, uvarint length, value; of an
	// inner page the smallest key below each child, next to one another, so that a search does
	// not touch the children.
	body []byte
	at   []uint32 // where each entry starts in body
	kids []*Ref   // inner: children

	// hashes holds the page's binary tree level by level: first one hash per entry, then
	// half as many, an odd last one moving up unchanged, and at the end the root.
	hashes  []proof.Hash
	fresh   uint32 // until hashed: entries whose hash is not known yet
	base    *Page  // until hashed: a hashed page that this one resembles
	aligned bool   // entries that are not fresh stand at the same place in base, as long as this
	hashed  bool
}

// Level is the page's height above the leaf pages.
func (p *Page) Level() int { return p.level }

// Len is the number of entries.
func (p *Page) Len() int { return len(p.at) }

// Key returns the key of entry i; in an inner page the smallest key below child i.
func (p *Page) Key(i int) []byte {
	if p.level > 0 {
		end := p.end(i)
		return p.body[p.at[i]:end:end]
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
	return fixed + len(p.body) + 4*len(p.at) + 32*len(p.hashes) + 136*len(p.kids)
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

// newInner makes an inner page over at least one child. What base, the page that it replaces, has
// of children that stay is taken from there: looking at each child would cost more than all else.
func newInner(kids []*Ref, base *Page) *Page {
	n := len(kids)
	p := &Page{
		level: kids[0].Level() + 1, kids: append(make([]*Ref, 0, n), kids...),
		hashes: make([]proof.Hash, hashCount(n)), base: hashedBase(base),
	}
	if base != nil && base.level != p.level {
		base, p.base = nil, nil
	}
	p.aligned = p.base != nil && n == p.base.Len() && (base.hashed || base.aligned)
	var in [Fanout]int8 // where each child stands in base, -1: it is new
	next, sameKeys := 0, base != nil && n == base.Len()
	for i, kid := range p.kids {
		in[i] = -1
		if base != nil {
			if k := slices.Index(base.kids[next:], kid); k >= 0 {
				in[i], next = int8(next+k), next+k+1
			}
		}
		if k := int(in[i]); k >= 0 && base.fresh>>k&1 == 0 {
			p.hashes[i] = base.hashes[k]
			p.aligned = p.aligned && i == k
		} else {
			p.fresh |= 1 << i
		}
		sameKeys = sameKeys &&
			(int(in[i]) == i || in[i] < 0 && bytes.Equal(kid.first, base.Key(i)))
	}
	if sameKeys {
		p.body, p.at = base.body, base.at
		return p
	}
	p.setKeys(base, in[:n])
	return p
}

// setKeys notes the children's smallest keys; in says where base has them.
func (p *Page) setKeys(base *Page, in []int8) {
	p.at = make([]uint32, len(in))
	size := 0
	if base != nil {
		size = len(base.body) + 64
	}
	p.body = make([]byte, 0, size)
	for i, k := range in {
		p.at[i] = uint32(len(p.body))
		if k >= 0 {
			p.body = append(p.body, base.Key(int(k))...)
		} else {
			p.body = append(p.body, p.kids[i].first...)
		}
	}
}

// hashedBase skips pages of the same block that were never hashed.
func hashedBase(p *Page) *Page {
	if p == nil || p.hashed {
		return p
	}
	return p.base
}

package tree

import (
	"sync/atomic"

	"weir/internal/invariant"
	"weir/ledger/proof"
)

// Loc is where a keeper has stored a page: the batch of writes that it came with, and its
// number in there. It is local to a node and never hashed. The zero Loc is nowhere.
type Loc struct {
	Batch uint64
	Seq   uint32
}

// Source brings back pages that are not in memory.
type Source interface {
	// Load returns the page of a stored reference, verified against its id, and hashed.
	Load(r *Ref) (*Page, error)
}

// Ref is an inner page's link to a child, and the tree's to its root. It holds what the parent
// commits to, and the child itself while that is in memory. All versions of a tree that have
// the page share the Ref, so that a keeper who takes the page out of memory frees it.
//
// Smallest key, hash, id and location are set once, by the writer, before the version that
// needs them is published. Only a stored page leaves memory.
type Ref struct {
	first []byte // smallest key below
	hash  proof.Hash
	id    proof.Hash
	loc   Loc
	level uint8
	hasID bool
	used  atomic.Bool // since the keeper last asked
	page  atomic.Pointer[Page]
	src   Source
}

func newRef(p *Page) *Ref {
	r := &Ref{first: p.Key(0), level: uint8(p.level)}
	r.page.Store(p)
	return r
}

// StoredRef returns the reference to a stored page that is not in memory.
func StoredRef(level int, first []byte, hash, id proof.Hash, loc Loc, src Source) *Ref {
	return &Ref{
		first: first, hash: hash, id: id, loc: loc, level: uint8(level), hasID: true, src: src,
	}
}

// Page returns the page, from the source if need be. A page that cannot be had is a Fault.
func (r *Ref) Page() *Page {
	p := r.page.Load()
	if p == nil {
		return r.load()
	}
	if !r.used.Load() {
		r.used.Store(true)
	}
	return p
}

func (r *Ref) load() *Page {
	invariant.Check(r.src != nil, "a page without a source has left memory")
	p, err := r.src.Load(r)
	if err != nil {
		invariant.Raise(err)
	}
	r.used.Store(true)
	return p
}

// Resident returns the page if it is in memory, nil otherwise.
func (r *Ref) Resident() *Page { return r.page.Load() }

// Keep puts a loaded page into memory and returns the one that is there: the first wins.
func (r *Ref) Keep(p *Page) *Page {
	if r.page.CompareAndSwap(nil, p) {
		return p
	}
	if there := r.page.Load(); there != nil {
		return there
	}
	return p
}

// Evict takes the page out of memory, which must be stored.
func (r *Ref) Evict() {
	invariant.Check(r.src != nil, "a page that is not stored is evicted")
	r.page.Store(nil)
}

// Used tells whether the page was read since the last call.
func (r *Ref) Used() bool { return r.used.Swap(false) }

// Level is the page's height above the leaf pages.
func (r *Ref) Level() int { return int(r.level) }

// First is the smallest key below the page; not to be written to.
func (r *Ref) First() []byte { return r.first }

// Hash is the Merkle root of everything below the page, which must be hashed.
func (r *Ref) Hash() proof.Hash { return r.hash }

// ID is the page id, if its keeper has set it.
func (r *Ref) ID() (id proof.Hash, ok bool) { return r.id, r.hasID }

// SetID notes the page id.
func (r *Ref) SetID(id proof.Hash) { r.id, r.hasID = id, true }

// Loc is where the page is stored, zero if it is not.
func (r *Ref) Loc() Loc { return r.loc }

// Stored notes where the page, and with it all below, will be found.
func (r *Ref) Stored(loc Loc, src Source) { r.loc, r.src = loc, src }

// rehash fills in the hashes of a page and of all below it that are not hashed yet.
func (r *Ref) rehash() {
	p := r.page.Load()
	if p == nil || p.hashed {
		return
	}
	p.rehash()
	r.hash = p.Hash()
}

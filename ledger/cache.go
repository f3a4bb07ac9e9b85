package ledger

import (
	"fmt"
	"sync"
	"weak"

	"weir/ledger/pages"
	"weir/ledger/store"
	"weir/ledger/tree"
)

// CacheBytesDefault is how much memory stored pages may take.
const CacheBytesDefault = 1 << 30

// cache keeps the tree pages that are both stored and in memory within a budget, and brings
// back those that are not. Which pages it holds changes nothing but time.
//
// The order of leaving is the clock's (Corbató, 1968): a hand goes round, spares a page that was
// read since it last came by, and takes out the next that was not. Pages that no version
// refers to any more are not held by the ring and leave by themselves.
type cache struct {
	kv     store.KV
	budget int

	mu   sync.Mutex
	ring []cached
	hand int
	size int // of the pages in the ring, those that are gone included

	loads uint64 // pages read from the store
}

type cached struct {
	ref  weak.Pointer[tree.Ref]
	size int
}

var _ tree.Source = (*cache)(nil)

// Load implements tree.Source.
func (c *cache) Load(r *tree.Ref) (*tree.Page, error) {
	stored, err := must(c.kv, pageKey(r.Loc()))
	if err != nil {
		return nil, err
	}
	p, err := pages.Open(r, stored, c)
	if err != nil {
		return nil, fmt.Errorf("%w: page %d of checkpoint %d: %w",
			ErrCorrupt, r.Loc().Seq, r.Loc().Batch, err)
	}
	kept := r.Keep(p)
	if kept == p {
		c.mu.Lock()
		c.loads++
		c.admit(r, p)
		c.mu.Unlock()
	}
	return kept, nil
}

// admitAll takes over pages that have just been stored.
func (c *cache) admitAll(refs []*tree.Ref) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range refs {
		if p := r.Resident(); p != nil {
			c.admit(r, p)
		}
	}
}

// admit puts a page into the ring and makes room. The caller holds the lock.
func (c *cache) admit(r *tree.Ref, p *tree.Page) {
	size := p.Size()
	c.ring = append(c.ring, cached{weak.Make(r), size})
	c.size += size
	for c.size > c.budget && len(c.ring) > 1 {
		c.turn()
	}
}

// turn moves the hand by one.
func (c *cache) turn() {
	if c.hand >= len(c.ring) {
		c.hand = 0
	}
	e := &c.ring[c.hand]
	r := e.ref.Value()
	if r != nil && r.Used() {
		c.hand++
		return
	}
	if r != nil {
		r.Evict()
	}
	c.size -= e.size
	last := len(c.ring) - 1
	*e, c.ring[last] = c.ring[last], cached{}
	c.ring = c.ring[:last]
}

// CacheStats tells how the page cache stands.
type CacheStats struct {
	Pages  int
	Bytes  int
	Budget int
	Loads  uint64 // pages read from the store since the start
}

func (c *cache) stats() CacheStats {
	c.mu.Lock()
	defer c.mu.Unlock()
	return CacheStats{Pages: len(c.ring), Bytes: c.size, Budget: c.budget, Loads: c.loads}
}

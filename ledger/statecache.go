package ledger

import (
	"sync"

	"weir/ledger/pages"
)

// stateShare is the part of Options.CacheBytes that pages of operator state may take.
const stateShare = 8

// stateCache keeps pages of operator state that were written, since the next checkpoint reads most
// of them again. It never makes room: checkpoints go through all pages in order, which is the
// worst that can happen to any rule of who leaves first. A page leaves when its state drops it.
// Which pages it holds changes nothing but time.
type stateCache struct {
	mu     sync.Mutex
	bodies map[pages.Loc][]byte
	size   int
	budget int
}

// stateEntryBytes is about what an entry takes beside its body.
const stateEntryBytes = 64

func newStateCache(budget int) *stateCache {
	return &stateCache{bodies: map[pages.Loc][]byte{}, budget: budget}
}

// get returns the stored bytes of a page, nil if it is not held. They are not to be written to.
func (c *stateCache) get(loc pages.Loc) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.bodies[loc]
}

// turn takes over what a checkpoint that is durable wrote and dropped. Before, a block that is
// discarded may have given the same locations to other pages.
func (c *stateCache) turn(fresh []statePage, orphans []pages.Loc) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, loc := range orphans {
		if b, ok := c.bodies[loc]; ok {
			c.size -= len(b) + stateEntryBytes
			delete(c.bodies, loc)
		}
	}
	for _, p := range fresh {
		if n := len(p.body) + stateEntryBytes; c.size+n <= c.budget {
			c.bodies[p.loc] = p.body
			c.size += n
		}
	}
}

package ledger

import "sync"

// pins holds back the pruning of checkpoints that are being exported.
type pins struct {
	mu    sync.Mutex // held while prune decides, and until the records are gone
	count map[uint64]int
}

func (p *pins) add(height uint64, n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.count == nil {
		p.count = map[uint64]int{}
	}
	if p.count[height] += n; p.count[height] == 0 {
		delete(p.count, height)
	}
}

// lowest is the lowest pinned height, or high. The caller holds the lock.
func (p *pins) lowest(high uint64) uint64 {
	//weir:unordered the minimum is the same in every order
	for h := range p.count {
		high = min(high, h)
	}
	return high
}

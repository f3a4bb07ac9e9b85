package node

import (
	"context"
	"slices"
	"sync"

	"weir/app"
)

// KeptBlocks is how many committed blocks the feed of events can go back.
const KeptBlocks = 4096

// hub tells waiters what committed blocks did. Its publisher never blocks.
type hub struct {
	mu      sync.Mutex
	waiting map[[32]byte][]chan app.TxResult
	blocks  []*app.Committed // the last ones, ascending by height
	heights chan struct{}    // closed and replaced at every block
	height  int64
}

func newHub() *hub {
	return &hub{waiting: map[[32]byte][]chan app.TxResult{}, heights: make(chan struct{})}
}

// committed takes over what a block did and wakes everyone who waits for it.
func (h *hub) committed(c *app.Committed) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, r := range c.Txs {
		for _, w := range h.waiting[r.Hash] {
			w <- r // has room for one, and gets one
		}
		delete(h.waiting, r.Hash)
	}
	if h.blocks = append(h.blocks, withoutRows(c)); len(h.blocks) > KeptBlocks {
		h.blocks = append(h.blocks[:0:0], h.blocks[len(h.blocks)-KeptBlocks:]...)
	}
	h.height = c.Height
	close(h.heights)
	h.heights = make(chan struct{})
}

// withoutRows is a block without the rows of RETURNING: only who waited for them gets them.
func withoutRows(c *app.Committed) *app.Committed {
	out := *c
	out.Txs = slices.Clone(c.Txs)
	for i := range out.Txs {
		t := &out.Txs[i]
		if slices.ContainsFunc(t.Ops, func(o app.OpResult) bool { return o.Returned != nil }) {
			t.Ops = slices.Clone(t.Ops)
			for k := range t.Ops {
				t.Ops[k].Returned = nil
			}
		}
	}
	return &out
}

// waits tells whether somebody waits for the fate of a transaction.
func (h *hub) waits(hash [32]byte) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.waiting[hash]) > 0
}

// expect registers for the fate of a transaction. forget must be called.
func (h *hub) expect(hash [32]byte) (fate <-chan app.TxResult, forget func()) {
	w := make(chan app.TxResult, 1)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.waiting[hash] = append(h.waiting[hash], w)
	return w, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		for i, other := range h.waiting[hash] {
			if other == w {
				h.waiting[hash] = append(h.waiting[hash][:i], h.waiting[hash][i+1:]...)
				break
			}
		}
		if len(h.waiting[hash]) == 0 {
			delete(h.waiting, hash)
		}
	}
}

// next returns the oldest kept block above a height, or waits for it. gone reports that blocks
// between them are no longer kept.
func (h *hub) next(ctx context.Context, after int64) (c *app.Committed, gone bool, err error) {
	for {
		h.mu.Lock()
		wake := h.heights
		for _, b := range h.blocks {
			if b.Height > after {
				h.mu.Unlock()
				return b, after >= 0 && b.Height != after+1, nil
			}
		}
		h.mu.Unlock()
		select {
		case <-wake:
		case <-ctx.Done():
			return nil, false, ctx.Err()
		}
	}
}

// reach waits until a height has been committed.
func (h *hub) reach(ctx context.Context, height int64) error {
	for {
		h.mu.Lock()
		wake, now := h.heights, h.height
		h.mu.Unlock()
		if now >= height {
			return nil
		}
		select {
		case <-wake:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

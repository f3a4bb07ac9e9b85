package home

import (
	"errors"
	"fmt"

	"weir/consensus"
	"weir/ledger"
	"weir/ledger/store"
)

// RollbackReport says how a home was moved back.
type RollbackReport struct {
	From       uint64 `json:"from"`       // the newest checkpoint before
	Checkpoint uint64 `json:"checkpoint"` // the newest checkpoint now
	Blocks     int64  `json:"blocks"`     // the last stored block now
	Removed    int64  `json:"removed"`    // blocks that were removed
	Execute    int64  `json:"execute"`    // blocks that the next start executes again
}

// Rollback moves the ledger of a stopped node back to its newest checkpoint at or below a height,
// or, with height 0, to the one before the newest. The next start executes CometBFT's stored
// blocks above it again. With hard, blocks above the height are removed too, from CometBFT's state
// and from its blocks, and the next start fetches them from peers.
//
// Errors: ErrRunning, ErrEmpty, those of the stores. Nothing is changed when there is no such
// checkpoint, or a block above it is not stored any more.
func Rollback(home string, height uint64, hard bool) (r *RollbackReport, err error) {
	chain, err := consensus.OpenStores(home)
	if err != nil {
		return nil, running(home, err)
	}
	defer func() { err = errors.Join(err, chain.Close()) }()
	kv, err := openLedgerStore(home, store.Options{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, kv.Close()) }()
	heights, err := ledger.Checkpoints(kv)
	if err != nil {
		return nil, err
	}
	if r, err = planRollback(heights, height, chain); err != nil {
		return nil, err
	}
	if hard { // CometBFT first: a ledger that is behind it is what a crash leaves
		for height > 0 && chain.Height() > int64(height) {
			if err := chain.RemoveLast(); err != nil {
				return nil, err
			}
			r.Removed++
		}
	}
	// Whatever the window is, nothing older goes.
	l, err := ledger.Open(kv, ledger.Options{
		Below: r.Checkpoint + 1, Window: ^uint64(0), CacheBytes: toolCache,
	})
	if err != nil {
		return nil, err
	}
	if l.Durable() != r.Checkpoint {
		return nil, fmt.Errorf("checkpoint %d is damaged (%w); the ledger is at %d now",
			r.Checkpoint, l.Damage(), l.Durable())
	}
	r.Blocks = chain.Height()
	r.Execute = r.Blocks - int64(r.Checkpoint)
	return r, nil
}

// planRollback chooses the checkpoint.
func planRollback(heights []uint64, height uint64, chain *consensus.Stores) (
	*RollbackReport, error,
) {
	if len(heights) == 0 {
		return nil, errors.New("the ledger has no checkpoint")
	}
	r := &RollbackReport{From: heights[len(heights)-1]}
	for i, h := range heights {
		if height == 0 && i < len(heights)-1 || height > 0 && h <= height {
			r.Checkpoint = h
		}
	}
	switch {
	case r.Checkpoint == 0:
		return nil, fmt.Errorf("no such checkpoint is kept; the kept ones are of heights %v", heights)
	case int64(r.Checkpoint) < chain.Base()-1:
		return nil, fmt.Errorf("blocks from %d on are needed, and are stored from %d on",
			r.Checkpoint+1, chain.Base())
	}
	return r, nil
}

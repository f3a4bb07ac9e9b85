package app

import (
	"context"
	"fmt"

	abci "github.com/cometbft/cometbft/abci/types"

	"weir/internal/invariant"
)

// Commit publishes the executed block to readers and acknowledges it. Only a block with a
// checkpoint writes anything; CometBFT has the block itself on disk already.
func (a *App) Commit(context.Context, *abci.RequestCommit) (*abci.ResponseCommit, error) {
	b := a.pending
	invariant.Check(b != nil, "Commit without a block")
	a.pending = nil
	b.ledger.SetTime(b.now)
	v, err := b.ledger.Commit(uint64(b.height))
	if err != nil {
		return nil, fmt.Errorf("committing block %d: %w", b.height, err)
	}
	s := a.exec.snapshot(v)
	a.publish(s)
	if err := a.advancePool(s, b.results); err != nil {
		return nil, fmt.Errorf("advancing the pool: %w", err)
	}
	a.offerSnapshot()
	if a.cfg.OnCommit != nil {
		a.cfg.OnCommit(&Committed{
			Height: b.height, TimeMicros: b.now, AppHash: b.appHash, Txs: b.results,
		})
	}
	low, err := a.retainHeight()
	return &abci.ResponseCommit{RetainHeight: low}, err
}

// retainHeight is the lowest block that CometBFT must keep: 0 keeps all. Blocks above the oldest
// kept checkpoint are what a restart, an audit or a rollback executes again; which of those below
// it are still needed, consensus knows. It moves when a checkpoint does, and is this node's own.
func (a *App) retainHeight() (int64, error) {
	durable := a.ledger().Durable()
	if a.cfg.Retain == nil || durable == a.retained {
		return 0, nil
	}
	a.retained = durable
	oldest, err := a.ledger().OldestCheckpoint()
	if err != nil || oldest == 0 {
		return 0, err
	}
	low := a.cfg.Retain(int64(oldest))
	if low > 0 {
		a.low.Store(low)
	}
	return low, nil
}

// KeepsBlocks reports whether this node's CometBFT may keep some block up to a height.
func (a *App) KeepsBlocks(height int64) bool {
	return a.low.Load() <= height
}

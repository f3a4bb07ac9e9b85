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
	return &abci.ResponseCommit{RetainHeight: a.retainHeight()}, nil
}

// retainHeight is the lowest block that CometBFT must keep: 0 keeps all. Blocks above the last
// durable checkpoint are what a restart re-executes, and audits re-execute older ones, so none is
// given up here.
func (a *App) retainHeight() int64 { return 0 }

// KeepsBlocks reports whether this node's CometBFT may keep some block up to a height.
func (a *App) KeepsBlocks(height int64) bool {
	from := a.retainHeight()
	return from == 0 || from <= height
}

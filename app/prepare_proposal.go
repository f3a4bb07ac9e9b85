package app

import (
	"context"

	abci "github.com/cometbft/cometbft/abci/types"
	cmttypes "github.com/cometbft/cometbft/types"

	"weir/app/auth"
	"weir/app/pool"
)

// PrepareProposal picks from the whole pool what makes a block: next in its lanes, within the
// agreed limits. Every node with the same committed state accepts what it returns.
func (a *App) PrepareProposal(_ context.Context, r *abci.RequestPrepareProposal) (
	*abci.ResponsePrepareProposal, error,
) {
	b, open := a.proposal(r.Height)
	if b == nil {
		return &abci.ResponsePrepareProposal{}, nil
	}
	txs, err := pool.Select(open, b, r.Txs, r.MaxTxBytes, func(n int) int64 {
		return cmttypes.ComputeProtoSizeForTxs([]cmttypes.Tx{make([]byte, n)})
	})
	if err != nil {
		return nil, err
	}
	return &abci.ResponsePrepareProposal{Txs: txs}, nil
}

// proposal starts a block over committed state; nil before the first block.
func (a *App) proposal(height int64) (*pool.Block, pool.Open) {
	s := a.Snapshot()
	if s == nil {
		return nil, nil
	}
	b := pool.NewBlock(s.reader(kindLanes), uint64(height), blockLimits(&s.params))
	return b, a.verifier(s.params).Open
}

func blockLimits(p *auth.Parameters) pool.BlockLimits {
	return pool.BlockLimits{
		Bytes: uint64(p.BlockBytes), Work: p.BlockWork, Transactions: p.BlockTxs,
		Tx: p.TxLimits(),
	}
}

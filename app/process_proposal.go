package app

import (
	"context"

	abci "github.com/cometbft/cometbft/abci/types"

	"weir/app/pool"
	"weir/app/tx"
)

// ProcessProposal judges a proposed block without executing it: its limits, and that every
// transaction decodes, is signed, has not expired or repeated, and is next in its lanes, each
// before it assumed to apply. It is a pure function of committed state and the block.
func (a *App) ProcessProposal(_ context.Context, r *abci.RequestProcessProposal) (
	*abci.ResponseProcessProposal, error,
) {
	accept := &abci.ResponseProcessProposal{Status: abci.ResponseProcessProposal_ACCEPT}
	reject := &abci.ResponseProcessProposal{Status: abci.ResponseProcessProposal_REJECT}
	b, open := a.proposal(r.Height)
	if b == nil { // the first block is empty
		if len(r.Txs) > 0 {
			return reject, nil
		}
		return accept, nil
	}
	err := pool.CheckProposal(open, b, r.Txs)
	if rej := tx.AsReject(err); rej != nil {
		a.cfg.Log.Warn("proposal refused", "height", r.Height, "why", rej.Error())
		return reject, nil
	}
	if err != nil {
		return nil, err
	}
	return accept, nil
}

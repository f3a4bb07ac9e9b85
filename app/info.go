package app

import (
	"context"

	abci "github.com/cometbft/cometbft/abci/types"
)

// ProtocolVersion names the agreed rules and byte formats.
const ProtocolVersion = 0

// Info tells CometBFT the height of the last durable checkpoint, from which it re-executes.
func (a *App) Info(context.Context, *abci.RequestInfo) (*abci.ResponseInfo, error) {
	r := &abci.ResponseInfo{Data: "weir", AppVersion: ProtocolVersion}
	if h := int64(a.ledger().Height()); h > 0 {
		hash := a.ledger().AppHash()
		r.LastBlockHeight, r.LastBlockAppHash = h, hash[:]
	}
	return r, nil
}

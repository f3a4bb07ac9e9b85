package app

import (
	"context"
	"encoding/binary"
	"fmt"

	abci "github.com/cometbft/cometbft/abci/types"

	"weir/app/auth"
	"weir/stream/catalog"
)

// InitChain makes the state of a new network from the application state of its genesis file. It
// comes again after a crash before the first checkpoint, and starts from nothing then too.
func (a *App) InitChain(_ context.Context, r *abci.RequestInitChain) (
	*abci.ResponseInitChain, error,
) {
	if r.ChainId != a.cfg.Domain.ChainID {
		return nil, fmt.Errorf("genesis is of chain %q, this node was started for %q",
			r.ChainId, a.cfg.Domain.ChainID)
	}
	a.running.Lock()
	defer a.running.Unlock()
	g, err := auth.Parse(r.AppStateBytes)
	if err != nil {
		return nil, fmt.Errorf("app_state of the genesis file: %w", err)
	}
	a.exec, a.genesis = newExecutor(g.Parameters), g
	b := newBlock(a.exec, a.ledger(), 0, r.Time.UnixMicro())
	if err := a.install(b); err != nil {
		return nil, err
	}
	b.writeSystem()
	hash := b.ledger.Root()
	b.ledger.Discard() // the first block writes the same again, before its transactions
	return &abci.ResponseInitChain{AppHash: hash[:]}, nil
}

// install writes the state of the genesis file.
func (a *App) install(b *block) error {
	if err := auth.Install(b.auth, a.genesis); err != nil {
		return fmt.Errorf("app_state of the genesis file: %w", err)
	}
	b.meta.set(metaChain, []byte(a.cfg.Domain.ChainID))
	b.meta.set(metaGenesis, a.cfg.Domain.GenesisHash[:])
	b.meta.set(metaNextID, binary.BigEndian.AppendUint32(nil, catalog.FirstUserID))
	return nil
}

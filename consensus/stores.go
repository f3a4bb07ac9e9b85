package consensus

import (
	"errors"
	"fmt"

	cmtdb "github.com/cometbft/cometbft-db"
	abci "github.com/cometbft/cometbft/abci/types"
	cfg "github.com/cometbft/cometbft/config"
	sm "github.com/cometbft/cometbft/state"
	blocks "github.com/cometbft/cometbft/store"
	"github.com/cometbft/cometbft/types"
)

// Stores are CometBFT's blocks and state of a node that does not run.
type Stores struct {
	dbs    map[string]cmtdb.DB
	blocks *blocks.BlockStore
	states sm.Store
	trust  *trust
}

// storeNames are the stores that Stores opens.
var storeNames = []string{"blockstore", "state", trustStore}

// OpenStores opens the stores of a home whose node is stopped: they have one user at a time.
func OpenStores(home string) (*Stores, error) {
	conf, err := loadConfig(home)
	if err != nil {
		return nil, err
	}
	s := &Stores{dbs: map[string]cmtdb.DB{}}
	for _, name := range storeNames {
		db, err := openStore(&cfg.DBContext{ID: name, Config: conf})
		if err != nil {
			return nil, errors.Join(err, s.Close())
		}
		s.dbs[name] = db
	}
	s.blocks = blocks.NewBlockStore(s.dbs["blockstore"])
	s.states = sm.NewStore(s.dbs["state"], sm.StoreOptions{DiscardABCIResponses: true})
	if s.trust, err = openTrust(s.dbs[trustStore], s.blocks, s.states); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close closes the stores.
func (s *Stores) Close() error {
	var errs []error
	for _, name := range storeNames {
		if db := s.dbs[name]; db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// Base is the lowest stored block, 0 when there is none.
func (s *Stores) Base() int64 { return s.blocks.Base() }

// Height is the highest stored block.
func (s *Stores) Height() int64 { return s.blocks.Height() }

// StateHeight is the height of CometBFT's state, which is that of the last stored block or of the
// one before.
func (s *Stores) StateHeight() (int64, error) {
	st, err := s.states.Load()
	if err != nil {
		return 0, fmt.Errorf("consensus: state: %w", err)
	}
	return st.LastBlockHeight, nil
}

// Block returns the block at height h.
//
// Errors: ErrNoBlock.
func (s *Stores) Block(h int64) (*types.Block, error) {
	if b := s.blocks.LoadBlock(h); b != nil {
		return b, nil
	}
	return nil, fmt.Errorf("%w: height %d", ErrNoBlock, h)
}

// Header returns the header of the block at height h.
//
// Errors: ErrNoBlock.
func (s *Stores) Header(h int64) (*types.Header, error) {
	if m := s.blocks.LoadBlockMeta(h); m != nil {
		return &m.Header, nil
	}
	return nil, fmt.Errorf("%w: height %d", ErrNoBlock, h)
}

// RemoveLast takes back the last block: from CometBFT's state, and from the stored blocks. The
// node fetches it from its peers again. What the validator's key has signed stays on record.
func (s *Stores) RemoveLast() error {
	if _, _, err := sm.Rollback(s.blocks, s.states, true); err != nil {
		return fmt.Errorf("consensus: roll back: %w", err)
	}
	return nil
}

// Request is what the application is asked to execute for a stored block.
//
// Errors: ErrNoBlock.
func (s *Stores) Request(h int64) (*abci.RequestFinalizeBlock, error) {
	b, err := s.Block(h)
	if err != nil {
		return nil, err
	}
	return &abci.RequestFinalizeBlock{
		Hash: b.Hash(), NextValidatorsHash: b.NextValidatorsHash,
		ProposerAddress: b.ProposerAddress, Height: h, Time: b.Time,
		Misbehavior: b.Evidence.Evidence.ToABCI(), Txs: b.Txs.ToSliceOfBytes(),
	}, nil
}

// Agreed is what the network agreed on after a block: the app hash, and the hash of the results
// of its transactions. For the last block both are this node's own.
//
// Errors: ErrNoBlock.
func (s *Stores) Agreed(h int64) (appHash, results []byte, err error) {
	if next, err := s.Header(h + 1); err == nil {
		return next.AppHash, next.LastResultsHash, nil
	}
	st, err := s.states.Load()
	if err != nil {
		return nil, nil, fmt.Errorf("consensus: state: %w", err)
	}
	if st.LastBlockHeight != h {
		return nil, nil, fmt.Errorf("%w: height %d", ErrNoBlock, h+1)
	}
	return st.AppHash, st.LastResultsHash, nil
}

// ResultsHash is the hash of the results of a block's transactions.
func ResultsHash(r *abci.ResponseFinalizeBlock) []byte { return sm.TxResultsHash(r.TxResults) }

// Genesis is what the application is asked to make its first state from.
func Genesis(home string) (*abci.RequestInitChain, error) {
	conf, err := loadConfig(home)
	if err != nil {
		return nil, err
	}
	g, err := types.GenesisDocFromFile(conf.GenesisFile())
	if err != nil {
		return nil, fmt.Errorf("consensus: genesis: %w", err)
	}
	params := g.ConsensusParams.ToProto()
	return &abci.RequestInitChain{
		Time: g.GenesisTime, ChainId: g.ChainID, ConsensusParams: &params,
		AppStateBytes: g.AppState, InitialHeight: g.InitialHeight,
	}, nil
}

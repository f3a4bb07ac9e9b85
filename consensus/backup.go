package consensus

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	cfg "github.com/cometbft/cometbft/config"
	cmtstate "github.com/cometbft/cometbft/proto/tendermint/state"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	sm "github.com/cometbft/cometbft/state"
	blockstore "github.com/cometbft/cometbft/store"
	"github.com/cometbft/cometbft/types"
	"github.com/cometbft/cometbft/version"
)

// ErrNotEmpty is a restore into stores that hold a chain.
var ErrNotEmpty = errors.New("consensus: the stores hold a chain already")

// stores are CometBFT's, opened without a node.
type stores struct {
	blocks *blockstore.BlockStore
	states sm.Store
}

// openStores opens the stores of a home whose node does not run, in a data folder.
func openStores(home, data string) (*stores, error) {
	c, err := loadConfig(home)
	if err != nil {
		return nil, err
	}
	c.DBPath = data
	blocks, err := openStore(&cfg.DBContext{ID: "blockstore", Config: c})
	if err != nil {
		return nil, err
	}
	states, err := openStore(&cfg.DBContext{ID: "state", Config: c})
	if err != nil {
		return nil, errors.Join(err, blocks.Close())
	}
	return &stores{
		blockstore.NewBlockStore(blocks), sm.NewStore(states, sm.StoreOptions{}),
	}, nil
}

func (s *stores) close() error { return errors.Join(s.blocks.Close(), s.states.Close()) }

// ExportState returns what CometBFT has to know to go on from a height: its state after the block
// of that height, and the commit that signs the block. The node of the home must not run.
//
// Errors: ErrNoBlock.
func ExportState(home string, height int64) (b []byte, err error) {
	s, err := openStores(home, "data")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	state, err := s.stateAt(height)
	if err != nil {
		return nil, err
	}
	commit := s.blocks.LoadBlockCommit(height)
	if commit == nil {
		commit = s.blocks.LoadSeenCommit(height)
	}
	if commit == nil {
		return nil, fmt.Errorf("%w: height %d", ErrNoBlock, height)
	}
	if err := checkState(state, commit); err != nil {
		return nil, err
	}
	signed, err := commit.ToProto().Marshal()
	if err != nil {
		return nil, fmt.Errorf("consensus: commit of height %d: %w", height, err)
	}
	text := state.Bytes()
	b = binary.BigEndian.AppendUint32(nil, uint32(len(text)))
	return append(append(b, text...), signed...), nil
}

// stateAt is CometBFT's state after the block of a height, as state sync makes it from headers.
func (s *stores) stateAt(height int64) (sm.State, error) {
	now, err := s.states.Load()
	if err != nil || now.LastBlockHeight == height {
		return now, err
	}
	last, next := s.blocks.LoadBlockMeta(height), s.blocks.LoadBlockMeta(height+1)
	if last == nil || next == nil {
		return sm.State{}, fmt.Errorf("%w: heights %d and %d", ErrNoBlock, height, height+1)
	}
	state := sm.State{
		Version: cmtstate.Version{
			Consensus: next.Header.Version, Software: version.TMCoreSemVer,
		},
		ChainID: now.ChainID, InitialHeight: now.InitialHeight,
		LastBlockHeight: height, LastBlockTime: last.Header.Time, LastBlockID: last.BlockID,
		AppHash: next.Header.AppHash, LastResultsHash: next.Header.LastResultsHash,
		LastHeightValidatorsChanged:      height + 2,
		LastHeightConsensusParamsChanged: height + 1,
	}
	for i, set := range []**types.ValidatorSet{
		&state.LastValidators, &state.Validators, &state.NextValidators,
	} {
		if *set, err = s.states.LoadValidators(height + int64(i)); err != nil {
			return sm.State{}, fmt.Errorf("consensus: validators: %w", err)
		}
	}
	if state.ConsensusParams, err = s.states.LoadConsensusParams(height + 1); err != nil {
		return sm.State{}, fmt.Errorf("consensus: parameters: %w", err)
	}
	return state, nil
}

// checkState tells whether the validators of a state have signed its block.
func checkState(s sm.State, commit *types.Commit) error {
	if s.LastBlockHeight < 1 || s.LastValidators == nil || s.Validators == nil ||
		s.NextValidators == nil {
		return errors.New("consensus: the state is not that of a block")
	}
	err := s.LastValidators.VerifyCommitLight(s.ChainID, s.LastBlockID, s.LastBlockHeight, commit)
	if err != nil {
		return fmt.Errorf("consensus: block %d is not signed by its validators: %w",
			s.LastBlockHeight, err)
	}
	return nil
}

// ImportState writes what ExportState returned into the empty stores of a data folder of a home,
// which are made. The state has to be of a height and of an app hash.
//
// Errors: ErrNotEmpty.
func ImportState(home, data string, b []byte, height int64, appHash []byte) (err error) {
	state, commit, err := decodeState(b)
	if err != nil {
		return err
	}
	if state.LastBlockHeight != height || !bytes.Equal(state.AppHash, appHash) {
		return fmt.Errorf("consensus: the state is of height %d and app hash %x, not %d and %x",
			state.LastBlockHeight, state.AppHash, height, appHash)
	}
	s, err := openStores(home, data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	if now, err := s.states.Load(); err != nil || !now.IsEmpty() || !s.blocks.IsEmpty() {
		return errors.Join(ErrNotEmpty, err)
	}
	// As node.BootstrapState does.
	if err := s.states.Bootstrap(*state); err != nil {
		return fmt.Errorf("consensus: %w", err)
	}
	if err := s.blocks.SaveSeenCommit(height, commit); err != nil {
		return fmt.Errorf("consensus: %w", err)
	}
	if err := s.states.SetOfflineStateSyncHeight(height); err != nil {
		return fmt.Errorf("consensus: %w", err)
	}
	return nil
}

func decodeState(b []byte) (*sm.State, *types.Commit, error) {
	bad := errors.New("consensus: the state is damaged")
	if len(b) < 4 || uint64(binary.BigEndian.Uint32(b)) > uint64(len(b)-4) {
		return nil, nil, bad
	}
	end := 4 + int(binary.BigEndian.Uint32(b))
	var text cmtstate.State
	var signed cmtproto.Commit
	if text.Unmarshal(b[4:end]) != nil || signed.Unmarshal(b[end:]) != nil {
		return nil, nil, bad
	}
	state, err := sm.FromProto(&text)
	if err != nil {
		return nil, nil, errors.Join(bad, err)
	}
	commit, err := types.CommitFromProto(&signed)
	if err != nil {
		return nil, nil, errors.Join(bad, err)
	}
	return state, commit, checkState(*state, commit)
}

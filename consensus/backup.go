package consensus

import (
	"bytes"
	"crypto/sha256"
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
// of that height, the commit that signs the block, and the same with the block itself for all
// heights since. The node of the home must not run.
//
//	count u32, per height: state, commit, block, each u32 length before it; SHA-256 of the rest
//
// Errors: ErrNoBlock.
func ExportState(home string, height int64) (b []byte, err error) {
	s, err := openStores(home, "data")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	now, err := s.states.Load()
	if err != nil {
		return nil, fmt.Errorf("consensus: %w", err)
	}
	if height > now.LastBlockHeight {
		return nil, fmt.Errorf("%w: height %d", ErrNoBlock, height)
	}
	b = binary.BigEndian.AppendUint32(nil, uint32(now.LastBlockHeight-height+1))
	for h := height; h <= now.LastBlockHeight; h++ {
		if b, err = s.appendHeight(b, h, h > height); err != nil {
			return nil, err
		}
	}
	sum := sha256.Sum256(b)
	return append(b, sum[:]...), nil
}

// appendHeight appends what there is of a height.
func (s *stores) appendHeight(b []byte, height int64, withBlock bool) ([]byte, error) {
	state, err := s.stateAt(height)
	if err != nil {
		return nil, err
	}
	commit := s.blocks.LoadSeenCommit(height)
	if commit == nil {
		commit = s.blocks.LoadBlockCommit(height)
	}
	if commit == nil {
		return nil, fmt.Errorf("%w: height %d", ErrNoBlock, height)
	}
	if err := checkState(&state, commit); err != nil {
		return nil, err
	}
	signed, err := commit.ToProto().Marshal()
	if err != nil {
		return nil, fmt.Errorf("consensus: commit of height %d: %w", height, err)
	}
	var text []byte
	if withBlock {
		block := s.blocks.LoadBlockProto(height)
		if block == nil {
			return nil, fmt.Errorf("%w: height %d", ErrNoBlock, height)
		}
		if text, err = block.Marshal(); err != nil {
			return nil, fmt.Errorf("consensus: block %d: %w", height, err)
		}
	}
	for _, field := range [][]byte{state.Bytes(), signed, text} {
		b = append(binary.BigEndian.AppendUint32(b, uint32(len(field))), field...)
	}
	return b, nil
}

// stateAt is CometBFT's state after the block of a height, as state sync makes it from headers.
func (s *stores) stateAt(height int64) (sm.State, error) {
	now, err := s.states.Load()
	if err != nil {
		return sm.State{}, err
	}
	if now.LastBlockHeight == height {
		// The sets of earlier heights do not come along: these are the first that there are.
		now.LastHeightValidatorsChanged, now.LastHeightConsensusParamsChanged = height+2, height+1
		return now, nil
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
func checkState(s *sm.State, commit *types.Commit) error {
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
// which are made. The first state has to be of a height and of an app hash. A node that starts
// executes the blocks that follow again.
//
// Errors: ErrNotEmpty.
func ImportState(home, data string, b []byte, height int64, appHash []byte) (err error) {
	list, err := decodeStates(b)
	if err != nil {
		return err
	}
	first := list[0].state
	if first.LastBlockHeight != height || !bytes.Equal(first.AppHash, appHash) {
		return fmt.Errorf("consensus: the state is of height %d and app hash %x, not %d and %x",
			first.LastBlockHeight, first.AppHash, height, appHash)
	}
	s, err := openStores(home, data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	if now, err := s.states.Load(); err != nil || !now.IsEmpty() || !s.blocks.IsEmpty() {
		return errors.Join(ErrNotEmpty, err)
	}
	for i := range list {
		if err := s.add(&list[i]); err != nil {
			return fmt.Errorf("consensus: height %d: %w", list[i].state.LastBlockHeight, err)
		}
	}
	if len(list) > 1 {
		return nil
	}
	// As node.BootstrapState does: blocks come from peers, above this height.
	if err := s.states.SetOfflineStateSyncHeight(height); err != nil {
		return fmt.Errorf("consensus: %w", err)
	}
	return nil
}

// add writes what belongs to one height. Each state brings the validators of its height, which
// executing the next block again asks for.
func (s *stores) add(at *savedHeight) error {
	if err := s.states.Bootstrap(*at.state); err != nil {
		return err
	}
	if at.block == nil {
		return s.blocks.SaveSeenCommit(at.state.LastBlockHeight, at.commit)
	}
	parts, err := at.block.MakePartSet(types.BlockPartSizeBytes)
	if err != nil {
		return err
	}
	s.blocks.SaveBlock(at.block, parts, at.commit)
	return nil
}

// savedHeight is what there is of one height.
type savedHeight struct {
	state  *sm.State
	commit *types.Commit
	block  *types.Block // nil for the first
}

var errDamaged = errors.New("consensus: the state is damaged")

// decodeStates reads and verifies what ExportState returned.
func decodeStates(b []byte) ([]savedHeight, error) {
	body := len(b) - sha256.Size
	if body < 4 || sha256.Sum256(b[:body]) != [32]byte(b[body:]) {
		return nil, errDamaged
	}
	n, b := binary.BigEndian.Uint32(b), b[4:body]
	var list []savedHeight
	for range n {
		var fields [3][]byte
		for i := range fields {
			if len(b) < 4 || uint64(binary.BigEndian.Uint32(b)) > uint64(len(b)-4) {
				return nil, errDamaged
			}
			end := 4 + int(binary.BigEndian.Uint32(b))
			fields[i], b = b[4:end], b[end:]
		}
		at, err := decodeHeight(fields)
		if err != nil {
			return nil, err
		}
		if last := len(list) - 1; (at.block == nil) != (last < 0) ||
			last >= 0 && at.state.LastBlockHeight != list[last].state.LastBlockHeight+1 {
			return nil, errDamaged
		}
		list = append(list, at)
	}
	if len(list) == 0 || len(b) > 0 {
		return nil, errDamaged
	}
	return list, nil
}

func decodeHeight(fields [3][]byte) (at savedHeight, err error) {
	var text cmtstate.State
	var signed cmtproto.Commit
	if text.Unmarshal(fields[0]) != nil || signed.Unmarshal(fields[1]) != nil {
		return at, errDamaged
	}
	if at.state, err = sm.FromProto(&text); err != nil {
		return at, errors.Join(errDamaged, err)
	}
	if at.commit, err = types.CommitFromProto(&signed); err != nil {
		return at, errors.Join(errDamaged, err)
	}
	if err := checkState(at.state, at.commit); err != nil || len(fields[2]) == 0 {
		return at, err
	}
	var block cmtproto.Block
	if block.Unmarshal(fields[2]) != nil {
		return at, errDamaged
	}
	if at.block, err = types.BlockFromProto(&block); err != nil {
		return at, errors.Join(errDamaged, err)
	}
	if !bytes.Equal(at.block.Hash(), at.state.LastBlockID.Hash) {
		return at, errDamaged
	}
	return at, nil
}

package consensus

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	cmtdb "github.com/cometbft/cometbft-db"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	sm "github.com/cometbft/cometbft/state"
	blocks "github.com/cometbft/cometbft/store"
	"github.com/cometbft/cometbft/types"
)

// trustStore is the name of the store of transitions.
const trustStore = "trust"

// Transition is a change of the validator set, for ever kept outside of CometBFT's stores, which
// are pruned: the last block before, which names the next set and is signed by the old one, and
// the first after, with the new set.
type Transition struct{ Before, First *types.LightBlock }

// trust keeps the transitions of a chain. Proofs follow them from genesis to a header of today.
//
//	r             -> heights u64 u64: blocks whose sets were compared, from and to;
//	                 hash of the set of the last
//	t | height    -> length u32, light block before, light block at the height
type trust struct {
	blocks *blocks.BlockStore
	states sm.Store

	mu       sync.Mutex
	db       cmtdb.DB
	from, to int64 // 0: none yet
	last     []byte
}

const (
	trustRange      = 'r'
	trustTransition = 't'
)

func openTrust(db cmtdb.DB, b *blocks.BlockStore, states sm.Store) (*trust, error) {
	t := &trust{db: db, blocks: b, states: states}
	r, err := db.Get([]byte{trustRange})
	if err != nil {
		return nil, fmt.Errorf("consensus: transitions: %w", err)
	}
	if len(r) == 0 {
		return t, nil
	}
	if len(r) < 16 {
		return nil, errors.New("consensus: transitions: the store is damaged")
	}
	t.from = int64(binary.BigEndian.Uint64(r))
	t.to, t.last = int64(binary.BigEndian.Uint64(r[8:])), r[16:]
	return t, nil
}

// rangeRecord says which blocks were compared, and the hash of the set of the last.
func rangeRecord(from, to int64, last []byte) []byte {
	r := binary.BigEndian.AppendUint64(nil, uint64(from))
	return append(binary.BigEndian.AppendUint64(r, uint64(to)), last...)
}

func transitionKey(h int64) []byte {
	return binary.BigEndian.AppendUint64([]byte{trustTransition}, uint64(h))
}

// advance compares the sets of the blocks up to a height, which must be stored, with those before,
// and keeps what changes. It is durable when it returns.
func (t *trust) advance(to int64) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if to <= t.to {
		return nil
	}
	batch := t.db.NewBatch()
	defer batch.Close()
	from, at, last := t.from, t.to, t.last
	if base := t.blocks.Base(); at < base-1 || at == 0 {
		from, at, last = base, base-1, nil // the first, or a gap that cannot be filled
	}
	for h := at + 1; h <= to; h++ {
		meta := t.blocks.LoadBlockMeta(h)
		if meta == nil {
			return fmt.Errorf("%w: height %d", ErrNoBlock, h)
		}
		now := meta.Header.ValidatorsHash
		if last != nil && !bytes.Equal(now, last) {
			b, err := t.encode(h)
			if err != nil {
				return err
			}
			if err := batch.Set(transitionKey(h), b); err != nil {
				return fmt.Errorf("consensus: transitions: %w", err)
			}
		}
		last = now
	}
	err := batch.Set([]byte{trustRange}, rangeRecord(from, to, last))
	if err == nil {
		err = batch.WriteSync()
	}
	if err != nil {
		return fmt.Errorf("consensus: transitions: %w", err)
	}
	t.from, t.to, t.last = from, to, last
	return nil
}

// encode reads a transition from CometBFT's stores.
func (t *trust) encode(h int64) ([]byte, error) {
	var parts [2][]byte
	for i, height := range []int64{h - 1, h} {
		lb, err := lightBlock(t.blocks, t.states, height)
		if err != nil {
			return nil, err
		}
		p, err := lb.ToProto()
		if err == nil {
			parts[i], err = p.Marshal()
		}
		if err != nil {
			return nil, fmt.Errorf("consensus: light block %d: %w", height, err)
		}
	}
	b := binary.BigEndian.AppendUint32(nil, uint32(len(parts[0])))
	return append(append(b, parts[0]...), parts[1]...), nil
}

func decodeTransition(b []byte) (t Transition, err error) {
	if len(b) < 4 || uint64(binary.BigEndian.Uint32(b)) > uint64(len(b)-4) {
		return t, errors.New("consensus: transitions: the store is damaged")
	}
	n := 4 + int(binary.BigEndian.Uint32(b))
	for _, part := range []struct {
		b  []byte
		to **types.LightBlock
	}{{b[4:n], &t.Before}, {b[n:], &t.First}} {
		var p cmtproto.LightBlock
		if err = p.Unmarshal(part.b); err == nil {
			*part.to, err = types.LightBlockFromProto(&p)
		}
		if err != nil {
			return t, fmt.Errorf("consensus: transitions: the store is damaged: %w", err)
		}
	}
	return t, nil
}

// list returns the transitions at the heights in (from, to], ascending.
//
// Errors: ErrNoBlock when this node has not seen all of these heights.
func (t *trust) list(from, to int64) (all []Transition, err error) {
	if err := t.advance(to); err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if from < t.from {
		return nil, fmt.Errorf("%w: height %d, this node knows the validators from %d on",
			ErrNoBlock, from, t.from)
	}
	it, err := t.db.Iterator(transitionKey(from+1), transitionKey(to+1))
	if err != nil {
		return nil, fmt.Errorf("consensus: transitions: %w", err)
	}
	defer func() { err = errors.Join(err, it.Close()) }()
	for ; it.Valid(); it.Next() {
		one, err := decodeTransition(it.Value())
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, it.Error()
}

func (t *trust) close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.db.Close()
}

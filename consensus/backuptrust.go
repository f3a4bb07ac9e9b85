package consensus

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	cfg "github.com/cometbft/cometbft/config"
	"github.com/cometbft/cometbft/types"
)

// Changes are the changes of the validator set that a node knows. Proofs go through them from
// genesis on, and nobody can make them again whose blocks were pruned.
type Changes struct {
	From, To int64    // the blocks whose sets were compared; 0: none
	Set      []byte   // hash of the set of block To
	List     []Change // ascending
}

// Change is a change of the validator set: its height, and the two headers that prove it.
type Change struct {
	Height int64
	Bytes  []byte
}

// ExportChanges returns the changes of the validator set up to the last block of a home whose node
// does not run.
func ExportChanges(home string) (c *Changes, err error) {
	s, err := OpenStores(home)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	state, err := s.StateHeight()
	if err != nil {
		return nil, err
	}
	if state = min(state, s.Height()); state > 0 {
		if err := s.trust.advance(state); err != nil {
			return nil, err
		}
	}
	return s.trust.changes()
}

// changes returns all that is kept.
func (t *trust) changes() (c *Changes, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c = &Changes{From: t.from, To: t.to, Set: t.last}
	it, err := t.db.Iterator([]byte{trustTransition}, []byte{trustTransition + 1})
	if err != nil {
		return nil, fmt.Errorf("consensus: transitions: %w", err)
	}
	defer func() { err = errors.Join(err, it.Close()) }()
	for ; it.Valid(); it.Next() {
		c.List = append(c.List, Change{
			Height: int64(binary.BigEndian.Uint64(it.Key()[1:])), Bytes: bytes.Clone(it.Value()),
		})
	}
	return c, it.Error()
}

// ImportChanges verifies changes of the validator set and adds them to those of a data folder of a
// home. If they do not overlap with those that are there, they take their place: the chain that
// was restored beside them goes on from theirs.
func ImportChanges(home, data string, c *Changes) (err error) {
	conf, err := loadConfig(home)
	if err != nil {
		return err
	}
	g, err := types.GenesisDocFromFile(conf.GenesisFile())
	if err != nil {
		return fmt.Errorf("consensus: genesis: %w", err)
	}
	if err := c.verify(g.ChainID); err != nil {
		return fmt.Errorf("consensus: transitions: %w", err)
	}
	if c.To == 0 {
		return nil
	}
	conf.DBPath = data
	db, err := openStore(&cfg.DBContext{ID: trustStore, Config: conf})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	t, err := openTrust(db, nil, nil)
	if err != nil {
		return err
	}
	return t.add(c)
}

// verify makes sure that each change is signed by the validators before and after it, and that the
// sets follow one another.
func (c *Changes) verify(chainID string) error {
	if c.From < 0 || c.To < c.From || c.To == 0 && len(c.List) > 0 || c.To > 0 && c.From == 0 {
		return errDamaged
	}
	at, set := c.From, []byte(nil)
	for _, one := range c.List {
		t, err := decodeTransition(one.Bytes)
		if err != nil {
			return err
		}
		for _, b := range []*types.LightBlock{t.Before, t.First} {
			if err := b.ValidateBasic(chainID); err != nil {
				return err
			}
			err := b.ValidatorSet.VerifyCommitLight(chainID, b.Commit.BlockID, b.Height, b.Commit)
			if err != nil {
				return err
			}
		}
		if one.Height <= at || one.Height > c.To || t.First.Height != one.Height ||
			t.Before.Height != one.Height-1 ||
			!bytes.Equal(t.Before.NextValidatorsHash, t.First.ValidatorsHash) ||
			set != nil && !bytes.Equal(set, t.Before.ValidatorsHash) {
			return errDamaged
		}
		at, set = one.Height, t.First.ValidatorsHash
	}
	if set != nil && !bytes.Equal(set, c.Set) {
		return errDamaged
	}
	return nil
}

// add makes changes durable beside those that are kept, or in their place.
func (t *trust) add(c *Changes) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	old, err := t.keys()
	if err != nil {
		return err
	}
	batch := t.db.NewBatch()
	defer batch.Close()
	from, to, last := c.From, c.To, c.Set
	if t.to > 0 && c.From <= t.to && t.from <= c.To { // both know some block
		if from = min(from, t.from); t.to > to {
			to, last = t.to, t.last
		}
		old = nil
	}
	for _, key := range old {
		if err := batch.Delete(key); err != nil {
			return fmt.Errorf("consensus: transitions: %w", err)
		}
	}
	for _, one := range c.List {
		if err := batch.Set(transitionKey(one.Height), one.Bytes); err != nil {
			return fmt.Errorf("consensus: transitions: %w", err)
		}
	}
	err = batch.Set([]byte{trustRange}, rangeRecord(from, to, last))
	if err == nil {
		err = batch.WriteSync()
	}
	if err != nil {
		return fmt.Errorf("consensus: transitions: %w", err)
	}
	t.from, t.to, t.last = from, to, last
	return nil
}

// keys lists the transitions that are kept.
func (t *trust) keys() (keys [][]byte, err error) {
	it, err := t.db.Iterator([]byte{trustTransition}, []byte{trustTransition + 1})
	if err != nil {
		return nil, fmt.Errorf("consensus: transitions: %w", err)
	}
	defer func() { err = errors.Join(err, it.Close()) }()
	for ; it.Valid(); it.Next() {
		keys = append(keys, bytes.Clone(it.Key()))
	}
	return keys, it.Error()
}

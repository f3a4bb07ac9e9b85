package consensus

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"sync"

	cmtdb "github.com/cometbft/cometbft-db"
	cfg "github.com/cometbft/cometbft/config"
	cosmosdb "github.com/cosmos/cosmos-db"
)

// store makes a cosmos-db pebble usable as a CometBFT store. SetSync, DeleteSync and WriteSync
// go through to pebble's synced writes: one store is one sequential log.
//
// CometBFT closes its stores when a node stops and does not wait for the routines that serve its
// peers, which may read once more. A closed store has nothing for them: pebble would panic.
type store struct {
	*cosmosdb.PebbleDB
	writes *sync.RWMutex // held by writers together, or by who copies the store alone
	life   *life
}

// life is whether a store is open: held for reading while it is read.
type life struct {
	sync.RWMutex
	closed bool
}

// errClosed is what a closed store says to those who would go through it or write.
var errClosed = errors.New("consensus: the store is closed")

var _ cmtdb.DB = store{}

// openStore is CometBFT's database provider; it is called once per store name.
func openStore(c *cfg.DBContext) (cmtdb.DB, error) {
	db, err := cosmosdb.NewPebbleDB(c.ID, c.Config.DBDir(), nil)
	if err != nil {
		return nil, fmt.Errorf("consensus: open store %s: %w", c.ID, err)
	}
	p, ok := db.(*cosmosdb.PebbleDB)
	if !ok {
		return nil, fmt.Errorf("consensus: store %s is a %T, not pebble", c.ID, db)
	}
	return store{p, &sync.RWMutex{}, &life{}}, nil
}

// Get returns nil for a key that is absent, and for all keys once the store is closed.
func (s store) Get(key []byte) ([]byte, error) {
	s.life.RLock()
	defer s.life.RUnlock()
	if s.life.closed {
		return nil, nil
	}
	return s.PebbleDB.Get(key)
}

// Has is false for all keys once the store is closed.
func (s store) Has(key []byte) (bool, error) {
	b, err := s.Get(key)
	return b != nil, err
}

func (s store) Iterator(start, end []byte) (cmtdb.Iterator, error) {
	s.life.RLock()
	defer s.life.RUnlock()
	if s.life.closed {
		return nil, errClosed
	}
	return s.PebbleDB.Iterator(start, end)
}

func (s store) ReverseIterator(start, end []byte) (cmtdb.Iterator, error) {
	s.life.RLock()
	defer s.life.RUnlock()
	if s.life.closed {
		return nil, errClosed
	}
	return s.PebbleDB.ReverseIterator(start, end)
}

// write runs a write beside other writers of an open store.
func (s store) write(f func() error) error {
	s.writes.RLock()
	defer s.writes.RUnlock()
	s.life.RLock()
	defer s.life.RUnlock()
	if s.life.closed {
		return errClosed
	}
	return f()
}

func (s store) Set(key, value []byte) error {
	return s.write(func() error { return s.PebbleDB.Set(key, value) })
}

func (s store) SetSync(key, value []byte) error {
	return s.write(func() error { return s.PebbleDB.SetSync(key, value) })
}

func (s store) Delete(key []byte) error {
	return s.write(func() error { return s.PebbleDB.Delete(key) })
}

func (s store) DeleteSync(key []byte) error {
	return s.write(func() error { return s.PebbleDB.DeleteSync(key) })
}

// batch is a batch of a store.
type batch struct {
	cosmosdb.Batch
	store store
}

func (s store) NewBatch() cmtdb.Batch { return batch{s.PebbleDB.NewBatch(), s} }

func (b batch) Write() error { return b.store.write(b.Batch.Write) }

func (b batch) WriteSync() error { return b.store.write(b.Batch.WriteSync) }

// copyTo makes a store in the folder dir/name.db that holds all that was written to this one,
// and shares its tables by hard links.
func (s store) copyTo(name, dir string) error {
	err := s.DB().LogData(nil, nil) // syncs what was written without
	if err == nil {
		err = s.DB().Checkpoint(filepath.Join(dir, name+cosmosdb.DBFileSuffix))
	}
	if err != nil {
		return fmt.Errorf("consensus: copy store %s: %w", name, err)
	}
	return nil
}

// Close closes the pebble. cosmos-db's own Close drops the error.
func (s store) Close() error {
	s.life.Lock()
	defer s.life.Unlock()
	s.life.closed = true
	return s.PebbleDB.DB().Close()
}

// Compact compacts [start, end); nil bounds mean the first key and beyond the last. Pebble
// itself needs both bounds in order, so a missing end is read from the store.
func (s store) Compact(start, end []byte) error {
	if start == nil {
		start = []byte{}
	}
	if end == nil {
		it, err := s.PebbleDB.DB().NewIter(nil)
		if err != nil {
			return err
		}
		if it.Last() {
			end = append(append([]byte{}, it.Key()...), 0)
		}
		if err := it.Close(); err != nil {
			return err
		}
	}
	if bytes.Compare(start, end) >= 0 { // nothing there
		return nil
	}
	return s.PebbleDB.DB().Compact(start, end, false)
}

package consensus

import (
	"bytes"
	"fmt"
	"path/filepath"
	"sync"

	cmtdb "github.com/cometbft/cometbft-db"
	cfg "github.com/cometbft/cometbft/config"
	cosmosdb "github.com/cosmos/cosmos-db"
)

// store makes a cosmos-db pebble usable as a CometBFT store. SetSync, DeleteSync and WriteSync
// go through to pebble's synced writes: one store is one sequential log.
type store struct {
	*cosmosdb.PebbleDB
	writes *sync.RWMutex // held by writers together, or by who copies the store alone
}

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
	return store{p, &sync.RWMutex{}}, nil
}

func (s store) Iterator(start, end []byte) (cmtdb.Iterator, error) {
	return s.PebbleDB.Iterator(start, end)
}

func (s store) ReverseIterator(start, end []byte) (cmtdb.Iterator, error) {
	return s.PebbleDB.ReverseIterator(start, end)
}

func (s store) Set(key, value []byte) error {
	s.writes.RLock()
	defer s.writes.RUnlock()
	return s.PebbleDB.Set(key, value)
}

func (s store) SetSync(key, value []byte) error {
	s.writes.RLock()
	defer s.writes.RUnlock()
	return s.PebbleDB.SetSync(key, value)
}

func (s store) Delete(key []byte) error {
	s.writes.RLock()
	defer s.writes.RUnlock()
	return s.PebbleDB.Delete(key)
}

func (s store) DeleteSync(key []byte) error {
	s.writes.RLock()
	defer s.writes.RUnlock()
	return s.PebbleDB.DeleteSync(key)
}

// batch is a batch of a store.
type batch struct {
	cosmosdb.Batch
	writes *sync.RWMutex
}

func (s store) NewBatch() cmtdb.Batch { return batch{s.PebbleDB.NewBatch(), s.writes} }

func (b batch) Write() error {
	b.writes.RLock()
	defer b.writes.RUnlock()
	return b.Batch.Write()
}

func (b batch) WriteSync() error {
	b.writes.RLock()
	defer b.writes.RUnlock()
	return b.Batch.WriteSync()
}

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
func (s store) Close() error { return s.PebbleDB.DB().Close() }

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

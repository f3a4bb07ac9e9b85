package consensus

import (
	"errors"
	"sync"
	"testing"

	cmtdb "github.com/cometbft/cometbft-db"
)

// powerDB is a store that loses at SIGKILL what a power cut would lose: writes that no sync has
// followed. Reads come from memory; a sync writes all that is pending to the real store as one
// synced batch, so what survives has gone through the real adapter.
//
// With lie > 0 only every lie-th sync is one, as on a disk that ignores flushes.
type powerDB struct {
	*cmtdb.MemDB
	disk cmtdb.DB
	lie  int

	mu      sync.Mutex
	pending []write
	syncs   int
}

type write struct {
	key, value []byte // a nil value deletes
}

// newPowerDB loads what disk holds into memory.
func newPowerDB(disk cmtdb.DB, lie int) (*powerDB, error) {
	d := &powerDB{MemDB: cmtdb.NewMemDB(), disk: disk, lie: lie}
	it, err := disk.Iterator(nil, nil)
	if err != nil {
		return nil, err
	}
	for ; it.Valid(); it.Next() {
		if err := d.MemDB.Set(it.Key(), it.Value()); err != nil {
			return nil, err
		}
	}
	return d, errors.Join(it.Error(), it.Close())
}

// log notes writes, and makes them and all before them durable where sync is set.
func (d *powerDB) log(ws []write, sync bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.pending = append(d.pending, ws...)
	if !sync {
		return nil
	}
	d.syncs++
	if d.lie > 0 && d.syncs%d.lie != 0 {
		return nil
	}
	b := d.disk.NewBatch()
	for _, w := range d.pending {
		var err error
		if w.value == nil {
			err = b.Delete(w.key)
		} else {
			err = b.Set(w.key, w.value)
		}
		if err != nil {
			return err
		}
	}
	d.pending = d.pending[:0]
	return errors.Join(b.WriteSync(), b.Close())
}

func (d *powerDB) set(k, v []byte, sync bool) error {
	return errors.Join(d.MemDB.Set(k, v), d.log([]write{{k, v}}, sync))
}

func (d *powerDB) remove(k []byte, sync bool) error {
	return errors.Join(d.MemDB.Delete(k), d.log([]write{{key: k}}, sync))
}

func (d *powerDB) Set(k, v []byte) error       { return d.set(k, v, false) }
func (d *powerDB) SetSync(k, v []byte) error   { return d.set(k, v, true) }
func (d *powerDB) Delete(k []byte) error       { return d.remove(k, false) }
func (d *powerDB) DeleteSync(k []byte) error   { return d.remove(k, true) }
func (d *powerDB) Compact(lo, hi []byte) error { return d.disk.Compact(lo, hi) }
func (d *powerDB) Close() error                { return d.disk.Close() }
func (d *powerDB) NewBatch() cmtdb.Batch {
	return &powerBatch{Batch: d.MemDB.NewBatch(), db: d}
}

// powerBatch becomes durable as a whole or not at all.
type powerBatch struct {
	cmtdb.Batch
	db     *powerDB
	writes []write
}

func (b *powerBatch) Set(k, v []byte) error {
	b.writes = append(b.writes, write{k, v})
	return b.Batch.Set(k, v)
}

func (b *powerBatch) Delete(k []byte) error {
	b.writes = append(b.writes, write{key: k})
	return b.Batch.Delete(k)
}

// Write applies to memory first: a batch that is used twice must fail before it is logged.
func (b *powerBatch) Write() error {
	if err := b.Batch.Write(); err != nil {
		return err
	}
	return b.db.log(b.writes, false)
}

func (b *powerBatch) WriteSync() error {
	if err := b.Batch.WriteSync(); err != nil {
		return err
	}
	return b.db.log(b.writes, true)
}

func TestPowerDBKeepsWhatWasSynced(t *testing.T) {
	disk := cmtdb.NewMemDB()
	d, err := newPowerDB(disk, 0)
	if err != nil {
		t.Fatal(err)
	}
	b := d.NewBatch()
	steps := []error{
		d.Set([]byte("a"), []byte("1")), b.Set([]byte("b"), []byte("2")), b.Write(),
		d.SetSync([]byte("c"), []byte{}), d.Delete([]byte("a")), d.Set([]byte("d"), []byte("4")),
	}
	if err := errors.Join(steps...); err != nil {
		t.Fatal(err)
	}
	after, err := newPowerDB(disk, 0)
	if err != nil {
		t.Fatal(err)
	}
	for k, want := range map[string]bool{"a": true, "b": true, "c": true, "d": false} {
		if has, err := after.Has([]byte(k)); err != nil || has != want {
			t.Errorf("%s survives: %v, %v", k, has, err)
		}
	}
}

package store

import (
	"errors"
	"fmt"

	db "github.com/cosmos/cosmos-db"
)

// Pebble is a KV on disk.
type Pebble struct{ db *db.PebbleDB }

var _ KV = (*Pebble)(nil)

// OpenPebble opens or creates the store in the folder dir/name.db.
func OpenPebble(name, dir string) (*Pebble, error) {
	d, err := db.NewPebbleDB(name, dir, nil)
	if err != nil {
		return nil, fmt.Errorf("open store %s in %s: %w", name, dir, err)
	}
	p, ok := d.(*db.PebbleDB)
	if !ok {
		return nil, errors.New("cosmos-db: not a pebble store")
	}
	return &Pebble{p}, nil
}

// Get implements KV.
func (p *Pebble) Get(key []byte) ([]byte, bool, error) {
	v, err := p.db.Get(key)
	if err != nil {
		return nil, false, fmt.Errorf("read store: %w", err)
	}
	return v, v != nil, nil
}

// Scan implements KV.
func (p *Pebble) Scan(lo, hi []byte, visit func(key, value []byte) error) (err error) {
	it, err := p.db.Iterator(lo, hi)
	if err != nil {
		return fmt.Errorf("scan store: %w", err)
	}
	defer func() { err = errors.Join(err, it.Close()) }()
	for ; it.Valid(); it.Next() {
		if err := visit(it.Key(), it.Value()); err != nil {
			return err
		}
	}
	if err := it.Error(); err != nil {
		return fmt.Errorf("scan store: %w", err)
	}
	return nil
}

// Write implements KV.
func (p *Pebble) Write(b *Batch, sync bool) (err error) {
	w := p.db.NewBatchWithSize(b.size)
	defer func() { err = errors.Join(err, w.Close()) }()
	for _, o := range b.ops {
		if o.value == nil {
			err = w.Delete(o.key)
		} else {
			err = w.Set(o.key, o.value)
		}
		if err != nil {
			return fmt.Errorf("write store: %w", err)
		}
	}
	if sync {
		err = w.WriteSync()
	} else {
		err = w.Write()
	}
	if err != nil {
		return fmt.Errorf("write store: %w", err)
	}
	return nil
}

// Close implements KV.
func (p *Pebble) Close() error { return p.db.DB().Close() }

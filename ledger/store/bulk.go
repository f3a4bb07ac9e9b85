package store

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/cockroachdb/pebble/objstorage/objstorageprovider"
	"github.com/cockroachdb/pebble/sstable"
	"github.com/cockroachdb/pebble/vfs"
)

// Bulk is a large set of entries that becomes part of a store at once. A store on disk writes
// its bytes once, as tables, and not to a log before. It is one goroutine's.
type Bulk interface {
	// Set adds an entry. Keys with the same first byte ascend strictly; that byte names the
	// table. Neither slice is kept.
	Set(key, value []byte) error
	// Commit makes the entries durable and visible, all of them or none. Whatever was written
	// before may still be lost.
	Commit() error
	// Abort gives the entries up. It does nothing after Commit.
	Abort() error
}

// errBulkOrder is a mistake of the caller.
var errBulkOrder = errors.New("store: keys of a bulk do not ascend")

// memoryBulk is a batch that is checked like tables.
type memoryBulk struct {
	m     *Memory
	batch Batch
	last  map[byte][]byte
}

// Bulk implements KV.
func (m *Memory) Bulk() Bulk { return &memoryBulk{m: m, last: map[byte][]byte{}} }

func (b *memoryBulk) Set(key, value []byte) error {
	if last := b.last[key[0]]; last != nil && bytes.Compare(last, key) >= 0 {
		return errBulkOrder
	}
	key = bytes.Clone(key)
	b.last[key[0]] = key
	b.batch.Set(key, bytes.Clone(value))
	return nil
}

func (b *memoryBulk) Commit() error { return b.m.Write(&b.batch, true) }

func (b *memoryBulk) Abort() error {
	b.batch.Reset()
	return nil
}

// bulkPrefix begins the names of tables that are not part of the store yet.
const bulkPrefix = "bulk-"

// pebbleBulk writes one table per first byte of keys.
type pebbleBulk struct {
	p      *Pebble
	tables []*bulkTable
	paths  []string
	ended  bool
}

type bulkTable struct {
	class byte
	last  []byte // the last key
	w     *sstable.Writer
}

// Bulk implements KV.
func (p *Pebble) Bulk() Bulk { return &pebbleBulk{p: p} }

func (b *pebbleBulk) Set(key, value []byte) error {
	if err := b.p.failure(); err != nil {
		return err
	}
	t, err := b.table(key[0])
	if err == nil {
		if t.last != nil && bytes.Compare(t.last, key) >= 0 {
			return errBulkOrder
		}
		t.last = append(t.last[:0], key...)
		err = t.w.Set(key, value)
	}
	if err == nil {
		return nil
	}
	b.p.fail(err)
	return fmt.Errorf("write store: %w", b.p.failure())
}

// table returns the table of a class of keys, a new one if there is none yet.
func (b *pebbleBulk) table(class byte) (*bulkTable, error) {
	for _, t := range b.tables {
		if t.class == class {
			return t, nil
		}
	}
	name := fmt.Sprintf("%s%d-%02x.sst", bulkPrefix, b.p.bulks.Add(1), class)
	path := filepath.Join(b.p.path, name)
	f, err := b.p.fs.Create(path)
	if err != nil {
		return nil, err
	}
	format := b.p.db.FormatMajorVersion().MaxTableFormat()
	t := &bulkTable{class: class, w: sstable.NewWriter(
		objstorageprovider.NewFileWritable(f), b.p.opts.MakeWriterOptions(0, format))}
	b.tables, b.paths = append(b.tables, t), append(b.paths, path)
	return t, nil
}

// Commit implements Bulk.
func (b *pebbleBulk) Commit() error {
	if len(b.tables) == 0 {
		return nil
	}
	err := b.close()
	if err == nil {
		b.ended = true
		b.p.writes.RLock()
		err = b.p.do(func() error { return b.p.db.Ingest(b.paths) })
		b.p.writes.RUnlock()
	}
	if err == nil {
		return nil
	}
	b.p.fail(err)
	return fmt.Errorf("write store: %w", b.p.failure())
}

// close finishes the tables, which syncs them.
func (b *pebbleBulk) close() (err error) {
	for _, t := range b.tables {
		if t.w != nil {
			err = errors.Join(err, t.w.Close())
			t.w = nil
		}
	}
	return err
}

// Abort implements Bulk.
func (b *pebbleBulk) Abort() error {
	if b.ended {
		return nil
	}
	b.ended = true
	err := b.close()
	for _, path := range b.paths {
		err = errors.Join(err, b.p.fs.Remove(path))
	}
	return err
}

// removeBulks deletes tables that a crash left before they were part of the store.
func removeBulks(fs vfs.FS, path string) error {
	names, err := fs.List(path)
	if err != nil {
		return err
	}
	for _, name := range names {
		if strings.HasPrefix(name, bulkPrefix) {
			err = errors.Join(err, fs.Remove(filepath.Join(path, name)))
		}
	}
	return err
}

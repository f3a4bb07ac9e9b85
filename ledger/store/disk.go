package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"
	"time"

	"github.com/cockroachdb/pebble/vfs"
	"github.com/cockroachdb/pebble/vfs/errorfs"
)

// disk is the file system as pebble sees it. It does two things that pebble does not. It checks
// every block of a table when it is read: pebble does so too, but a compaction that cannot read
// the first block of a table goes on without its keys, and deletes the table. And once the store
// has failed it writes nothing more, so that such a compaction cannot end.
func (p *Pebble) disk(fs vfs.FS) vfs.FS {
	return errorfs.Wrap(tables{fs, p}, errorfs.InjectorFunc(func(op errorfs.Op, _ string) error {
		if op.OpKind() == errorfs.OpKindRead {
			return nil
		}
		if p.failure() != nil {
			// An error would make pebble try again, without a pause, for ever. All that
			// writes runs on goroutines that pebble or do started.
			//weir:goroutine waits for the disk; no answer depends on it
			select {}
		}
		return nil
	}))
}

// tables is a file system that checks the tables.
type tables struct {
	vfs.FS
	store *Pebble
}

// Open implements vfs.FS.
func (fs tables) Open(name string, opts ...vfs.OpenOption) (vfs.File, error) {
	fs.store.pause()
	f, err := fs.FS.Open(name, opts...)
	if err != nil || !strings.HasSuffix(name, ".sst") {
		return f, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &table{f, fs.store, name, info.Size()}, nil
}

// table is an open table.
type table struct {
	vfs.File
	store *Pebble
	name  string
	size  int64
}

// pause slows down what reads from a store that has failed: pebble tries again to read what it
// wants to know of a table, without a pause, for ever.
func (p *Pebble) pause() {
	if p.failure() != nil {
		//weir:clock a store that has failed; no answer depends on it
		time.Sleep(100 * time.Millisecond)
	}
}

// A block ends in its kind and a checksum of block and kind. A table ends in something else.
const checksumSize = 4

// ReadAt implements vfs.File. What does not reach the end of a table is one block.
func (t *table) ReadAt(b []byte, off int64) (int, error) {
	t.store.pause()
	n, err := t.File.ReadAt(b, off)
	if err == nil && off+int64(len(b)) < t.size && !blockRight(b) {
		n, err = 0, fmt.Errorf("%w: %s, block at %d", ErrDamaged, t.name, off)
	}
	if err != nil {
		t.store.fail(err)
	}
	return n, err
}

func blockRight(b []byte) bool {
	end := len(b) - checksumSize
	return end > 0 &&
		binary.LittleEndian.Uint32(b[end:]) == masked(crc32.Checksum(b[:end], castagnoli))
}

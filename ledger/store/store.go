package store

import "errors"

// ErrFailed is returned by every call after a write that failed, also one that the store makes
// by itself to put its files in order, and after a table turned out to be damaged. Nobody knows
// how much of a failed write a restart will find, so the store has to be opened again.
var ErrFailed = errors.New("store: failed, to be opened again")

// KV is an ordered key-value store. Keys are not empty. Safe for concurrent use.
type KV interface {
	// Get returns a copy of the value of key; ok is false when there is none.
	Get(key []byte) (value []byte, ok bool, err error)
	// Scan visits the entries with lo <= key < hi in ascending order until visit returns an
	// error, which it returns; a nil hi means to the end. The slices are valid during the
	// call only, and visit must not write.
	Scan(lo, hi []byte, visit func(key, value []byte) error) error
	// Write applies a batch, all of it or nothing. With sync it returns only when the batch,
	// and all before it, will survive a loss of power. After an error the store may hold the
	// batch or not, and answers nothing any more.
	Write(b *Batch, sync bool) error
	// Flush moves what was written in small batches out of memory, so that what was deleted can
	// leave the disk. It makes nothing more durable than it was.
	Flush() error
	// Bulk begins a large set of entries that is written once and committed at once.
	Bulk() Bulk
	// Close releases the store.
	Close() error
}

// Batch is a list of writes, applied in order. The zero value is empty.
type Batch struct {
	ops  []op
	size int
}

type op struct {
	kind       opKind
	key, value []byte // of a range: from and to
}

type opKind uint8

const (
	opSet opKind = iota
	opDelete
	opDeleteRange
)

// Set notes that key gets value. Both are kept, not copied.
func (b *Batch) Set(key, value []byte) {
	if value == nil {
		value = []byte{}
	}
	b.add(op{opSet, key, value})
}

// Delete notes that key goes, if it is there. The key is kept, not copied.
func (b *Batch) Delete(key []byte) { b.add(op{opDelete, key, nil}) }

// DeleteRange notes that all keys with lo <= key < hi go, also those that this batch has set
// so far. The work does not grow with their number. The bounds are kept, not copied; an empty
// range is nothing.
func (b *Batch) DeleteRange(lo, hi []byte) {
	if string(lo) < string(hi) {
		b.add(op{opDeleteRange, lo, hi})
	}
}

func (b *Batch) add(o op) {
	b.ops = append(b.ops, o)
	b.size += len(o.key) + len(o.value)
}

// Size is the number of bytes of all keys and values.
func (b *Batch) Size() int { return b.size }

// Len is the number of writes.
func (b *Batch) Len() int { return len(b.ops) }

// Reset empties the batch for another use.
func (b *Batch) Reset() { b.ops, b.size = b.ops[:0], 0 }

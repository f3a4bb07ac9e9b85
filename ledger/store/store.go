package store

// KV is an ordered key-value store. Keys are not empty. Safe for concurrent use.
type KV interface {
	// Get returns a copy of the value of key; ok is false when there is none.
	Get(key []byte) (value []byte, ok bool, err error)
	// Scan visits the entries with lo <= key < hi in ascending order until visit returns an
	// error, which it returns; a nil hi means to the end. The slices are valid during the
	// call only, and visit must not write.
	Scan(lo, hi []byte, visit func(key, value []byte) error) error
	// Write applies a batch, all of it or nothing. With sync it returns only when the batch,
	// and all before it, will survive a loss of power.
	Write(b *Batch, sync bool) error
	// Close releases the store.
	Close() error
}

// Batch is a list of writes. The zero value is empty.
type Batch struct {
	ops  []op
	size int
}

type op struct {
	key, value []byte // nil value: delete
}

// Set notes that key gets value. Both are kept, not copied.
func (b *Batch) Set(key, value []byte) {
	if value == nil {
		value = []byte{}
	}
	b.ops = append(b.ops, op{key, value})
	b.size += len(key) + len(value)
}

// Delete notes that key goes, if it is there. The key is kept, not copied.
func (b *Batch) Delete(key []byte) {
	b.ops = append(b.ops, op{key, nil})
	b.size += len(key)
}

// Size is the number of bytes of all keys and values.
func (b *Batch) Size() int { return b.size }

// Len is the number of writes.
func (b *Batch) Len() int { return len(b.ops) }

// Reset empties the batch for another use.
func (b *Batch) Reset() { b.ops, b.size = b.ops[:0], 0 }

package eventlog

import "slices"

// Source reads what a Keeper has saved. It need not check anything: the log does. A Source
// that is used by several goroutines has to allow it.
type Source interface {
	// Hashes returns a block of stored hashes, at least the first n of them.
	Hashes(block uint64, n int) ([]byte, error)
	// Head returns the head of the record of a leaf, by DecodeHead.
	Head(index uint64) (Head, error)
	// Leaf returns the record of a leaf.
	Leaf(index uint64) ([]byte, error)
	// Payload returns the record of a payload.
	Payload(index uint64) ([]byte, error)
}

// Keeper writes the records and hash blocks of a log. It may keep what it is given.
type Keeper interface {
	// PutHashes writes a block of stored hashes. The last one may be unfinished; the next save
	// writes it again, longer.
	PutHashes(block uint64, hashes []byte) error
	// PutLeaf writes the record of a leaf.
	PutLeaf(index uint64, record []byte) error
	// PutPayload writes the record of a payload, over an older one if that is erased now.
	PutPayload(index uint64, record []byte) error
}

// Save hands everything to a keeper that is only in memory. Once the keeper has it safe, Trim
// gives the log that reads it back. A save that is not finished does no harm: an older state of
// the log, opened on the same store, does not look at what it wrote.
//
// Errors: those of the keeper.
func (l *Log) Save(k Keeper) error {
	at := l.inMemory()
	for i := range l.tail {
		index := at + uint64(i)
		if err := k.PutLeaf(index, appendLeaf(nil, index, &l.tail[i])); err != nil {
			return err
		}
		if _, gone := slices.BinarySearch(l.erased, index); gone {
			continue
		}
		if err := k.PutPayload(index, appendPayload(nil, l.tail[i].Payload)); err != nil {
			return err
		}
	}
	for _, index := range l.erased {
		if err := k.PutPayload(index, []byte{payloadErased}); err != nil {
			return err
		}
	}
	if l.saved == l.base+uint64(len(l.fresh)) {
		return nil
	}
	for i := 0; i < len(l.fresh); i += BlockHashes {
		hashes := l.fresh[i:min(i+BlockHashes, len(l.fresh))]
		b := make([]byte, 0, len(hashes)*hashSize)
		for j := range hashes {
			b = append(b, hashes[j][:]...)
		}
		if err := k.PutHashes((l.base+uint64(i))/BlockHashes, b); err != nil {
			return err
		}
	}
	return nil
}

// Unsaved tells whether Save has anything to hand over.
func (l *Log) Unsaved() bool {
	return len(l.tail) > 0 || len(l.erased) > 0 || l.saved != l.base+uint64(len(l.fresh))
}

// Trim returns the same log without what Save handed over: all of it is in the Source now.
func (l *Log) Trim() *Log {
	next := *l
	next.tail, next.erased, next.handed = nil, nil, l.erased
	next.saved = l.base + uint64(len(l.fresh))
	next.base = next.saved / BlockHashes * BlockHashes
	next.fresh = slices.Clone(l.fresh[next.base-l.base:])
	return &next
}

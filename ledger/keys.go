package ledger

import (
	"encoding/binary"
	"fmt"

	"weir/ledger/pages"
	"weir/ledger/store"
	"weir/ledger/tree"
)

// Keys of the store: a class byte, then what names the thing in it. Everything that a
// checkpoint writes but records of logs has the checkpoint's height first: keys come in
// ascending order, and what a crash left half-written above the last checkpoint is one range.
const (
	classCheckpoint = 'c' // height u64
	classPage       = 'p' // height of the checkpoint u64, number u32
	classOrphans    = 'o' // height of the checkpoint u64
	classChanges    = 'w' // height of the block u64, then nothing or a unit
	classLeaf       = 'l' // unit, leaf index u64
	classPayload    = 'd' // unit, leaf index u64
	classHashes     = 'h' // unit, block of log hashes u64
)

func heightKey(class byte, height uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte{class}, height)
}

func checkpointKey(height uint64) []byte { return heightKey(classCheckpoint, height) }

func pageKey(loc tree.Loc) []byte { return pages.AppendLoc([]byte{classPage}, loc) }

func changesKey(height uint64, u Unit) []byte {
	return append(heightKey(classChanges, height), u[:]...)
}

func indexKey(class byte, u Unit, index uint64) []byte {
	b := make([]byte, 0, 1+len(u)+8)
	return binary.BigEndian.AppendUint64(append(append(b, class), u[:]...), index)
}

// must reads a key that has to be there.
func must(kv store.KV, key []byte) ([]byte, error) {
	v, ok, err := kv.Get(key)
	if err == nil && !ok {
		err = fmt.Errorf("%w: key %x is missing", ErrCorrupt, key)
	}
	return v, err
}

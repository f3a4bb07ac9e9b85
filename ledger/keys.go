package ledger

import (
	"encoding/binary"
	"fmt"

	"weir/ledger/store"
)

// Keys of the store: a class byte, then the unit, then what names the thing in it.
const (
	classCheckpoint = 'c' // height u64
	classPage       = 'p' // unit, page id
	classState      = 's' // unit, state page id
	classLeaf       = 'l' // unit, leaf index u64
	classPayload    = 'd' // unit, leaf index u64
	classHashes     = 'h' // unit, block of log hashes u64
)

func checkpointKey(height uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte{classCheckpoint}, height)
}

func hashKey(class byte, u Unit, id Hash) []byte {
	b := make([]byte, 0, 1+len(u)+len(id))
	return append(append(append(b, class), u[:]...), id[:]...)
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

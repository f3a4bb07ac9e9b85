package statebench

import (
	"encoding/binary"
	"math/bits"

	"weir/ledger/tree"
)

// Shape of the entries: as those of a view with a short key and a few columns.
const (
	keyBytes   = 17
	valueBytes = 80
)

// key returns key number i; keys ascend with i, and neighbours differ late.
func key(i uint64) []byte {
	k := make([]byte, keyBytes)
	k[0] = 0x10
	binary.BigEndian.PutUint64(k[1:], i*0x9E3779B1)
	return k
}

// value returns the value that key i has after a round.
func value(i, round uint64) []byte {
	v := make([]byte, valueBytes)
	for at := 0; at < valueBytes; at += 8 {
		binary.BigEndian.PutUint64(v[at:], mix(i+round<<40+uint64(at)))
	}
	return v
}

// mix spreads a number over 64 bits (Steele, Lea and Flood, SplitMix64, 2014).
func mix(x uint64) uint64 {
	x += 0x9E3779B97F4A7C15
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}

// workload draws sorted batches over a space of twice as many keys as there are at first: half of
// the changes meet a key that is there, half a new one.
type workload struct {
	keys  uint64
	batch int
	round uint64
}

// load visits the first contents in sorted batches.
func (w *workload) load(visit func(batch []tree.Change) error) error {
	for from := uint64(0); from < w.keys; from += uint64(w.batch) {
		var batch []tree.Change
		for i := from; i < min(from+uint64(w.batch), w.keys); i++ {
			batch = append(batch, tree.Change{Key: key(2 * i), Value: value(2*i, 0)})
		}
		if err := visit(batch); err != nil {
			return err
		}
	}
	return nil
}

// next draws one batch: one key at random out of each of as many equal parts of the space.
func (w *workload) next() []tree.Change {
	w.round++
	out := make([]tree.Change, 0, w.batch)
	part := 2 * w.keys / uint64(w.batch)
	for i := range uint64(w.batch) {
		r, _ := bits.Mul64(mix(w.round<<32+i), part)
		k := i*part + r
		out = append(out, tree.Change{Key: key(k), Value: value(k, w.round)})
	}
	return out
}

// bytes is the size of a batch of changes.
func bytes(batch []tree.Change) (n int) {
	for i := range batch {
		n += len(batch[i].Key) + len(batch[i].Value)
	}
	return n
}

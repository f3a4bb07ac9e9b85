package eventlog

import (
	"fmt"
	"math/bits"

	"weir/ledger/proof"
)

// BlockHashes is the number of hashes of a full block.
const BlockHashes = 256

const hashSize = len(proof.Hash{})

// storedIndex is the place of a complete subtree's hash in the stored sequence: that of the
// leaves from n<<level on, 1<<level of them. The sequence has each leaf's hash, followed by
// those of the subtrees that the leaf completes, from the smallest up, as in
// golang.org/x/mod/sumdb/tlog.
func storedIndex(level int, n uint64) uint64 {
	last := (n+1)<<level - 1 // the leaf that completes it
	return storedCount(last) + uint64(level)
}

// storedCount is the length of the stored sequence of a log of n leaves.
func storedCount(n uint64) uint64 { return 2*n - uint64(bits.OnesCount64(n)) }

// Blocks returns the number of blocks of hashes.
func (l *Log) Blocks() uint64 { return (storedCount(l.size) + BlockHashes - 1) / BlockHashes }

// reader reads hashes of a log for one question. After an error it goes on with zero hashes;
// the question's answer is err then.
type reader struct {
	log    *Log
	blocks []block // read so far
	err    error
}

type block struct {
	id    uint64
	bytes []byte
}

// node returns the hash of the complete subtree of the leaves from n<<level on.
func (r *reader) node(level int, n uint64) proof.Hash {
	l := r.log
	if l.size>>level == n+1 && n&1 == 0 { // a peak
		return l.peaks[bits.OnesCount64(l.size>>level)-1]
	}
	index := storedIndex(level, n)
	if index >= l.base {
		return l.fresh[index-l.base]
	}
	return r.stored(index)
}

// stored reads a hash from the Source. The caller has to follow it up to a peak.
func (r *reader) stored(index uint64) (h proof.Hash) {
	if r.err != nil {
		return h
	}
	id, at := index/BlockHashes, int(index%BlockHashes)
	for i := range r.blocks {
		if b := &r.blocks[i]; b.id == id && len(b.bytes) >= (at+1)*hashSize {
			copy(h[:], b.bytes[at*hashSize:])
			return h
		}
	}
	n := at + 1
	if (id+1)*BlockHashes <= r.log.saved {
		n = BlockHashes
	}
	b, err := r.log.src.Hashes(id, n)
	switch {
	case err != nil:
		r.err = err
		return h
	case len(b) < n*hashSize || len(b) > BlockHashes*hashSize || len(b)%hashSize != 0:
		r.err = fmt.Errorf("%w: block %d has %d bytes of hashes", ErrRecord, id, len(b))
		return h
	}
	r.blocks = append(r.blocks, block{id, b})
	copy(h[:], b[at*hashSize:])
	return h
}

// subtree returns the Merkle tree hash of the leaves from lo to before hi: either a complete
// subtree, or all leaves from the start of a peak on.
func (r *reader) subtree(lo, hi uint64) proof.Hash {
	if n := hi - lo; n&(n-1) == 0 && n > 0 {
		level := bits.TrailingZeros64(n)
		return r.node(level, lo>>level)
	}
	// Below lo are the peaks of the bits that size and lo share.
	return r.log.mth(bits.OnesCount64(lo))
}

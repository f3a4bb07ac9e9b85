package eventlog

import (
	"fmt"
	"math/bits"

	"weir/ledger/proof"
)

// Check follows every stored hash of a log of size leaves, from the first leaf on. After each it
// calls visit with the number of leaves so far, the hash of the last, and what computes the Merkle
// tree hash of them all, which visit compares with what it knows.
//
// Errors: ErrRecord, those of the Source, those of visit.
func Check(src Source, size uint64,
	visit func(n uint64, leaf proof.Hash, mth func() proof.Hash) error,
) error {
	c := checker{src: src, count: storedCount(size)}
	var l Log
	for n := uint64(1); n <= size; n++ {
		leaf, err := c.next()
		if err != nil {
			return err
		}
		h := leaf
		for range bits.TrailingZeros64(n) { // the subtrees that the leaf completes
			left := l.peaks[len(l.peaks)-1]
			l.peaks = l.peaks[:len(l.peaks)-1]
			h = proof.InnerHash(&left, &h)
			stored, err := c.next()
			if err != nil {
				return err
			}
			if stored != h {
				return fmt.Errorf("%w: hash %d, in block %d, is not that of its children",
					ErrRecord, c.at-1, (c.at-1)/BlockHashes)
			}
		}
		l.peaks = append(l.peaks, h)
		if err := visit(n, leaf, func() proof.Hash { return l.mth(0) }); err != nil {
			return err
		}
	}
	return nil
}

// checker reads the stored sequence from its begin.
type checker struct {
	src       Source
	at, count uint64
	block     []byte
}

func (c *checker) next() (h proof.Hash, err error) {
	at := int(c.at % BlockHashes)
	if at == 0 {
		want := int(min(BlockHashes, c.count-c.at))
		if c.block, err = c.src.Hashes(c.at/BlockHashes, want); err != nil {
			return h, err
		}
		if n := len(c.block); n < want*hashSize || n > BlockHashes*hashSize || n%hashSize != 0 {
			return h, fmt.Errorf("%w: block %d has %d bytes of hashes", ErrRecord,
				c.at/BlockHashes, n)
		}
	}
	copy(h[:], c.block[at*hashSize:])
	c.at++
	return h, nil
}

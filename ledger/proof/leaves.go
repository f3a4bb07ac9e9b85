package proof

import (
	"encoding/binary"
	"math/bits"
)

// Leaves proves a contiguous run of leaves of a log. Its shape follows from Size, First and
// the number of leaves, so Path holds only the hashes of the subtrees outside the run, from
// left to right.
type Leaves struct {
	Size, Next, First uint64
	Path              []Hash
}

// DecodeLeaves reads a proof of a run of leaves.
func DecodeLeaves(b []byte) (*Leaves, error) {
	r, p := &reader{b}, &Leaves{}
	var err error
	for _, f := range []*uint64{&p.Size, &p.Next, &p.First} {
		if *f, err = r.uint64(); err != nil {
			return nil, err
		}
	}
	if p.Path, err = r.hashes(); err != nil {
		return nil, err
	}
	return p, r.end()
}

// AppendBinary appends the encoding.
func (p *Leaves) AppendBinary(b []byte) ([]byte, error) {
	if len(p.Path) > 2*MaxDepth {
		return nil, invalid("path is too long")
	}
	for _, f := range []uint64{p.Size, p.Next, p.First} {
		b = binary.BigEndian.AppendUint64(b, f)
	}
	return appendHashes(append(b, byte(len(p.Path))), p.Path), nil
}

// Verify proves that the log with this unit root holds these leaves, at least one, from index
// p.First on.
func (p *Leaves) Verify(root Hash, leaves [][]byte) error {
	return guard(func() error {
		n := uint64(len(leaves))
		if n == 0 || p.Size > MaxLogSize || p.First >= p.Size || n > p.Size-p.First {
			return invalid("index or size")
		}
		w := leafWalk{first: p.First, end: p.First + n, leaves: leaves, path: p.Path}
		mth, err := w.hash(0, p.Size)
		if err != nil {
			return err
		}
		if len(w.path) != 0 || (LogState{p.Size, p.Next, mth}).Root() != root {
			return invalid("wrong root")
		}
		return nil
	})
}

type leafWalk struct {
	first, end uint64
	leaves     [][]byte
	path       []Hash
}

// hash returns the Merkle tree hash of the leaves from lo to before hi.
func (w *leafWalk) hash(lo, hi uint64) (Hash, error) {
	if hi <= w.first || lo >= w.end {
		if len(w.path) == 0 {
			return Hash{}, invalid("path is too short")
		}
		h := w.path[0]
		w.path = w.path[1:]
		return h, nil
	}
	if hi-lo == 1 {
		return LogLeafHash(w.leaves[lo-w.first]), nil
	}
	mid := lo + LogSplit(hi-lo)
	left, err := w.hash(lo, mid)
	if err != nil {
		return Hash{}, err
	}
	right, err := w.hash(mid, hi)
	if err != nil {
		return Hash{}, err
	}
	return InnerHash(&left, &right), nil
}

// LogSplit returns the greatest power of two below n, n > 1: the size of the left subtree of a
// tree of n leaves in RFC 6962.
func LogSplit(n uint64) uint64 { return 1 << (bits.Len64(n-1) - 1) }

package eventlog

import (
	"fmt"
	"math/bits"

	"weir/ledger/proof"
)

// ProveInclusion proves that the leaf with this index is in the log, also if it is forgotten.
//
// Errors: ErrRange, ErrRecord, and those of the Source.
func (l *Log) ProveInclusion(index uint64) (*proof.Inclusion, error) {
	if index >= l.size {
		return nil, fmt.Errorf("%w: leaf %d of %d", ErrRange, index, l.size)
	}
	p := &proof.Inclusion{Index: index, Size: l.size, Next: l.next}
	p.Path = make([]proof.Hash, 0, bits.Len64(l.size))
	r := reader{log: l, blocks: make([]block, 0, bits.Len64(l.size))}
	if r.included(index, r.node(0, index), &p.Path) != l.mth(0) || r.err != nil {
		return nil, r.failed()
	}
	return p, nil
}

// failed is the error of a question whose hashes do not lead to the root.
func (r *reader) failed() error {
	if r.err != nil {
		return r.err
	}
	return fmt.Errorf("%w: stored hashes do not lead to the root", ErrRecord)
}

// included returns the tree hash of the log if its leaf with this index had the hash h, and
// appends PATH(index, D) of RFC 6962, section 2.1.1, to out unless it is nil.
func (r *reader) included(index uint64, h proof.Hash, out *[]proof.Hash) proof.Hash {
	return r.path(index, 0, r.log.size, h, out)
}

func (r *reader) path(index, lo, hi uint64, h proof.Hash, out *[]proof.Hash) proof.Hash {
	if hi-lo == 1 {
		return h
	}
	mid := lo + proof.LogSplit(hi-lo)
	var left, right, sibling proof.Hash
	if index < mid {
		left = r.path(index, lo, mid, h, out)
		right = r.subtree(mid, hi)
		sibling = right
	} else {
		right = r.path(index, mid, hi, h, out)
		left = r.subtree(lo, mid)
		sibling = left
	}
	if out != nil {
		*out = append(*out, sibling)
	}
	return proof.InnerHash(&left, &right)
}

// ProveConsistency proves that this log continues an older state of itself.
//
// Errors: ErrRange when the log never was in that state, ErrRecord, and those of the Source.
func (l *Log) ProveConsistency(old proof.LogState) (*proof.Consistency, error) {
	p := &proof.Consistency{Old: old, New: l.State()}
	switch {
	case old.Size == 0:
		return p, nil
	case old.Size == l.size && old.MTH == p.New.MTH:
		return p, nil
	case old.Size >= l.size:
		return nil, fmt.Errorf("%w: an older state of %d leaves", ErrRange, old.Size)
	}
	r := reader{log: l}
	oldHash, newHash := r.subproof(old.Size, 0, l.size, true, &p.Path)
	switch {
	case r.err != nil || newHash != p.New.MTH:
		return nil, r.failed()
	case oldHash != old.MTH:
		return nil, fmt.Errorf("%w: another state of %d leaves", ErrRange, old.Size)
	}
	return p, nil
}

// subproof appends SUBPROOF(m, D[lo:hi], whole) of RFC 6962, section 2.1.2, to out; m counts
// from lo. It returns the tree hashes of the first m leaves and of all of them.
func (r *reader) subproof(m, lo, hi uint64, whole bool, out *[]proof.Hash) (
	oldHash, newHash proof.Hash,
) {
	if m == hi-lo {
		h := r.subtree(lo, hi)
		if !whole {
			*out = append(*out, h)
		}
		return h, h
	}
	mid := lo + proof.LogSplit(hi-lo)
	if m <= mid-lo {
		oldHash, left := r.subproof(m, lo, mid, whole, out)
		right := r.subtree(mid, hi)
		*out = append(*out, right)
		return oldHash, proof.InnerHash(&left, &right)
	}
	oldRight, newRight := r.subproof(m-(mid-lo), mid, hi, false, out)
	left := r.subtree(lo, mid)
	*out = append(*out, left)
	return proof.InnerHash(&left, &oldRight), proof.InnerHash(&left, &newRight)
}

// ProveLeaves proves the leaves from index first on, n of them, at least one, also if they are
// forgotten.
//
// Errors: ErrRange, ErrRecord, and those of the Source.
func (l *Log) ProveLeaves(first, n uint64) (*proof.Leaves, error) {
	if n == 0 || first >= l.size || n > l.size-first {
		return nil, fmt.Errorf("%w: %d leaves from %d of %d", ErrRange, n, first, l.size)
	}
	p := &proof.Leaves{Size: l.size, Next: l.next, First: first}
	r := reader{log: l}
	if r.outside(first, first+n, 0, l.size, &p.Path) != l.mth(0) || r.err != nil {
		return nil, r.failed()
	}
	return p, nil
}

// outside appends the hashes of the greatest subtrees of lo..hi that hold no leaf of
// first..end, from left to right, and returns the tree hash of lo..hi.
func (r *reader) outside(first, end, lo, hi uint64, out *[]proof.Hash) proof.Hash {
	if hi <= first || lo >= end {
		h := r.subtree(lo, hi)
		*out = append(*out, h)
		return h
	}
	if lo >= first && hi <= end {
		return r.subtree(lo, hi)
	}
	mid := lo + proof.LogSplit(hi-lo)
	left := r.outside(first, end, lo, mid, out)
	right := r.outside(first, end, mid, hi, out)
	return proof.InnerHash(&left, &right)
}

package eventlog

import (
	"math/bits"

	"weir/ledger/proof"
)

// ProveInclusion proves that the leaf with this index is in the log.
//
// Errors: ErrRange.
func (l *Log) ProveInclusion(index uint64) (*proof.Inclusion, error) {
	if index >= l.Size() {
		return nil, ErrRange
	}
	p := &proof.Inclusion{Index: index, Size: l.Size(), Next: l.next}
	p.Path = l.path(index, 0, l.Size(), nil)
	return p, nil
}

// path is PATH(index, D[lo:hi]) of RFC 6962, section 2.1.1.
func (l *Log) path(index, lo, hi uint64, out []proof.Hash) []proof.Hash {
	if hi-lo <= 1 {
		return out
	}
	mid := lo + proof.LogSplit(hi-lo)
	if index < mid {
		return append(l.path(index, lo, mid, out), l.subtree(mid, hi))
	}
	return append(l.path(index, mid, hi, out), l.subtree(lo, mid))
}

// ProveConsistency proves that this log continues an older state of itself.
//
// Errors: ErrRange when the log never was in that state.
func (l *Log) ProveConsistency(old proof.LogState) (*proof.Consistency, error) {
	if old.Size > l.Size() || old.Size > 0 && old.MTH != l.prefix(old.Size) {
		return nil, ErrRange
	}
	p := &proof.Consistency{Old: old, New: l.State()}
	if old.Size > 0 && old.Size < l.Size() {
		p.Path = l.subproof(old.Size, 0, l.Size(), true, nil)
	}
	return p, nil
}

// prefix returns the Merkle tree hash of the first n leaves.
func (l *Log) prefix(n uint64) proof.Hash {
	h, have := proof.Hash{}, false
	for rest := n; rest > 0; {
		level := bits.TrailingZeros64(rest)
		node := l.nodes[level][rest>>level-1]
		if have {
			h = proof.InnerHash(&node, &h)
		} else {
			h, have = node, true
		}
		rest -= 1 << level
	}
	return h
}

// subproof is SUBPROOF(m, D[lo:hi], whole) of RFC 6962, section 2.1.2; m counts from lo.
func (l *Log) subproof(m, lo, hi uint64, whole bool, out []proof.Hash) []proof.Hash {
	if m == hi-lo {
		if whole {
			return out
		}
		return append(out, l.subtree(lo, hi))
	}
	k := proof.LogSplit(hi - lo)
	if m <= k {
		return append(l.subproof(m, lo, lo+k, whole, out), l.subtree(lo+k, hi))
	}
	return append(l.subproof(m-k, lo+k, hi, false, out), l.subtree(lo, lo+k))
}

// ProveLeaves proves the leaves from index first on, n of them, at least one.
//
// Errors: ErrRange.
func (l *Log) ProveLeaves(first, n uint64) (*proof.Leaves, error) {
	if n == 0 || first >= l.Size() || n > l.Size()-first {
		return nil, ErrRange
	}
	p := &proof.Leaves{Size: l.Size(), Next: l.next, First: first}
	p.Path = l.outside(first, first+n, 0, l.Size(), nil)
	return p, nil
}

// outside appends the hashes of the greatest subtrees of lo..hi that hold no leaf of
// first..end, from left to right.
func (l *Log) outside(first, end, lo, hi uint64, out []proof.Hash) []proof.Hash {
	if hi <= first || lo >= end {
		return append(out, l.subtree(lo, hi))
	}
	if lo >= first && hi <= end {
		return out
	}
	mid := lo + proof.LogSplit(hi-lo)
	return l.outside(first, end, mid, hi, l.outside(first, end, lo, mid, out))
}

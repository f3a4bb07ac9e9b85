package eventlog

import (
	"fmt"
	"math/bits"
	"slices"

	"weir/ledger/proof"
)

// TrimTo returns the same log without what the save of an earlier state of it handed over; saved
// is what Trim returned for that state. It is Trim for a log that has grown while it was saved.
func (l *Log) TrimTo(saved *Log) *Log {
	leaves := min(saved.size, l.size)
	next := *l
	// A leaf that was there when the log was saved may have been erased since: such an erasure
	// is not in the Source yet.
	next.erased = slices.DeleteFunc(slices.Clone(l.erased), func(index uint64) bool {
		_, ok := slices.BinarySearch(saved.handed, index)
		return ok
	})
	if at := l.inMemory(); leaves > at {
		next.tail = slices.Clone(l.tail[leaves-at:])
	}
	if saved := storedCount(leaves); saved > l.saved {
		next.saved = saved
		next.base = saved / BlockHashes * BlockHashes
		next.fresh = slices.Clone(l.fresh[next.base-l.base:])
	}
	return &next
}

// MTH returns the Merkle tree hash of the first leaves of the log, also of those whose records are
// forgotten. The hashes that are read are not followed up to the root: it is for comparing.
//
// Errors: ErrRange, ErrRecord, and those of the Source.
func (l *Log) MTH(size uint64) (proof.Hash, error) {
	if size > l.size {
		return proof.Hash{}, fmt.Errorf("%w: %d leaves of %d", ErrRange, size, l.size)
	}
	p, r, lo := Log{}, &reader{log: l}, uint64(0)
	for rest := size; rest > 0; {
		level := bits.Len64(rest) - 1
		p.peaks = append(p.peaks, r.node(level, lo>>level))
		lo += 1 << level
		rest -= 1 << level
	}
	return p.mth(0), r.err
}

// Prefix returns the log as it was in an older state, to be read and not to be appended to: with
// fewer leaves, and with records that it has forgotten since, if the Source still has them. The
// caller checks its root, which is what its proofs are checked against. What was erased since
// stays erased.
//
// Errors: ErrRange, ErrRecord, and those of the Source.
func (l *Log) Prefix(s State) (*Log, error) {
	size := s.Size
	if size > l.size || s.Kept.From > l.kept.From || !s.valid() {
		return nil, fmt.Errorf("%w: %d leaves of %d", ErrRange, size, l.size)
	}
	if size == l.size {
		p := *l
		p.kept = s.Kept
		return &p, nil
	}
	p := l.shorter(s)
	r := &reader{log: l}
	lo := uint64(0)
	for rest := size; rest > 0 && r.err == nil; {
		level := bits.Len64(rest) - 1
		p.peaks = append(p.peaks, r.node(level, lo>>level))
		lo += 1 << level
		rest -= 1 << level
	}
	if count := storedCount(size); count >= l.base {
		p.fresh = l.fresh[: count-l.base : count-l.base]
		return p, r.err
	}
	for index := p.base; index < p.saved; index++ {
		p.fresh = append(p.fresh, r.stored(index))
	}
	if r.err != nil {
		return nil, r.err
	}
	return p, p.followFresh(&reader{log: p})
}

// shorter is a log of fewer leaves, without hashes in memory.
func (l *Log) shorter(s State) *Log {
	p := &Log{src: l.src, size: s.Size, next: s.Next, kept: s.Kept}
	if at := l.inMemory(); s.Size > at {
		p.tail = l.tail[: s.Size-at : s.Size-at]
	}
	i, _ := slices.BinarySearch(l.erased, s.Size)
	p.erased = l.erased[:i:i]
	count := storedCount(s.Size)
	p.saved, p.base = min(l.saved, count), l.base
	if count < l.base {
		p.base = count / BlockHashes * BlockHashes
	}
	return p
}

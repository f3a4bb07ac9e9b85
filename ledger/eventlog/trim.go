package eventlog

import (
	"fmt"
	"math/bits"
	"slices"
)

// TrimTo returns the same log without what the save of its first leaves handed over. It is Trim
// for a log that has grown while it was saved.
func (l *Log) TrimTo(leaves uint64) *Log {
	leaves = min(leaves, l.size)
	next := *l
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

// Prefix returns the log as it was with fewer leaves, to be read and not to be appended to. The
// caller checks its root, which is what its proofs are checked against.
//
// Errors: ErrRange, ErrForgotten, ErrRecord, and those of the Source.
func (l *Log) Prefix(size uint64) (*Log, error) {
	if size > l.size {
		return nil, fmt.Errorf("%w: %d leaves of %d", ErrRange, size, l.size)
	}
	if size == l.size {
		return l, nil
	}
	p, err := l.shorter(size)
	if err != nil {
		return nil, err
	}
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
func (l *Log) shorter(size uint64) (*Log, error) {
	head, err := l.head(size)
	if err != nil {
		return nil, err
	}
	p := &Log{src: l.src, size: size, next: head.First, kept: l.kept}
	if p.kept.From > size {
		p.kept = Kept{From: size, Offset: p.next}
	}
	if at := l.inMemory(); size > at {
		p.tail = l.tail[: size-at : size-at]
	}
	i, _ := slices.BinarySearch(l.erased, size)
	p.erased = l.erased[:i:i]
	count := storedCount(size)
	p.saved, p.base = min(l.saved, count), l.base
	if count < l.base {
		p.base = count / BlockHashes * BlockHashes
	}
	return p, nil
}

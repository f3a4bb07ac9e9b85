package eventlog

import (
	"fmt"
	"math/bits"

	"weir/ledger/proof"
)

// State is what a keeper notes of a log to open it again.
type State struct {
	Size, Next uint64
	Kept       Kept
}

// valid reports whether a log can be in this state.
func (s *State) valid() bool {
	k := s.Kept
	return s.Size <= proof.MaxLogSize && s.Next <= OffsetMax && k.From <= s.Size &&
		k.Offset <= s.Next && (k.From > 0 || k.Offset == 0) && (k.From < s.Size || k.Offset == s.Next)
}

// Open returns the log of a state that was saved, if its unit root is the expected one. It
// reads the peaks and the last block of hashes, O(log n) blocks in all, and follows every hash
// that it keeps up to the root. Records are checked when they are read.
//
// Errors: ErrRecord, and those of the Source.
func Open(src Source, s State, root proof.Hash) (*Log, error) {
	if !s.valid() {
		return nil, fmt.Errorf("%w: state %+v", ErrRecord, s)
	}
	l := &Log{src: src, size: s.Size, next: s.Next, kept: s.Kept, saved: storedCount(s.Size)}
	l.base = l.saved / BlockHashes * BlockHashes
	r := &reader{log: l}
	var peaks []proof.Hash
	lo := uint64(0)
	for rest := s.Size; rest > 0 && r.err == nil; {
		level := bits.Len64(rest) - 1
		peaks = append(peaks, r.stored(storedIndex(level, lo>>level)))
		lo += 1 << level
		rest -= 1 << level
	}
	if r.err != nil {
		return nil, r.err
	}
	l.peaks = peaks
	if l.Root() != root {
		return nil, fmt.Errorf("%w: the log has another root", ErrRecord)
	}
	for index := l.base; index < l.saved; index++ {
		l.fresh = append(l.fresh, r.stored(index))
	}
	if err := l.followFresh(r); err != nil {
		return nil, err
	}
	return l, nil
}

// followFresh checks the hashes of the last block. Each is a peak or the child of a later one,
// and that is in the block too: so trust flows from the peaks down.
func (l *Log) followFresh(r *reader) error {
	for n := l.size; n > 0 && storedCount(n) > l.base; n-- { // leaf n-1 and what it completes
		for level := 1; level <= bits.TrailingZeros64(n); level++ {
			at := n>>level - 1
			index := storedIndex(level, at)
			if index < l.base {
				continue
			}
			left, right := r.node(level-1, 2*at), r.node(level-1, 2*at+1)
			if r.err == nil && l.fresh[index-l.base] != proof.InnerHash(&left, &right) {
				r.err = fmt.Errorf("%w: hash %d is not that of its children", ErrRecord, index)
			}
		}
	}
	return r.err
}

package eventlog

import (
	"fmt"
	"slices"
)

// Offsets returns the first offset of a leaf and the one behind its last row.
//
// Errors: ErrRange, ErrForgotten, ErrRecord, and those of the Source.
func (l *Log) Offsets(index uint64) (first, end uint64, err error) {
	if err := l.has(index); err != nil {
		return 0, 0, err
	}
	h, err := l.head(index)
	if err != nil {
		return 0, 0, err
	}
	return h.First, h.end(), nil
}

// head reads the head of a leaf that is kept.
func (l *Log) head(index uint64) (Head, error) {
	if at := l.inMemory(); index >= at {
		r := &l.tail[index-at]
		return Head{r.First, r.Rows}, nil
	}
	h, err := l.src.Head(index)
	if err == nil && (h.First < l.kept.Offset || h.First > l.next ||
		uint64(h.Rows) > l.next-h.First) {
		err = fmt.Errorf("%w: head of leaf %d", ErrRecord, index)
	}
	return h, err
}

// Find returns the index of the leaf that covers an offset; ok is false when there is none yet.
//
// Errors: ErrForgotten, ErrRecord, and those of the Source.
func (l *Log) Find(offset uint64) (index uint64, ok bool, err error) {
	switch {
	case offset >= l.next:
		return 0, false, nil
	case offset < l.kept.Offset:
		return 0, false, fmt.Errorf("%w: offset %d, kept from %d on", ErrForgotten, offset,
			l.kept.Offset)
	}
	at := l.inMemory()
	if len(l.tail) > 0 && offset >= l.tail[0].First {
		i, _ := slices.BinarySearchFunc(l.tail, offset, func(r Record, offset uint64) int {
			if r.end() <= offset {
				return -1
			}
			return 1
		})
		return at + uint64(i), true, nil
	}
	// The first leaf that ends behind the offset is the one: leaves without rows end at their
	// first offset.
	lo, hi := l.kept.From, at
	for lo < hi {
		mid := lo + (hi-lo)/2
		h, err := l.head(mid)
		switch {
		case err != nil:
			return 0, false, err
		case h.end() <= offset:
			lo = mid + 1
		case h.First <= offset:
			return mid, true, nil
		default:
			hi = mid
		}
	}
	return 0, false, fmt.Errorf("%w: no leaf covers offset %d", ErrRecord, offset)
}

package eventlog

import (
	"fmt"
	"slices"
)

// Kept says from where on a log has records. It is agreed state, and the application's to keep.
type Kept struct {
	From   uint64 // the first leaf with a record; the size of the log when there is none
	Offset uint64 // its first offset; that of the next row when there is none
}

// Kept says from where on the log has records.
func (l *Log) Kept() Kept { return l.kept }

// Forget returns the log without records of the leaves before an index, and l itself when it
// has none of them. Their hashes stay: every proof that l can make, the next log can make. The
// keeper may remove the records below Kept().From once no log that it must serve has them; until
// then Prefix reads them, so those that are not saved yet will be.
//
// Errors: ErrRange, ErrRecord, and those of the Source.
func (l *Log) Forget(before uint64) (*Log, error) {
	switch {
	case before > l.size:
		return l, fmt.Errorf("%w: forget %d of %d leaves", ErrRange, before, l.size)
	case before <= l.kept.From:
		return l, nil
	}
	next := *l
	next.kept = Kept{From: before, Offset: l.next}
	if before < l.size {
		h, err := l.head(before)
		if err != nil {
			return l, err
		}
		next.kept.Offset = h.First
	}
	return &next, nil
}

// Erase returns the log without the payload of one leaf. The leaf stays, and so does the hash
// of the payload that it binds. Erasing twice is erasing once.
//
// Errors: ErrRange, ErrForgotten.
func (l *Log) Erase(index uint64) (*Log, error) {
	if err := l.has(index); err != nil {
		return l, err
	}
	i, ok := slices.BinarySearch(l.erased, index)
	if ok {
		return l, nil
	}
	next := *l
	next.erased = slices.Insert(slices.Clone(l.erased), i, index)
	return &next, nil
}

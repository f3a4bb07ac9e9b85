package eventlog

import (
	"fmt"

	"weir/ledger/proof"
)

// Subtree returns the stored hash of the complete subtree of the leaves from n<<level on. It is
// for a caller that follows it up to the root.
//
// Errors: ErrRange, ErrRecord, and those of the Source.
func (l *Log) Subtree(level int, n uint64) (proof.Hash, error) {
	if level < 0 || level > 56 || n >= l.size>>level {
		return proof.Hash{}, fmt.Errorf("%w: subtree %d at level %d", ErrRange, n, level)
	}
	r := reader{log: l}
	h := r.node(level, n)
	return h, r.err
}

// AppendHash returns the log with one more leaf of which only the hash is known: it is forgotten.
// It comes before all leaves that are kept, and says nothing of offsets; KeepFrom does.
//
// Errors: ErrLimit.
func (l *Log) AppendHash(h proof.Hash) (*Log, error) {
	if l.size >= proof.MaxLogSize || l.kept.From != l.size || len(l.tail) > 0 {
		return l, fmt.Errorf("%w: a forgotten leaf behind a kept one", ErrLimit)
	}
	next := *l
	next.size++
	next.kept.From = next.size
	next.grow(l.peaks, h)
	return &next, nil
}

// KeepFrom returns the log, of which all leaves are forgotten, with the offset of the next row.
//
// Errors: ErrLimit.
func (l *Log) KeepFrom(offset uint64) (*Log, error) {
	if l.kept.From != l.size || offset > OffsetMax {
		return l, fmt.Errorf("%w: offset %d", ErrLimit, offset)
	}
	next := *l
	next.next, next.kept.Offset = offset, offset
	return &next, nil
}

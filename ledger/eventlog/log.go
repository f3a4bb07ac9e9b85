package eventlog

import (
	"errors"
	"fmt"
	"slices"

	"weir/internal/invariant"
	"weir/ledger/proof"
)

// Limits of an append.
const (
	// LeafMax is the length of the longest leaf in bytes.
	LeafMax = 64 << 10
	// PayloadMax is the length of the longest payload in bytes.
	PayloadMax = 1 << 20
	// RowsMax is the greatest number of rows of one leaf.
	RowsMax = 1 << 20
	// OffsetMax bounds the offsets of a log.
	OffsetMax = 1 << 62
)

// Errors. A log that returned one is unchanged.
var (
	// ErrLimit is an append that breaks a limit.
	ErrLimit = errors.New("eventlog: limit")
	// ErrRange is a question about leaves or sizes that the log does not have.
	ErrRange = errors.New("eventlog: out of range")
	// ErrRecord is a stored record that breaks a rule.
	ErrRecord = errors.New("eventlog: invalid record")
)

// Record is one leaf with what lies beside it.
type Record struct {
	First   uint64 // offset of the first row
	Rows    uint32 // number of rows, perhaps none
	Leaf    []byte
	Payload []byte
}

// Source reads the records that are no longer in memory.
type Source interface {
	// Leaf returns the leaf with this index.
	Leaf(index uint64) ([]byte, error)
	// Payload returns the payload beside the leaf with this index.
	Payload(index uint64) ([]byte, error)
}

// Log is one version of a log.
type Log struct {
	// nodes[l] has the hash of each complete subtree of 2^l leaves.
	nodes  [][]proof.Hash
	firsts []uint64 // first offset of each leaf
	next   uint64
	mth    proof.Hash

	durable uint64   // leaves before this index are in src
	tail    []Record // the others
	src     Source
}

// New returns an empty log; src serves the records that Trim drops.
func New(src Source) *Log { return &Log{src: src, mth: proof.EmptyLogHash()} }

// Size returns the number of leaves.
func (l *Log) Size() uint64 { return uint64(len(l.firsts)) }

// Next returns the offset that the next row will take.
func (l *Log) Next() uint64 { return l.next }

// State returns what the unit root commits to.
func (l *Log) State() proof.LogState {
	return proof.LogState{Size: l.Size(), Next: l.next, MTH: l.mth}
}

// Root returns the unit root.
func (l *Log) Root() proof.Hash { return l.State().Root() }

// Append returns the log with one more leaf, which covers rows offsets from l.Next() on. The
// log keeps leaf and payload.
//
// Errors: ErrLimit.
func (l *Log) Append(leaf []byte, rows uint32, payload []byte) (*Log, error) {
	switch {
	case len(leaf) == 0 || len(leaf) > LeafMax:
		return l, fmt.Errorf("%w: leaf of %d bytes", ErrLimit, len(leaf))
	case len(payload) > PayloadMax:
		return l, fmt.Errorf("%w: payload of %d bytes", ErrLimit, len(payload))
	case rows > RowsMax:
		return l, fmt.Errorf("%w: %d rows", ErrLimit, rows)
	case l.next > OffsetMax-uint64(rows) || l.Size() >= proof.MaxLogSize:
		return l, fmt.Errorf("%w: the log is full", ErrLimit)
	}
	next := l.append(proof.LogLeafHash(leaf), rows)
	next.tail = append(l.tail, Record{l.next, rows, leaf, payload})
	next.mth = next.subtree(0, next.Size())
	return next, nil
}

// append returns a copy with one more leaf hash; the tail and the tree hash are the caller's.
// The slices grow in place: no older version looks beyond its own length.
func (l *Log) append(h proof.Hash, rows uint32) *Log {
	next := *l
	next.nodes = append(make([][]proof.Hash, 0, len(l.nodes)+1), l.nodes...)
	for level := 0; ; level++ {
		if level == len(next.nodes) {
			next.nodes = append(next.nodes, nil)
		}
		next.nodes[level] = append(next.nodes[level], h)
		n := len(next.nodes[level])
		if n%2 == 1 {
			break
		}
		h = proof.InnerHash(&next.nodes[level][n-2], &next.nodes[level][n-1])
	}
	next.firsts = append(l.firsts, l.next)
	next.next += uint64(rows)
	return &next
}

// subtree returns the Merkle tree hash of the leaves from lo to before hi, where lo is a
// multiple of the power of two that is at least hi-lo.
func (l *Log) subtree(lo, hi uint64) proof.Hash {
	if lo == hi {
		return proof.EmptyLogHash()
	}
	if n := hi - lo; n&(n-1) == 0 {
		level := 0
		for n>>level > 1 {
			level++
		}
		return l.nodes[level][lo>>level]
	}
	mid := lo + proof.LogSplit(hi-lo)
	left, right := l.subtree(lo, mid), l.subtree(mid, hi)
	return proof.InnerHash(&left, &right)
}

// Leaf returns the leaf with this index.
//
// Errors: ErrRange, and those of the Source.
func (l *Log) Leaf(index uint64) ([]byte, error) {
	if index >= l.Size() {
		return nil, ErrRange
	}
	if index >= l.durable {
		return l.tail[index-l.durable].Leaf, nil
	}
	return l.src.Leaf(index)
}

// Payload returns the payload beside the leaf with this index.
//
// Errors: ErrRange, and those of the Source.
func (l *Log) Payload(index uint64) ([]byte, error) {
	if index >= l.Size() {
		return nil, ErrRange
	}
	if index >= l.durable {
		return l.tail[index-l.durable].Payload, nil
	}
	return l.src.Payload(index)
}

// Offsets returns the first offset of a leaf and the one behind its last row.
func (l *Log) Offsets(index uint64) (first, end uint64, err error) {
	if index >= l.Size() {
		return 0, 0, ErrRange
	}
	if index+1 == l.Size() {
		return l.firsts[index], l.next, nil
	}
	return l.firsts[index], l.firsts[index+1], nil
}

// Find returns the index of the leaf that covers an offset.
func (l *Log) Find(offset uint64) (index uint64, ok bool) {
	if offset >= l.next {
		return 0, false
	}
	// Leaves without rows share their first offset with the next leaf: the last one counts.
	i, _ := slices.BinarySearchFunc(l.firsts, offset, func(first, offset uint64) int {
		if first <= offset {
			return -1
		}
		return 1
	})
	return uint64(i - 1), true
}

// Tail calls visit for each record that is only in memory.
func (l *Log) Tail(visit func(index uint64, r Record) error) error {
	for i, r := range l.tail {
		if err := visit(l.durable+uint64(i), r); err != nil {
			return err
		}
	}
	return nil
}

// Trim returns the same log without its records in memory: all are in the Source now.
func (l *Log) Trim() *Log {
	next := *l
	next.durable, next.tail = l.Size(), nil
	return &next
}

// Loader rebuilds a log from stored records.
type Loader struct{ log *Log }

// NewLoader starts with an empty log.
func NewLoader(src Source) *Loader { return &Loader{New(src)} }

// Add appends the next stored record.
//
// Errors: ErrRecord.
func (d *Loader) Add(first uint64, rows uint32, leaf []byte) error {
	l := d.log
	if first != l.next || rows > RowsMax || len(leaf) == 0 || len(leaf) > LeafMax ||
		l.next > OffsetMax-uint64(rows) {
		return fmt.Errorf("%w: index %d", ErrRecord, l.Size())
	}
	d.log = l.append(proof.LogLeafHash(leaf), rows)
	return nil
}

// Log returns the log, if its state is the expected one.
//
// Errors: ErrRecord.
func (d *Loader) Log(root proof.Hash) (*Log, error) {
	l := d.log.Trim()
	l.mth = l.subtree(0, l.Size())
	if l.Root() != root {
		return nil, fmt.Errorf("%w: the log has another root", ErrRecord)
	}
	invariant.Check(len(l.tail) == 0, "a loaded log has records in memory")
	return l, nil
}

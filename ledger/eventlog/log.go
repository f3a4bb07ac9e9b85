package eventlog

import (
	"errors"
	"fmt"
	"math/bits"
	"slices"

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
	// ErrForgotten is a question about a leaf that the log no longer keeps.
	ErrForgotten = errors.New("eventlog: forgotten")
	// ErrErased is a question about a payload that was erased.
	ErrErased = errors.New("eventlog: payload erased")
	// ErrRecord is something stored that is not what was saved.
	ErrRecord = errors.New("eventlog: invalid record")
)

// Record is one leaf with what lies beside it.
type Record struct {
	First   uint64 // offset of the first row
	Rows    uint32 // number of rows, perhaps none
	Leaf    []byte
	Payload []byte
}

// end is the offset behind the last row.
func (r *Record) end() uint64 { return r.First + uint64(r.Rows) }

// Log is one version of a log.
type Log struct {
	src        Source
	size, next uint64
	peaks      []proof.Hash // one per bit of size, the greatest subtree first
	kept       Kept

	tail   []Record // of the last leaves; those before are in src
	erased []uint64 // leaves whose payload was erased since the last save, ascending
	handed []uint64 // of a log that Trim returned: the erased that the save handed over

	base  uint64       // a multiple of BlockHashes; hashes before it are in src
	fresh []proof.Hash // stored hashes from base on
	saved uint64       // number of stored hashes in src
}

// New returns an empty log; src serves what Trim drops.
func New(src Source) *Log { return &Log{src: src} }

// Size returns the number of leaves.
func (l *Log) Size() uint64 { return l.size }

// Next returns the offset that the next row will take.
func (l *Log) Next() uint64 { return l.next }

// State returns what the unit root commits to.
func (l *Log) State() proof.LogState {
	return proof.LogState{Size: l.size, Next: l.next, MTH: l.mth(0)}
}

// Root returns the unit root.
func (l *Log) Root() proof.Hash { return l.State().Root() }

// mth returns the Merkle tree hash of the leaves below all peaks but the first skip.
func (l *Log) mth(skip int) proof.Hash {
	if skip == len(l.peaks) {
		return proof.EmptyLogHash()
	}
	h := l.peaks[len(l.peaks)-1]
	for i := len(l.peaks) - 2; i >= skip; i-- {
		h = proof.InnerHash(&l.peaks[i], &h)
	}
	return h
}

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
	case l.next > OffsetMax-uint64(rows) || l.size >= proof.MaxLogSize:
		return l, fmt.Errorf("%w: the log is full", ErrLimit)
	}
	next := *l
	next.size++
	next.next += uint64(rows)
	// The slices grow in place: no older version looks beyond its own length.
	next.tail = append(l.tail, Record{l.next, rows, leaf, payload})
	next.grow(l.peaks, proof.LogLeafHash(leaf))
	return &next, nil
}

// grow sets the peaks, and adds the hash of the last leaf and those of the subtrees that it
// completes.
func (l *Log) grow(old []proof.Hash, h proof.Hash) {
	l.fresh = append(l.fresh, h)
	n := len(old)
	for range bits.TrailingZeros64(l.size) { // as many old peaks become one
		n--
		h = proof.InnerHash(&old[n], &h)
		l.fresh = append(l.fresh, h)
	}
	l.peaks = make([]proof.Hash, n+1)
	copy(l.peaks, old[:n])
	l.peaks[n] = h
}

// inMemory is the index of the first leaf whose record is in memory.
func (l *Log) inMemory() uint64 { return l.size - uint64(len(l.tail)) }

// has checks an index.
func (l *Log) has(index uint64) error {
	switch {
	case index >= l.size:
		return fmt.Errorf("%w: leaf %d of %d", ErrRange, index, l.size)
	case index < l.kept.From:
		return fmt.Errorf("%w: leaf %d, kept from %d on", ErrForgotten, index, l.kept.From)
	}
	return nil
}

// Leaf returns the leaf with this index.
//
// Errors: ErrRange, ErrForgotten, ErrRecord, and those of the Source.
func (l *Log) Leaf(index uint64) ([]byte, error) {
	if err := l.has(index); err != nil {
		return nil, err
	}
	if at := l.inMemory(); index >= at {
		return l.tail[index-at].Leaf, nil
	}
	record, err := l.src.Leaf(index)
	if err != nil {
		return nil, err
	}
	_, leaf, err := DecodeLeaf(index, record)
	if err != nil {
		return nil, err
	}
	r := reader{log: l}
	if r.included(index, proof.LogLeafHash(leaf), nil) != l.mth(0) || r.err != nil {
		return nil, fmt.Errorf("leaf %d: %w", index, r.failed())
	}
	return leaf, nil
}

// Payload returns the payload beside the leaf with this index. It is for the caller to check
// that the leaf binds it.
//
// Errors: ErrRange, ErrForgotten, ErrErased, ErrRecord, and those of the Source.
func (l *Log) Payload(index uint64) ([]byte, error) {
	if err := l.has(index); err != nil {
		return nil, err
	}
	if _, ok := slices.BinarySearch(l.erased, index); ok {
		return nil, fmt.Errorf("%w: leaf %d", ErrErased, index)
	}
	if at := l.inMemory(); index >= at {
		return l.tail[index-at].Payload, nil
	}
	record, err := l.src.Payload(index)
	if err != nil {
		return nil, err
	}
	return DecodePayload(index, record)
}

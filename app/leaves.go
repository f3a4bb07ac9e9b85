package app

import (
	"encoding/binary"
	"errors"

	"weir/app/leaf"
	"weir/ledger"
	"weir/ledger/eventlog"
	"weir/ledger/proof"
	"weir/ledger/snapshot"
)

// Leaves tells what the leaves of this application's logs bind, and what of them a snapshot may
// lack: what its own agreed state says was forgotten or erased. It serves one restore.
type Leaves struct {
	trees snapshot.Trees
	kept  *executor // with the segments of all streams; nil until the first log
	err   error
}

var _ snapshot.Leaves = (*Leaves)(nil)

// Errors of snapshots that lack what they should have.
var (
	errMissing = errors.New("a payload is missing")
	errKept    = errors.New("other leaves are kept than was agreed")
)

// Begin implements snapshot.Leaves.
func (l *Leaves) Begin(trees snapshot.Trees) { l.trees = trees }

// Bound implements snapshot.Leaves.
func (l *Leaves) Bound(_ ledger.Unit, raw []byte) (snapshot.Bound, error) {
	lf, err := leaf.Decode(raw)
	if err != nil {
		return snapshot.Bound{}, err
	}
	return snapshot.Bound{First: lf.FirstOffset, Rows: lf.Rows, Payload: lf.PayloadHash}, nil
}

// segments reads what is agreed of a stream's log, which its unit names.
func (l *Leaves) segments(u ledger.Unit) (*segments, error) {
	if l.kept == nil && l.err == nil {
		x := &executor{segments: map[uint32]*segments{}}
		l.err = x.loadSegments(scanned{l.trees, systemUnit(kindKept)})
		l.kept = x
	}
	if l.err != nil {
		return nil, l.err
	}
	return l.kept.segments[uint32(binary.BigEndian.Uint64(u[1:]))], nil
}

// Erased implements snapshot.Leaves.
func (l *Leaves) Erased(u ledger.Unit, index uint64, _ []byte) error {
	s, err := l.segments(u)
	if err != nil || s == nil {
		return errors.Join(errMissing, err)
	}
	for _, e := range s.erased {
		if e.state == eraseDone && e.first <= index && index < e.end {
			return nil
		}
	}
	return errMissing
}

// Kept implements snapshot.Leaves.
func (l *Leaves) Kept(u ledger.Unit, log proof.LogState, k eventlog.Kept) error {
	s, err := l.segments(u)
	if err != nil {
		return err
	}
	want := eventlog.Kept{}
	switch {
	case s != nil && len(s.list) > 0:
		want = eventlog.Kept{From: s.list[0].first, Offset: s.list[0].offset}
	case log.Size > 0:
		want = eventlog.Kept{From: log.Size, Offset: log.Next}
	}
	if k != want {
		return errKept
	}
	return nil
}

// scanned reads one restored tree.
type scanned struct {
	trees snapshot.Trees
	unit  ledger.Unit
}

// ProbeSorted implements ledger.Reader.
func (s scanned) ProbeSorted(keys [][]byte, visit func(i int, value []byte)) {
	for i, key := range keys {
		var found []byte
		s.trees(s.unit, key, append(key[:len(key):len(key)], 0), func(_, value []byte) bool {
			found = value
			return false
		})
		visit(i, found)
	}
}

// Scan implements ledger.Reader.
func (s scanned) Scan(lo, hi []byte, visit func(key, value []byte) bool) {
	s.trees(s.unit, lo, hi, visit)
}

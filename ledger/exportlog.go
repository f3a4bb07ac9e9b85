package ledger

import (
	"fmt"
	"math/bits"

	"weir/ledger/eventlog"
	"weir/ledger/proof"
	"weir/ledger/snapshot"
)

// hashesLevel is the greatest level of a part of hashes: 1 MiB.
const hashesLevel = 15

// plannedLog is how a log was cut into parts.
type plannedLog struct {
	kept  eventlog.Kept
	tiles []logTile
}

// logTile is a complete subtree of a log.
type logTile struct {
	first uint64
	level uint8
	size  int // without the kind
}

// log plans the parts of a log: hashes of what it has forgotten, and aligned runs of the leaves
// that it keeps, two of which are one as long as that is not too much. A log only grows, so what
// was planned before stays, but for its end.
func (e *Exporter) log(x *Export, u Unit, log *eventlog.Log) error {
	p := e.logs[u]
	if p == nil || p.kept != log.Kept() || p.end() > log.Size() {
		p = &plannedLog{kept: log.Kept()}
		p.forgotten()
		e.logs[u] = p
	}
	src := e.l.logSource(u)
	for at := p.end(); at < log.Size(); at++ {
		l, err := readLeaf(src, at)
		if err != nil {
			return err
		}
		p.push(logTile{at, 0, snapshot.LeafSize(&l)})
	}
	for _, t := range p.tiles {
		id, err := log.Subtree(int(t.level), t.first>>t.level)
		if err != nil {
			return err
		}
		part := snapshot.Part{
			Kind: snapshot.KindLeaves, Level: t.level, ID: id, Size: uint32(1 + t.size),
		}
		if t.first < p.kept.From {
			part.Kind = snapshot.KindHashes
		}
		x.parts = append(x.parts, source{part: part, unit: u, first: t.first, log: log, kv: x.kv})
	}
	return nil
}

// end is the first leaf behind all tiles.
func (p *plannedLog) end() uint64 {
	if len(p.tiles) == 0 {
		return 0
	}
	t := p.tiles[len(p.tiles)-1]
	return t.first + 1<<t.level
}

// forgotten covers the leaves without records.
func (p *plannedLog) forgotten() {
	for at := uint64(0); at < p.kept.From; {
		level := min(bits.TrailingZeros64(at), bits.Len64(p.kept.From-at)-1, hashesLevel)
		p.tiles = append(p.tiles, logTile{at, uint8(level), len(Hash{}) << level})
		at += 1 << level
	}
}

// push adds a leaf and joins what may be joined.
func (p *plannedLog) push(t logTile) {
	p.tiles = append(p.tiles, t)
	for n := len(p.tiles); n > 1; n-- {
		left, right := &p.tiles[n-2], &p.tiles[n-1]
		if left.first < p.kept.From || left.level != right.level ||
			left.first>>left.level&1 != 0 || left.size+right.size > snapshot.PartTarget {
			return
		}
		left.level, left.size = left.level+1, left.size+right.size
		p.tiles = p.tiles[:n-1]
	}
}

// readLeaf reads a leaf with its payload from the store, unverified.
func readLeaf(src logSource, index uint64) (l snapshot.Leaf, err error) {
	record, err := src.Leaf(index)
	if err != nil {
		return l, err
	}
	head, bytes, err := eventlog.DecodeLeaf(index, record)
	if err != nil {
		return l, err
	}
	l.Leaf, l.Bound.First, l.Bound.Rows = bytes, head.First, head.Rows
	if record, err = src.Payload(index); err != nil {
		return l, err
	}
	if eventlog.IsErased(record) {
		l.Erased = true
		return l, nil
	}
	l.Payload, err = eventlog.DecodePayload(index, record)
	return l, err
}

// appendLeaves appends the leaves of a part. Their hash is verified; that a leaf binds its
// payload is what only the application can tell.
func (s *source) appendLeaves(b []byte) ([]byte, error) {
	src := logSource{kv: s.kv, unit: s.unit}
	var sum snapshot.Fold
	for i := range uint64(1) << s.part.Level {
		l, err := readLeaf(src, s.first+i)
		if err != nil {
			return nil, err
		}
		sum.Add(proof.LogLeafHash(l.Leaf))
		b = snapshot.AppendLeaf(b, &l)
	}
	if sum.Root() != s.part.ID || len(b) != int(s.part.Size) {
		return nil, fmt.Errorf("%w: leaves from %d on have changed", ErrCorrupt, s.first)
	}
	return b, nil
}

// appendHashes appends the hashes of the leaves of a part.
func (s *source) appendHashes(b []byte) ([]byte, error) {
	for i := range uint64(1) << s.part.Level {
		h, err := s.log.Subtree(0, s.first+i)
		if err != nil {
			return nil, err
		}
		b = append(b, h[:]...)
	}
	_, err := snapshot.DecodeHashes(s.part, b)
	return b, err
}

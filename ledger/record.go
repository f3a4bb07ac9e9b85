package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"

	"weir/ledger/eventlog"
	"weir/ledger/pages"
	"weir/ledger/tree"
)

// record is what a checkpoint says about itself: all units with their roots, and what is needed
// to load them.
//
//	01 | height u64 | time u64 | app hash | count u32 | units | SHA-256 of the rest
//	unit:   name, root; a tree: level of the root page u8, its location (u64, u32);
//	        a log: size, next offset, first kept leaf and its offset u64;
//	        operator state: entries u64, id and location of the root page
type record struct {
	height  uint64
	time    int64 // of the block, as Block.SetTime gave it
	appHash Hash
	units   []unitRecord
}

type unitRecord struct {
	unit       Unit
	root       Hash
	level      uint8 // trees
	loc        tree.Loc
	size, next uint64 // logs
	kept       eventlog.Kept
	state      pages.RootRef // operator state
}

const recordVersion = 1

// unit finds a unit, nil when there is none.
func (r *record) unit(u Unit) *unitRecord {
	i, ok := slices.BinarySearchFunc(r.units, u, func(e unitRecord, u Unit) int {
		return e.unit.Compare(u)
	})
	if !ok {
		return nil
	}
	return &r.units[i]
}

func (r *record) encode() []byte {
	b := binary.BigEndian.AppendUint64([]byte{recordVersion}, r.height)
	b = binary.BigEndian.AppendUint64(b, uint64(r.time))
	b = append(b, r.appHash[:]...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(r.units)))
	for i := range r.units {
		u := &r.units[i]
		b = append(append(b, u.unit[:]...), u.root[:]...)
		switch {
		case u.unit.IsTree():
			b = pages.AppendLoc(append(b, u.level), u.loc)
		case u.unit.IsLog():
			b = binary.BigEndian.AppendUint64(b, u.size)
			b = binary.BigEndian.AppendUint64(b, u.next)
			b = binary.BigEndian.AppendUint64(b, u.kept.From)
			b = binary.BigEndian.AppendUint64(b, u.kept.Offset)
		case u.unit.IsState():
			b = binary.BigEndian.AppendUint64(b, u.state.Entries)
			b = pages.AppendLoc(append(b, u.state.ID[:]...), u.state.Loc)
		}
	}
	sum := sha256.Sum256(b)
	return append(b, sum[:]...)
}

// decodeRecord reads a stored record.
//
// Errors: ErrCorrupt.
func decodeRecord(b []byte) (*record, error) {
	body := len(b) - sha256.Size
	if body < 0 {
		return nil, fmt.Errorf("%w: checkpoint record", ErrCorrupt)
	}
	if sum := sha256.Sum256(b[:body]); !bytes.Equal(sum[:], b[body:]) {
		return nil, fmt.Errorf("%w: checkpoint record has another sum", ErrCorrupt)
	}
	d := recordReader{b: b[:body]}
	r := &record{}
	version := d.take(1)
	r.height, r.time = d.uint64(), int64(d.uint64())
	copy(r.appHash[:], d.take(len(r.appHash)))
	for n := d.uint32(); n > 0 && !d.bad; n-- {
		r.units = append(r.units, d.unit())
	}
	if d.bad || len(d.b) != 0 || version[0] != recordVersion {
		return nil, fmt.Errorf("%w: checkpoint record", ErrCorrupt)
	}
	return r, nil
}

// recordReader takes fields from the front of b; bad stays set after the first that is missing.
type recordReader struct {
	b   []byte
	bad bool
}

func (d *recordReader) take(n int) []byte {
	if d.bad || len(d.b) < n {
		d.bad = true
		return nil
	}
	head := d.b[:n:n]
	d.b = d.b[n:]
	return head
}

func (d *recordReader) uint64() uint64 {
	if b := d.take(8); b != nil {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

func (d *recordReader) uint32() uint32 {
	if b := d.take(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

func (d *recordReader) unit() (u unitRecord) {
	copy(u.unit[:], d.take(len(u.unit)))
	copy(u.root[:], d.take(len(u.root)))
	switch {
	case u.unit.IsTree():
		if level := d.take(1); !d.bad {
			u.level = level[0]
		}
		u.loc.Batch, u.loc.Seq = d.uint64(), d.uint32()
	case u.unit.IsLog():
		u.size, u.next = d.uint64(), d.uint64()
		u.kept.From, u.kept.Offset = d.uint64(), d.uint64()
	case u.unit.IsState():
		u.state.Entries = d.uint64()
		copy(u.state.ID[:], d.take(len(u.state.ID)))
		u.state.Loc.Batch, u.state.Loc.Seq = d.uint64(), d.uint32()
	}
	return u
}

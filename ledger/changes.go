package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"

	"weir/ledger/eventlog"
	"weir/ledger/tree"
)

// changes is what one block did, kept so that any height between two checkpoints can be read:
// the net changes of each tree, the state of each log, and the unit roots that changed.
//
//	store:  w | height         -> app hash, time u64, count u32, n × (unit, 00 | 01, root),
//	                              the first 8 bytes of the SHA-256 of all that
//	        w | height | unit  -> tree: the batches in order, each uv count, then per change
//	                              uv, key, and 0 for a deletion or uv length + 1, value;
//	                              log: size, next offset, first kept leaf, its offset u64
type changes struct {
	height uint64
	header []byte
	units  []unitChanges // ascending
}

type unitChanges struct {
	unit Unit
	body []byte
}

// appendBatch appends one batch of net changes of a tree. Where one batch ends and the next
// begins matters: it decides page cuts, and those the root.
func appendBatch(b []byte, batch []tree.Change) []byte {
	b = binary.AppendUvarint(b, uint64(len(batch)))
	for _, c := range batch {
		b = append(binary.AppendUvarint(b, uint64(len(c.Key))), c.Key...)
		if c.Value == nil {
			b = append(b, 0)
			continue
		}
		b = append(binary.AppendUvarint(b, uint64(len(c.Value))+1), c.Value...)
	}
	return b
}

// decodeBatches reads the batches of a unit back.
//
// Errors: ErrCorrupt.
func decodeBatches(b []byte) (batches [][]tree.Change, err error) {
	d := fieldReader{b: b}
	for len(d.b) > 0 && !d.bad {
		n := d.uvarint()
		if d.bad = d.bad || n > uint64(len(d.b)); d.bad {
			break
		}
		batch := make([]tree.Change, n)
		for i := range batch {
			batch[i].Key = d.take(d.uvarint())
			if size := d.uvarint(); size > 0 {
				batch[i].Value = d.take(size - 1)
			}
		}
		batches = append(batches, batch)
	}
	if d.bad {
		return nil, fmt.Errorf("%w: changes of a block", ErrCorrupt)
	}
	return batches, nil
}

// appendLogState describes a log as it was after a block.
func appendLogState(l *eventlog.Log) []byte {
	b := binary.BigEndian.AppendUint64(nil, l.Size())
	b = binary.BigEndian.AppendUint64(b, l.Next())
	b = binary.BigEndian.AppendUint64(b, l.Kept().From)
	return binary.BigEndian.AppendUint64(b, l.Kept().Offset)
}

// decodeLogState reads it back.
//
// Errors: ErrCorrupt.
func decodeLogState(b []byte) (s eventlog.State, err error) {
	d := recordReader{b: b}
	s.Size, s.Next = d.uint64(), d.uint64()
	s.Kept = eventlog.Kept{From: d.uint64(), Offset: d.uint64()}
	if d.bad || len(d.b) != 0 {
		return s, fmt.Errorf("%w: state of a log", ErrCorrupt)
	}
	return s, nil
}

// fieldReader takes fields with uvarint lengths from the front of b; bad stays set after the
// first that is missing.
type fieldReader struct {
	b   []byte
	bad bool
}

func (d *fieldReader) uvarint() uint64 {
	n, used := binary.Uvarint(d.b)
	if d.bad = d.bad || used <= 0; d.bad {
		return 0
	}
	d.b = d.b[used:]
	return n
}

func (d *fieldReader) take(n uint64) []byte {
	if d.bad = d.bad || n > uint64(len(d.b)); d.bad {
		return nil
	}
	head := d.b[:n:n]
	d.b = d.b[n:]
	return head
}

// appendHeader describes a block by its app hash, its time and the unit roots that changed.
func appendHeader(appHash Hash, time int64, set []tree.TopChange) []byte {
	b := append([]byte(nil), appHash[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(time))
	b = binary.BigEndian.AppendUint32(b, uint32(len(set)))
	for _, c := range set {
		b = append(b, c.Unit[:]...)
		if c.Root == nil {
			b = append(b, 0)
			continue
		}
		b = append(append(b, 1), c.Root[:]...)
	}
	sum := sha256.Sum256(b)
	return append(b, sum[:headerSum]...)
}

// headerSum is the length of a header's check sum: its time is under no hash.
const headerSum = 8

// decodeHeader reads a header back.
//
// Errors: ErrCorrupt.
func decodeHeader(b []byte) (appHash Hash, time int64, set []tree.TopChange, err error) {
	body := max(0, len(b)-headerSum)
	if sum := sha256.Sum256(b[:body]); !bytes.Equal(sum[:headerSum], b[body:]) {
		return Hash{}, 0, nil, fmt.Errorf("%w: header of a block's changes", ErrCorrupt)
	}
	d := recordReader{b: b[:body]}
	copy(appHash[:], d.take(len(appHash)))
	time = int64(d.uint64())
	for n := d.uint32(); n > 0 && !d.bad; n-- {
		var c tree.TopChange
		copy(c.Unit[:], d.take(len(c.Unit)))
		switch flag := d.take(1); {
		case d.bad || flag[0] > 1:
			d.bad = true
		case flag[0] == 1:
			c.Root = new(Hash)
			copy(c.Root[:], d.take(len(c.Root)))
		}
		set = append(set, c)
	}
	if d.bad || len(d.b) != 0 {
		return Hash{}, 0, nil, fmt.Errorf("%w: header of a block's changes", ErrCorrupt)
	}
	return appHash, time, set, nil
}

// unit returns what the block did to a unit, nil if nothing.
func (c *changes) unit(u Unit) []byte {
	i, ok := slices.BinarySearchFunc(c.units, u, func(e unitChanges, u Unit) int {
		return e.unit.Compare(u)
	})
	if !ok {
		return nil
	}
	return c.units[i].body
}

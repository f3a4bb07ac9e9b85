package ledger

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"weir/ledger/store"
)

// prune removes the checkpoints that have left the window, and what only they used. Its cost
// is that of what is removed: the list that each checkpoint left of what it no longer uses.
// What a crash interrupts is done the next time.
func (l *Ledger) prune() error {
	oldest, gone, err := l.dropRecords()
	if err != nil || oldest == 0 {
		return err
	}
	if gone {
		if err := l.forgetRecords(oldest); err != nil {
			return err
		}
	}
	if err := l.deleteOrphans(oldest); err != nil {
		return err
	}
	var b store.Batch
	b.DeleteRange(heightKey(classChanges, 0), heightKey(classChanges, oldest+1))
	if err := l.kv.Write(&b, false); err != nil || !gone {
		return err
	}
	return l.kv.Flush()
}

// dropRecords removes the records of checkpoints that have left the window. It returns the
// oldest that is left, 0 when there is none, and whether any went.
func (l *Ledger) dropRecords() (oldest uint64, gone bool, err error) {
	l.pins.mu.Lock()
	defer l.pins.mu.Unlock()
	heights, err := l.checkpoints()
	if err != nil || len(heights) == 0 {
		return 0, false, err
	}
	keep := l.keepFrom(heights)
	if keep == 0 {
		return heights[0], false, nil
	}
	var b store.Batch
	for _, h := range heights[:keep] {
		b.Delete(checkpointKey(h))
	}
	return heights[keep], true, l.kv.Write(&b, true)
}

// forgetRecords deletes the records of logs that the oldest kept checkpoint has forgotten.
func (l *Ledger) forgetRecords(oldest uint64) error {
	r, err := l.record(oldest)
	if err != nil {
		return err
	}
	var b store.Batch
	for i := range r.units {
		u := &r.units[i]
		if u.kept.From == 0 {
			continue
		}
		for _, class := range []byte{classLeaf, classPayload} {
			b.DeleteRange(indexKey(class, u.unit, 0), indexKey(class, u.unit, u.kept.From))
		}
	}
	if b.Len() == 0 {
		return nil
	}
	return l.kv.Write(&b, false)
}

// keepFrom returns the first of the checkpoints, ascending, that the window needs.
func (l *Ledger) keepFrom(heights []uint64) int {
	newest := heights[len(heights)-1]
	low := newest - min(newest, l.opts.Window)
	if p := l.versions.Load(); p != nil { // pages of versions in memory may have left it
		low = min(low, (*p)[0].height)
	}
	low = l.pins.lowest(low)
	keep := 0
	for i := range heights {
		if heights[i] <= low && i <= len(heights)-checkpointsMin {
			keep = i
		}
	}
	return keep
}

// deleteOrphans deletes what checkpoints up to the oldest kept one have listed: it is used by
// none that is left.
func (l *Ledger) deleteOrphans(oldest uint64) error {
	var heights []uint64
	var lists [][]byte
	lo, hi := heightKey(classOrphans, 0), heightKey(classOrphans, oldest+1)
	err := l.kv.Scan(lo, hi, func(key, list []byte) error {
		heights = append(heights, binary.BigEndian.Uint64(key[1:]))
		lists = append(lists, append([]byte(nil), list...))
		return nil
	})
	if err != nil {
		return err
	}
	for i, list := range lists {
		d, err := decodeDeletions(list)
		if err != nil {
			return err
		}
		var b store.Batch
		for _, r := range d.ranges {
			b.DeleteRange(r[0], r[1])
		}
		for _, key := range d.keys {
			b.Delete(key)
			if b.Size() < l.batchSize {
				continue
			}
			if err := l.kv.Write(&b, false); err != nil {
				return err
			}
			b.Reset()
		}
		b.Delete(heightKey(classOrphans, heights[i]))
		if err := l.kv.Write(&b, false); err != nil {
			return err
		}
	}
	return nil
}

var errFound = errors.New("found")

// cutAbove removes everything that checkpoints above a height wrote, whole or in part, but
// records of logs: those are written again by the blocks that are executed again.
func cutAbove(kv store.KV, height uint64) error {
	var b store.Batch
	found := false
	for _, class := range []byte{classCheckpoint, classOrphans, classChanges, classPage} {
		lo, hi := heightKey(class, height+1), []byte{class + 1}
		b.DeleteRange(lo, hi)
		err := kv.Scan(lo, hi, func(_, _ []byte) error {
			found = true
			return errFound
		})
		if err != nil && !errors.Is(err, errFound) {
			return err
		}
	}
	if !found {
		return nil
	}
	return kv.Write(&b, true)
}

// deletions lists what only older checkpoints use: single keys, and whole ranges.
type deletions struct {
	keys   [][]byte
	ranges [][2][]byte // from, to
}

// encode writes the list: length u8, key; or 00, length u8, from, length u8, to.
func (d *deletions) encode() []byte {
	b := make([]byte, 0, 14*len(d.keys)+64*len(d.ranges))
	for _, k := range d.keys {
		b = append(append(b, byte(len(k))), k...)
	}
	for _, r := range d.ranges {
		b = append(append(b, 0, byte(len(r[0]))), r[0]...)
		b = append(append(b, byte(len(r[1]))), r[1]...)
	}
	return b
}

// decodeDeletions reads a list back.
//
// Errors: ErrCorrupt.
func decodeDeletions(b []byte) (d deletions, err error) {
	bad := false
	field := func() []byte {
		if len(b) == 0 || b[0] == 0 || int(b[0]) > len(b)-1 {
			bad = true
			return nil
		}
		n := 1 + int(b[0])
		f := b[1:n:n]
		b = b[n:]
		return f
	}
	for len(b) > 0 && !bad {
		if b[0] != 0 {
			d.keys = append(d.keys, field())
			continue
		}
		b = b[1:]
		d.ranges = append(d.ranges, [2][]byte{field(), field()})
	}
	if bad {
		return deletions{}, fmt.Errorf("%w: list of deletions", ErrCorrupt)
	}
	return d, nil
}

// log adds all that a log unit has in the store.
func (d *deletions) log(u Unit) {
	for _, class := range []byte{classLeaf, classPayload, classHashes} {
		d.ranges = append(d.ranges, [2][]byte{
			indexKey(class, u, 0), indexKey(class, u, math.MaxUint64),
		})
	}
}

package ledger

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"weir/ledger/eventlog"
	"weir/ledger/proof"
)

// logFsck is what is known of one log.
type logFsck struct {
	known  bool                // a checkpoint has it
	size   uint64              // the greatest
	from   uint64              // the first record that a checkpoint needs
	offset uint64              // its first row
	next   map[uint64]uint64   // by size: the next offset
	roots  map[uint64]Hash     // by size
	height map[uint64]uint64   // by size: a checkpoint or block that has it
	have   map[byte]*logExtent // by class
	listed []listedRange       // by lists
}

type listedRange struct {
	height uint64
	class  byte
}

// logExtent is which records of a class are stored.
type logExtent struct{ n, first, last uint64 }

func (f *fsck) log(u Unit) *logFsck {
	c := f.logs[u]
	if c == nil {
		c = &logFsck{
			next: map[uint64]uint64{}, roots: map[uint64]Hash{}, height: map[uint64]uint64{},
			have: map[byte]*logExtent{},
		}
		f.logs[u] = c
	}
	return c
}

func (c *logFsck) note(class byte, index uint64) {
	e := c.have[class]
	if e == nil {
		e = &logExtent{first: index}
		c.have[class] = e
	}
	e.n, e.last = e.n+1, index
}

// checkpoint adds what a checkpoint says of the log. Checkpoints come newest first.
func (c *logFsck) checkpoint(u *unitRecord) {
	c.known = true
	c.size = max(c.size, u.size)
	c.from, c.offset = u.kept.From, u.kept.Offset
	c.next[u.size], c.roots[u.size] = u.next, u.root
}

// checkLogs verifies every record and hash of every log.
func (f *fsck) checkLogs() error {
	for _, u := range slices.SortedFunc(maps.Keys(f.logs), Unit.Compare) {
		c := f.logs[u]
		if e := c.have[classHashes]; e != nil {
			f.r.HashBlocks += e.n
		}
		if !c.known {
			// Of a log that was dropped, and is listed, or that was made after the newest
			// checkpoint, by blocks that will be executed again.
			for _, class := range []byte{classLeaf, classPayload, classHashes} {
				if e := c.have[class]; e != nil {
					f.r.Leftovers += e.n
				}
			}
			continue
		}
		if err := f.droppedLog(u, c); err != nil {
			return err
		}
		if err := f.checkLog(u, c); err != nil {
			return err
		}
	}
	return nil
}

// droppedLog checks that a log that the newest checkpoint does not have is listed for deletion.
func (f *fsck) droppedLog(u Unit, c *logFsck) error {
	newest := f.newestWith(u)
	if newest == f.r.Newest || len(f.r.Unjudged) > 0 {
		return nil
	}
	i := slices.IndexFunc(f.records, func(r *record) bool { return r.height == newest })
	for _, class := range []byte{classLeaf, classPayload, classHashes} {
		if !slices.Contains(c.listed, listedRange{f.records[i+1].height, class}) {
			return f.corrupt(newest, u, nil, "only checkpoints up to here have the log, and no "+
				"list names its keys %c", class)
		}
	}
	return nil
}

func (f *fsck) checkLog(u Unit, c *logFsck) error {
	//weir:unordered adds to a sum
	for class, e := range c.have {
		if class == classHashes {
			continue
		}
		if e.last >= c.size {
			f.r.Leftovers += e.last + 1 - max(c.size, e.first)
		}
		if e.first < c.from {
			f.r.Leftovers += min(c.from, e.last+1) - e.first
		}
	}
	src := logSource{kv: f.kv, unit: u}
	next := c.offset
	err := eventlog.Check(src, c.size, func(n uint64, leaf Hash, mth func() Hash) error {
		if n > c.from {
			h, err := f.record(u, src, n-1, leaf)
			if err != nil {
				return f.problem(0, u, indexKey(classLeaf, u, n-1), err)
			}
			if h.First != next {
				err = f.corrupt(0, u, indexKey(classLeaf, u, n-1), "leaf %d begins at offset %d, "+
					"want %d", n-1, h.First, next)
			}
			next = h.First + uint64(h.Rows)
			if err != nil {
				return err
			}
		}
		return f.logRoot(u, c, n, next, mth)
	})
	if err != nil {
		return f.problem(0, u, nil, err)
	}
	return nil
}

// logRoot compares the root of the first n leaves with what is known.
func (f *fsck) logRoot(u Unit, c *logFsck, n, next uint64, mth func() Hash) error {
	want, ok := c.roots[n]
	if !ok {
		return nil
	}
	said, ok := c.next[n]
	switch {
	case n < c.from && !ok:
		return nil // the offset is not known any more
	case n < c.from:
		next = said
	case ok && said != next:
		return f.corrupt(c.height[n], u, nil, "the log of %d leaves ends at offset %d, not %d", n,
			next, said)
	}
	if (proof.LogState{Size: n, Next: next, MTH: mth()}).Root() != want {
		return f.corrupt(c.height[n], u, nil, "the log of %d leaves has another root", n)
	}
	return nil
}

// record verifies the records of one leaf and its payload.
func (f *fsck) record(u Unit, src logSource, index uint64, want Hash) (eventlog.Head, error) {
	b, err := src.Leaf(index)
	if err != nil {
		return eventlog.Head{}, err
	}
	h, leaf, err := eventlog.DecodeLeaf(index, b)
	if err != nil {
		return h, err
	}
	if proof.LogLeafHash(leaf) != want {
		return h, fmt.Errorf("%w: leaf %d has another hash", ErrCorrupt, index)
	}
	f.r.Leaves++
	f.progress(2)
	if b, err = src.Payload(index); err != nil {
		return h, err
	}
	payload, err := eventlog.DecodePayload(index, b)
	if errors.Is(err, eventlog.ErrErased) {
		f.r.Erased++
		return h, nil
	}
	if err == nil && f.o.Payload != nil {
		if err = f.o.Payload(u, leaf, payload); err != nil {
			err = fmt.Errorf("%w: payload %d: %w", ErrCorrupt, index, err)
		}
	}
	f.r.Payloads++
	return h, err
}

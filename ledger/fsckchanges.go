package ledger

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"slices"

	"weir/ledger/eventlog"
	"weir/ledger/tree"
)

// blocks applies the kept changes of blocks to the checkpoints before them and compares all roots
// and app hashes, up to the newest checkpoint.
func (f *fsck) blocks() error {
	if f.r.Problems > 0 {
		if len(f.changes) > 0 {
			f.r.Unjudged = append(f.r.Unjudged, "the changes of blocks")
		}
		return nil
	}
	for _, h := range f.changes {
		if h <= f.r.Oldest || h > f.r.Newest {
			f.r.Leftovers++
		}
	}
	for i := 1; i < len(f.records); i++ {
		from, to := f.records[i-1], f.records[i]
		lo, _ := slices.BinarySearch(f.changes, from.height+1)
		hi, _ := slices.BinarySearch(f.changes, to.height+1)
		switch n := uint64(hi - lo); {
		case n == 0:
			continue // there was no window then
		case n != to.height-from.height:
			err := f.corrupt(to.height, Unit{}, nil, "changes of %d blocks after checkpoint %d are "+
				"kept, not of %d", n, from.height, to.height-from.height)
			if err != nil {
				return err
			}
			continue
		}
		if err := f.interval(from, to); err != nil {
			return err
		}
	}
	return nil
}

// interval is what the blocks between two checkpoints did.
type interval struct {
	f      *fsck
	height uint64 // of the block under way
	before *Version
	to     *record
	top    *tree.Top
	trees  map[Unit]*tree.Tree
	want   map[Unit]Hash // roots that the block changed
}

func (f *fsck) interval(from, to *record) (err error) {
	height := from.height
	defer func() {
		if err != nil {
			err = f.problem(height, Unit{}, nil, err)
		}
	}()
	defer recoverFault(&err)
	v, err := f.ledger().version(from)
	if err != nil {
		return err
	}
	it := &interval{
		f: f, before: v, to: to, top: v.top, trees: map[Unit]*tree.Tree{},
		want: map[Unit]Hash{},
	}
	lo, hi := heightKey(classChanges, from.height+1), heightKey(classChanges, to.height+1)
	err = f.kv.Scan(lo, hi, func(key, value []byte) error {
		f.progress(1)
		f.r.Changes++
		if height = binary.BigEndian.Uint64(key[1:]); len(key) == 9 {
			return it.header(height, slices.Clone(value))
		}
		u := Unit(key[9:])
		if err := it.unit(u, slices.Clone(value)); err != nil {
			return fmt.Errorf("block %d, unit %x: %w", height, u[:], err)
		}
		return nil
	})
	if err == nil {
		err = it.ended()
	}
	if err == nil && it.top.Root() != to.appHash {
		err = fmt.Errorf("%w: the changes give another app hash", ErrCorrupt)
	}
	return err
}

// ended checks that the block's changes were all there.
func (it *interval) ended() error {
	for _, u := range slices.SortedFunc(maps.Keys(it.want), Unit.Compare) {
		return fmt.Errorf("%w: block %d changed unit %x, how is missing", ErrCorrupt, it.height, u[:])
	}
	return nil
}

// header begins a block.
func (it *interval) header(height uint64, b []byte) error {
	if err := it.ended(); err != nil {
		return err
	}
	appHash, _, set, err := decodeHeader(b)
	if err != nil {
		return fmt.Errorf("block %d: %w", height, err)
	}
	if it.top, err = it.top.Apply(set); err != nil {
		return fmt.Errorf("block %d: %w", height, err)
	}
	if it.top.Root() != appHash {
		return fmt.Errorf("%w: the changes of block %d give another app hash", ErrCorrupt, height)
	}
	it.height = height
	it.f.r.Blocks++
	clear(it.want)
	for _, c := range set {
		switch {
		case !c.Unit.IsTree() && !c.Unit.IsLog():
		case c.Root != nil:
			it.want[c.Unit] = *c.Root
		default:
			delete(it.trees, c.Unit)
		}
	}
	return nil
}

// kept checks what a log keeps after a block: it only forgets, and says the same as the checkpoint
// before or behind while it forgets nothing.
func (it *interval) kept(u Unit, k eventlog.Kept) error {
	low, high := eventlog.Kept{}, eventlog.Kept{From: math.MaxUint64}
	if c := it.before.find(u); c != nil {
		low = c.log.Kept()
	}
	if r := it.to.unit(u); r != nil {
		high = r.kept
	}
	if k.From < low.From || k.From > high.From || k.From == low.From && k != low ||
		k.From == high.From && k != high {
		return fmt.Errorf("%w: a log that keeps from leaf %d on", ErrCorrupt, k.From)
	}
	return nil
}

// unit applies what the block did to a unit.
func (it *interval) unit(u Unit, body []byte) error {
	want, ok := it.want[u]
	delete(it.want, u)
	switch {
	case !ok:
		return fmt.Errorf("%w: the block's header does not have it", ErrCorrupt)
	case u.IsLog():
		s, err := decodeLogState(body)
		if err != nil {
			return err
		}
		if err := it.kept(u, s.Kept); err != nil {
			return err
		}
		size, c := s.Size, it.f.log(u)
		if old, ok := c.roots[size]; ok && old != want {
			return fmt.Errorf("%w: another root for the same size", ErrCorrupt)
		}
		if it.to.unit(u) != nil && size > c.size {
			return fmt.Errorf("%w: a log of %d leaves has %d", ErrCorrupt, c.size, size)
		}
		c.roots[size], c.height[size] = want, it.height
		return nil
	case !u.IsTree():
		return fmt.Errorf("%w: size of a log", ErrCorrupt)
	}
	t := it.trees[u]
	if t == nil {
		if c := it.before.find(u); c != nil {
			t = c.tree
		}
	}
	t, err := replay(t, body)
	if err != nil {
		return err
	}
	if t.Root() != want {
		return fmt.Errorf("%w: the changes give another root", ErrCorrupt)
	}
	it.trees[u] = t
	return nil
}

package ledger

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"weir/ledger/eventlog"
	"weir/ledger/pages"
	"weir/ledger/store"
	"weir/ledger/tree"
)

// Open loads the newest durable checkpoint of a store, verified by its page ids and its app
// hash. If the newest is damaged it falls back to the one before, and Damage tells why; the
// blocks above it have to be executed again. An empty store gives an empty ledger. The store
// stays the caller's to close.
//
// Errors: ErrCorrupt when checkpoints exist but none can be loaded; those of the store.
func Open(kv store.KV, opts Options) (*Ledger, error) {
	if opts.Versions <= 0 {
		opts.Versions = VersionsDefault
	}
	if opts.CrashPoint == nil {
		opts.CrashPoint = func(string) {}
	}
	l := &Ledger{kv: kv, opts: opts, batchSize: batchSize}
	l.durable.version = newVersion()
	heights, err := l.checkpoints()
	if err != nil {
		return nil, err
	}
	var failures []error
	for _, height := range slices.Backward(heights) {
		err := l.load(height)
		if err == nil {
			break
		}
		if !isDamage(err) {
			return nil, err
		}
		failures = append(failures, fmt.Errorf("checkpoint of height %d: %w", height, err))
	}
	if len(failures) > 0 && len(failures) == len(heights) {
		return nil, fmt.Errorf("%w: no checkpoint can be loaded: %w", ErrCorrupt,
			errors.Join(failures...))
	}
	l.damage = errors.Join(failures...)
	l.publish(l.durable.version)
	return l, nil
}

// isDamage separates bytes that are wrong from a store that does not answer.
func isDamage(err error) bool {
	for _, e := range []error{
		ErrCorrupt, pages.ErrInvalid, tree.ErrPage, tree.ErrBatch, eventlog.ErrRecord,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// checkpoints lists the heights of all checkpoint records, ascending.
func (l *Ledger) checkpoints() (heights []uint64, err error) {
	lo, hi := []byte{classCheckpoint}, []byte{classCheckpoint + 1}
	err = l.kv.Scan(lo, hi, func(key, _ []byte) error {
		if len(key) == 9 {
			heights = append(heights, binary.BigEndian.Uint64(key[1:]))
		}
		return nil
	})
	return heights, err
}

// load reads one checkpoint and makes it the durable state.
func (l *Ledger) load(height uint64) error {
	b, err := must(l.kv, checkpointKey(height))
	if err != nil {
		return err
	}
	r, err := decodeRecord(b)
	if err != nil {
		return err
	}
	v := &Version{height: height, time: r.time}
	changes := make([]tree.TopChange, len(r.units))
	for i := range r.units {
		changes[i] = tree.TopChange{Unit: r.units[i].unit, Root: &r.units[i].root}
	}
	if v.top, err = tree.NewTop().Apply(changes); err != nil {
		return err
	}
	if r.height != height || v.AppHash() != r.appHash {
		return fmt.Errorf("%w: the units give another app hash", ErrCorrupt)
	}
	states := map[Unit]pages.Manifest{}
	for i := range r.units {
		u := &r.units[i]
		c := content{unit: u.unit}
		switch {
		case u.unit.IsTree():
			c.tree, err = l.loadTree(v, u)
		case u.unit.IsLog():
			c.log, err = l.loadLog(u)
		case u.unit.IsState():
			states[u.unit], err = u.state, l.checkState(u)
		}
		if err != nil {
			return fmt.Errorf("unit %x: %w", u.unit[:], err)
		}
		if c.tree != nil || c.log != nil {
			v.contents = append(v.contents, c)
		}
	}
	l.durable.version, l.durable.states, l.durable.orphans = v, states, r.orphans
	l.durableHeight.Store(height)
	return nil
}

func (l *Ledger) loadTree(v *Version, u *unitRecord) (*tree.Tree, error) {
	id, ok := v.top.Get(u.unit.PageIDUnit())
	if !ok {
		return nil, fmt.Errorf("%w: no page id", ErrCorrupt)
	}
	t, err := pages.Load(id, func(id pages.ID) ([]byte, error) {
		return must(l.kv, hashKey(classPage, u.unit, id))
	})
	if err != nil {
		return nil, err
	}
	if t.Root() != u.root {
		return nil, fmt.Errorf("%w: the pages give another root", ErrCorrupt)
	}
	return t, nil
}

func (l *Ledger) loadLog(u *unitRecord) (*eventlog.Log, error) {
	d := eventlog.NewLoader(logSource{l.kv, u.unit})
	lo, hi := indexKey(classLeaf, u.unit, 0), indexKey(classLeaf, u.unit, u.size)
	err := l.kv.Scan(lo, hi, func(_, b []byte) error {
		if len(b) < leafHead {
			return fmt.Errorf("%w: short leaf", ErrCorrupt)
		}
		return d.Add(binary.BigEndian.Uint64(b), binary.BigEndian.Uint32(b[8:]), b[leafHead:])
	})
	if err != nil {
		return nil, err
	}
	return d.Log(u.root)
}

// checkState reads an operator's state through, so that a damaged one is found now.
func (l *Ledger) checkState(u *unitRecord) error {
	if u.state.Root() != u.root {
		return fmt.Errorf("%w: the state's pages give another root", ErrCorrupt)
	}
	r := pages.NewStateReader(u.state, l.statePages(u.unit))
	for ok := true; ok; {
		_, _, ok = r.Next()
	}
	return r.Err()
}

package ledger

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"weir/ledger/eventlog"
	"weir/ledger/pages"
	"weir/ledger/proof"
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
	if opts.CacheBytes <= 0 {
		opts.CacheBytes = CacheBytesDefault
	}
	l := &Ledger{
		kv: kv, opts: opts, batchSize: batchSize,
		cache:      &cache{kv: kv, budget: opts.CacheBytes - opts.CacheBytes/stateShare},
		stateCache: newStateCache(opts.CacheBytes / stateShare),
		logs:       newLogCache(),
	}
	l.durable.Store(&durable{version: newVersion()})
	l.recent.Store(new([]*changes))
	heights, err := l.checkpoints()
	if err != nil {
		return nil, err
	}
	if opts.Below > 0 {
		n, _ := slices.BinarySearch(heights, opts.Below)
		heights = heights[:n]
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
	l.trimmed = l.Durable()
	l.publish(l.durable.Load().version)
	if opts.ReadOnly {
		return l, nil
	}
	if err := cutAbove(kv, l.Durable()); err != nil {
		return nil, err
	}
	return l, l.prune()
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
func (l *Ledger) checkpoints() ([]uint64, error) { return Checkpoints(l.kv) }

// Checkpoints lists the heights of the checkpoints in a store, ascending.
func Checkpoints(kv store.KV) (heights []uint64, err error) {
	lo, hi := []byte{classCheckpoint}, []byte{classCheckpoint + 1}
	err = kv.Scan(lo, hi, func(key, _ []byte) error {
		if len(key) == 9 {
			heights = append(heights, binary.BigEndian.Uint64(key[1:]))
		}
		return nil
	})
	return heights, err
}

// load reads one checkpoint and makes it the durable state. Trees are opened by their root
// pages, operator states by their inner ones; all other pages are verified when they are read.
func (l *Ledger) load(height uint64) error {
	r, err := l.record(height)
	if err != nil {
		return err
	}
	v, err := l.version(r)
	if err != nil {
		return err
	}
	states := map[Unit]*pages.State{}
	for i := range r.units {
		u := &r.units[i]
		if !u.unit.IsState() {
			continue
		}
		states[u.unit], err = pages.OpenState(u.state, &stateKeeper{kv: l.kv})
		if err == nil && states[u.unit].Root() != u.root {
			err = fmt.Errorf("%w: the state's pages give another root", ErrCorrupt)
		}
		if err != nil {
			return fmt.Errorf("unit %x: %w", u.unit[:], err)
		}
	}
	l.durable.Store(&durable{v, states})
	return nil
}

// record reads the record of a checkpoint.
//
// Errors: ErrCorrupt, those of the store.
func (l *Ledger) record(height uint64) (*record, error) {
	b, err := must(l.kv, checkpointKey(height))
	if err != nil {
		return nil, err
	}
	r, err := decodeRecord(b)
	if err != nil {
		return nil, err
	}
	if r.height != height {
		return nil, fmt.Errorf("%w: a record of height %d", ErrCorrupt, r.height)
	}
	return r, nil
}

// version opens what a record describes.
func (l *Ledger) version(r *record) (v *Version, err error) {
	v = &Version{height: r.height, time: r.time}
	changes := make([]tree.TopChange, len(r.units))
	for i := range r.units {
		changes[i] = tree.TopChange{Unit: r.units[i].unit, Root: &r.units[i].root}
	}
	if v.top, err = tree.NewTop().Apply(changes); err != nil {
		return nil, err
	}
	if v.AppHash() != r.appHash {
		return nil, fmt.Errorf("%w: the units give another app hash", ErrCorrupt)
	}
	for i := range r.units {
		u := &r.units[i]
		c := content{unit: u.unit}
		switch {
		case u.unit.IsTree():
			c.tree, err = l.openTree(v, u)
		case u.unit.IsLog():
			c.log, err = l.openLog(u)
		}
		if err != nil {
			return nil, fmt.Errorf("unit %x: %w", u.unit[:], err)
		}
		if c.tree != nil || c.log != nil {
			v.contents = append(v.contents, c)
		}
	}
	return v, nil
}

// openTree opens a tree by its root page, which it loads.
func (l *Ledger) openTree(v *Version, u *unitRecord) (*tree.Tree, error) {
	id, ok := v.top.Get(u.unit.PageIDUnit())
	if !ok {
		return nil, fmt.Errorf("%w: no page id", ErrCorrupt)
	}
	root := tree.StoredRef(int(u.level), []byte{proof.SentinelLow}, u.root, id, u.loc, l.cache)
	if _, err := l.cache.Load(root); err != nil {
		return nil, err
	}
	return tree.Open(root), nil
}

// openLog opens a log by its peaks.
func (l *Ledger) openLog(u *unitRecord) (*eventlog.Log, error) {
	s := eventlog.State{Size: u.size, Next: u.next, Kept: u.kept}
	return eventlog.Open(l.logSource(u.unit), s, u.root)
}

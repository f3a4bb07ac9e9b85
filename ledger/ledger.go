package ledger

import (
	"slices"
	"sync/atomic"

	"weir/internal/invariant"
	"weir/ledger/pages"
	"weir/ledger/store"
	"weir/ledger/tree"
)

// VersionsDefault is the number of versions that stay readable in memory.
const VersionsDefault = 64

// Options of a ledger. The zero value is for production.
type Options struct {
	// Versions is the number of latest versions that At returns; 0 means VersionsDefault.
	Versions int
	// CrashPoint, when set, is called at each named step of writing a checkpoint, the Point
	// constants. Tests use it to stop there; nil in production.
	CrashPoint func(point string)
}

// Ledger is the authenticated state of one node. Begin, and the Block that it returns, belong
// to one writer; all other methods are safe for concurrent use, except as they say.
type Ledger struct {
	kv       store.KV
	opts     Options
	versions atomic.Pointer[[]*Version] // ascending by height, never empty
	writing  bool                       // a block is open

	batchSize int // of a checkpoint's batches, in bytes

	// durable is what the last checkpoint holds; the writer's.
	durable struct {
		version *Version
		states  map[Unit]pages.Manifest
		orphans [][]byte
	}
	durableHeight atomic.Uint64
	damage        error
	logs          *logCache
}

// publish makes a version the newest.
func (l *Ledger) publish(v *Version) {
	var old []*Version
	if p := l.versions.Load(); p != nil {
		old = *p
	}
	if n := l.opts.Versions - 1; len(old) > n {
		old = old[len(old)-n:]
	}
	next := append(slices.Clone(old), v)
	l.versions.Store(&next)
}

// Latest returns the newest version; before the first block it is empty, at height 0.
func (l *Ledger) Latest() *Version {
	versions := *l.versions.Load()
	return versions[len(versions)-1]
}

// At returns the version of a height, if it is among the kept ones.
func (l *Ledger) At(height uint64) (*Version, bool) {
	versions := *l.versions.Load()
	i, ok := slices.BinarySearchFunc(versions, height, func(v *Version, h uint64) int {
		switch {
		case v.height < h:
			return -1
		case v.height > h:
			return 1
		}
		return 0
	})
	if !ok {
		return nil, false
	}
	return versions[i], true
}

// Height is the height of the newest version, 0 when there is none.
func (l *Ledger) Height() uint64 { return l.Latest().height }

// AppHash is the app hash of the newest version.
func (l *Ledger) AppHash() Hash { return l.Latest().AppHash() }

// Durable is the height of the last durable checkpoint, 0 when there is none. Blocks above it
// must stay available for re-execution.
func (l *Ledger) Durable() uint64 { return l.durableHeight.Load() }

// Damage tells why Open passed over the newest checkpoint, nil when it did not.
func (l *Ledger) Damage() error { return l.damage }

// OperatorState reads an operator's entries as of the last checkpoint; ok is false when it has
// none. It belongs to the writer.
func (l *Ledger) OperatorState(u Unit) (r *pages.StateReader, ok bool) {
	m, ok := l.durable.states[u]
	if !ok {
		return nil, false
	}
	return pages.NewStateReader(m, l.statePages(u)), true
}

func (l *Ledger) statePages(u Unit) func(id pages.ID) ([]byte, error) {
	return func(id pages.ID) ([]byte, error) { return must(l.kv, hashKey(classState, u, id)) }
}

// Begin opens the next block. There is one at a time: it ends with Commit or Discard.
func (l *Ledger) Begin() *Block {
	invariant.Check(!l.writing, "a block is open already")
	l.writing = true
	return &Block{ledger: l, base: l.Latest(), touched: map[Unit]*content{}}
}

func newVersion() *Version { return &Version{top: tree.NewTop()} }

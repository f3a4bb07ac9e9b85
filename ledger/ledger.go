package ledger

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
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
	// Below, when set, makes Open pass over checkpoints at this height or above, and forget
	// them.
	Below uint64
	// Versions is the number of latest versions that stay in memory; 0 means VersionsDefault.
	Versions int
	// Window is the number of heights below the last checkpoint that At can still read. The
	// checkpoints and changes for it stay in the store, at least two checkpoints in any case.
	Window uint64
	// CacheBytes is how much memory stored pages may take, an eighth of it those of operator
	// state; 0 means CacheBytesDefault.
	CacheBytes int
	// Go, when set, runs the writing of a checkpoint beside the blocks that follow; nil: Commit
	// writes it. One checkpoint is written at a time.
	Go func(func())
	// Each, when set, runs f for 0 to n-1, perhaps in parallel, and returns when all are done.
	// It spreads the hashing of units over processors.
	Each func(n int, f func(i int))
	// ReadOnly opens a ledger whose store is not to be written to. It takes no blocks.
	ReadOnly bool
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

	batchSize int // of batches of deletions, in bytes

	cache      *cache
	stateCache *stateCache
	// recent has the changes of the blocks above the last durable checkpoint, ascending.
	recent atomic.Pointer[[]*changes] // nothing when there is no window
	pasts  struct {
		sync.Mutex
		kept []*Version
	}

	durable atomic.Pointer[durable] // the last checkpoint; set by who writes the next
	trimmed uint64                  // the durable height up to which memory was given back
	damage  error
	logs    *logCache
	pins    pins

	//weir:goroutine set and awaited by the writer alone
	job chan error // of the checkpoint that is being written, nil when there is none
}

// durable is what a checkpoint holds.
type durable struct {
	version *Version // without records of logs in memory
	states  map[Unit]*pages.State
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

// Height is the height of the newest version, 0 when there is none.
func (l *Ledger) Height() uint64 { return l.Latest().height }

// AppHash is the app hash of the newest version.
func (l *Ledger) AppHash() Hash { return l.Latest().AppHash() }

// Durable is the height of the last durable checkpoint, 0 when there is none. Blocks above it
// must stay available for re-execution.
func (l *Ledger) Durable() uint64 { return l.durable.Load().version.height }

// Damage tells why Open passed over the newest checkpoint, nil when it did not.
func (l *Ledger) Damage() error { return l.damage }

// OperatorStates lists the operators that have state as of the last durable checkpoint.
func (l *Ledger) OperatorStates() []Unit {
	return slices.SortedFunc(maps.Keys(l.durable.Load().states), Unit.Compare)
}

// OperatorState visits an operator's entries as of the last durable checkpoint, ascending; each
// page is verified before. Slices are valid only during the call. Safe for concurrent use while
// no checkpoint is written.
//
// Errors: ErrNoUnit, ErrCorrupt, those of the store.
func (l *Ledger) OperatorState(u Unit, visit func(key, value []byte)) error {
	s := l.durable.Load().states[u]
	if s == nil {
		return fmt.Errorf("%w: operator state %x", ErrNoUnit, u[:])
	}
	err := s.Scan(&stateKeeper{kv: l.kv}, func(key, value []byte) bool {
		visit(key, value)
		return true
	})
	if errors.Is(err, pages.ErrInvalid) {
		err = fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	return err
}

// Begin opens the next block. There is one at a time: it ends with Commit or Discard.
func (l *Ledger) Begin() *Block {
	invariant.Check(!l.writing && !l.opts.ReadOnly, "a block is open already, or none may be")
	l.writing = true
	l.trim()
	return &Block{ledger: l, base: l.Latest(), touched: map[Unit]*content{}, done: map[Unit][]byte{}}
}

// trim gives back what a finished checkpoint made superfluous in memory: changes of its blocks,
// and records of logs that are in the store now.
func (l *Ledger) trim() {
	stored := l.durable.Load().version
	if stored.height <= l.trimmed {
		return
	}
	l.trimmed = stored.height
	recent := *l.recent.Load()
	for len(recent) > 0 && recent[0].height <= stored.height {
		recent = recent[1:]
	}
	recent = slices.Clone(recent)
	l.recent.Store(&recent)
	versions := slices.Clone(*l.versions.Load())
	latest := *versions[len(versions)-1]
	latest.contents = slices.Clone(latest.contents)
	for i := range latest.contents {
		c := &latest.contents[i]
		if c.log == nil {
			continue
		}
		if old := stored.find(c.unit); old != nil {
			c.log = c.log.TrimTo(old.log)
		}
	}
	versions[len(versions)-1] = &latest
	l.versions.Store(&versions)
}

// Wait returns when no checkpoint is being written, with what stopped the last one. The writer
// calls it before it closes the store.
func (l *Ledger) Wait() error {
	if l.job == nil {
		return nil
	}
	//weir:goroutine the writer waits for the one job that may run
	err := <-l.job
	l.job = nil
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	return nil
}

// Cache tells how the page cache stands.
func (l *Ledger) Cache() CacheStats { return l.cache.stats() }

// each runs f for 0 to n-1.
func (l *Ledger) each(n int, f func(i int)) {
	if l.opts.Each != nil && n > 1 {
		l.opts.Each(n, f)
		return
	}
	for i := range n {
		f(i)
	}
}

func newVersion() *Version { return &Version{top: tree.NewTop()} }

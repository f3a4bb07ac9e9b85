package app

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"

	abci "github.com/cometbft/cometbft/abci/types"

	"weir/app/auth"
	"weir/app/pool"
	"weir/app/tx"
	"weir/ledger"
	"weir/ledger/store"
)

// Config is what an App is made with. Nothing in it is agreed state except Domain, which must be
// that of the genesis file; InitChain refuses another.
type Config struct {
	// Domain is the chain id and the hash of genesis.json: what signatures are bound to.
	Domain tx.Domain
	// Store is where checkpoints go.
	Store store.KV
	// OnCommit, if set, is called after every Commit with what the block did. It must not block.
	// Blocks that are re-executed at a restart are reported too.
	OnCommit func(*Committed)
	// Wants, if set, tells whether a client of this node waits for a transaction: then the rows of
	// its RETURNING are kept for OnCommit. It must not block.
	Wants func(hash [32]byte) bool
	// CrashPoint, if set, is called at each named step of writing a checkpoint; tests die there.
	CrashPoint func(name string)
	// Log gets what an operator should know; never anything agreed.
	Log *slog.Logger
	// Retain, if set, tells the lowest block that CometBFT must keep when the application needs
	// those from a height on; 0 keeps all. Nil: all are kept.
	Retain func(needed int64) int64
	// Below, if set, passes over checkpoints at this height or above, and forgets them.
	Below uint64
	// Versions is how many committed versions stay in memory; 0: the ledger's default.
	Versions int
	// Window is how many heights below the last checkpoint readers can go back to.
	Window uint64
	// CacheBytes is how much memory stored pages may take; 0: the ledger's default.
	CacheBytes int
	// Beside, if set, runs the writing of a checkpoint beside the blocks that follow.
	Beside func(func())
	// SnapshotBlocks is how many heights lie between two snapshots that are offered to joining
	// nodes, rounded up to checkpoints; 0: none is offered. Nodes with the same number offer the
	// same snapshots.
	SnapshotBlocks uint64
	// Each, if set, runs f for 0 to n-1 on several processors and returns when all are done.
	Each func(n int, f func(i int))
}

// App is the state machine behind CometBFT. FinalizeBlock, Commit and InitChain come one at a
// time; CheckTx, queries and readers run beside them and see only published snapshots.
type App struct {
	abci.BaseApplication
	cfg    Config
	stands atomic.Pointer[ledger.Ledger]
	seen   atomic.Pointer[tx.Verifier] // remembers what it has verified
	pool   atomic.Pointer[pool.Pool]   // nil before the first block

	genesis   *auth.Genesis // between InitChain and the first Commit
	exec      *executor     // agreed state in memory; owned by FinalizeBlock
	pending   *block        // executed, not yet committed
	published atomic.Pointer[Snapshot]
	running   sync.Mutex // held while FinalizeBlock or InitChain changes exec
	pasts     pasts
	snaps     snapshots
	joining   *joining     // the snapshot that is being restored; owned by the calls of state sync
	retained  uint64       // the checkpoint at which Retain was asked last; owned by Commit
	low       atomic.Int64 // what it said
}

// pasts are snapshots of past heights that were asked for last.
type pasts struct {
	mu   sync.Mutex
	kept []*Snapshot
}

var _ abci.Application = (*App)(nil)

// New opens the ledger and restores the state of its last durable checkpoint. The height it
// stands at is Info's; CometBFT re-executes the blocks above.
func New(cfg Config) (a *App, err error) {
	defer Recover(&err)
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	a = &App{cfg: cfg}
	if err := a.open(); err != nil || a.exec == nil {
		return a, err // without a checkpoint, InitChain makes the state
	}
	s := a.exec.snapshot(a.ledger().Latest())
	a.publish(s)
	return a, a.advancePool(s, nil)
}

// open restores the newest checkpoint that is whole. CometBFT executes the blocks above it again.
func (a *App) open() error {
	led, x, err := openState(a.cfg)
	if err != nil {
		return err
	}
	a.stands.Store(led)
	a.exec = x
	return nil
}

// openState opens the ledger at the newest checkpoint from which the agreed state in memory can
// be restored; without any there is no executor.
func openState(cfg Config) (led *ledger.Ledger, x *executor, err error) {
	opts := ledger.Options{
		CrashPoint: cfg.CrashPoint, Versions: cfg.Versions, Window: cfg.Window,
		CacheBytes: cfg.CacheBytes, Go: cfg.Beside, Each: cfg.Each, Below: cfg.Below,
	}
	for {
		if led, err = ledger.Open(cfg.Store, opts); err != nil {
			return nil, nil, fmt.Errorf("opening the ledger: %w", err)
		}
		if err := led.Damage(); err != nil {
			cfg.Log.Error("a damaged checkpoint was passed over", "err", err)
		}
		if led.Height() == 0 {
			return led, nil, nil
		}
		x, err = restore(cfg, led)
		if err == nil || !errors.Is(err, ledger.ErrCorrupt) {
			break
		}
		cfg.Log.Error("a damaged checkpoint was passed over", "height", led.Height(), "err", err)
		opts.Below = led.Height()
	}
	if err != nil {
		return nil, nil, fmt.Errorf("restoring height %d: %w", led.Height(), err)
	}
	return led, x, nil
}

// ledger is the ledger as it stands; state sync puts another one in its place.
func (a *App) ledger() *ledger.Ledger { return a.stands.Load() }

// Drain waits for the checkpoint that is being written. No block may come any more.
func (a *App) Drain() error { return a.ledger().Wait() }

// Close waits for the checkpoint that is being written and releases the store. Nothing is lost by
// not calling it.
func (a *App) Close() error { return errors.Join(a.ledger().Wait(), a.cfg.Store.Close()) }

// Ledger is the state under the app hash, for tools that compare it with another's.
func (a *App) Ledger() *ledger.Ledger { return a.ledger() }

// Snapshot is the last committed state, nil before the first block.
func (a *App) Snapshot() *Snapshot { return a.published.Load() }

func (a *App) publish(s *Snapshot) { a.published.Store(s) }

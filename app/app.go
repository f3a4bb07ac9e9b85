package app

import (
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
	// Versions is how many committed versions readers can go back to; 0: the ledger's default.
	Versions int
}

// App is the state machine behind CometBFT. FinalizeBlock, Commit and InitChain come one at a
// time; CheckTx, queries and readers run beside them and see only published snapshots.
type App struct {
	abci.BaseApplication
	cfg    Config
	ledger *ledger.Ledger
	seen   atomic.Pointer[tx.Verifier] // remembers what it has verified
	pool   atomic.Pointer[pool.Pool]   // nil before the first block

	genesis   *auth.Genesis // between InitChain and the first Commit
	exec      *executor     // agreed state in memory; owned by FinalizeBlock
	pending   *block        // executed, not yet committed
	published atomic.Pointer[Snapshot]
	running   sync.Mutex // held while FinalizeBlock or InitChain changes exec
}

var _ abci.Application = (*App)(nil)

// New opens the ledger and restores the state of its last durable checkpoint. The height it
// stands at is Info's; CometBFT re-executes the blocks above.
func New(cfg Config) (*App, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	led, err := ledger.Open(cfg.Store, ledger.Options{
		CrashPoint: cfg.CrashPoint, Versions: cfg.Versions,
	})
	if err != nil {
		return nil, fmt.Errorf("opening the ledger: %w", err)
	}
	a := &App{cfg: cfg, ledger: led}
	if led.Height() == 0 {
		return a, nil // InitChain makes the state
	}
	if a.exec, err = restore(cfg, led); err != nil {
		return nil, fmt.Errorf("restoring height %d: %w", led.Height(), err)
	}
	s := a.exec.snapshot(led.Latest())
	a.publish(s)
	return a, a.advancePool(s, nil)
}

// Close releases the store. Nothing is lost by not calling it.
func (a *App) Close() error { return a.cfg.Store.Close() }

// Snapshot is the last committed state, nil before the first block.
func (a *App) Snapshot() *Snapshot { return a.published.Load() }

func (a *App) publish(s *Snapshot) { a.published.Store(s) }

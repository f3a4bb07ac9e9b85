package node

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cometbft/cometbft/mempool"

	"weir/app"
	"weir/app/tx"
	"weir/consensus"
	"weir/ledger/store"
	"weir/node/config"
	"weir/node/frozen"
	"weir/node/home"
	"weir/node/httpapi"
	"weir/node/pgwire"
	"weir/stream/value"
)

// Options say what to run. The addresses are host:port.
type Options struct {
	Home    string
	Name    string             // the node's name: its moniker, and its gateway's in genesis
	Gateway ed25519.PrivateKey // signs for sessions that hold no key
	PG      string             // PostgreSQL wire; empty: not served
	HTTP    string             // HTTP API; empty: not served
	Limits  config.PG          // of the PostgreSQL wire
	Ledger  config.Ledger      // what is kept of the past
	Log     *slog.Logger
}

// Run runs a node until ctx ends, and returns nil then, or why it could not go on. Servers open
// after the blocks above the last checkpoint have been executed again.
func Run(ctx context.Context, o Options) (err error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	gen, err := home.ReadGenesis(o.Home)
	if err != nil {
		return err
	}
	kv, err := store.OpenPebble(home.StoreName, home.Data(o.Home))
	if err != nil {
		return fmt.Errorf("opening the ledger's store: %w", err)
	}
	defer func() { err = errors.Join(err, kv.Close()) }()
	h, bounds := newHub(), &retention{log: o.Log}
	a, err := app.New(app.Config{
		Domain: gen.Domain, Store: kv, OnCommit: h.committed, Wants: h.waits, Log: o.Log,
		Window: o.Ledger.HistoryBlocks, CacheBytes: o.Ledger.CacheMiB << 20,
		SnapshotBlocks: o.Ledger.SnapshotBlocks,
		Retain:         bounds.low, Beside: func(f func()) { go f() }, Each: home.Each,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Drain()) }()
	chain, err := consensus.Start(ctx, consensus.Config{Home: o.Home, App: a, Logger: o.Log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, chain.Stop()) }()
	bounds.chain.Store(chain)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	n := &assembly{
		opts: o, gen: gen, kv: kv, app: a, hub: h, chain: chain,
		sub: &submitter{app: a, hub: h, chain: chain, release: make(chan struct{}, 1)},
	}
	return n.serve(ctx, cancel)
}

// retention asks consensus which blocks have to stay, once it runs.
type retention struct {
	chain atomic.Pointer[consensus.Node]
	log   *slog.Logger
}

func (r *retention) low(needed int64) int64 {
	chain := r.chain.Load()
	if chain == nil { // blocks are executed again; the next checkpoint asks again
		return 0
	}
	low, err := chain.Retain(needed)
	if err != nil {
		r.log.Error("no blocks are pruned", "err", err)
		return 0
	}
	return low
}

// assembly is a node whose parts are made.
type assembly struct {
	opts  Options
	gen   *home.Genesis
	kv    *store.Pebble
	app   *app.App
	hub   *hub
	chain *consensus.Node
	sub   *submitter
}

// serve opens the servers and returns when ctx ends, a server fails or consensus does.
func (n *assembly) serve(ctx context.Context, cancel func()) error {
	failures := make(chan error, 4)
	var running sync.WaitGroup
	start := func(what string, run func() error) {
		running.Go(func() {
			if err := run(); err != nil && ctx.Err() == nil {
				failures <- fmt.Errorf("%s: %w", what, err)
			}
		})
	}
	running.Go(func() { n.sub.run(ctx) })
	err := n.freeze(ctx, start)
	if err == nil {
		err = n.listen(ctx, start)
	}
	if err != nil {
		cancel()
		running.Wait()
		return err
	}
	select {
	case <-ctx.Done():
	case err = <-failures:
	case <-n.chain.Failed():
		err = fmt.Errorf("consensus has stopped: %w", n.chain.Err())
	}
	cancel()
	running.Wait()
	return err
}

// listen opens the PostgreSQL wire and the HTTP API.
func (n *assembly) listen(ctx context.Context, start func(string, func() error)) error {
	if n.opts.PG != "" {
		ln, err := net.Listen("tcp", n.opts.PG)
		if err != nil {
			return fmt.Errorf("the PostgreSQL wire: %w", err)
		}
		srv := pgwire.New(pgwire.Config{
			Backend:   &wire{app: n.app, hub: n.hub, gate: n.gateway()},
			ParseText: parseText, Version: Version, Logger: n.opts.Log,
			Limits: wireLimits(n.opts.Limits),
		})
		start("the PostgreSQL wire", func() error { return srv.Serve(ln) })
		context.AfterFunc(ctx, func() {
			stop, done := context.WithTimeout(context.WithoutCancel(ctx), shutdownWait)
			defer done()
			_ = srv.Shutdown(stop) // whoever is still here had the time to end
		})
	}
	if n.opts.HTTP != "" {
		ln, err := net.Listen("tcp", n.opts.HTTP)
		if err != nil {
			return fmt.Errorf("the HTTP API: %w", err)
		}
		srv := httpapi.New(n.backend(), httpapi.Options{Log: n.opts.Log})
		start("the HTTP API", func() error { return srv.Serve(ctx, ln) })
	}
	return nil
}

// freeze opens the socket over which commands of the node's own machine get copies of its home.
func (n *assembly) freeze(ctx context.Context, start func(string, func() error)) error {
	srv, err := frozen.Listen(frozen.Options{
		Home: n.opts.Home, Ledger: n.kv, Chain: n.chain, Copies: n.opts.Ledger.FrozenCopies,
		Log: n.opts.Log,
	})
	if err != nil {
		return err
	}
	start("frozen copies", func() error { return srv.Serve(ctx) })
	return nil
}

func (n *assembly) gateway() *gateway {
	return &gateway{
		name: n.opts.Name, key: n.opts.Gateway, domain: n.gen.Domain, app: n.app, sub: n.sub,
		lanes: map[tx.Lane]*sync.Mutex{},
	}
}

func (n *assembly) backend() *backend {
	return &backend{
		prover: &prover{
			app: n.app, hub: n.hub, chain: n.chain, domain: n.gen.Domain, initial: n.gen.Initial,
		},
		sub: n.sub, moniker: n.opts.Name, home: n.opts.Home, kv: n.kv,
	}
}

// shutdownWait is how long clients may take to end after the node was told to stop.
const shutdownWait = 3 * time.Second

// wireLimits are the limits of weir.toml as the PostgreSQL wire has them.
func wireLimits(p config.PG) pgwire.Limits {
	l := pgwire.Limits{
		Connections: p.Connections, MessageBytes: p.MessageBytes,
		Statements: p.Statements, Portals: p.Portals,
		Startup: time.Duration(p.StartupTimeout), Message: time.Duration(p.MessageTimeout),
		Idle: time.Duration(p.IdleTimeout), Write: time.Duration(p.WriteTimeout),
	}
	if l.Idle == 0 {
		l.Idle = -1 // no limit; 0 would mean the default
	}
	return l
}

// parseText reads a parameter that a client sent as text.
func parseText(t value.Type, text string) (value.Datum, error) {
	d, fault := value.Parse(text, t)
	if fault != nil {
		return value.Datum{}, fault
	}
	return d, nil
}

// isInPool reports whether CometBFT refused a transaction because its pool has seen it already.
func isInPool(err error) bool { return errors.Is(err, mempool.ErrTxInCache) }

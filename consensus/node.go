package consensus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"

	cmtdb "github.com/cometbft/cometbft-db"
	abci "github.com/cometbft/cometbft/abci/types"
	cfg "github.com/cometbft/cometbft/config"
	"github.com/cometbft/cometbft/mempool"
	"github.com/cometbft/cometbft/node"
	"github.com/cometbft/cometbft/p2p"
	"github.com/cometbft/cometbft/privval"
	"github.com/cometbft/cometbft/proxy"
	sm "github.com/cometbft/cometbft/state"
	blocks "github.com/cometbft/cometbft/store"
	"github.com/cometbft/cometbft/types"
)

// Config says what Start starts. DBWrap, when set, wraps each store as it is opened.
type Config struct {
	Home   string
	App    abci.Application
	Logger *slog.Logger
	DBWrap func(name string, db cmtdb.DB) (cmtdb.DB, error)
}

// Node is a running CometBFT node.
type Node struct {
	node   *node.Node
	states sm.Store
	trust  *trust
	alarm  *alarm
	copied map[string]store // those of storeNames
}

// Start re-executes the blocks above the application's height, then joins the network. It
// returns once the node runs; ctx bounds only the start.
func Start(ctx context.Context, c Config) (*Node, error) {
	conf, err := loadConfig(c.Home)
	if err != nil {
		return nil, err
	}
	// LoadFilePV ends the process where a file is missing; say so instead.
	for _, f := range []string{conf.PrivValidatorKeyFile(), conf.PrivValidatorStateFile()} {
		if _, err := os.Stat(f); err != nil {
			return nil, fmt.Errorf("consensus: validator key: %w", err)
		}
	}
	key, err := p2p.LoadNodeKey(conf.NodeKeyFile())
	if err != nil {
		return nil, fmt.Errorf("consensus: node key: %w", err)
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	n := &Node{alarm: &alarm{failed: make(chan struct{})}, copied: map[string]store{}}
	n.node, err = node.NewNodeWithContext(ctx, conf,
		privval.LoadFilePV(conf.PrivValidatorKeyFile(), conf.PrivValidatorStateFile()), key,
		proxy.NewConnSyncLocalClientCreator(c.App),
		func() (*types.GenesisDoc, error) { return types.GenesisDocFromFile(conf.GenesisFile()) },
		n.provider(c.DBWrap), node.DefaultMetricsProvider(conf.Instrumentation),
		logger{c.Logger, n.alarm})
	if err != nil {
		return nil, fmt.Errorf("consensus: build node: %w", err)
	}
	db, err := openStore(&cfg.DBContext{ID: trustStore, Config: conf})
	if err != nil {
		return nil, err
	}
	n.copied[trustStore] = db.(store)
	if n.trust, err = openTrust(db, n.node.BlockStore(), n.states); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if err := n.node.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("consensus: start node: %w", err), db.Close())
	}
	return n, nil
}

// provider opens stores and keeps a reader of the state store for LightBlock.
func (n *Node) provider(wrap func(string, cmtdb.DB) (cmtdb.DB, error)) cfg.DBProvider {
	return func(c *cfg.DBContext) (cmtdb.DB, error) {
		db, err := openStore(c)
		if err == nil && slices.Contains(storeNames, c.ID) {
			n.copied[c.ID] = db.(store)
		}
		if err == nil && wrap != nil {
			db, err = wrap(c.ID, db)
		}
		if err == nil && c.ID == "state" {
			n.states = sm.NewStore(db, sm.StoreOptions{})
		}
		return db, err
	}
}

// Stop ends the node and closes its stores.
func (n *Node) Stop() error {
	if err := n.node.Stop(); err != nil {
		return fmt.Errorf("consensus: stop: %w", err)
	}
	n.node.Wait()
	return n.trust.close()
}

// Failed is closed when consensus has failed for good (a wrong app hash, say); Err then has
// the reason. The process has to exit, because CometBFT goes on serving without consensus.
func (n *Node) Failed() <-chan struct{} { return n.alarm.failed }

// Err is the reason behind Failed, nil before.
func (n *Node) Err() error {
	select {
	case <-n.alarm.failed:
		return n.alarm.err
	default:
		return nil
	}
}

// SubmitTx offers raw to this node's pool and returns CheckTx's verdict. An error is the
// pool's own refusal (full, too large, known already) or the end of ctx.
func (n *Node) SubmitTx(ctx context.Context, raw []byte) (code uint32, log string, err error) {
	done := make(chan *abci.ResponseCheckTx, 1)
	err = n.node.Mempool().CheckTx(raw, func(r *abci.ResponseCheckTx) { done <- r },
		mempool.TxInfo{})
	if err != nil {
		return 0, "", fmt.Errorf("consensus: submit: %w", err)
	}
	select {
	case r := <-done:
		return r.Code, r.Log, nil
	case <-ctx.Done():
		return 0, "", ctx.Err()
	}
}

// Status is a node's standing. Height is that of the last stored block; judge health by its
// progress.
type Status struct {
	Height           int64
	Base             int64 // the lowest stored block
	CatchingUp       bool
	Peers            int
	ValidatorAddress []byte
}

// Status returns the node's standing now.
func (n *Node) Status() (Status, error) {
	pub, err := n.node.PrivValidator().GetPubKey()
	if err != nil {
		return Status{}, fmt.Errorf("consensus: validator key: %w", err)
	}
	return Status{
		Height:           n.node.BlockStore().Height(),
		Base:             n.node.BlockStore().Base(),
		CatchingUp:       n.node.ConsensusReactor().WaitSync(),
		Peers:            n.node.Switch().Peers().Size(),
		ValidatorAddress: pub.Address(),
	}, nil
}

// ErrNoBlock means that this node has no block at a height: pruned, or not yet made.
var ErrNoBlock = errors.New("consensus: no such block here")

// Block returns the block at height h.
func (n *Node) Block(h int64) (*types.Block, error) {
	if b := n.node.BlockStore().LoadBlock(h); b != nil {
		return b, nil
	}
	return nil, fmt.Errorf("%w: height %d", ErrNoBlock, h)
}

// LightBlock returns the header at h, the commit that signs it and the validators of h. At the
// tip the commit is the one that this node has seen.
//
// Errors: ErrNoBlock.
func (n *Node) LightBlock(h int64) (*types.LightBlock, error) {
	return lightBlock(n.node.BlockStore(), n.states, h)
}

func lightBlock(b *blocks.BlockStore, states sm.Store, h int64) (*types.LightBlock, error) {
	meta, commit := b.LoadBlockMeta(h), b.LoadBlockCommit(h)
	if commit == nil {
		commit = b.LoadSeenCommit(h)
	}
	if meta == nil || commit == nil {
		return nil, fmt.Errorf("%w: height %d", ErrNoBlock, h)
	}
	vals, err := states.LoadValidators(h)
	if err != nil {
		return nil, fmt.Errorf("consensus: validators of height %d: %w", h, err)
	}
	return &types.LightBlock{
		SignedHeader: &types.SignedHeader{Header: &meta.Header, Commit: commit},
		ValidatorSet: vals,
	}, nil
}

// Transitions returns the changes of the validator set at the heights in (from, to], ascending,
// also those whose blocks were pruned.
//
// Errors: ErrNoBlock when this node has not seen all of these heights.
func (n *Node) Transitions(from, to int64) ([]Transition, error) { return n.trust.list(from, to) }

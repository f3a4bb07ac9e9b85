package abcisim

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"

	"weir/app"
	"weir/ledger/store"
)

// Options say how a walk goes.
type Options struct {
	Seed   uint64
	Blocks int
	Nodes  int
	// History gives the table a history, and the walk views over it.
	History bool
}

// Report counts what a walk did.
type Report struct {
	Blocks, Txs, Applied, Rejected, Crashes, Deaths, Replayed, Proposals, Checks int
	// Forgotten counts looks at logs that have forgotten rows, Partial those at views that were
	// made from such, Erased those at logs of which rows were erased.
	Forgotten, Partial, Erased int
}

// sim is one walk.
type sim struct {
	opts    Options
	rng     *rand.Rand
	world   *world
	nodes   []*node
	history []decided // every block that was decided
	pool    [][]byte  // what some node took into its pool and no block holds yet
	now     time.Time
	report  Report
	seen    map[uint32]*memory // rows of the first node's logs
	holes   map[uint64]bool    // offsets behind erased rows
}

// node is one application with its store.
type node struct {
	app   *app.App
	store *store.Memory
	// dieAt counts down the named steps of writing a checkpoint; at 0 the process dies there.
	// Below 0 it lives.
	dieAt int
	// versions is how many committed versions the node keeps readable.
	versions int
	// window is how many heights below the last checkpoint it can go back to.
	window uint64
	// snapshots is how many heights lie between two snapshots that the node offers; 0: none.
	snapshots uint64
	// committed, if set, is told what each block did, with the rows of RETURNING.
	committed func(*app.Committed)
}

func newNode() *node { return &node{store: store.NewMemory(), dieAt: -1} }

// death is what a node panics with at a named step.
type death struct{ point string }

// point is called at every named step of writing a checkpoint.
func (n *node) point(name string) {
	if n.dieAt == 0 {
		panic(death{name})
	}
	n.dieAt--
}

// decided is a block that all nodes execute.
type decided struct {
	time    time.Time
	txs     [][]byte
	appHash []byte
	codes   []uint32
}

// start is the block time of the walk's first block.
var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// Run walks. The error says what broke, with the seed.
func Run(o Options) (*Report, error) {
	s, err := walk(o)
	return &s.report, err
}

func walk(o Options) (*sim, error) {
	s := &sim{opts: o, rng: rand.New(rand.NewPCG(o.Seed, 7)), now: start}
	if err := s.run(); err != nil {
		return s, fmt.Errorf("%w\nrun it again: go test ./testnet/abcisim -run TestWalk "+
			"-seed %d -blocks %d", err, o.Seed, o.Blocks)
	}
	return s, nil
}

func (s *sim) run() error {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	var err error
	if s.world, err = newWorld(s.rng); err != nil {
		return err
	}
	if s.opts.History {
		s.world.setup = withHistory(s.world.setup)
	}
	for range s.opts.Nodes {
		n := newNode()
		n.versions = 1 + s.rng.IntN(8)
		if err := s.open(n); err != nil {
			return err
		}
		s.nodes = append(s.nodes, n)
	}
	for range s.opts.Blocks {
		if err := s.step(); err != nil {
			return fmt.Errorf("height %d: %w", len(s.history)+1, err)
		}
	}
	return s.recut()
}

// step makes one block.
func (s *sim) step() error {
	s.tick()
	s.generate()
	txs, err := s.propose()
	if err != nil {
		return err
	}
	if err := s.execute(txs); err != nil {
		return err
	}
	if err := s.checkViews(); err != nil {
		return err
	}
	if s.rng.IntN(4) == 0 {
		return s.crash(s.nodes[s.rng.IntN(len(s.nodes))])
	}
	return nil
}

// tick moves block time: mostly a little, sometimes not at all, now and then past a timeout.
func (s *sim) tick() {
	switch s.rng.IntN(10) {
	case 0:
		s.now = s.now.Add(11 * time.Minute)
	case 1, 2:
	default:
		s.now = s.now.Add(time.Duration(1+s.rng.IntN(5)) * time.Second)
	}
}

// generate makes transactions and offers them to some nodes' pools.
func (s *sim) generate() {
	height := uint64(len(s.history) + 1)
	for range s.rng.IntN(7) {
		raw := s.world.transaction(height)
		taken := false
		for _, n := range s.nodes {
			if s.rng.IntN(3) == 0 {
				continue
			}
			r, err := n.app.CheckTx(context.Background(), &abci.RequestCheckTx{Tx: raw})
			taken = taken || err == nil && r.Code == 0
		}
		// A proposer may hold what a pool would not take.
		if taken || s.rng.IntN(4) == 0 || string(raw) == string(s.world.setting) {
			s.pool = append(s.pool, raw)
		}
	}
}

// propose lets random nodes propose; every node accepts every honest proposal and all agree
// about the others. The last honest one is decided.
func (s *sim) propose() ([][]byte, error) {
	height := int64(len(s.history) + 1)
	var txs [][]byte
	for range 1 + s.rng.IntN(3) {
		proposer := s.nodes[s.rng.IntN(len(s.nodes))]
		r, err := proposer.app.PrepareProposal(context.Background(), &abci.RequestPrepareProposal{
			Txs: s.pool, MaxTxBytes: 4 << 20, Height: height, Time: s.now,
		})
		if err != nil {
			return nil, fmt.Errorf("PrepareProposal: %w", err)
		}
		txs = r.Txs
		if ok, err := s.judge(height, txs); err != nil || !ok {
			return nil, fmt.Errorf("an honest proposal of %d transactions was refused (%v)",
				len(txs), err)
		}
		if _, err := s.judge(height, s.spoil(txs)); err != nil {
			return nil, err
		}
	}
	return txs, nil
}

// judge asks every node about a proposal; they must agree.
func (s *sim) judge(height int64, txs [][]byte) (bool, error) {
	s.report.Proposals++
	verdicts := map[abci.ResponseProcessProposal_ProposalStatus]int{}
	for _, n := range s.nodes {
		r, err := n.app.ProcessProposal(context.Background(), &abci.RequestProcessProposal{
			Txs: txs, Height: height, Time: s.now,
		})
		if err != nil {
			return false, fmt.Errorf("ProcessProposal: %w", err)
		}
		verdicts[r.Status]++
	}
	if len(verdicts) != 1 {
		return false, fmt.Errorf("nodes disagree about a proposal: %v", verdicts)
	}
	return verdicts[abci.ResponseProcessProposal_ACCEPT] > 0, nil
}

// spoil damages a proposal as a dishonest proposer might.
func (s *sim) spoil(txs [][]byte) [][]byte {
	out := append([][]byte(nil), txs...)
	switch s.rng.IntN(4) {
	case 0:
		out = append(out, []byte("not a transaction"))
	case 1:
		if len(out) > 0 {
			out = append(out, out[0])
		}
	case 2:
		if len(out) > 0 {
			out = out[1:]
		}
	default:
		if len(out) > 0 {
			bad := bytes.Clone(out[0])
			bad[s.rng.IntN(len(bad))] ^= 1
			out[0] = bad
		}
	}
	return out
}

// execute runs a decided block on every node and compares what they say.
func (s *sim) execute(txs [][]byte) error {
	b := decided{time: s.now, txs: txs}
	height := int64(len(s.history) + 1)
	var died []*node
	for i, n := range s.nodes {
		if i > 0 && s.rng.IntN(6) == 0 {
			n.dieAt = s.rng.IntN(5)
		}
		runtime.GOMAXPROCS(1 + (i+int(height))%2)
		hash, codes, err := n.executeOrDie(height, b)
		n.dieAt = -1
		if errors.Is(err, errDied) {
			died = append(died, n)
			continue
		}
		if err != nil {
			return fmt.Errorf("node %d: %w", i, err)
		}
		if i == 0 {
			b.appHash, b.codes = hash, codes
		} else if err := b.same(hash, codes); err != nil {
			return fmt.Errorf("node %d: %w", i, err)
		}
	}
	s.history = append(s.history, b)
	s.settle(b)
	for _, n := range died {
		s.report.Deaths++
		if err := s.crash(n); err != nil {
			return err
		}
	}
	return nil
}

var errDied = errors.New("the process died at a named step")

// executeOrDie runs one block on a node whose process may die while it writes a checkpoint.
func (n *node) executeOrDie(height int64, b decided) (hash []byte, codes []uint32, err error) {
	defer func() {
		if p := recover(); p != nil {
			if _, ok := p.(death); !ok {
				panic(p)
			}
			err = errDied
		}
	}()
	return n.execute(height, b)
}

// execute runs one block on a node.
func (n *node) execute(height int64, b decided) (appHash []byte, codes []uint32, err error) {
	r, err := n.app.FinalizeBlock(context.Background(), &abci.RequestFinalizeBlock{
		Txs: b.txs, Height: height, Time: b.time,
	})
	if err != nil {
		return nil, nil, fmt.Errorf("FinalizeBlock: %w", err)
	}
	if _, err := n.app.Commit(context.Background(), &abci.RequestCommit{}); err != nil {
		return nil, nil, fmt.Errorf("Commit: %w", err)
	}
	for _, t := range r.TxResults {
		codes = append(codes, t.Code)
	}
	return r.AppHash, codes, nil
}

// same compares an execution with the first one.
func (b *decided) same(hash []byte, codes []uint32) error {
	if !bytes.Equal(hash, b.appHash) {
		return fmt.Errorf("app hash %x, the others have %x", hash, b.appHash)
	}
	for i, c := range codes {
		if c != b.codes[i] {
			return fmt.Errorf("transaction %d has code %d, the others have %d", i, c, b.codes[i])
		}
	}
	return nil
}

// settle takes a block's transactions out of the pool and tells the world their fate.
func (s *sim) settle(b decided) {
	in := map[string]uint32{}
	for i, raw := range b.txs {
		in[string(raw)] = b.codes[i]
		s.report.Txs++
		if b.codes[i] == 0 {
			s.report.Applied++
		} else {
			s.report.Rejected++
		}
		s.world.settled(raw, b.codes[i] == 0)
	}
	var left [][]byte
	for _, raw := range s.pool {
		lost := s.rng.IntN(8) == 0 && string(raw) != string(s.world.setting)
		if _, done := in[string(raw)]; !done && !lost {
			left = append(left, raw)
		}
	}
	s.pool = left
	s.report.Blocks++
}

// start makes a node's application over its store.
func (s *sim) start(n *node) (err error) {
	n.app, err = app.New(app.Config{
		Domain: s.world.domain, Store: n.store, CrashPoint: n.point, Versions: n.versions,
		Window:   n.window,
		OnCommit: n.committed, Wants: func([32]byte) bool { return n.committed != nil },
		SnapshotBlocks: n.snapshots,
	})
	return err
}

// open makes a node's application over its store and gives it the genesis file if it is new.
func (s *sim) open(n *node) error {
	if err := s.start(n); err != nil {
		return err
	}
	a := n.app
	info, err := a.Info(context.Background(), &abci.RequestInfo{})
	if err != nil || info.LastBlockHeight > 0 {
		return err
	}
	_, err = a.InitChain(context.Background(), &abci.RequestInitChain{
		ChainId: s.world.domain.ChainID, AppStateBytes: s.world.appState, Time: start,
		InitialHeight: 1,
	})
	return err
}

// crash drops a node with what it has not synced, opens it again, and executes again the blocks
// above its last checkpoint.
func (s *sim) crash(n *node) error {
	s.report.Crashes++
	n.store = n.store.Crash(s.rng.IntN(n.store.Unsynced() + 1))
	if err := s.open(n); err != nil {
		return fmt.Errorf("opening after a crash: %w", err)
	}
	info, err := n.app.Info(context.Background(), &abci.RequestInfo{})
	if err != nil {
		return err
	}
	from := info.LastBlockHeight
	if from > 0 && !bytes.Equal(info.LastBlockAppHash, s.history[from-1].appHash) {
		return fmt.Errorf("the checkpoint of height %d has another app hash", from)
	}
	if from > 0 && n.app.Snapshot().TimeMicros != s.history[from-1].time.UnixMicro() {
		return fmt.Errorf("the checkpoint of height %d has another block time", from)
	}
	for h := from; h < int64(len(s.history)); h++ {
		s.report.Replayed++
		hash, codes, err := n.execute(h+1, s.history[h])
		if err != nil {
			return fmt.Errorf("re-executing height %d: %w", h+1, err)
		}
		if err := s.history[h].same(hash, codes); err != nil {
			return fmt.Errorf("re-executing height %d: %w", h+1, err)
		}
	}
	return nil
}

package home

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"weir/app"
	"weir/consensus"
	"weir/ledger"
	"weir/ledger/store"
)

// AuditReport says how far the executed blocks agree with what the network agreed on.
type AuditReport struct {
	From    int64       `json:"from"` // state after this block was the start; 0: genesis
	To      int64       `json:"to"`   // last block that was executed
	Blocks  int64       `json:"blocks"`
	Txs     int64       `json:"transactions"`
	Bytes   int64       `json:"bytes"` // of transactions
	Seconds float64     `json:"seconds"`
	Fault   *AuditFault `json:"fault"` // nil: all agree
}

// AuditFault is the first height that does not agree.
type AuditFault struct {
	Height int64  `json:"height"`
	What   string `json:"what"`
	Want   string `json:"want"` // what the network agreed on
	Got    string `json:"got"`
	// Differences are between what was executed now and what this home's ledger has, if it keeps
	// the height.
	Differences []Difference `json:"differences"`
}

// AuditOptions say what to audit. Progress may be nil.
type AuditOptions struct {
	From, To int64 // heights; 0: the oldest checkpoint kept, and the last block
	Progress func(done, total uint64)
}

// Audit executes the stored blocks of a stopped node again, from its newest checkpoint at or below
// From, beside its ledger, which stays as it is. It compares every app hash and every hash of
// results with what the following header says, and every checkpoint of the ledger with the state
// executed.
//
// Errors: ErrRunning, ErrEmpty, those of the stores. What does not agree is in the report.
func Audit(ctx context.Context, home string, o AuditOptions) (r *AuditReport, err error) {
	a := &audit{home: home, o: o}
	defer func() { err = errors.Join(err, a.close()) }()
	if err := a.open(); err != nil {
		return nil, err
	}
	begin := time.Now()
	err = a.run(ctx)
	a.r.Seconds = time.Since(begin).Seconds()
	if err != nil {
		return nil, err
	}
	return &a.r, nil
}

// audit is an audit under way.
type audit struct {
	home  string
	o     AuditOptions
	r     AuditReport
	chain *consensus.Stores
	base  *store.Pebble
	live  *ledger.Ledger // of the home
	kept  []uint64       // its checkpoints
	app   *app.App       // executes
	close func() error
}

// open opens the stores and makes the application beside them.
func (a *audit) open() (err error) {
	var closers []func() error
	a.close = func() error {
		var errs []error
		for _, c := range slices.Backward(closers) {
			errs = append(errs, c())
		}
		return errors.Join(errs...)
	}
	if a.chain, err = consensus.OpenStores(a.home); err != nil {
		return running(a.home, err)
	}
	closers = append(closers, a.chain.Close)
	if a.base, err = openLedgerStore(a.home, store.Options{ReadOnly: true}); err != nil {
		return err
	}
	closers = append(closers, a.base.Close)
	a.live, err = ledger.Open(a.base, ledger.Options{ReadOnly: true, CacheBytes: toolCache})
	if err != nil {
		return err
	}
	if a.kept, err = ledger.Checkpoints(a.base); err != nil {
		return err
	}
	if err := a.span(); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "weir-audit")
	if err != nil {
		return err
	}
	closers = append(closers, func() error { return os.RemoveAll(dir) })
	top, err := store.OpenPebble("scratch", dir)
	if err != nil {
		return err
	}
	closers = append(closers, top.Close)
	gen, err := ReadGenesis(a.home)
	if err != nil {
		return err
	}
	a.app, err = app.New(app.Config{
		Domain: gen.Domain, Store: store.NewOverlay(a.base, top), Below: uint64(a.r.From) + 1,
		CacheBytes: toolCache, Beside: func(f func()) { go f() }, Each: Each,
	})
	if err != nil {
		return err
	}
	closers = append(closers, a.app.Drain)
	if got := int64(a.app.Ledger().Height()); got != a.r.From {
		return fmt.Errorf("checkpoint %d is damaged; weir fsck tells more", a.r.From)
	}
	return nil
}

// span chooses the heights: from a checkpoint, or from genesis if all blocks are stored.
func (a *audit) span() error {
	gen, err := ReadGenesis(a.home)
	if err != nil {
		return err
	}
	if a.o.From == 0 && len(a.kept) > 0 {
		a.r.From = int64(a.kept[0])
	}
	found := a.o.From == 0 && len(a.kept) > 0
	for _, h := range a.kept {
		if int64(h) <= a.o.From {
			a.r.From, found = int64(h), true
		}
	}
	if a.r.To = a.chain.Height(); a.o.To > 0 {
		a.r.To = min(a.r.To, a.o.To)
	}
	switch first := max(a.r.From+1, gen.Initial); {
	case !found && a.chain.Base() > gen.Initial:
		return fmt.Errorf("no checkpoint at or below height %d is kept, and blocks only from %d on",
			a.o.From, a.chain.Base())
	case first < a.chain.Base():
		return fmt.Errorf("block %d is needed, and blocks are stored from %d on", first,
			a.chain.Base())
	case a.r.To < first:
		return fmt.Errorf("there is no block from %d to %d", first, a.r.To)
	default:
		a.r.Blocks = a.r.To - first + 1
	}
	return nil
}

func (a *audit) run(ctx context.Context) error {
	first := a.r.To - a.r.Blocks + 1
	blocks := uint64(a.r.Blocks)
	if a.o.Progress == nil {
		a.o.Progress = func(_, _ uint64) {}
	}
	a.r.Blocks = 0
	if a.r.From == 0 {
		g, err := consensus.Genesis(a.home)
		if err != nil {
			return err
		}
		if _, err := a.app.InitChain(ctx, g); err != nil {
			return err
		}
	} else if hash := a.app.Ledger().AppHash(); !a.agrees(a.r.From, hash[:], nil) {
		return nil
	}
	for h := first; h <= a.r.To; h++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		ok, err := a.block(ctx, h)
		if err != nil {
			return fmt.Errorf("block %d: %w", h, err)
		}
		if !ok {
			a.r.To = h
			return nil
		}
		a.o.Progress(uint64(h-first)+1, blocks)
	}
	return nil
}

// block executes one block and compares; false: the report has a fault.
func (a *audit) block(ctx context.Context, h int64) (bool, error) {
	req, err := a.chain.Request(h)
	if err != nil {
		return false, err
	}
	res, err := a.app.FinalizeBlock(ctx, req)
	if err != nil {
		return false, err
	}
	if _, err := a.app.Commit(ctx, nil); err != nil {
		return false, err
	}
	a.r.Blocks++
	a.r.Txs += int64(len(req.Txs))
	for _, tx := range req.Txs {
		a.r.Bytes += int64(len(tx))
	}
	if !a.agrees(h, res.AppHash, consensus.ResultsHash(res)) {
		return false, a.name(h)
	}
	if _, ok := slices.BinarySearch(a.kept, uint64(h)); !ok {
		return true, nil
	}
	v, err := a.live.At(uint64(h))
	if err != nil {
		return false, err
	}
	if hash := v.AppHash(); !bytes.Equal(hash[:], res.AppHash) {
		a.fault(h, "app hash of this home's checkpoint", res.AppHash, hash[:])
		return false, a.name(h)
	}
	return true, nil
}

// agrees compares with what the network agreed on.
func (a *audit) agrees(h int64, appHash, results []byte) bool {
	wantHash, wantResults, err := a.chain.Agreed(h)
	switch {
	case err != nil:
		return true // the last block, whose outcome nobody has signed yet
	case !bytes.Equal(wantHash, appHash):
		a.fault(h, "app hash", wantHash, appHash)
	case results != nil && !bytes.Equal(wantResults, results):
		a.fault(h, "hash of results", wantResults, results)
	default:
		return true
	}
	return false
}

func (a *audit) fault(h int64, what string, want, got []byte) {
	a.r.Fault = &AuditFault{
		Height: h, What: what, Want: hex.EncodeToString(want), Got: hex.EncodeToString(got),
		Differences: []Difference{},
	}
}

// name finds what is different between the executed state (A) and the home's ledger (B).
func (a *audit) name(h int64) error {
	if err := a.app.Drain(); err != nil { // the checkpoint of h may be under way
		return err
	}
	found, err := ledger.Diff(a.app.Ledger(), a.live, uint64(h), uint64(h), 1)
	if errors.Is(err, ledger.ErrOutside) {
		return nil
	}
	if err != nil {
		return err
	}
	d, err := describe(a.app.Ledger(), a.live, uint64(h), uint64(h), found)
	if err == nil {
		a.r.Fault.Differences = d.Differences
	}
	return err
}

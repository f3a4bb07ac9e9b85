package consensus

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"
)

// grammar judges the ABCI calls of one process life, from CometBFT's side of the contract:
//
//	life    = Info (start | recovery)
//	start   = InitChain height...        when Info reported height 0
//	recovery= height...                  otherwise, from the reported height + 1
//	height  = (PrepareProposal | ProcessProposal)... FinalizeBlock Commit
//
// Replayed heights have no proposals. Info, Query and CheckTx may come at any time; calls for
// vote extensions and snapshots may not come at all, because Weir uses neither here.
//
// Source: CometBFT, ABCI 2.0 specification, "CometBFT's expected behavior".
type grammar struct {
	started   bool  // Info was answered
	genesis   bool  // InitChain has to come next
	height    int64 // the last committed one
	finalized bool  // Commit has to come next
}

// call is one ABCI call; Height is that of the block, or what Info reported.
type call struct {
	name   string
	height int64
}

func (g *grammar) judge(c call) error {
	if c.name == "Info" && !g.started {
		*g = grammar{started: true, genesis: c.height == 0, height: c.height}
		return nil
	}
	if !g.started {
		return fmt.Errorf("%s before Info", c.name)
	}
	switch c.name {
	case "Info", "Query", "CheckTx":
		return nil
	case "InitChain":
		if !g.genesis {
			return fmt.Errorf("InitChain at height %d", g.height)
		}
		g.genesis = false
		return nil
	}
	if g.genesis {
		return fmt.Errorf("%s before InitChain", c.name)
	}
	if g.finalized != (c.name == "Commit") {
		return fmt.Errorf("%s at height %d, finalized %v", c.name, c.height, g.finalized)
	}
	switch c.name {
	case "PrepareProposal", "ProcessProposal":
	case "FinalizeBlock":
		g.finalized = true
	case "Commit":
		g.finalized, g.height = false, g.height+1
		return nil
	default:
		return fmt.Errorf("unexpected call %s", c.name)
	}
	if c.height != g.height+1 {
		return fmt.Errorf("%s for height %d after height %d", c.name, c.height, g.height)
	}
	return nil
}

// recorder passes calls on to an application, writes them down and judges them.
type recorder struct {
	abci.Application
	mu    sync.Mutex
	rules grammar
	calls []call
	fault error
}

// keepCalls bounds how many of the last calls a recorder shows.
const keepCalls = 64

func (r *recorder) record(name string, height int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, call{name, height})
	if len(r.calls) > 2*keepCalls {
		r.calls = slices.Clone(r.calls[keepCalls:])
	}
	if err := r.rules.judge(call{name, height}); err != nil && r.fault == nil {
		r.fault = fmt.Errorf("ABCI grammar: %w; calls: %v", err, r.calls)
	}
}

// err is the first broken rule.
func (r *recorder) err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.fault
}

func (r *recorder) Info(c context.Context, q *abci.RequestInfo) (*abci.ResponseInfo, error) {
	a, err := r.Application.Info(c, q)
	if err == nil {
		r.record("Info", a.LastBlockHeight)
	}
	return a, err
}

func (r *recorder) Query(c context.Context, q *abci.RequestQuery) (*abci.ResponseQuery, error) {
	r.record("Query", 0)
	return r.Application.Query(c, q)
}

func (r *recorder) CheckTx(
	c context.Context, q *abci.RequestCheckTx,
) (*abci.ResponseCheckTx, error) {
	r.record("CheckTx", 0)
	return r.Application.CheckTx(c, q)
}

func (r *recorder) InitChain(
	c context.Context, q *abci.RequestInitChain,
) (*abci.ResponseInitChain, error) {
	r.record("InitChain", 0)
	return r.Application.InitChain(c, q)
}

func (r *recorder) PrepareProposal(
	c context.Context, q *abci.RequestPrepareProposal,
) (*abci.ResponsePrepareProposal, error) {
	r.record("PrepareProposal", q.Height)
	return r.Application.PrepareProposal(c, q)
}

func (r *recorder) ProcessProposal(
	c context.Context, q *abci.RequestProcessProposal,
) (*abci.ResponseProcessProposal, error) {
	r.record("ProcessProposal", q.Height)
	return r.Application.ProcessProposal(c, q)
}

func (r *recorder) FinalizeBlock(
	c context.Context, q *abci.RequestFinalizeBlock,
) (*abci.ResponseFinalizeBlock, error) {
	r.record("FinalizeBlock", q.Height)
	return r.Application.FinalizeBlock(c, q)
}

func (r *recorder) Commit(
	c context.Context, q *abci.RequestCommit,
) (*abci.ResponseCommit, error) {
	r.record("Commit", 0)
	return r.Application.Commit(c, q)
}

func (r *recorder) ExtendVote(
	c context.Context, q *abci.RequestExtendVote,
) (*abci.ResponseExtendVote, error) {
	r.record("ExtendVote", q.Height)
	return r.Application.ExtendVote(c, q)
}

func (r *recorder) VerifyVoteExtension(
	c context.Context, q *abci.RequestVerifyVoteExtension,
) (*abci.ResponseVerifyVoteExtension, error) {
	r.record("VerifyVoteExtension", q.Height)
	return r.Application.VerifyVoteExtension(c, q)
}

func (r *recorder) OfferSnapshot(
	c context.Context, q *abci.RequestOfferSnapshot,
) (*abci.ResponseOfferSnapshot, error) {
	r.record("OfferSnapshot", 0)
	return r.Application.OfferSnapshot(c, q)
}

func (r *recorder) ApplySnapshotChunk(
	c context.Context, q *abci.RequestApplySnapshotChunk,
) (*abci.ResponseApplySnapshotChunk, error) {
	r.record("ApplySnapshotChunk", 0)
	return r.Application.ApplySnapshotChunk(c, q)
}

func TestGrammar(t *testing.T) {
	block := func(h int64) []call {
		return []call{{"ProcessProposal", h}, {"CheckTx", 0}, {"FinalizeBlock", h}, {"Commit", 0}}
	}
	info := func(h int64, more ...[]call) []call {
		return append([]call{{"Info", h}}, slices.Concat(more...)...)
	}
	initChain := []call{{"InitChain", 0}}
	for name, x := range map[string]struct {
		calls []call
		good  bool
	}{
		"clean start":          {info(0, initChain, block(1), block(2)), true},
		"recovery":             {info(7, block(8)), true},
		"recovery at genesis":  {info(0, initChain), true},
		"two rounds":           {info(3, []call{{"PrepareProposal", 4}}, block(4)), true},
		"info again":           {info(3, []call{{"Info", 9}}, block(4)), true},
		"no info":              {block(1), false},
		"no InitChain":         {info(0, block(1)), false},
		"InitChain twice":      {info(0, initChain, initChain), false},
		"InitChain recovering": {info(5, initChain), false},
		"skipped height":       {info(5, block(7)), false},
		"repeated height":      {info(5, block(6), block(6)), false},
		"commit alone":         {info(5, []call{{"Commit", 0}}), false},
		"no commit":            {info(5, block(6)[:3], block(7)), false},
		"vote extension":       {info(5, []call{{"ExtendVote", 6}}), false},
		"snapshot":             {info(5, []call{{"OfferSnapshot", 0}}), false},
	} {
		var g grammar
		var err error
		for _, c := range x.calls {
			if err = g.judge(c); err != nil {
				break
			}
		}
		if (err == nil) != x.good {
			t.Errorf("%s: %v", name, err)
		}
	}
}

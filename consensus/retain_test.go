package consensus

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	cmtcrypto "github.com/cometbft/cometbft/proto/tendermint/crypto"
	"github.com/cometbft/cometbft/types"
)

// movingApp changes its validator's power at two heights and needs only the last blocks.
type movingApp struct {
	chainApp
	key    []byte
	height int64
	keep   int64
	node   atomic.Pointer[Node]
}

func (a *movingApp) FinalizeBlock(c context.Context, r *abci.RequestFinalizeBlock) (
	*abci.ResponseFinalizeBlock, error,
) {
	a.height = r.Height
	res, err := a.chainApp.FinalizeBlock(c, r)
	if r.Height == 3 || r.Height == 7 {
		res.ValidatorUpdates = []abci.ValidatorUpdate{{
			PubKey: cmtcrypto.PublicKey{Sum: &cmtcrypto.PublicKey_Ed25519{Ed25519: a.key}},
			Power:  genesisPower + r.Height,
		}}
	}
	return res, err
}

func (a *movingApp) Commit(context.Context, *abci.RequestCommit) (*abci.ResponseCommit, error) {
	n := a.node.Load()
	if n == nil || a.height <= a.keep {
		return &abci.ResponseCommit{}, nil
	}
	low, err := n.Retain(a.height - a.keep)
	return &abci.ResponseCommit{RetainHeight: low}, err
}

// shortEvidence makes evidence of a home's network expire after a few blocks.
func shortEvidence(t *testing.T, home string, blocks int64, age time.Duration) {
	t.Helper()
	path := filepath.Join(home, "config", "genesis.json")
	doc, err := types.GenesisDocFromFile(path)
	if err != nil {
		t.Fatal(err)
	}
	doc.ConsensusParams.Evidence.MaxAgeNumBlocks = blocks
	doc.ConsensusParams.Evidence.MaxAgeDuration = age
	if err := doc.SaveAs(path); err != nil {
		t.Fatal(err)
	}
}

// TestRetain runs a validator that gives up old blocks. What evidence may name stays, and the
// changes of the validator set stay known after their blocks are gone, also over a restart.
func TestRetain(t *testing.T) {
	home := t.TempDir()
	h, err := InitHome(InitOptions{Home: home, ChainID: "t", Port: freePort(t)})
	if err != nil {
		t.Fatal(err)
	}
	const evidenceBlocks, evidenceAge = 12, 300 * time.Millisecond
	shortEvidence(t, home, evidenceBlocks, evidenceAge)
	app := &movingApp{key: h.PubKey, keep: 5}
	n, err := Start(t.Context(), Config{Home: home, App: app})
	if err != nil {
		t.Fatal(err)
	}
	app.node.Store(n)
	var height int64
	for end := time.Now().Add(60 * time.Second); n.node.BlockStore().Base() < 15; {
		if time.Now().After(end) {
			t.Fatal("no block is pruned")
		}
		height++
		if _, _, err := n.SubmitTx(t.Context(), []byte{byte(height), byte(height >> 8)}); err != nil {
			t.Fatal(err)
		}
		waitHeight(t, n, height)
	}
	b := n.node.BlockStore()
	base, tip := b.LoadBlockMeta(b.Base()), b.LoadBlockMeta(b.Height())
	if blocks := b.Height() - b.Base(); blocks < evidenceBlocks {
		t.Errorf("%d blocks are left, evidence may name %d", blocks, evidenceBlocks)
	}
	if age := tip.Header.Time.Sub(base.Header.Time); age < evidenceAge {
		t.Errorf("blocks of %v are left, evidence may name %v", age, evidenceAge)
	}
	checkTransitions(t, n)
	if err := n.Stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(home, "data", "trust.db")); err != nil {
		t.Fatal(err)
	}
	s, err := OpenStores(home)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if all, err := s.trust.list(1, s.Height()); err != nil || len(all) != 2 {
		t.Errorf("after a restart: %d transitions, %v", len(all), err)
	}
	time.Sleep(evidenceAge)
	before := s.Base()
	if _, err := s.Prune(s.Height()); err != nil || s.Compact() != nil || s.Base() < before {
		t.Errorf("pruned from %d to %d, %v", before, s.Base(), err)
	}
}

func checkTransitions(t *testing.T, n *Node) {
	t.Helper()
	height := n.node.BlockStore().Height()
	all, err := n.Transitions(1, height)
	if err != nil || len(all) != 2 {
		t.Fatalf("%d transitions, %v", len(all), err)
	}
	for i, want := range []int64{5, 9} { // the set of H + 2
		before, first := all[i].Before, all[i].First
		if first.Height != want || before.Height != want-1 ||
			before.ValidateBasic("t") != nil || first.ValidateBasic("t") != nil ||
			!bytes.Equal(before.NextValidatorsHash, first.ValidatorSet.Hash()) {
			t.Errorf("transition %d: %+v", i, all[i])
		}
		if n.node.BlockStore().LoadBlockMeta(want) != nil {
			t.Errorf("block %d is still there", want)
		}
	}
	if all, err := n.Transitions(5, height); err != nil || len(all) != 1 {
		t.Errorf("from 5 on: %d transitions, %v", len(all), err)
	}
}

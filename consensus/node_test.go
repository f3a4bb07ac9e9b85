package consensus

import (
	"context"
	"crypto/sha256"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
)

// chainApp keeps a hash over all transactions, in memory.
type chainApp struct {
	abci.BaseApplication
	hash [32]byte
}

func (a *chainApp) FinalizeBlock(
	_ context.Context, r *abci.RequestFinalizeBlock,
) (*abci.ResponseFinalizeBlock, error) {
	results := make([]*abci.ExecTxResult, len(r.Txs))
	for i, tx := range r.Txs {
		a.hash = sha256.Sum256(append(a.hash[:], tx...))
		results[i] = &abci.ExecTxResult{}
	}
	return &abci.ResponseFinalizeBlock{TxResults: results, AppHash: a.hash[:]}, nil
}

func (a *chainApp) InitChain(
	context.Context, *abci.RequestInitChain,
) (*abci.ResponseInitChain, error) {
	return &abci.ResponseInitChain{AppHash: a.hash[:]}, nil
}

func freePort(t *testing.T) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// TestNodeRunsAndReexecutes starts one validator, commits a transaction, and starts again with
// an empty application, which must reach the same hash from the blocks alone.
func TestNodeRunsAndReexecutes(t *testing.T) {
	home := t.TempDir()
	if _, err := InitHome(InitOptions{Home: home, ChainID: "t", Port: freePort(t)}); err != nil {
		t.Fatal(err)
	}
	app := &chainApp{}
	n, err := Start(t.Context(), Config{Home: home, App: app})
	if err != nil {
		t.Fatal(err)
	}
	code, _, err := n.SubmitTx(t.Context(), []byte("first"))
	if err != nil || code != 0 {
		t.Fatalf("submit: code %d, %v", code, err)
	}
	waitHeight(t, n, 3)
	lb, err := n.LightBlock(2)
	if err != nil {
		t.Fatal(err)
	}
	if err := lb.ValidateBasic("t"); err != nil {
		t.Fatal(err)
	}
	if err := n.Stop(); err != nil {
		t.Fatal(err)
	}
	again := &chainApp{}
	n, err = Start(t.Context(), Config{Home: home, App: again})
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Stop(); err != nil {
		t.Fatal(err)
	}
	if again.hash != app.hash || again.hash == [32]byte{} {
		t.Fatalf("re-executed to %x, was %x", again.hash, app.hash)
	}
}

// brokenApp fails at a height, as an application does whose invariant is broken.
type brokenApp struct {
	chainApp
	at int64
}

func (a *brokenApp) FinalizeBlock(
	c context.Context, r *abci.RequestFinalizeBlock,
) (*abci.ResponseFinalizeBlock, error) {
	if r.Height == a.at {
		return nil, errors.New("broken on purpose")
	}
	return a.chainApp.FinalizeBlock(c, r)
}

// TestFailureIsReported: CometBFT goes on serving after a consensus failure, so Failed has to
// tell.
func TestFailureIsReported(t *testing.T) {
	home := memoryDir(t)
	opts := InitOptions{Home: home, ChainID: "t", Port: freePorts(t, 1)}
	if _, err := InitHome(opts); err != nil {
		t.Fatal(err)
	}
	n, err := Start(t.Context(), Config{Home: home, App: &brokenApp{at: 2}})
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Err(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-n.Failed():
	case <-time.After(20 * time.Second):
		t.Fatal("no failure reported in 20 s")
	}
	if err := n.Err(); err == nil || !strings.Contains(err.Error(), "broken on purpose") {
		t.Fatalf("reason: %v", err)
	}
	if s, err := n.Status(); err != nil || s.Height > 2 {
		t.Fatalf("after the failure: %+v, %v", s, err)
	}
}

func waitHeight(t *testing.T, n *Node, h int64) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if s, err := n.Status(); err == nil && s.Height >= h {
			return
		}
	}
	t.Fatalf("no height %d in 20 s", h)
}

package consensus

import (
	"context"
	"crypto/sha256"
	"net"
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

func waitHeight(t *testing.T, n *Node, h int64) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if s, err := n.Status(); err == nil && s.Height >= h {
			return
		}
	}
	t.Fatalf("no height %d in 20 s", h)
}

package consensus

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	cmtdb "github.com/cometbft/cometbft-db"
	abci "github.com/cometbft/cometbft/abci/types"
)

// The environment of a child process: its home, blocks per checkpoint, whether its stores lose
// unsynced writes, and how many syncs of its disk are lies.
const (
	envHome  = "WEIR_CRASH_HOME"
	envEvery = "WEIR_CRASH_EVERY"
	envPower = "WEIR_CRASH_POWER"
	envLie   = "WEIR_CRASH_LIE"
)

// crashApp keeps its state in memory, makes nothing durable in Commit but one checkpoint every
// so many blocks, and yet acknowledges every block from Commit on. Its state is a hash over all
// transactions.
type crashApp struct {
	abci.BaseApplication
	dir    string
	every  int64
	height int64
	hash   [32]byte
	txs    int
	judge  func() error
}

const checkpointBytes = 8 + 32 + 32

func checkpointFile(dir string) string { return filepath.Join(dir, "checkpoint") }

// load reads the checkpoint: height, hash, and the SHA-256 of both.
func (a *crashApp) load() error {
	b, err := os.ReadFile(checkpointFile(a.dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if len(b) != checkpointBytes || sha256.Sum256(b[:40]) != [32]byte(b[40:]) {
		return fmt.Errorf("broken checkpoint of %d bytes", len(b))
	}
	a.height, a.hash = int64(binary.BigEndian.Uint64(b)), [32]byte(b[8:])
	return nil
}

// save replaces the checkpoint so that a crash leaves the old one or the new one, whole.
func (a *crashApp) save() error {
	b := binary.BigEndian.AppendUint64(nil, uint64(a.height))
	b = append(b, a.hash[:]...)
	sum := sha256.Sum256(b)
	tmp := checkpointFile(a.dir) + ".tmp"
	if err := os.WriteFile(tmp, append(b, sum[:]...), 0o600); err != nil {
		return err
	}
	if err := syncPath(tmp); err != nil {
		return err
	}
	if err := os.Rename(tmp, checkpointFile(a.dir)); err != nil {
		return err
	}
	return syncPath(a.dir)
}

func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// nextState is the transition, for the application and for the twin that never crashed.
func nextState(hash [32]byte, txs [][]byte) [32]byte {
	if len(txs) == 0 {
		return hash
	}
	h := sha256.New()
	h.Write(hash[:])
	for _, tx := range txs {
		h.Write(tx)
	}
	return [32]byte(h.Sum(nil))
}

func (a *crashApp) Info(context.Context, *abci.RequestInfo) (*abci.ResponseInfo, error) {
	fmt.Println("info", a.height)
	r := &abci.ResponseInfo{LastBlockHeight: a.height}
	if a.height > 0 {
		r.LastBlockAppHash = a.hash[:]
	}
	return r, nil
}

func (a *crashApp) InitChain(
	context.Context, *abci.RequestInitChain,
) (*abci.ResponseInitChain, error) {
	return &abci.ResponseInitChain{AppHash: a.hash[:]}, nil
}

// bigBlockTxs transactions of bigTxBytes make a block of 13 parts. The block store writes the
// parts of blocks of more than ten one by one and unsynced, ahead of the synced write that makes
// the block count.
const (
	bigBlockTxs = 20
	bigTxBytes  = 40_000
)

// PrepareProposal invents transactions: none, a few small ones, or a big block.
func (a *crashApp) PrepareProposal(
	context.Context, *abci.RequestPrepareProposal,
) (*abci.ResponsePrepareProposal, error) {
	n, size := 0, 0
	switch x := rand.IntN(10); {
	case x < 2:
	case x < 8:
		n, size = 1+rand.IntN(5), 100+rand.IntN(4000)
	default:
		n, size = bigBlockTxs, bigTxBytes
	}
	r := &abci.ResponsePrepareProposal{}
	for range n {
		tx := make([]byte, size)
		for i := 0; i < 64; i += 8 {
			binary.BigEndian.PutUint64(tx[i:], rand.Uint64())
		}
		r.Txs = append(r.Txs, tx)
	}
	return r, nil
}

func (a *crashApp) FinalizeBlock(
	_ context.Context, r *abci.RequestFinalizeBlock,
) (*abci.ResponseFinalizeBlock, error) {
	if r.Height != a.height+1 {
		return nil, fmt.Errorf("application at %d got block %d", a.height, r.Height)
	}
	a.height, a.hash, a.txs = r.Height, nextState(a.hash, r.Txs), len(r.Txs)
	results := make([]*abci.ExecTxResult, len(r.Txs))
	for i := range results {
		results[i] = &abci.ExecTxResult{}
	}
	return &abci.ResponseFinalizeBlock{TxResults: results, AppHash: a.hash[:]}, nil
}

// Commit acknowledges the block, live or re-executed. One write to a pipe is atomic.
func (a *crashApp) Commit(context.Context, *abci.RequestCommit) (*abci.ResponseCommit, error) {
	if a.height%a.every == 0 {
		if err := a.save(); err != nil {
			return nil, err
		}
	}
	if err := a.judge(); err != nil {
		fmt.Println("fault", err)
	}
	fmt.Printf("ack %d %x %d\n", a.height, a.hash[:8], a.txs)
	return &abci.ResponseCommit{}, nil
}

// TestCrashChild is the victim: a validator that runs until it is killed.
func TestCrashChild(t *testing.T) {
	home := os.Getenv(envHome)
	if home == "" {
		t.Skip("runs as a child process of the crash tests only")
	}
	go func() { // ends with its parent, whatever ended that
		io.Copy(io.Discard, os.Stdin)
		os.Exit(4)
	}()
	if err := crashChild(home); err != nil {
		fmt.Println("stuck", string(bytes.ReplaceAll([]byte(err.Error()), []byte("\n"), []byte(" "))))
		os.Exit(3)
	}
}

func crashChild(home string) error {
	every, err := strconv.ParseInt(os.Getenv(envEvery), 10, 64)
	if err != nil {
		return err
	}
	lie, err := strconv.Atoi(os.Getenv(envLie))
	if err != nil {
		return err
	}
	app := &crashApp{dir: home, every: every}
	r := &recorder{Application: app}
	app.judge = r.err
	if err := app.load(); err != nil {
		return err
	}
	c := Config{Home: home, App: r}
	if os.Getenv(envPower) != "" {
		c.DBWrap = func(_ string, db cmtdb.DB) (cmtdb.DB, error) { return newPowerDB(db, lie) }
	}
	n, err := Start(context.Background(), c)
	if err != nil {
		return err
	}
	<-n.Failed()
	return n.Err()
}

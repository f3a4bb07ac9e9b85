package frozen

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"time"

	"weir/ledger"
	"weir/ledger/store"
)

// Chain is consensus, as *consensus.Node is.
type Chain interface {
	Hold() (release func())
	CopyStores(data string) []func() error
	StateHeight() (int64, error)
}

// ledgerName is the name of the ledger's store.
const ledgerName = "weir"

// configFiles are what of a home's configuration a reader needs. There is no key among them.
var configFiles = []string{"config.toml", "genesis.json", "weir.toml"}

// For some moments after a block CometBFT's state is that of the block before. A backup needs the
// state of the checkpoint that it takes, so a copy waits for it, in so many tries.
const (
	settleTries = 200
	settleWait  = 5 * time.Millisecond
)

// maker makes copies, one at a time.
type maker struct {
	home   string
	ledger *store.Pebble
	chain  Chain
	most   int

	mu   sync.Mutex
	last int // the number of the last copy
}

// copy makes the next copy. When it fails it leaves nothing.
func (m *maker) copy() (a answer, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	begin := time.Now()
	if a.Copy, err = m.slot(); err != nil {
		return a, err
	}
	to := copyPath(m.home, a.Copy)
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(to))
		}
	}()
	for _, dir := range []string{"config", "data"} {
		if err := os.Mkdir(filepath.Join(to, dir), 0o700); err != nil {
			return a, err
		}
	}
	if err := m.config(to); err != nil {
		return a, err
	}
	for try := 1; ; try++ {
		done, err := m.stores(to, &a, try == settleTries)
		if err != nil || done {
			a.Took = int64(time.Since(begin))
			return a, err
		}
		time.Sleep(settleWait)
	}
}

// config copies the configuration; a home need not have all of it.
func (m *maker) config(to string) error {
	for _, name := range configFiles {
		b, err := os.ReadFile(filepath.Join(m.home, "config", name))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(to, "config", name), b, 0o600)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// stores copies the stores while none takes writes. Unless it has to, it does not while the
// ledger's last checkpoint is ahead of CometBFT's state.
func (m *maker) stores(to string, a *answer, must bool) (done bool, err error) {
	releaseLedger := m.ledger.Hold()
	defer releaseLedger()
	begin := time.Now()
	releaseChain := m.chain.Hold()
	defer releaseChain()
	if a.Height, err = m.chain.StateHeight(); err != nil {
		return false, err
	}
	kept, err := ledger.Checkpoints(m.ledger)
	if err != nil {
		return false, err
	}
	if n := len(kept); n > 0 && int64(kept[n-1]) > a.Height && !must {
		return false, nil
	}
	data := filepath.Join(to, "data")
	all := append(m.chain.CopyStores(data), func() error {
		return m.ledger.CopyTo(ledgerName, data)
	})
	errs := make([]error, len(all))
	var running sync.WaitGroup
	for i, f := range all {
		running.Go(func() { errs[i] = f() })
	}
	running.Wait()
	a.Held = int64(time.Since(begin))
	return true, errors.Join(errs...)
}

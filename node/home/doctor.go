package home

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"weir/consensus"
	"weir/ledger"
	"weir/ledger/store"
	"weir/node/config"
)

// Finding is what Examine says of one thing.
type Finding struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
}

// What Examine takes for too little or too much.
const (
	SyncMax   = 100 * time.Millisecond // of a write of 4 KiB: a block waits for several
	FreeMin   = 1 << 30                // bytes of disk
	syncTries = 11
)

// Examine looks for what keeps a node from running well: its configuration, keys, genesis file,
// disk, and whether its stores fit together. It changes nothing, and also looks at a running node,
// whose stores it leaves alone.
func Examine(home string) []Finding {
	checks := []struct {
		name string
		run  func(home string) (string, error)
	}{
		{"weir.toml", examineConfig},
		{"config.toml and keys", consensus.CheckHome},
		{"genesis.json", examineGenesis},
		{"disk sync", examineSync},
		{"disk space", examineSpace},
		{"stores", examineStores},
	}
	var out []Finding
	for _, c := range checks {
		detail, err := c.run(home)
		if err != nil {
			detail = err.Error()
		}
		out = append(out, Finding{c.name, err == nil, detail})
	}
	return out
}

func examineConfig(home string) (string, error) {
	c, err := config.Load(home)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("node %s, %d heights of history, %d MiB for pages", c.Name,
		c.Ledger.HistoryBlocks, c.Ledger.CacheMiB), nil
}

func examineGenesis(home string) (string, error) {
	g, err := ReadGenesis(home)
	if err != nil {
		return "", err
	}
	if _, err := consensus.Genesis(home); err != nil {
		return "", err
	}
	return fmt.Sprintf("chain %s, hash %x", g.Domain.ChainID, g.Domain.GenesisHash), nil
}

// examineSync measures how long a small write takes until it is on the disk.
func examineSync(home string) (detail string, err error) {
	f, err := os.CreateTemp(Data(home), "doctor")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	times := make([]time.Duration, syncTries)
	for i := range times {
		begin := time.Now()
		if _, err := f.Write(make([]byte, 4096)); err != nil {
			return "", err
		}
		if err := f.Sync(); err != nil {
			return "", err
		}
		times[i] = time.Since(begin)
	}
	slices.Sort(times)
	median := times[syncTries/2].Round(10 * time.Microsecond)
	if median > SyncMax {
		return "", fmt.Errorf("a write takes %v until it is on the disk, more than %v", median,
			SyncMax)
	}
	return fmt.Sprintf("%v; less than 0.1 ms may mean that the disk lies", median), nil
}

func examineSpace(home string) (string, error) {
	free, err := freeBytes(Data(home))
	if errors.Is(err, errors.ErrUnsupported) {
		return "not known on this system", nil
	}
	if err != nil {
		return "", err
	}
	if free < FreeMin {
		return "", fmt.Errorf("%d MiB are free, less than %d", free>>20, uint64(FreeMin)>>20)
	}
	return fmt.Sprintf("%d MiB are free", free>>20), nil
}

// examineStores compares the heights of the ledger and of CometBFT's stores.
func examineStores(home string) (detail string, err error) {
	if _, err := os.Stat(filepath.Join(Data(home), StoreName+".db")); err != nil {
		return "the node has not run yet", nil
	}
	kv, err := openLedgerStore(home, store.Options{ReadOnly: true})
	if errors.Is(err, ErrRunning) {
		return "in use: the node is running", nil
	}
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, kv.Close()) }()
	heights, err := ledger.Checkpoints(kv)
	if err != nil {
		return "", err
	}
	chain, err := consensus.OpenStores(home)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, chain.Close()) }()
	newest := int64(0)
	if len(heights) > 0 {
		newest = int64(heights[len(heights)-1])
	}
	base, height := chain.Base(), chain.Height()
	switch {
	case newest > height:
		return "", fmt.Errorf("the ledger is at checkpoint %d, the last stored block is %d", newest,
			height)
	case newest+1 < base:
		return "", fmt.Errorf("the ledger is at checkpoint %d, blocks are stored from %d on", newest,
			base)
	}
	return fmt.Sprintf("checkpoint %d, blocks %d to %d: %d to be executed at the next start", newest,
		base, height, height-newest), nil
}

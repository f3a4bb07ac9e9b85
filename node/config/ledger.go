package config

import "fmt"

// Ledger says how much of the past a node keeps, and how much memory it gives to the present.
type Ledger struct {
	HistoryBlocks uint64 `toml:"history_blocks"`
	CacheMiB      int    `toml:"cache_mib"`
	// SnapshotBlocks is how many heights lie between two snapshots that are offered to joining
	// nodes; 0: none.
	SnapshotBlocks uint64 `toml:"snapshot_blocks"`
	// FrozenCopies is how many frozen copies of the home there can be at a time.
	FrozenCopies int `toml:"frozen_copies"`
}

// Bounds of the settings of Ledger.
const (
	MaxHistoryBlocks  = 1 << 40
	MaxSnapshotBlocks = 1 << 40
	MinCacheMiB       = 1
	MaxCacheMiB       = 1 << 20
	MaxFrozenCopies   = 64
)

// DefaultLedger is a day at one block a second, a GiB of pages in memory, a snapshot each half an
// hour or more, and as many commands beside the node as one operator runs.
func DefaultLedger() Ledger {
	return Ledger{HistoryBlocks: 100_000, CacheMiB: 1024, SnapshotBlocks: 2_000, FrozenCopies: 4}
}

func (l *Ledger) check() error {
	if l.HistoryBlocks > MaxHistoryBlocks {
		return fmt.Errorf("ledger.history_blocks is %d, not 0 to %d", l.HistoryBlocks,
			uint64(MaxHistoryBlocks))
	}
	if l.SnapshotBlocks > MaxSnapshotBlocks {
		return fmt.Errorf("ledger.snapshot_blocks is %d, not 0 to %d", l.SnapshotBlocks,
			uint64(MaxSnapshotBlocks))
	}
	if l.CacheMiB < MinCacheMiB || l.CacheMiB > MaxCacheMiB {
		return fmt.Errorf("ledger.cache_mib is %d, not %d to %d", l.CacheMiB, MinCacheMiB,
			MaxCacheMiB)
	}
	if l.FrozenCopies < 1 || l.FrozenCopies > MaxFrozenCopies {
		return fmt.Errorf("ledger.frozen_copies is %d, not 1 to %d", l.FrozenCopies,
			MaxFrozenCopies)
	}
	return nil
}

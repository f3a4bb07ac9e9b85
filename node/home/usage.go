package home

import (
	"path/filepath"

	"weir/ledger"
	"weir/ledger/store"
)

// Part is one part of a home's data on disk.
type Part struct {
	Name  string
	Bytes uint64
}

// Usage measures the data of a home, whose ledger's store is open. The parts of the ledger are
// estimates of what lies in sorted tables; "ledger, other" is its write-ahead log and what was
// deleted and not compacted yet.
func Usage(home string, kv *store.Pebble) ([]Part, error) {
	u, err := ledger.UsageOf(kv.DiskSize)
	if err != nil {
		return nil, err
	}
	parts := []Part{
		{"ledger, pages", u.Pages},
		{"ledger, logs", u.Logs},
		{"ledger, payloads", u.Payloads},
		{"ledger, changes", u.Changes},
	}
	all, err := dirBytes(filepath.Join(Data(home), StoreName+".db"))
	if err != nil {
		return nil, err
	}
	known := u.Pages + u.Logs + u.Payloads + u.Changes
	parts = append(parts, Part{"ledger, other", all - min(all, known)})
	for _, p := range []struct{ name, folder string }{
		{"blocks", "blockstore.db"},
		{"consensus state", "state.db"},
		{"consensus log", "cs.wal"},
		{"validator changes", "trust.db"},
	} {
		n, err := dirBytes(filepath.Join(Data(home), p.folder))
		if err != nil {
			return nil, err
		}
		parts = append(parts, Part{p.name, n})
	}
	return parts, nil
}

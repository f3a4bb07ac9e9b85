package home

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

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
	n, err := copiesBytes(Data(home))
	if err != nil {
		return nil, err
	}
	return append(parts, Part{"frozen copies", n}), nil
}

// copiesBytes is what the frozen copies below a data folder take: the files that they do not share
// with its stores, each once.
func copiesBytes(data string) (n uint64, err error) {
	copies, err := filepath.Glob(filepath.Join(data, "frozen", "*", "data", "*", "*"))
	if err != nil {
		return 0, err
	}
	seen := map[string][]fs.FileInfo{} // by store and name of the file
	for _, path := range copies {
		folder, name := filepath.Split(path)
		key := filepath.Join(filepath.Base(folder), name)
		if _, ok := seen[key]; !ok {
			if shared, err := os.Lstat(filepath.Join(data, key)); err == nil {
				seen[key] = []fs.FileInfo{shared}
			}
		}
		info, err := os.Lstat(path)
		if errors.Is(err, fs.ErrNotExist) { // its command has ended
			continue
		}
		if err != nil {
			return 0, err
		}
		same := func(other fs.FileInfo) bool { return os.SameFile(info, other) }
		if !slices.ContainsFunc(seen[key], same) {
			seen[key] = append(seen[key], info)
			n += uint64(info.Size())
		}
	}
	return n, nil
}

package home

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"weir/consensus"
	"weir/ledger"
	"weir/ledger/store"
)

// PruneReport says what Prune removed.
type PruneReport struct {
	Checkpoint uint64 `json:"oldest_checkpoint"` // the oldest that is kept
	Block      int64  `json:"oldest_block"`
	Blocks     uint64 `json:"blocks"` // removed
	Before     uint64 `json:"bytes_before"`
	After      uint64 `json:"bytes_after"`
}

// Prune removes from the home of a stopped node what lies more than keep heights below its newest
// checkpoint, and makes it leave the disk. Two checkpoints always stay, and blocks that evidence
// of misbehaviour may still name.
//
// Errors: ErrRunning, ErrEmpty, those of the stores.
func Prune(home string, keep uint64) (r *PruneReport, err error) {
	r = &PruneReport{}
	if r.Before, err = dirBytes(Data(home)); err != nil {
		return nil, err
	}
	if err := r.prune(home, keep); err != nil {
		return nil, err
	}
	r.After, err = dirBytes(Data(home))
	return r, err
}

func (r *PruneReport) prune(home string, keep uint64) (err error) {
	chain, err := consensus.OpenStores(home)
	if err != nil {
		return running(home, err)
	}
	defer func() { err = errors.Join(err, chain.Close()) }()
	kv, err := openLedgerStore(home, store.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, kv.Close()) }()
	l, err := ledger.Open(kv, ledger.Options{Window: keep, CacheBytes: toolCache})
	if err != nil {
		return err
	}
	if r.Checkpoint, err = l.OldestCheckpoint(); err != nil {
		return err
	}
	if r.Checkpoint > 0 {
		if r.Blocks, err = chain.Prune(int64(r.Checkpoint)); err != nil {
			return err
		}
	}
	r.Block = chain.Base()
	return errors.Join(kv.Compact([]byte{0}, nil), chain.Compact())
}

// dirBytes is the size of all files below a folder; what goes while it is looked at does not count.
func dirBytes(dir string) (n uint64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			var info fs.FileInfo
			if info, err = d.Info(); err == nil {
				n += uint64(info.Size())
			}
		}
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		return err
	})
	return n, err
}

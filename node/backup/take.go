package backup

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"weir/consensus"
	"weir/ledger"
	"weir/ledger/snapshot"
	"weir/ledger/store"
	"weir/node/home"
)

// Options of Take.
type Options struct {
	Home   string // of a node that does not run
	To     string // folder
	Window uint64 // the node's ledger.history_blocks: the ledger is opened as the node opens it
	// Progress, if set, is told how many bytes there are and after each part how many are done.
	Progress func(total, done uint64)
}

// Result says what was done.
type Result struct {
	Height       uint64 `json:"height"`
	AppHash      string `json:"app_hash"`
	Parts        int    `json:"parts"`
	Bytes        uint64 `json:"bytes"`
	PartsWritten int    `json:"parts_written"` // of a backup: those that the folder had not
	BytesWritten uint64 `json:"bytes_written"`
	Resumed      bool   `json:"resumed,omitempty"` // of a restore: an earlier one was ended
}

// storeName is that of the ledger's store in a data folder.
const storeName = "weir"

// Take writes the last checkpoint of a node's ledger to a folder, and of it only the parts that
// the folder has not. Taking it again does nothing.
func Take(ctx context.Context, o Options) (res *Result, err error) {
	if err := sameGenesis(o.To, o.Home); err != nil {
		return nil, err
	}
	kv, err := store.OpenPebble(storeName, filepath.Join(o.Home, "data"))
	if store.IsLocked(err) {
		return nil, fmt.Errorf("%s: %w", o.Home, home.ErrRunning)
	}
	if err != nil {
		return nil, fmt.Errorf("opening the ledger's store: %w", err)
	}
	defer func() { err = errors.Join(err, kv.Close()) }()
	l, err := ledger.Open(kv, ledger.Options{Window: o.Window})
	if err != nil {
		return nil, fmt.Errorf("opening the ledger: %w", err)
	}
	x, err := l.Exporter().Snapshot()
	if errors.Is(err, ledger.ErrNoUnit) {
		return nil, errors.New("the node has made no checkpoint yet: there is nothing to back up")
	}
	if err != nil {
		return nil, fmt.Errorf("describing the checkpoint: %w", err)
	}
	defer x.Release()
	m := x.Manifest
	state, err := consensus.ExportState(o.Home, int64(m.Height))
	if err != nil {
		return nil, fmt.Errorf("the state of consensus at the checkpoint: %w", err)
	}
	changes, err := consensus.ExportChanges(o.Home)
	if err != nil {
		return nil, fmt.Errorf("the changes of the validator set: %w", err)
	}
	res, err = copyParts(ctx, o, x)
	if err != nil {
		return nil, err
	}
	if err := saveValidators(o.To, m.Height, changes); err != nil {
		return nil, fmt.Errorf("writing the backup: %w", err)
	}
	if err := write(heightPath(o.To, m.Height, consensusExt), state); err != nil {
		return nil, fmt.Errorf("writing the backup: %w", err)
	}
	if err := write(heightPath(o.To, m.Height, manifestExt), m.Encode()); err != nil {
		return nil, fmt.Errorf("writing the backup: %w", err)
	}
	return res, nil
}

// copyParts writes the parts that the folder has not.
func copyParts(ctx context.Context, o Options, x *ledger.Export) (*Result, error) {
	parts := x.Manifest.Parts()
	res := newResult(x.Manifest, parts)
	done := uint64(0)
	for i, p := range parts {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		there, err := has(o.To, p)
		if err == nil && !there {
			var b []byte
			if b, err = x.Part(i); err == nil {
				err = write(partPath(o.To, p), b)
			}
			res.PartsWritten++
			res.BytesWritten += uint64(p.Size)
		}
		if err != nil {
			return nil, fmt.Errorf("backing up part %d of %d: %w", i+1, len(parts), err)
		}
		if done += uint64(p.Size); o.Progress != nil {
			o.Progress(res.Bytes, done)
		}
	}
	return res, nil
}

func newResult(m *snapshot.Manifest, parts []snapshot.Part) *Result {
	res := &Result{
		Height: m.Height, AppHash: fmt.Sprintf("%x", m.AppHash), Parts: len(parts),
	}
	for _, p := range parts {
		res.Bytes += uint64(p.Size)
	}
	return res
}

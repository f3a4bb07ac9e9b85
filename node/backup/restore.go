package backup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"weir/app"
	"weir/consensus"
	"weir/ledger"
	"weir/ledger/snapshot"
	"weir/ledger/store"
)

// Folders of a home while a restore goes on.
const (
	dataDir    = "data"
	stagingDir = "data.restoring" // becomes data when it is whole
	wholeDir   = "data.restored"  // is whole, and about to become data
	oldDir     = "data.before-restore"
	signState  = "priv_validator_state.json"
	signLog    = "cs.wal"   // what the validator has signed for the block under way
	trustStore = "trust.db" // headers of validator changes, which outlive their blocks
)

// RestoreOptions say what Restore does.
type RestoreOptions struct {
	From     string // folder
	Home     string // with the network's configuration and keys; its node does not run
	Height   uint64 // 0: the newest
	Replace  bool   // the home has data, which is put aside
	Progress func(total, done uint64)
}

// Restore makes the data of a node from a backup. Every part is verified before it is used. The
// data is built beside the home's own and takes its place when it is whole, by renaming: a crash
// leaves the old, or no data and a restore that the next one ends, or the new.
func Restore(ctx context.Context, o RestoreOptions) (*Result, error) {
	if err := sameGenesis(o.From, o.Home); err != nil {
		return nil, err
	}
	at := func(dir string) string { return filepath.Join(o.Home, dir) }
	if done, err := o.resume(at); done || err != nil {
		return &Result{Resumed: true}, err
	}
	if err := o.checkHome(at); err != nil {
		return nil, err
	}
	m, state, err := o.choose()
	if err != nil {
		return nil, err
	}
	changes, err := loadValidators(o.From, m.Height)
	if err != nil {
		return nil, err
	}
	for _, dir := range []string{stagingDir, wholeDir} { // of a restore that was cut short
		if err := os.RemoveAll(at(dir)); err != nil {
			return nil, err
		}
	}
	if err := os.Mkdir(at(stagingDir), 0o700); err != nil {
		return nil, err
	}
	res, err := o.build(ctx, m)
	if err != nil {
		return nil, err
	}
	err = consensus.ImportState(o.Home, stagingDir, state, int64(m.Height), m.AppHash[:])
	if err != nil {
		return nil, err
	}
	if err := o.restoreValidators(at, changes); err != nil {
		return nil, err
	}
	if err := o.swap(at); err != nil {
		return nil, fmt.Errorf("putting the restored data in place: %w", err)
	}
	return res, nil
}

// resume ends a restore that was cut short between its renamings.
func (o *RestoreOptions) resume(at func(string) string) (done bool, err error) {
	if _, err := os.Stat(at(dataDir)); !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	if _, err := os.Stat(at(wholeDir)); err != nil {
		return false, nil // checkHome says what is wrong
	}
	return true, o.settle(at)
}

// checkHome refuses a home whose data would be lost, or whose node runs.
func (o *RestoreOptions) checkHome(at func(string) string) error {
	if _, err := os.Stat(at(oldDir)); err == nil {
		return fmt.Errorf("%s is from an earlier restore: remove it, or bring it back, first",
			at(oldDir))
	}
	list, err := os.ReadDir(at(dataDir))
	if err != nil {
		return fmt.Errorf("the home is not one of a node: %w", err)
	}
	for _, e := range list {
		if e.Name() != signState && e.Name() != signLog && e.Name() != trustStore && !o.Replace {
			return fmt.Errorf("%s holds data already (%s): --replace puts it aside", at(dataDir),
				e.Name())
		}
		if e.Name() == storeName+".db" {
			kv, err := store.OpenPebble(storeName, at(dataDir))
			if err != nil {
				return fmt.Errorf("the data that is there (does the node run?): %w", err)
			}
			if err := kv.Close(); err != nil {
				return err
			}
		}
	}
	return nil
}

// choose reads the manifest of a snapshot, and the state of consensus that goes with it.
func (o *RestoreOptions) choose() (*snapshot.Manifest, []byte, error) {
	heights, err := Heights(o.From)
	if err != nil {
		return nil, nil, err
	}
	if len(heights) == 0 {
		return nil, nil, fmt.Errorf("%w: %s has none", ErrNone, o.From)
	}
	height := o.Height
	if height == 0 {
		height = heights[len(heights)-1]
	}
	b, err := os.ReadFile(heightPath(o.From, height, manifestExt))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("%w: %s has heights %v", ErrNone, o.From, heights)
	}
	if err != nil {
		return nil, nil, err
	}
	state, err := os.ReadFile(heightPath(o.From, height, consensusExt))
	if err != nil {
		return nil, nil, err
	}
	m, err := snapshot.Decode(b)
	if err == nil {
		err = m.Verify(m.AppHash)
	}
	if err == nil && m.Height != height {
		err = snapshot.ErrInvalid
	}
	if err != nil {
		return nil, nil, fmt.Errorf("the manifest of height %d is damaged: %w", height, err)
	}
	return m, state, nil
}

// build restores the ledger into the staging folder.
func (o *RestoreOptions) build(ctx context.Context, m *snapshot.Manifest) (
	res *Result, err error,
) {
	kv, err := store.OpenPebble(storeName, filepath.Join(o.Home, stagingDir))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, kv.Close()) }()
	l, err := ledger.Open(kv, ledger.Options{})
	if err != nil {
		return nil, err
	}
	r, err := l.Restore(m, &app.Leaves{})
	if err != nil {
		return nil, err
	}
	parts := m.Parts()
	res = newResult(m, parts)
	done := uint64(0)
	for {
		i, ok := r.Next()
		if !ok {
			return res, r.Finish()
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		b, err := os.ReadFile(partPath(o.From, parts[i]))
		if err == nil {
			err = r.Add(b)
		}
		if err != nil {
			return nil, fmt.Errorf("part %s: %w", parts[i].Name(), err)
		}
		if done += uint64(parts[i].Size); o.Progress != nil {
			o.Progress(res.Bytes, done)
		}
	}
}

// swap puts the staging folder in the place of data. What a validator has signed goes along, in
// its state and in its log: one that forgets it can be made to sign twice, and one that remembers
// only the state cannot go on with a block that it has begun to vote for.
func (o *RestoreOptions) swap(at func(string) string) error {
	state, err := os.ReadFile(filepath.Join(at(dataDir), signState))
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s has no signing state of the validator (weir init makes it)",
			at(dataDir))
	}
	if err != nil {
		return err
	}
	if err := write(filepath.Join(at(stagingDir), signState), state); err != nil {
		return err
	}
	err = copyFolder(filepath.Join(at(dataDir), signLog), filepath.Join(at(stagingDir), signLog))
	if err != nil {
		return err
	}
	if err := os.Rename(at(stagingDir), at(wholeDir)); err != nil {
		return err
	}
	if err := os.Rename(at(dataDir), at(oldDir)); err != nil {
		return err
	}
	return o.settle(at)
}

// copyFolder copies a folder of files, if it is there.
func copyFolder(from, to string) error {
	list, err := os.ReadDir(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, e := range list {
		b, err := os.ReadFile(filepath.Join(from, e.Name()))
		if err == nil {
			err = write(filepath.Join(to, e.Name()), b)
		}
		if err != nil {
			return err
		}
	}
	return err
}

// settle ends the swap: there is no data, and what is whole becomes it.
func (o *RestoreOptions) settle(at func(string) string) error {
	if err := os.Rename(at(wholeDir), at(dataDir)); err != nil {
		return err
	}
	if !o.Replace {
		if err := os.RemoveAll(at(oldDir)); err != nil { // it held nothing but the signing state
			return err
		}
	}
	return syncDir(o.Home)
}

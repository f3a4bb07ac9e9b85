package backup

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"weir/ledger/snapshot"
)

const (
	manifestExt  = ".manifest"
	consensusExt = ".consensus"
	genesisFile  = "genesis.json"
)

// ErrNone is a folder without a whole snapshot of the height that was asked for.
var ErrNone = errors.New("there is no such backup")

// Heights lists the snapshots of a folder, ascending.
func Heights(dir string) (heights []uint64, err error) {
	list, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("reading the backup: %w", err)
	}
	for _, e := range list {
		name, ok := strings.CutSuffix(e.Name(), manifestExt)
		if h, err := strconv.ParseUint(name, 10, 64); ok && err == nil {
			heights = append(heights, h)
		}
	}
	slices.Sort(heights)
	return heights, nil
}

func partPath(dir string, p snapshot.Part) string {
	return filepath.Join(dir, "parts", fmt.Sprintf("%02x", p.ID[0]), p.Name())
}

func heightPath(dir string, height uint64, ext string) string {
	return filepath.Join(dir, strconv.FormatUint(height, 10)+ext)
}

// has tells whether a folder has a part; one that was cut short has another name.
func has(dir string, p snapshot.Part) (bool, error) {
	info, err := os.Stat(partPath(dir, p))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil && info.Size() == int64(p.Size), err
}

// write makes a file appear whole, and durable, or not at all.
func write(path string, b []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// sameGenesis makes sure that a folder and a home are of one network.
func sameGenesis(dir, home string) error {
	mine, err := os.ReadFile(filepath.Join(home, "config", genesisFile))
	if err != nil {
		return fmt.Errorf("reading the genesis file: %w", err)
	}
	path := filepath.Join(dir, genesisFile)
	theirs, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
			return write(path, mine)
		}
		list, err := os.ReadDir(dir)
		if err != nil || len(list) > 0 {
			return errors.Join(fmt.Errorf("%s is not empty, and is no backup", dir), err)
		}
		return write(path, mine)
	}
	if err != nil {
		return fmt.Errorf("reading the backup: %w", err)
	}
	if !bytes.Equal(mine, theirs) {
		return fmt.Errorf("%s is a backup of another network than %s", dir, home)
	}
	return nil
}

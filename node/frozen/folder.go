package frozen

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"weir/ledger/store"
)

const (
	folderName = "frozen"
	socketName = "node.sock"
	inUseName  = "in-use"
)

// socketPathMax is how long the path of a socket may be in bytes, on every system.
const socketPathMax = 103

// Folder is where the copies of a home are.
func Folder(home string) string { return filepath.Join(home, "data", folderName) }

// Socket is where the running node of a home listens.
func Socket(home string) string { return filepath.Join(Folder(home), socketName) }

func copyPath(home string, n int) string { return filepath.Join(Folder(home), strconv.Itoa(n)) }

// errFull is a copy too many.
var errFull = errors.New("no more copies")

// slot makes the folder of the next copy, with a number that no copy of this run has had: what
// removes an old copy once more does not remove another's.
//
// Errors: errFull.
func (m *maker) slot() (n int, err error) {
	list, err := os.ReadDir(Folder(m.home))
	if err != nil {
		return 0, err
	}
	copies := 0
	for _, e := range list {
		if !e.IsDir() {
			continue
		}
		copies++
		if n, err := strconv.Atoi(e.Name()); err == nil {
			m.last = max(m.last, n)
		}
	}
	if copies >= m.most {
		return 0, fmt.Errorf("%w: this node has %d frozen copies already (frozen_copies in "+
			"weir.toml): let the commands that read them end", errFull, copies)
	}
	m.last++
	return m.last, os.Mkdir(copyPath(m.home, m.last), 0o700)
}

// removeStale removes the copies that no command reads.
func removeStale(home string) error {
	list, err := os.ReadDir(Folder(home))
	if err != nil {
		return err
	}
	for _, e := range list {
		path := filepath.Join(Folder(home), e.Name())
		if e.IsDir() {
			held, err := store.Lock(filepath.Join(path, inUseName))
			if store.IsLocked(err) {
				continue
			}
			if err != nil {
				return err
			}
			if err := held.Close(); err != nil {
				return err
			}
		}
		if err := os.RemoveAll(path); err != nil {
			return err
		}
	}
	return nil
}

// reach calls f with a path to the socket of a home that is short enough to be used: if the home
// lies too deep, one through a link.
func reach(home string, f func(path string) error) (err error) {
	path := Socket(home)
	if len(path) <= socketPathMax {
		return f(path)
	}
	folder, err := filepath.Abs(Folder(home))
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "weir")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	link := filepath.Join(dir, "f")
	if err := os.Symlink(folder, link); err != nil {
		return err
	}
	return f(filepath.Join(link, socketName))
}

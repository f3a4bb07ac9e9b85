package store

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"

	"github.com/cockroachdb/pebble/vfs"
)

// Lock makes a file and holds it until it is closed; the end of the process closes it too. It is
// how stores are held.
//
// Errors: one that IsLocked knows when somebody holds it.
func Lock(path string) (io.Closer, error) {
	l, err := vfs.Default.Lock(path)
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return l, nil
}

// IsLocked tells whether something, a store of CometBFT too, could not be opened because somebody
// holds it.
func IsLocked(err error) bool {
	return err != nil && (errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EACCES) ||
		strings.Contains(err.Error(), "lock held by current process"))
}

package home

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"weir/ledger/store"
)

// StoreName is the name of the ledger's store in a home's data folder.
const StoreName = "weir"

// ErrRunning is a home whose stores somebody holds: its node, or a command that works on it.
var ErrRunning = errors.New("the home is in use: its node has to be stopped first")

// ErrEmpty is a home whose node has never run.
var ErrEmpty = errors.New("this home has no ledger yet")

// Data is a home's folder of data.
func Data(home string) string { return filepath.Join(home, "data") }

// openLedgerStore opens the ledger's store of a stopped node.
//
// Errors: ErrRunning, ErrEmpty, those of the store.
func openLedgerStore(home string, o store.Options) (*store.Pebble, error) {
	if _, err := os.Stat(filepath.Join(Data(home), StoreName+".db")); err != nil {
		return nil, fmt.Errorf("%s: %w", home, ErrEmpty)
	}
	kv, err := store.OpenPebbleWith(StoreName, Data(home), o)
	return kv, running(home, err)
}

// running tells when a store could not be opened because somebody holds it.
func running(home string, err error) error {
	if err == nil {
		return nil
	}
	if store.IsLocked(err) {
		return fmt.Errorf("%s: %w", home, ErrRunning)
	}
	return err
}

package nexmark

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os"

	"weir/app"
	"weir/internal/invariant"
	"weir/ledger"
	"weir/ledger/store"
	"weir/stream/engine"
	"weir/stream/state"
)

// kept is a ledger on disk under an engine, as a chain has it, a block a step: with trees it keeps
// the stored relations, else those stay in memory. It implements machine.Store.
type kept struct {
	mem    *state.Mem // nil: in trees
	ledger *ledger.Ledger
	block  *ledger.Block // nil: none is open
	height uint64
	saved  bool // the last block was a checkpoint
	apply  Cost // of all calls of Apply that went to trees

	kv  *store.Pebble
	dir string // to be removed; "": not
}

// keptVersions is how many versions of the ledger stay readable: nothing here reads old ones.
const keptVersions = 2

// openKept opens a new store in a folder of its own under dir, "" for the system's.
func openKept(dir string, trees bool) (k *kept, err error) {
	k = &kept{}
	if !trees {
		k.mem = state.NewMem()
	}
	if k.dir, err = os.MkdirTemp(dir, "weir-nexmark-"); err != nil {
		return nil, fmt.Errorf("the folder of the store: %w", err)
	}
	if k.kv, err = store.OpenPebble("nexmark", k.dir); err != nil {
		return nil, errors.Join(err, os.RemoveAll(k.dir))
	}
	if k.ledger, err = ledger.Open(k.kv, ledger.Options{Versions: keptVersions}); err != nil {
		return nil, errors.Join(err, k.close())
	}
	return k, nil
}

// close gives up the store with all that is in it.
func (k *kept) close() error { return errors.Join(k.kv.Close(), os.RemoveAll(k.dir)) }

// Relation implements state.Relations.
func (k *kept) Relation(id uint32) state.Reader {
	switch {
	case k.mem != nil:
		return k.mem.Relation(id)
	case k.block != nil:
		return app.BlockRows(k.block).Relation(id)
	}
	return k.ledger.Latest().Reader(app.RowsUnit(id))
}

// Apply implements machine.Store.
func (k *kept) Apply(id uint32, changes []state.Change) {
	if k.mem != nil {
		k.mem.Apply(id, changes)
		return
	}
	cost := stopwatch()
	err := app.ApplyRows(k.open(), id, changes)
	invariant.Check(err == nil, "relation %d refused its changes: %v", id, err)
	k.apply = k.apply.plus(cost())
}

func (k *kept) open() *ledger.Block {
	if k.block == nil {
		k.block = k.ledger.Begin()
	}
	return k.block
}

// commit ends a step: the changed pages are hashed. It does nothing without trees.
func (k *kept) commit() error {
	k.saved = false
	if k.mem != nil {
		return nil
	}
	k.open().Root()
	return k.end(false)
}

// checkpoint makes rows and operator states durable in a block of its own.
func (k *kept) checkpoint(e *engine.Engine) error {
	b := k.open()
	b.Checkpoint(k.height+1, app.OperatorStates(e))
	b.Root()
	return k.end(true)
}

func (k *kept) end(saved bool) error {
	k.height++
	if _, err := k.block.Commit(k.height); err != nil {
		return err
	}
	k.block, k.saved = nil, saved
	return nil
}

// root is the app hash as of a checkpoint at this step; one is made if there is none.
func (k *kept) root(e *engine.Engine) (string, error) {
	if !k.saved {
		if err := k.checkpoint(e); err != nil {
			return "", err
		}
	}
	h := k.ledger.AppHash()
	return hex.EncodeToString(h[:]), nil
}

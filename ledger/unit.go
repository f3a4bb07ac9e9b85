package ledger

import (
	"errors"

	"weir/ledger/proof"
)

// Hash is a SHA-256 digest.
type Hash = proof.Hash

// Unit names what has a root under the app hash; see proof.Unit for its kinds.
type Unit = proof.Unit

// NewUnit makes a unit name: kind, id and sub, big-endian.
func NewUnit(kind byte, id uint64, sub uint32) Unit { return proof.NewUnit(kind, id, sub) }

// Errors of reading. Those of changes come from the tree and eventlog packages.
var (
	// ErrNoUnit is a question about a unit that the version does not have.
	ErrNoUnit = errors.New("ledger: no such unit")
	// ErrCorrupt is in the chain when the store's bytes are not what was written.
	ErrCorrupt = errors.New("ledger: store is damaged")
)

package verify

import (
	"encoding/binary"

	"weir/ledger/proof"
)

// Kinds of units in the top tree.
const (
	CatalogKind  = 0x05 // the catalog: id 0, sub 0
	RelationKind = 0x10 // rows of a stored relation: its id, sub 0
	IndexKind    = 0x11 // entries of an index: its id, sub 0
	LogKind      = 0x40 // log of a stream: its id, sub 0
)

// userTag is the first byte of every key of a user tree.
const userTag = 0x10

// Leaves of a relation in the catalog, in the order of their keys.
const (
	LeafDefinition = 1
	LeafStatus     = 2
	leafEnd        = 3 // the first leaf that evidence does not need

	LeafIndex     = 5 // an index's definition
	LeafIndexFill = 6 // how far it has been filled; there is none if it has every row
	indexLeafEnd  = 7
)

// CatalogUnit returns the name of the catalog's unit.
func CatalogUnit() proof.Unit { return proof.NewUnit(CatalogKind, 0, 0) }

// RelationUnit returns the name of the unit that holds a relation's rows.
func RelationUnit(id uint32) proof.Unit { return proof.NewUnit(RelationKind, uint64(id), 0) }

// IndexUnit returns the name of the unit that holds the entries of an index.
func IndexUnit(id uint32) proof.Unit { return proof.NewUnit(IndexKind, uint64(id), 0) }

// LogUnit returns the name of the unit that holds a stream's log.
func LogUnit(id uint32) proof.Unit { return proof.NewUnit(LogKind, uint64(id), 0) }

// CatalogKey returns the key of a relation's leaf: tag 10, relation id u32, leaf.
func CatalogKey(id uint32, leaf byte) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{userTag}, id), leaf)
}

// CatalogRange returns the keys between which evidence proves a relation's definition and
// status: exactly those two lie there.
func CatalogRange(id uint32) (lo, hi []byte) {
	return CatalogKey(id, LeafDefinition), CatalogKey(id, leafEnd)
}

// IndexRange returns the keys between which evidence proves that an index has a definition, and
// that it has every row: nothing but the definition lies there.
func IndexRange(id uint32) (lo, hi []byte) {
	return CatalogKey(id, LeafIndex), CatalogKey(id, indexLeafEnd)
}

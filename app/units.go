package app

import (
	"encoding/binary"

	"weir/ledger"
)

// Unit kinds under the app hash. Frozen: a unit's name is part of every proof.
const (
	kindMeta      = 0x01 // chain, protocol version, counters
	kindAuth      = 0x02 // roles, keys, grants
	kindLanes     = 0x03 // last sequences and receipts
	kindReplay    = 0x04 // nonces and rejected bodies, until they expire
	kindCatalog   = 0x05 // definition, status and plan of every relation
	kindProducers = 0x06 // watermarks
	kindRows      = 0x10 // rows of a table, view or error relation, by relation id
	kindLog       = 0x40 // log of a stream, by relation id
	kindOperator  = 0x50 // state of a view's operator, by relation id and operator
)

func systemUnit(kind byte) ledger.Unit { return ledger.NewUnit(kind, 0, 0) }

func rowsUnit(relation uint32) ledger.Unit { return ledger.NewUnit(kindRows, uint64(relation), 0) }

func logUnit(relation uint32) ledger.Unit { return ledger.NewUnit(kindLog, uint64(relation), 0) }

func operatorUnit(relation uint32, operator int) ledger.Unit {
	return ledger.NewUnit(kindOperator, uint64(relation), uint32(operator))
}

// userTag opens every key of a tree, above the sentinel 00 and below the sentinel FF.
const userTag = 0x10

// Leaf kinds of a relation in the catalog unit.
const (
	leafDefinition = 1
	leafStatus     = 2
	leafPlan       = 3
)

// catalogKey is the key of one leaf of a relation in the catalog unit.
func catalogKey(relation uint32, leaf byte) []byte {
	k := binary.BigEndian.AppendUint32([]byte{userTag}, relation)
	return append(k, leaf)
}

package app

import (
	"encoding/binary"

	"weir/ledger"
	"weir/stream/catalog"
)

// Unit kinds under the app hash. Frozen: a unit's name is part of every proof.
const (
	kindMeta      = 0x01 // chain, protocol version, counters
	kindAuth      = 0x02 // roles, keys, grants
	kindLanes     = 0x03 // lanes with their receipts; nonces and rejected bodies
	kindCatalog   = 0x05 // definition, status and plan of every relation
	kindProducers = 0x06 // watermarks
	kindKept      = 0x07 // segments of the logs of streams
	kindRows      = 0x10 // rows of a table, view or error relation, by relation id
	kindIndex     = 0x11 // entries of an index, by its id
	kindLog       = 0x40 // log of a stream, by relation id
	kindOperator  = 0x50 // state of a view's operator, by relation id and operator
)

// systemKinds are the units that a block in progress keeps in overlays, in order.
var systemKinds = [...]byte{
	kindMeta, kindAuth, kindLanes, kindCatalog, kindProducers, kindKept,
}

func systemUnit(kind byte) ledger.Unit { return ledger.NewUnit(kind, 0, 0) }

func rowsUnit(relation uint32) ledger.Unit { return ledger.NewUnit(kindRows, uint64(relation), 0) }

func indexUnit(id uint32) ledger.Unit { return ledger.NewUnit(kindIndex, uint64(id), 0) }

func logUnit(relation uint32) ledger.Unit { return ledger.NewUnit(kindLog, uint64(relation), 0) }

func operatorUnit(relation uint32, operator int) ledger.Unit {
	return ledger.NewUnit(kindOperator, uint64(relation), uint32(operator))
}

// userTag opens every key of a tree, above the sentinel 00 and below the sentinel FF.
const userTag = 0x10

// Keys of the meta unit.
var (
	metaChain   = []byte{userTag, 1} // chain id
	metaGenesis = []byte{userTag, 2} // SHA-256 of genesis.json
	metaNextID  = []byte{userTag, 3} // u32: the id that the next relation gets
)

// catalogKey is the key of one leaf of a relation in the catalog unit.
func catalogKey(relation uint32, leaf catalog.LeafKind) []byte {
	k := binary.BigEndian.AppendUint32([]byte{userTag}, relation)
	return append(k, byte(leaf))
}

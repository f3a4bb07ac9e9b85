package app

import (
	"weir/app/auth"
	"weir/internal/invariant"
	"weir/ledger"
	"weir/stream/batch"
	"weir/stream/catalog"
)

// block is the working state of FinalizeBlock: the ledger's next version, an overlay per system
// unit and table, and the segment of deltas that the engine has not seen yet.
//
// Invariant: between transactions every overlay holds exactly what the transactions so far did;
// in a transaction's check they may hold more, and are taken back if it is refused.
type block struct {
	x      *executor
	member auth.Member // whose transaction is being checked
	height int64
	now    int64 // block time, microseconds since 1970 UTC
	txs    int
	ledger *ledger.Block

	meta, auth, lanes, catalogLeaves, producers, kept *overlay

	tables   map[uint32]*overlay       // rows of tables that the block has touched
	segment  map[uint32][]*batch.Batch // deltas of base relations since the last step
	payload  int                       // bytes of payload that applied
	changed  bool                      // something under the app hash was written
	metered  map[uint32]uint64         // rows of the steps of each view
	fillLeft int64                     // rows of history that views may still read in this block

	wants   func(hash [32]byte) bool // whose RETURNING rows to keep; nil: nobody's
	results []TxResult
	appHash [32]byte
}

func newBlock(x *executor, led *ledger.Ledger, height, now int64) *block {
	b := &block{
		x: x, height: height, now: now, ledger: led.Begin(),
		fillLeft: int64(x.params.BackfillRows),
		tables:   map[uint32]*overlay{},
		segment:  map[uint32][]*batch.Batch{},
	}
	//weir:unordered each overlay is made on its own
	for kind, o := range b.system() {
		*o = newOverlay(b.ledger.Reader(systemUnit(kind)))
	}
	return b
}

// system lists the overlays of the system units by kind.
func (b *block) system() map[byte]**overlay {
	return map[byte]**overlay{
		kindMeta: &b.meta, kindAuth: &b.auth, kindLanes: &b.lanes,
		kindCatalog: &b.catalogLeaves, kindProducers: &b.producers, kindKept: &b.kept,
	}
}

// table returns the overlay of a table's rows.
func (b *block) table(id uint32) *overlay {
	o := b.tables[id]
	if o == nil {
		o = newOverlay(b.ledger.Reader(rowsUnit(id)))
		b.tables[id] = o
	}
	return o
}

// marks is a point to which a refused transaction is taken back.
type marks struct {
	system map[byte]int
	tables map[uint32]int
}

func (b *block) mark() marks {
	m := marks{system: map[byte]int{}, tables: map[uint32]int{}}
	//weir:unordered copies positions from one map to another
	for kind, o := range b.system() {
		m.system[kind] = (*o).mark()
	}
	//weir:unordered copies positions from one map to another
	for id, o := range b.tables {
		m.tables[id] = o.mark()
	}
	return m
}

func (b *block) undo(m marks) {
	//weir:unordered each overlay is undone on its own
	for kind, o := range b.system() {
		(*o).undo(m.system[kind])
	}
	//weir:unordered each overlay is undone on its own
	for id, o := range b.tables {
		o.undo(m.tables[id])
	}
}

// clearPrefix deletes every key of an overlay with a prefix.
func (b *block) clearPrefix(o *overlay, prefix []byte) {
	for _, k := range o.keys(prefix) {
		o.set(k, nil)
	}
}

// relation returns the definition of a relation that is known to exist.
func (b *block) relation(id uint32) *catalog.Relation {
	r := b.x.cat.ByID(id)
	invariant.Check(r != nil, "relation %d has left the catalog", id)
	return r
}

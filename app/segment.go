package app

import (
	"maps"
	"slices"

	"weir/internal/invariant"
	"weir/ledger"
	"weir/stream/batch"
	"weir/stream/catalog"
	"weir/stream/engine"
	"weir/stream/expr"
	"weir/stream/state"
	"weir/stream/window"
)

// flush ends a segment: the engine steps over its deltas, and every view's net writes go to the
// ledger. Nothing happens if there are no deltas, no watermark has moved and no row of a view is
// due by the clock.
func (b *block) flush() {
	used := b.watermarks()
	if len(b.segment) == 0 && maps.EqualFunc(used, b.x.used, slices.Equal) && !b.x.engine.Due(b.now) {
		return
	}
	res, err := b.x.engine.Step(engine.Segment{
		Height: b.height, BlockTime: b.now,
		Deltas: b.segment, Watermarks: used, Relations: BlockRows(b.ledger),
	})
	invariant.Check(err == nil, "the engine refused a segment: %v", err)
	for i := range res.Views {
		indexed := b.applyView(&res.Views[i])
		if v := &res.Views[i]; !v.Filling {
			b.charge(v.ID, v.Meter.Rows+int64(indexed))
		}
	}
	b.x.engine.Accept()
	for _, s := range res.Suspensions { // the engine has stopped them, dependents and all
		b.setState(s.ID, catalog.Suspended, s.Reason)
	}
	b.x.used = used
	b.segment = map[uint32][]*batch.Batch{}
}

// watermarks are those of all streams as they are used now: capped by block time.
func (b *block) watermarks() map[uint32][]int64 {
	out := map[uint32][]int64{}
	//weir:unordered copies one map into another
	for id, r := range b.x.rels {
		if r.producers != nil {
			out[id] = window.Capped(r.producers.Uncapped(), b.now)
		}
	}
	return out
}

// tick fires the timers that are due at this block's time, before its first transaction, so that
// what a transaction meets does not depend on how transactions were cut into blocks.
func (b *block) tick() {
	for _, id := range slices.Sorted(maps.Keys(b.x.rels)) {
		b.x.rels[id].producers.Tick(b.now)
	}
}

// apply hands net writes to the ledger.
func (b *block) apply(u ledger.Unit, net []state.Change) {
	if len(net) == 0 {
		return
	}
	err := b.ledger.Apply(u, treeChanges(net))
	invariant.Check(err == nil, "unit %x refused its changes: %v", u[:], err)
	b.changed = true
}

// env is what expressions see in this block.
func (b *block) env() expr.Env { return expr.Env{Now: b.now} }

// queryEnv is what a backfill sees in this block: all rows up to now.
func (b *block) queryEnv() engine.Env {
	return engine.Env{
		BlockTime: b.now, Watermarks: b.watermarks(),
		Relations: blockTablesAndViews{b},
		History:   agreedHistory{history{b.ledger.Log, b.x.rels, b.x.erased}},
	}
}

// agreedHistory is the history that a block reads. What cannot be read is this node's own trouble:
// it is raised, and neither a verdict on the statement that asked nor a broken invariant.
type agreedHistory struct{ history }

// Rows implements engine.History.
func (h agreedHistory) Rows(id uint32, after int64, limit int) (*batch.Batch, int64, bool, error) {
	rows, next, more, err := h.history.Rows(id, after, limit)
	orFault(err)
	return rows, next, more, nil
}

// blockTablesAndViews reads tables with the writes of the block so far, and everything else from
// the ledger's block in progress.
type blockTablesAndViews struct{ b *block }

// Relation implements state.Relations.
func (r blockTablesAndViews) Relation(id uint32) state.Reader {
	if o := r.b.tables[id]; o != nil {
		return o
	}
	return r.b.ledger.Reader(rowsUnit(id))
}

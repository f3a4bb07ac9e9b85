package app

import (
	"errors"

	"weir/internal/invariant"
	"weir/stream/catalog"
	"weir/stream/engine"
)

// fillChunk is how many rows of history one piece of a backfill reads at most.
const fillChunk = 8192

// backfill lets every view that is being filled read on, inputs before those that read them,
// until the block's share (the parameter backfill_rows) is used up. It comes after the block's
// last segment.
func (b *block) backfill() {
	if b.fillLeft <= 0 || !b.x.engine.AnyFilling() {
		return
	}
	all, _ := b.x.cat.InOrder()
	for _, r := range all {
		if r.Kind == catalog.View && b.x.engine.Filling(r.ID) {
			b.fill(r.ID)
		}
	}
}

// fill lets one view read on, unless it waits for an input that is being filled itself. A piece
// that does not end the backfill counts in full: it may have looked at rows that the view does
// not show.
func (b *block) fill(id uint32) {
	for _, in := range b.relation(id).Inputs {
		if b.x.engine.Filling(b.viewOf(in)) {
			return
		}
	}
	env := b.queryEnv()
	for b.fillLeft > 0 {
		piece := min(fillChunk, b.fillLeft)
		res, err := b.x.engine.Fill(id, env, int(piece))
		if stopped, ok := errors.AsType[*engine.FillError](err); ok {
			b.setState(id, catalog.Suspended, stopped.Reason)
			b.suspend(id, stopped.Reason) // what reads it
			return
		}
		invariant.Check(err == nil, "view %d cannot be filled: %v", id, err)
		b.applyView(&res.ViewResult)
		b.x.engine.Accept()
		b.changed = true
		if res.Done {
			b.fillLeft -= int64(res.RowsRead)
			b.setState(id, catalog.Live, "")
			return
		}
		b.fillLeft -= piece
	}
}

package app

import (
	"weir/internal/invariant"
	"weir/stream/batch"
	"weir/stream/catalog"
	"weir/stream/row"
	"weir/stream/value"
)

// historyWriter keeps the history of a table beside its rows: each change of a row is a version
// under the row's key and block time, and replaces one of the same time. What it writes follows
// from the order of changes and their block times alone, not from how they were cut into blocks:
// a change that undoes another one of its block time still leaves a version.
type historyWriter struct {
	rel     *relation
	now     int64
	overlay *overlay
	delta   *batch.Builder
}

// historyWriter returns nil for a table without history.
func (b *block) historyWriter(table *relation) *historyWriter {
	def := b.x.cat.HistoryOf(table.def)
	if def == nil {
		return nil
	}
	rel := b.x.rels[def.ID]
	invariant.Check(rel != nil, "history %d of table %d is not loaded", def.ID, table.def.ID)
	return &historyWriter{
		rel: rel, now: b.now, overlay: b.table(def.ID), delta: batch.NewBuilder(rel.types, 0),
	}
}

// add writes what a row of the table has become.
func (h *historyWriter) add(table *catalog.Relation, vals []value.Datum, deleted bool) {
	if h == nil {
		return
	}
	version := table.VersionOf(vals, h.now, deleted)
	parts := make([]value.Datum, len(h.rel.def.Key))
	for i, k := range h.rel.def.Key {
		parts[i] = version[k]
	}
	key := row.AppendKeyDatums(nil, parts)
	if old := h.overlay.get(key); old != nil {
		weight, was, err := h.rel.shape.DecodeEntry(old)
		invariant.Check(err == nil && weight == 1, "a row of history %d is broken: %v",
			h.rel.def.ID, err)
		h.delta.Add(was, -1)
	}
	h.overlay.set(key, h.rel.shape.AppendEntryDatums(nil, h.rel.def.Version, 1, version))
	h.delta.Add(version, 1)
}

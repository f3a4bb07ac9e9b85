package app

import (
	"bytes"
	"slices"

	"weir/app/tx"
	"weir/internal/invariant"
	"weir/ledger"
	"weir/stream/catalog"
	"weir/stream/index"
	"weir/stream/sql"
	"weir/stream/state"
)

// keptIndex is an index of the catalog with how far it has been filled.
//
// Invariant: between batches of its relation it has exactly the rows whose key is at most read; of
// one that is not filling, every row.
type keptIndex struct {
	def     *catalog.Index
	filling bool
	read    []byte // empty before the first row
}

// limit is what index.Moves.Of asks for.
func (k *keptIndex) limit() []byte {
	if !k.filling {
		return nil
	}
	return append([]byte{}, k.read...)
}

// createIndex defines an index, which is filled at the end of the block.
func (d *ddlEffect) createIndex(b *block, t *tx.Tx, s *sql.CreateIndex) *tx.Reject {
	if s.Exists {
		return nil
	}
	if rej := b.mayOwn(t, d.cat.ByID(s.Index.Of)); rej != nil {
		return rej
	}
	if err := d.cat.CreateIndex(s.Index); err != nil {
		return sqlReject(err)
	}
	d.stage(func(b *block) {
		k := &keptIndex{def: s.Index, filling: true}
		b.x.indexes[s.Index.Of] = append(b.x.indexes[s.Index.Of], k)
		b.ledger.Create(indexUnit(s.Index.ID))
		b.catalogLeaves.set(catalogKey(s.Index.ID, catalog.LeafIndex),
			catalog.AppendIndex(nil, s.Index))
		b.saveIndex(k)
	})
	return nil
}

// dropIndexes removes indexes.
func (d *ddlEffect) dropIndexes(b *block, t *tx.Tx, s *sql.DropIndex) *tx.Reject {
	for _, id := range s.Indexes {
		x := d.cat.IndexByID(id)
		if x == nil {
			continue // named twice
		}
		if rej := b.mayOwn(t, d.cat.ByID(x.Of)); rej != nil {
			return rej
		}
		d.cat.DropIndex(id)
		d.stage(func(b *block) { b.forgetIndex(x) })
	}
	return nil
}

// forgetIndex removes an index with its entries and its leaves.
func (b *block) forgetIndex(x *catalog.Index) {
	b.x.indexes[x.Of] = slices.DeleteFunc(b.x.indexes[x.Of], func(k *keptIndex) bool {
		return k.def.ID == x.ID
	})
	if len(b.x.indexes[x.Of]) == 0 {
		delete(b.x.indexes, x.Of)
	}
	b.catalogLeaves.set(catalogKey(x.ID, catalog.LeafIndex), nil)
	b.catalogLeaves.set(catalogKey(x.ID, catalog.LeafIndexFill), nil)
	b.ledger.Drop(indexUnit(x.ID))
}

// forgetIndexes removes the indexes of a relation that is dropped.
func (b *block) forgetIndexes(relation uint32) {
	for _, k := range slices.Clone(b.x.indexes[relation]) {
		b.forgetIndex(k.def)
	}
}

// saveIndex writes how far an index has been filled.
func (b *block) saveIndex(k *keptIndex) {
	var leaf []byte
	if k.filling {
		leaf = catalog.AppendIndexFill(nil, k.read)
	}
	b.catalogLeaves.set(catalogKey(k.def.ID, catalog.LeafIndexFill), leaf)
}

// applyRows hands net writes of a stored relation to the ledger, and what follows from them to its
// indexes. It returns how many entries of indexes changed.
func (b *block) applyRows(id uint32, net []state.Change) (changed int) {
	u := rowsUnit(id)
	list := b.x.indexes[id]
	if len(list) == 0 || len(net) == 0 {
		b.apply(u, net)
		return 0
	}
	m := index.NewMoves(b.x.rels[id].def, b.x.decoder(id), net, b.ledger.Reader(u))
	b.apply(u, net)
	for _, k := range list {
		moved := m.Of(k.def, k.limit())
		changed += len(moved)
		b.apply(indexUnit(k.def.ID), moved)
	}
	return changed
}

// decoder reads the entries of a relation as it is defined now.
func (x *executor) decoder(id uint32) index.Decode {
	d, err := index.Decoder(x.rels[id].def)
	invariant.Check(err == nil, "the columns of relation %d: %v", id, err)
	return d
}

// fillIndexes lets the indexes that are being filled read on, in the order of their ids, with what
// the views have left of the block's share of backfills. It comes after the last write to rows of
// the block. A piece that does not end a backfill counts in full.
func (b *block) fillIndexes() {
	var list []*keptIndex
	for _, id := range sortedKeys(b.x.indexes) {
		for _, k := range b.x.indexes[id] {
			if k.filling {
				list = append(list, k)
			}
		}
	}
	slices.SortFunc(list, func(x, y *keptIndex) int { return int(x.def.ID) - int(y.def.ID) })
	for _, k := range list {
		for k.filling && b.fillLeft > 0 {
			b.fillIndex(k, int(min(fillChunk, b.fillLeft)))
		}
	}
}

// fillIndex reads up to limit rows into an index.
func (b *block) fillIndex(k *keptIndex, limit int) {
	var rows []state.Change
	k.filling = false
	from := slices.Concat(k.read, []byte{0})
	b.ledger.Reader(rowsUnit(k.def.Of)).Scan(from, nil, func(key, value []byte) bool {
		if k.filling = len(rows) == limit; !k.filling {
			rows = append(rows, state.Change{Key: bytes.Clone(key), Value: bytes.Clone(value)})
		}
		return !k.filling
	})
	def := b.x.rels[k.def.Of].def
	entries := index.Fill(def, k.def, b.x.decoder(def.ID), rows)
	b.apply(indexUnit(k.def.ID), entries)
	b.fillLeft -= int64(limit)
	if !k.filling {
		b.fillLeft += int64(limit - len(rows))
		k.read = nil
	} else {
		k.read = rows[len(rows)-1].Key
	}
	b.changed = true
	b.saveIndex(k)
}

// loadIndexes restores the indexes of the catalog.
func (x *executor) loadIndexes(fills map[uint32][]byte) {
	for _, def := range x.cat.Indexes(0) {
		read, filling := fills[def.ID]
		x.indexes[def.Of] = append(x.indexes[def.Of],
			&keptIndex{def: def, filling: filling, read: read})
	}
}

// liveIndexes lists the indexes by relation that have every row.
func (x *executor) liveIndexes() map[uint32][]*catalog.Index {
	out := make(map[uint32][]*catalog.Index, len(x.indexes))
	//weir:unordered copies one map into another
	for id, list := range x.indexes {
		for _, k := range list {
			if !k.filling {
				out[id] = append(out[id], k.def)
			}
		}
	}
	return out
}

// Indexes are the indexes of a relation that have every row of it, in the order of their ids.
func (s *Snapshot) Indexes(relation uint32) []*catalog.Index { return s.indexes[relation] }

// Index reads the entries of an index.
func (s *Snapshot) Index(id uint32) state.Reader { return s.Version.Reader(indexUnit(id)) }

// IndexUnit is the unit that holds the entries of an index.
func IndexUnit(id uint32) ledger.Unit { return indexUnit(id) }

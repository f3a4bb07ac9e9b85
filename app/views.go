package app

import (
	"slices"

	"weir/app/tx"
	"weir/internal/invariant"
	"weir/stream/catalog"
	"weir/stream/engine"
	"weir/stream/plan"
)

// ReasonGoverned is why a view is suspended that its owner or the network's governance stopped.
const ReasonGoverned = "GOVERNED"

// define adds a relation to the state in memory and to the catalog unit.
func (b *block) define(def *catalog.Relation) {
	err := b.x.addRelation(def)
	invariant.Check(err == nil, "an accepted definition does not load: %v", err)
	b.x.status[def.ID] = &catalog.Status{State: catalog.Live}
	b.putDefinition(def)
	b.x.touched[def.ID] = true
	if def.Kind != catalog.View && def.Kind != catalog.Errors { // those come with startView
		err := b.x.engine.Define(def, nil)
		invariant.Check(err == nil, "the engine refused relation %d: %v", def.ID, err)
	}
	switch {
	case def.Kind == catalog.Stream:
		b.ledger.Create(logUnit(def.ID))
	case def.Stored():
		b.ledger.Create(rowsUnit(def.ID))
	}
}

// redefine gives a stream or table, or what belongs to it, its next schema version. What is
// stored stays as it is: readers fill the new columns.
func (b *block) redefine(def *catalog.Relation) {
	old := b.x.rels[def.ID]
	err := b.x.addRelation(def)
	invariant.Check(err == nil, "an accepted definition does not load: %v", err)
	b.x.rels[def.ID].producers = old.producers
	b.putDefinition(def)
	err = b.x.engine.Redefine(def)
	invariant.Check(err == nil, "the engine refused relation %d: %v", def.ID, err)
}

// forget removes a relation with its rows and its leaves. Its id is never used again.
func (b *block) forget(def *catalog.Relation) {
	err := b.x.engine.Drop(def.ID)
	invariant.Check(err == nil, "the engine cannot drop relation %d: %v", def.ID, err)
	delete(b.x.rels, def.ID)
	delete(b.x.status, def.ID)
	delete(b.x.touched, def.ID)
	delete(b.tables, def.ID)
	delete(b.segment, def.ID)
	for _, l := range []catalog.LeafKind{
		catalog.LeafDefinition, catalog.LeafStatus, catalog.LeafPlan,
	} {
		b.catalogLeaves.set(catalogKey(def.ID, l), nil)
	}
	b.dropProducers(def.ID)
	b.dropGrants(def.ID)
	b.dropSegments(def.ID)
	b.forgetIndexes(def.ID)
	switch {
	case def.Kind == catalog.Stream:
		b.ledger.Drop(logUnit(def.ID))
	case def.Stored():
		b.ledger.Drop(rowsUnit(def.ID))
	}
}

// inputsLive refuses a view over suspended ones. It waits for one that is being filled.
func (b *block) inputsLive(def *catalog.Relation) *tx.Reject {
	for _, in := range def.Inputs {
		if st := b.x.status[b.viewOf(in)]; st != nil && st.State == catalog.Suspended {
			rej := tx.Rejectf(tx.CodeSuspended, "an input of the view is suspended")
			rej.Hint = "Resume it first."
			return rej
		}
	}
	return nil
}

// startView makes a view's circuit and starts to fill it from the history of its inputs. It is
// live at once if the block's share of backfills is enough for that.
func (b *block) startView(def *catalog.Relation, p plan.Node) {
	err := b.x.engine.Define(def, p)
	invariant.Check(err == nil, "the engine refused view %d: %v", def.ID, err)
	for _, r := range b.x.cat.Derived(def.ID) {
		err := b.x.engine.Define(r, nil)
		invariant.Check(err == nil, "the engine refused relation %d: %v", r.ID, err)
	}
	if reason := b.x.engine.Suspended(def.ID); reason != "" {
		b.setState(def.ID, catalog.Suspended, reason) // an earlier statement stopped an input
		return
	}
	err = b.x.engine.Refill(def.ID)
	invariant.Check(err == nil, "view %d cannot be filled: %v", def.ID, err)
	b.x.status[def.ID].CompleteFrom = b.completeFrom(def)
	b.setState(def.ID, catalog.Backfilling, "")
	b.fill(def.ID)
}

// replaceView puts a new definition in the place of a view's, and rebuilds the view and all that
// reads it. Views below that were suspended for a reason of their own stay so.
func (b *block) replaceView(def *catalog.Relation, p plan.Node) {
	var below []*catalog.Relation
	for _, r := range b.x.cat.Dependents(def.ID) {
		below = append(below, r)
		b.unload(r)
	}
	b.unload(b.x.cat.ByID(def.ID))
	err := b.x.addRelation(def)
	invariant.Check(err == nil, "an accepted definition does not load: %v", err)
	b.putDefinition(def)
	*b.x.status[def.ID] = catalog.Status{State: catalog.Live}
	b.startView(def, p)
	for _, r := range slices.Backward(below) {
		was := *b.x.status[r.ID]
		p, err := plan.Decode(r.Plan)
		invariant.Check(err == nil, "the plan of view %d does not decode: %v", r.ID, err)
		*b.x.status[r.ID] = catalog.Status{State: catalog.Live}
		b.startView(r, p)
		if was.State == catalog.Suspended && was.Reason != engine.ReasonInput {
			b.suspend(r.ID, was.Reason)
		}
	}
}

// unload takes a view out of the engine and empties it; its definition stays.
func (b *block) unload(def *catalog.Relation) {
	for _, r := range append(b.x.cat.Derived(def.ID), def) {
		err := b.x.engine.Drop(r.ID)
		invariant.Check(err == nil, "the engine cannot drop relation %d: %v", r.ID, err)
		b.clear(r.ID)
	}
	b.x.touched[def.ID] = true
}

// putDefinition writes the leaves that only DDL changes.
func (b *block) putDefinition(def *catalog.Relation) {
	b.catalogLeaves.set(catalogKey(def.ID, catalog.LeafDefinition),
		catalog.AppendDefinition(nil, def))
	if len(def.Plan) > 0 {
		b.catalogLeaves.set(catalogKey(def.ID, catalog.LeafPlan), def.Plan)
	}
}

// applyView hands one view's net writes to the ledger, and returns how many entries of its indexes
// followed.
func (b *block) applyView(v *engine.ViewResult) (indexed int) {
	indexed = b.applyRows(v.ID, v.Changes)
	if v.ErrorsID != 0 {
		b.applyRows(v.ErrorsID, v.ErrorChanges)
	}
	if v.ErrorCount != 0 {
		st := b.x.status[v.ID]
		st.ErrorCount = uint64(int64(st.ErrorCount) + v.ErrorCount)
		b.x.touched[v.ID] = true
	}
	return indexed
}

// setState moves a relation's status.
func (b *block) setState(id uint32, to catalog.State, reason string) {
	st := b.x.status[id]
	invariant.Check(st != nil, "relation %d has no status", id)
	if st.State != to || st.Reason != reason {
		st.State, st.Reason = to, reason
		b.x.touched[id] = true
	}
}

// suspend stops a view and every view that reads it. Their rows stay as they are.
func (b *block) suspend(id uint32, reason string) {
	all, err := b.x.engine.Suspend(id, reason)
	invariant.Check(err == nil, "the engine cannot suspend view %d: %v", id, err)
	for _, s := range all {
		b.setState(s.ID, catalog.Suspended, s.Reason)
	}
}

// resume starts to rebuild a suspended view from the history of its inputs, none of which is
// suspended.
func (b *block) resume(id uint32) {
	if b.x.status[id].State != catalog.Suspended {
		return
	}
	if err := b.x.engine.Resume(id); err != nil {
		return // an input is still suspended: nothing changes
	}
	b.clear(id)
	for _, r := range b.x.cat.Derived(id) {
		b.clear(r.ID)
	}
	*b.x.status[id] = catalog.Status{
		State: catalog.Backfilling, CompleteFrom: b.completeFrom(b.relation(id)),
	}
	b.x.touched[id] = true
	b.fill(id)
}

// viewOf is the view that an error relation belongs to, or the relation itself.
func (b *block) viewOf(id uint32) uint32 {
	if r := b.x.cat.ByID(id); r != nil && r.Kind == catalog.Errors {
		return r.Of
	}
	return id
}

// clear deletes all stored rows of a relation.
func (b *block) clear(id uint32) {
	o := newOverlay(b.ledger.Reader(rowsUnit(id)))
	b.clearPrefix(o, []byte{userTag})
	b.applyRows(id, o.net())
}

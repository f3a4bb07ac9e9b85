package app

import (
	"slices"
	"strconv"

	"weir/app/tx"
	"weir/stream/catalog"
	"weir/stream/engine"
	"weir/stream/plan"
	"weir/stream/sql"
)

// ddlEffect stages the DDL statements of one body in a catalog of its own, so that each sees the
// ones before it and none is seen before all are accepted.
type ddlEffect struct {
	cat        *catalog.Catalog
	statements int
	resumed    map[uint32]bool      // views that the body resumes
	created    []uint32             // views that the body creates, replaces or resumes
	steps      []func(b *block)     // what applying does, in order
	erased     map[uint32][]erasure // what the body erases, by stream
	notices    []Notice
}

func newDDL(b *block) *ddlEffect { return &ddlEffect{cat: b.x.cat.Clone()} }

// add judges one DDL statement and stages it. The effect of the whole body is that of its first
// statement; the later ones have nothing left to do.
func (d *ddlEffect) add(b *block, t *tx.Tx, stmt sql.Statement) (effect, *tx.Reject) {
	d.statements++
	var rej *tx.Reject
	switch s := stmt.(type) {
	case *sql.CreateStream:
		rej = d.create(b, s.Relation, nil, s.Exists)
	case *sql.CreateTable:
		rej = d.create(b, s.Relation, nil, s.Exists)
	case *sql.CreateView:
		if s.Replaces {
			rej = d.replace(b, t, s)
		} else {
			rej = d.createView(b, s)
		}
	case *sql.CreateFunction:
		rej = d.createFunction(b, t, s)
	case *sql.DropFunction:
		rej = d.dropFunctions(b, t, s)
	case *sql.CreateIndex:
		rej = d.createIndex(b, t, s)
	case *sql.DropIndex:
		rej = d.dropIndexes(b, t, s)
	case *sql.AlterTable:
		rej = d.alterTable(b, t, s)
	case *sql.Drop:
		rej = d.drop(b, t, s)
	case *sql.Grant:
		rej = d.grant(b, t, s)
	case *sql.AlterView:
		rej = d.alter(b, t, s)
	case *sql.Erase:
		rej = d.erase(b, t, s)
	default:
		rej = tx.RejectSQL("0A000", stmt.Tag()+" cannot be part of a transaction")
	}
	if rej != nil {
		return nil, rej
	}
	if d.statements == 1 {
		return d, nil
	}
	return nothing{}, nil
}

// stage adds what applying a statement does. It sees the catalog as the statement left it.
func (d *ddlEffect) stage(step func(b *block)) {
	cat := d.cat.Clone()
	d.steps = append(d.steps, func(b *block) {
		b.x.cat = cat
		step(b)
	})
}

func (d *ddlEffect) apply(b *block, _ int) OpResult {
	for _, step := range d.steps {
		step(b)
	}
	res := OpResult{Height: b.height, Notices: d.notices}
	for _, id := range d.created {
		if st := b.x.status[id]; st != nil && st.State == catalog.Backfilling {
			res.Notices = append(res.Notices, Notice{
				SQLState: "00000",
				Message: "materialized view " + strconv.Quote(b.relation(id).Name) +
					" is being filled from the rows of its inputs",
				Hint: "It answers once it has read them all, " +
					strconv.FormatUint(b.x.params.BackfillRows, 10) + " rows a block.",
			})
		}
	}
	return res
}

// nothing is the effect of a statement whose work another effect does.
type nothing struct{}

func (nothing) apply(b *block, _ int) OpResult { return OpResult{Height: b.height} }

// create defines a relation with all that derives from it.
func (d *ddlEffect) create(b *block, def *catalog.Relation, p plan.Node, exists bool) *tx.Reject {
	if exists {
		return nil
	}
	if def.Kind == catalog.View && d.views() >= int(b.x.params.Views) {
		return tx.RejectSQL("53400", "the network has as many views as it may have")
	}
	if p != nil {
		if rej := d.admit(b, 1); rej != nil {
			return rej
		}
		if rej := b.inputsLive(def); rej != nil {
			return rej
		}
		if err := engine.CanRun(p); err != nil {
			return queryReject(err)
		}
	}
	made, err := d.cat.Create(def)
	if err != nil {
		return sqlReject(err)
	}
	if rej := b.own(def); rej != nil {
		return rej
	}
	d.stage(func(b *block) {
		for _, r := range made {
			b.define(r)
		}
		if p != nil {
			b.startView(made[0], p)
		}
	})
	if p != nil {
		d.created = append(d.created, made[0].ID)
	}
	return nil
}

// createView defines a view.
func (d *ddlEffect) createView(b *block, s *sql.CreateView) *tx.Reject {
	if s.Exists {
		return nil
	}
	if rej := b.retained(s.Relation, s.Retained, hintCreate); rej != nil {
		return rej
	}
	return d.create(b, s.Relation, s.Plan, false)
}

// replace gives a view another query. It and all that reads it are rebuilt.
func (d *ddlEffect) replace(b *block, t *tx.Tx, s *sql.CreateView) *tx.Reject {
	if rej := b.mayOwn(t, d.cat.ByID(s.Relation.ID)); rej != nil {
		return rej
	}
	if rej := b.inputsLive(s.Relation); rej != nil {
		return rej
	}
	if err := engine.CanRun(s.Plan); err != nil {
		return queryReject(err)
	}
	for _, def := range append(d.cat.Dependents(s.Relation.ID), s.Relation) {
		if rej := b.retained(def, s.Retained, hintCreate); rej != nil {
			return rej
		}
	}
	d.cat.Replace(s.Relation)
	d.stage(func(b *block) { b.replaceView(s.Relation, s.Plan) })
	d.created = append(d.created, s.Relation.ID)
	return nil
}

func (d *ddlEffect) views() int {
	n := 0
	for _, r := range d.cat.All() {
		if r.Kind == catalog.View {
			n++
		}
	}
	return n
}

// drop removes relations, dependents first.
func (d *ddlEffect) drop(b *block, t *tx.Tx, s *sql.Drop) *tx.Reject {
	for _, id := range s.Relations {
		def := d.cat.ByID(id)
		if def == nil {
			return tx.Rejectf(tx.CodeUnknownRelation, "relation %d does not exist", id)
		}
		if rej := b.mayOwn(t, def); rej != nil {
			return rej
		}
		gone, err := d.cat.Drop(id)
		if err != nil {
			return sqlReject(err)
		}
		d.stage(func(b *block) {
			for _, r := range slices.Backward(gone) {
				b.forget(r)
			}
		})
	}
	return nil
}

// alterTable gives a stream or a table more columns.
func (d *ddlEffect) alterTable(b *block, t *tx.Tx, s *sql.AlterTable) *tx.Reject {
	if s.Relation == nil {
		return nil
	}
	if rej := b.mayOwn(t, s.Relation); rej != nil {
		return rej
	}
	changed := d.cat.Alter(s.Relation)
	d.stage(func(b *block) {
		for _, r := range changed {
			b.redefine(r)
		}
	})
	return nil
}

// grant gives a role rights on a relation, and opens the writers that it names.
func (d *ddlEffect) grant(b *block, t *tx.Tx, s *sql.Grant) *tx.Reject {
	def := d.cat.ByID(s.Relation)
	if def == nil {
		return tx.Rejectf(tx.CodeUnknownRelation, "relation %d does not exist", s.Relation)
	}
	if rej := b.mayOwn(t, def); rej != nil {
		return rej
	}
	opened, rej := b.grantRights(s)
	if rej != nil {
		return rej
	}
	d.stage(func(b *block) { b.openWriters(def.ID, s.Role, opened) })
	return nil
}

// alter suspends or resumes a view.
func (d *ddlEffect) alter(b *block, t *tx.Tx, s *sql.AlterView) *tx.Reject {
	def := d.cat.ByID(s.View)
	if def == nil || def.Kind != catalog.View {
		return tx.Rejectf(tx.CodeUnknownRelation, "view %d does not exist", s.View)
	}
	if rej := b.mayOwn(t, def); rej != nil {
		return rej
	}
	if !s.Resume {
		d.stage(func(b *block) { b.suspend(def.ID, ReasonGoverned) })
		return nil
	}
	if d.resumed == nil {
		d.resumed = map[uint32]bool{}
	}
	for _, v := range readBy(d.cat, def) {
		st := b.x.status[v.ID]
		if st == nil || st.State != catalog.Suspended || d.resumed[v.ID] {
			continue
		}
		if !s.Cascade && v.ID != def.ID {
			rej := tx.Rejectf(tx.CodeSuspended, "%q reads %q, which is suspended", def.Name, v.Name)
			rej.Hint = "Use RESUME CASCADE to resume the inputs first."
			return rej
		}
		if rej := b.mayOwn(t, v); rej != nil {
			return rej
		}
		if rej := b.retained(v, s.Retained, hintResume); rej != nil {
			return rej
		}
		d.resumed[v.ID] = true
		d.stage(func(b *block) { b.resume(v.ID) })
		d.created = append(d.created, v.ID)
	}
	return d.admit(b, 0)
}

// readBy lists the views that a view reads, directly or through others, inputs first, and itself.
func readBy(cat *catalog.Catalog, def *catalog.Relation) (out []*catalog.Relation) {
	read := map[uint32]bool{def.ID: true}
	all, _ := cat.InOrder()
	for _, r := range slices.Backward(all) {
		if !read[r.ID] {
			continue
		}
		if r.Of != 0 {
			read[r.Of] = true
		}
		for _, in := range r.Inputs {
			read[in] = true
		}
		if r.Kind == catalog.View {
			out = append(out, r)
		}
	}
	slices.Reverse(out)
	return out
}

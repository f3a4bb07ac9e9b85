package app

import (
	"weir/app/tx"
	"weir/stream/catalog"
	"weir/stream/sql"
)

// createFunction defines a function, in the place of one that it replaces.
func (d *ddlEffect) createFunction(b *block, t *tx.Tx, s *sql.CreateFunction) *tx.Reject {
	old := d.cat.FunctionByID(s.Replaces)
	if old != nil {
		if rej := b.mayOwnFunction(t, old); rej != nil {
			return rej
		}
		s.Function.Owner = old.Owner
	} else if len(d.cat.Functions("")) >= MaxFunctions {
		return tx.RejectSQL("53400", "the network has as many functions as it may have")
	}
	d.cat.CreateFunction(s.Function)
	d.stage(func(b *block) {
		b.catalogLeaves.set(catalogKey(s.Function.ID, catalog.LeafFunction),
			catalog.AppendFunction(nil, s.Function))
	})
	return nil
}

// MaxFunctions is how many functions a network can have; more are refused with 53400.
const MaxFunctions = 1024

// dropFunctions removes functions. What was bound with them has their bodies.
func (d *ddlEffect) dropFunctions(b *block, t *tx.Tx, s *sql.DropFunction) *tx.Reject {
	for _, id := range s.Functions {
		f := d.cat.FunctionByID(id)
		if f == nil {
			continue // named twice
		}
		if rej := b.mayOwnFunction(t, f); rej != nil {
			return rej
		}
		d.cat.DropFunction(id)
		d.stage(func(b *block) {
			b.catalogLeaves.set(catalogKey(id, catalog.LeafFunction), nil)
		})
	}
	return nil
}

func (b *block) mayOwnFunction(t *tx.Tx, f *catalog.Function) *tx.Reject {
	return b.mayOwn(t, &catalog.Relation{Name: "function " + f.Name, Owner: f.Owner})
}

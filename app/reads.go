package app

import (
	"weir/app/auth"
	"weir/app/lane"
	"weir/app/tx"
	"weir/ledger"
	"weir/stream/catalog"
	"weir/stream/engine"
	"weir/stream/plan"
)

// Lane is where a lane stands.
func (s *Snapshot) Lane(l tx.Lane) (lane.Head, error) { return lane.Load(s.reader(kindLanes), l) }

// Query evaluates a plan once over this snapshot. A scalar error of any row is the query's.
func (s *Snapshot) Query(p plan.Node) (rows *engine.Rows, err error) {
	defer Recover(&err)
	return whole(s.queries.Query(p, s.Env()))
}

// whole makes a query fail with the first scalar error of its rows.
func whole(rows *engine.Rows, err error) (*engine.Rows, error) {
	if err == nil && rows.Fault != nil {
		return nil, rows.Fault
	}
	return rows, err
}

// Readable refuses a query over a relation that does not answer: 55000 for one that is not live.
func (s *Snapshot) Readable(p plan.Node) error {
	if rej := notLive(p, s.Catalog, s.Status); rej != nil {
		return rej
	}
	return nil
}

func notLive(p plan.Node, cat *catalog.Catalog, status func(id uint32) (catalog.Status, bool),
) *tx.Reject {
	for _, id := range plan.Inputs(p) {
		def := cat.ByID(id)
		if def == nil {
			return tx.Rejectf(tx.CodeUnknownRelation, "relation %d does not exist", id)
		}
		if def.Kind == catalog.Errors {
			continue // why a view is suspended may be what is asked for
		}
		if st, _ := status(id); st.State != catalog.Live {
			if st.State == catalog.Backfilling {
				rej := tx.Rejectf(tx.CodeSuspended,
					"materialized view %q is still being filled", def.Name)
				rej.Hint = "Ask again later: it answers once it has read the rows of its inputs."
				return rej
			}
			rej := tx.Rejectf(tx.CodeSuspended, "%s is not live: %s", def.Name, st.Reason)
			rej.Hint = "ALTER MATERIALIZED VIEW ... RESUME rebuilds it."
			return rej
		}
	}
	return nil
}

// RowsUnit is the unit that holds the rows of a stored relation.
func RowsUnit(relation uint32) ledger.Unit { return rowsUnit(relation) }

// LogUnit is the unit of a stream's log.
func LogUnit(relation uint32) ledger.Unit { return logUnit(relation) }

// CatalogUnit is the unit that holds every relation's definition, status and plan.
func CatalogUnit() ledger.Unit { return systemUnit(kindCatalog) }

// CatalogKey is the key of one leaf of a relation in the catalog unit.
func CatalogKey(relation uint32, leaf catalog.LeafKind) []byte { return catalogKey(relation, leaf) }

// HasRole reports whether there is such a role.
func (s *Snapshot) HasRole(role string) (bool, error) {
	return auth.RoleExists(s.reader(kindAuth), role)
}

// Unit names what has a root under the app hash.
type Unit = ledger.Unit

// Durable is the height of the last durable checkpoint, 0 if there is none.
func (a *App) Durable() int64 { return int64(a.ledger().Durable()) }

// HashAt is the app hash of a height that is still kept.
func (a *App) HashAt(height int64) (hash [32]byte, ok bool) {
	if height < 1 {
		return hash, false
	}
	v, err := a.ledger().At(uint64(height))
	if err != nil {
		return hash, false
	}
	return v.AppHash(), true
}

// PoolLen is the number and the bytes of the transactions in this node's pool.
func (a *App) PoolLen() (txs, bytes int) {
	if p := a.pool.Load(); p != nil {
		return p.Len()
	}
	return 0, 0
}

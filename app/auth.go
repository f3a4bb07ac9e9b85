package app

import (
	"weir/app/auth"
	"weir/app/tx"
	"weir/internal/invariant"
	"weir/stream/catalog"
	"weir/stream/sql"
)

// refusal returns the rejection in err. Reading agreed state from memory cannot fail, so any
// other error is a broken invariant.
func refusal(err error) *tx.Reject {
	if err == nil {
		return nil
	}
	rej := tx.AsReject(err)
	invariant.Check(rej != nil, "agreed state cannot be read: %v", err)
	return rej
}

// target returns the relation that a batch is for, if it is of the right kind and version.
func (b *block) target(in *tx.Batch, kind catalog.Kind) (*relation, *tx.Reject) {
	rel := b.x.rels[in.Lane.Relation]
	if rel == nil {
		return nil, tx.Rejectf(tx.CodeUnknownRelation, "relation %d does not exist",
			in.Lane.Relation)
	}
	if rel.def.Kind != kind {
		return nil, tx.Rejectf(tx.CodeWrongRelationKind,
			"%q is not a relation that the operation can write to", rel.def.Name)
	}
	if in.SchemaVersion < 1 || in.SchemaVersion > rel.def.Version {
		return nil, tx.Rejectf(tx.CodeSchemaVersion, "%q has no schema version %d",
			rel.def.Name, in.SchemaVersion)
	}
	return rel, nil
}

// rightOf is the right of app/auth that stands for a SQL privilege. Reading needs none.
func rightOf(p sql.Privilege) auth.Rights {
	switch p {
	case sql.PrivInsert:
		return auth.Insert
	case sql.PrivUpdate:
		return auth.Update
	case sql.PrivDelete:
		return auth.Delete
	default:
		return 0
	}
}

// dmlTarget returns the table that a statement writes to, if the role may.
func (b *block) dmlTarget(t *tx.Tx, id uint32, p sql.Privilege) (*relation, *tx.Reject) {
	rel := b.x.rels[id]
	if rel == nil {
		return nil, tx.Rejectf(tx.CodeUnknownRelation, "relation %d does not exist", id)
	}
	g, err := auth.LoadGrant(b.auth, id, t.Header.GetRole())
	if rej := refusal(err); rej != nil {
		return nil, rej
	}
	if !g.Rights.Has(rightOf(p)) {
		return nil, tx.RejectSQL("42501", "permission denied for "+rel.def.Name)
	}
	return rel, nil
}

// mayOwn refuses a role that neither owns a relation nor governs the network.
func (b *block) mayOwn(t *tx.Tx, def *catalog.Relation) *tx.Reject {
	if def.Owner == t.Header.GetRole() || b.member.Rights.Has(auth.Govern) {
		return nil
	}
	return tx.RejectSQL("42501", "must be owner of "+def.Name)
}

// mayDefine refuses DDL by a role without the right to create.
func (b *block) mayDefine() *tx.Reject { return refusal(b.member.CheckCreate()) }

// grantRights writes a grant and returns the writers that it opens.
func (b *block) grantRights(s *sql.Grant) ([]string, *tx.Reject) {
	var rights auth.Rights
	for _, p := range s.Privileges {
		rights |= rightOf(p)
	}
	opened, err := auth.AddGrant(b.auth, s.Relation, s.Role, rights, s.Writers,
		b.x.params.TxLimits())
	return opened, refusal(err)
}

// dropGrants forgets all grants on a relation.
func (b *block) dropGrants(id uint32) {
	b.clearPrefix(b.auth, auth.GrantPrefix(id))
}

// own gives the creator of a relation all rights on it.
func (b *block) own(def *catalog.Relation) *tx.Reject {
	_, err := auth.AddGrant(b.auth, def.ID, def.Owner, auth.Owner, nil, b.x.params.TxLimits())
	return refusal(err)
}

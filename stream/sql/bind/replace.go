package bind

import (
	"slices"

	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/internal/invariant"
	"weir/stream/catalog"
	"weir/stream/plan"
)

// replaces makes r the next version of the view that has its name, if there is one.
func (b *binder) replaces(n *ast.RangeVar, r *catalog.Relation, ifNotExists bool) error {
	if ifNotExists {
		return b.errorf(n.Location(), stateSyntax,
			"OR REPLACE and IF NOT EXISTS cannot be used together")
	}
	old := b.cat.Lookup(r.Name)
	if old == nil {
		return nil
	}
	if old.Kind != catalog.View {
		return b.errorf(n.Location(), stateWrongObject, "%q is not a materialized view", r.Name)
	}
	r.ID, r.Version, r.Owner = old.ID, old.Version+1, old.Owner
	return nil
}

// replaceable judges whether r may take the place of the view with its id: the columns stay and
// new ones follow them, as PostgreSQL asks of CREATE OR REPLACE VIEW; a view that others read
// keeps what their plans rest on.
func (b *binder) replaceable(r *catalog.Relation, n plan.Node, at int) error {
	old := b.cat.ByID(r.ID)
	deps := b.cat.Dependents(r.ID)
	all := append([]*catalog.Relation{old}, deps...)
	for _, d := range slices.Clone(all) {
		all = append(all, b.cat.Derived(d.ID)...)
	}
	for _, d := range all {
		if slices.Contains(r.Inputs, d.ID) {
			return b.errorf(at, "42P17", "materialized view %q cannot read itself, through %q",
				r.Name, d.Name)
		}
	}
	if err := b.keepsColumns(old, r, at); err != nil || len(deps) == 0 {
		return err
	}
	was, err := plan.Decode(old.Plan)
	invariant.Check(err == nil, "the plan of view %d does not decode: %v", old.ID, err)
	before, after := plan.Derive(was), plan.Derive(n)
	frozen := true
	for i := range old.Columns {
		frozen = frozen && (!before.Frozen[i] || after.Frozen[i])
	}
	if !slices.Equal(old.Key, r.Key) || old.AppendOnly && !r.AppendOnly || !frozen {
		e := b.errorf(at, stateBadTable,
			"cannot change the key or the watermark of view %q while %q reads it", r.Name,
			deps[len(deps)-1].Name)
		e.Hint = "Drop the views that read it first."
		return e
	}
	return nil
}

// keepsColumns asks that the columns of a view stay as they are; new ones are marked as such.
func (b *binder) keepsColumns(old, r *catalog.Relation, at int) error {
	if len(r.Columns) < len(old.Columns) {
		return b.errorf(at, stateBadTable, "cannot drop columns from view")
	}
	for i := range r.Columns {
		if i >= len(old.Columns) {
			r.Columns[i].Since = r.Version
			continue
		}
		was, is := old.Columns[i], &r.Columns[i]
		if was.Name != is.Name {
			return b.errorf(at, stateBadTable,
				"cannot change name of view column %q to %q", was.Name, is.Name)
		}
		if was.Type != is.Type {
			return b.errorf(at, stateBadTable,
				"cannot change data type of view column %q from %s to %s", was.Name, was.Type,
				is.Type)
		}
		is.Since = was.Since
	}
	return nil
}

package bind

import (
	"slices"

	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/catalog"
	"weir/stream/plan"
	"weir/stream/sql/parse"
	"weir/stream/value"
)

// excluded is the name of the row that was to be inserted.
const excluded = "excluded"

// onConflict binds ON CONFLICT over the primary key, nil if there is none. sc has the target's
// row.
func (b *binder) onConflict(
	c *ast.OnConflictClause, r *catalog.Relation, sc *scope,
) (*Conflict, error) {
	if c == nil || c.Action == ast.ONCONFLICT_NONE {
		return nil, nil
	}
	at := b.raw.Offset
	if r.Kind != catalog.Table {
		return nil, b.unsupported(at, "ON CONFLICT on a stream is",
			"Its rows have no key to conflict on.")
	}
	if err := b.conflictKey(c, r); err != nil {
		return nil, err
	}
	if c.Action == ast.ONCONFLICT_NOTHING {
		return &Conflict{}, nil
	}
	if c.Infer == nil {
		e := b.errorf(at, stateSyntax,
			"ON CONFLICT DO UPDATE requires inference specification or constraint name")
		e.Hint = "For example, ON CONFLICT (column_name)."
		return nil, e
	}
	both := &scope{
		cols: slices.Clone(sc.cols), tables: append(slices.Clone(sc.tables), excluded),
	}
	for i, col := range r.Columns {
		both.cols = append(both.cols, column{
			table: excluded, name: col.Name, typ: col.Type, index: len(r.Columns) + i,
		})
	}
	out := &Conflict{}
	var err error
	if out.Set, err = b.assignments(c.TargetList, r, both); err != nil {
		return nil, err
	}
	if !parse.IsNil(c.WhereClause) {
		out.Where, err = b.condition(c.WhereClause, &exprCtx{scope: both, clause: "WHERE"})
		if err != nil {
			return nil, err
		}
	}
	types := plan.Types(targetFields(r))
	return out, b.checkExprs(append(types, types...), append(slices.Clone(out.Set), out.Where))
}

// conflictKey asks that the conflict target, if there is one, is the primary key.
func (b *binder) conflictKey(c *ast.OnConflictClause, r *catalog.Relation) error {
	if c.Infer == nil {
		return nil
	}
	if name := c.Infer.Conname; name != "" {
		if name != catalog.KeyName(r) {
			return b.errorf(b.raw.Offset, stateNoObject,
				"constraint %q for table %q does not exist", name, r.Name)
		}
		return nil
	}
	var cols []int
	for _, n := range items(c.Infer.IndexElems) {
		e, ok := n.(*ast.IndexElem)
		if !ok {
			continue
		}
		i := -1
		if e.Name != "" {
			if i = columnNamed(r.Columns, e.Name); i < 0 {
				return b.errorf(b.raw.Offset, stateNoColumn, "column %q does not exist", e.Name)
			}
		}
		cols = append(cols, i)
	}
	slices.Sort(cols)
	cols = slices.Compact(cols)
	if !parse.IsNil(c.Infer.WhereClause) ||
		!slices.Equal(cols, slices.Sorted(slices.Values(r.Key))) {
		return b.errorf(b.raw.Offset, stateBadReference,
			"there is no unique or exclusion constraint matching the ON CONFLICT specification")
	}
	return nil
}

// returning binds RETURNING over a row of sc, whose columns have these types; nil if there is none.
func (b *binder) returning(
	list *ast.NodeList, types []value.Type, sc *scope,
) (*Returning, error) {
	if !hasItems(list) {
		return nil, nil
	}
	blk := &block{scope: sc, seen: map[int]int{}}
	c := &exprCtx{scope: sc, clause: "RETURNING"}
	for _, n := range items(list) {
		t, ok := n.(*ast.ResTarget)
		if !ok {
			return nil, b.errorf(n.Location(), stateSyntax, "malformed RETURNING list")
		}
		if ref, ok := t.Val.(*ast.ColumnRef); ok {
			if parts, star := nameParts(ref.Fields); star {
				if err := b.star(blk, ref, parts); err != nil {
					return nil, err
				}
				continue
			}
		}
		s, err := b.expr(t.Val, c)
		if err != nil {
			return nil, err
		}
		name := t.Name
		if name == "" {
			name = outputName(t.Val)
		}
		blk.outs, blk.names = append(blk.outs, s), append(blk.names, name)
	}
	out := &Returning{}
	for i, s := range blk.outs {
		s, err := b.settled(s)
		if err != nil {
			return nil, err
		}
		out.Exprs = append(out.Exprs, s.e)
		out.Columns = append(out.Columns, plan.Field{Name: blk.names[i], Type: s.e.Type()})
	}
	if len(out.Exprs) > plan.MaxColumns {
		return nil, b.errorf(0, "54011", "a query can have at most %d columns", plan.MaxColumns)
	}
	return out, b.checkExprs(types, out.Exprs)
}

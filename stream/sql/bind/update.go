package bind

import (
	"slices"
	"strings"

	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/catalog"
	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/value"
)

// update binds UPDATE.
func (b *binder) update(s *ast.UpdateStmt) (Statement, error) {
	leave, err := b.with(s.WithClause)
	if err != nil {
		return nil, err
	}
	defer leave()
	ch, err := b.change(s.Relation, "update", s.FromClause, s.WhereClause)
	if err != nil {
		return nil, err
	}
	st := &Update{Target: ch.r.ID, Name: ch.r.Name}
	if st.Set, err = b.assignments(s.TargetList, ch.r, ch.scope); err != nil {
		return nil, err
	}
	if st.Returning, err = ch.returning(s.ReturningList); err != nil {
		return nil, err
	}
	if ch.needsSource() {
		st.Source, err = ch.source(st.Set, st.Returning != nil)
		st.Set = nil
		return st, err
	}
	if st.Key, st.Where, err = b.byKey(ch.where, ch.r, s.Relation.Location()); err != nil {
		return nil, err
	}
	return st, b.checkRowExprs(ch.r, append(slices.Clone(st.Set), st.Where))
}

// deleteRow binds DELETE.
func (b *binder) deleteRow(s *ast.DeleteStmt) (Statement, error) {
	leave, err := b.with(s.WithClause)
	if err != nil {
		return nil, err
	}
	defer leave()
	ch, err := b.change(s.Relation, "delete from", s.UsingClause, s.WhereClause)
	if err != nil {
		return nil, err
	}
	st := &Delete{Target: ch.r.ID, Name: ch.r.Name}
	if st.Returning, err = ch.returning(s.ReturningList); err != nil {
		return nil, err
	}
	if ch.needsSource() {
		st.Source, err = ch.source(nil, st.Returning != nil)
		return st, err
	}
	if st.Key, st.Where, err = b.byKey(ch.where, ch.r, s.Relation.Location()); err != nil {
		return nil, err
	}
	return st, b.checkRowExprs(ch.r, []expr.Expr{st.Where})
}

// rowScope has the visible columns of a relation in place.
func rowScope(r *catalog.Relation, alias *ast.Alias) *scope {
	name := r.Name
	if alias != nil {
		name = alias.AliasName
	}
	sc := &scope{tables: []string{name}}
	for i, c := range r.Columns {
		sc.cols = append(sc.cols, column{table: name, name: c.Name, typ: c.Type, index: i})
		sc.star = append(sc.star, i)
	}
	return sc
}

// checkRowExprs asks that expressions over the row are within the limits.
func (b *binder) checkRowExprs(r *catalog.Relation, list []expr.Expr) error {
	return b.checkExprs(plan.Types(targetFields(r)), list)
}

// checkExprs asks that expressions over columns of given types are within the limits.
func (b *binder) checkExprs(types []value.Type, list []expr.Expr) error {
	for _, e := range list {
		if e == nil {
			continue
		}
		if err := expr.Check(e, types); err != nil {
			return b.at(0, err)
		}
	}
	return nil
}

// assignments binds SET: the new row.
func (b *binder) assignments(
	list *ast.NodeList, r *catalog.Relation, sc *scope,
) ([]expr.Expr, error) {
	out := make([]expr.Expr, len(r.Columns))
	for _, n := range items(list) {
		t, ok := n.(*ast.ResTarget)
		if !ok {
			continue
		}
		if hasItems(t.Indirection) {
			return nil, b.unsupported(n.Location(), "assigning to a part of a column is", "")
		}
		i := columnNamed(r.Columns, t.Name)
		switch {
		case i < 0:
			return nil, b.errorf(n.Location(), stateNoColumn,
				"column %q of relation %q does not exist", t.Name, r.Name)
		case out[i] != nil:
			return nil, b.errorf(n.Location(), stateSyntax,
				"multiple assignments to same column %q", t.Name)
		}
		s, err := b.assigned(t.Val, &exprCtx{scope: sc, clause: "UPDATE"})
		if err != nil {
			return nil, err
		}
		if s.isDefault {
			out[i] = b.defaultOf(r.Columns[i])
			continue
		}
		if out[i], err = b.assignTo(s, r.Columns[i]); err != nil {
			return nil, err
		}
	}
	for i, c := range r.Columns {
		if out[i] == nil {
			out[i] = columnAt(i, c.Type)
		}
	}
	return out, nil
}

// byKey splits WHERE into the value of each key column and what else it asks of the row. The key
// is nil, and rest the whole of WHERE, if WHERE does not name the whole key.
func (b *binder) byKey(
	conds []expr.Expr, r *catalog.Relation, at int,
) (key []expr.Expr, rest expr.Expr, err error) {
	var other []expr.Expr
	key = make([]expr.Expr, len(r.Key))
	for _, c := range conds {
		col, v, exact := keyEquality(c)
		i := -1
		for k, kc := range r.Key {
			if col == kc && key[k] == nil {
				i = k
			}
		}
		if i < 0 {
			other = append(other, c)
			continue
		}
		if key[i], err = b.assign(scalar{e: v, at: at}, r.Columns[col].Type); err != nil {
			return nil, nil, err
		}
		if !exact { // 1.5 is no integer key, though it rounds to one
			other = append(other, c)
		}
	}
	for _, k := range key {
		if k == nil {
			if len(conds) == 0 {
				return nil, nil, nil
			}
			return nil, allOf(conds), nil
		}
	}
	if len(other) > 0 {
		rest = allOf(other)
	}
	return key, rest, nil
}

// keyEquality reads column = constant, with the column cast or not. exact: not.
func keyEquality(e expr.Expr) (col int, v expr.Expr, exact bool) {
	c, ok := e.(*expr.Call)
	if !ok || !strings.HasPrefix(string(c.Fn), "eq(") || len(c.Args) != 2 {
		return -1, nil, false
	}
	for i, side := range c.Args {
		other := c.Args[1-i]
		if len(expr.Columns(other)) > 0 {
			continue
		}
		if at, ok := side.(expr.Column); ok {
			return at.Index, other, true
		}
		if cast, ok := side.(*expr.Call); ok && len(cast.Args) == 1 &&
			strings.HasPrefix(string(cast.Fn), "cast(") {
			if at, ok := cast.Args[0].(expr.Column); ok {
				return at.Index, other, false
			}
		}
	}
	return -1, nil, false
}

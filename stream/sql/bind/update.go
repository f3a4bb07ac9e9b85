package bind

import (
	"strings"

	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/catalog"
	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/sql/parse"
)

// update binds UPDATE of one row by its primary key.
func (b *binder) update(s *ast.UpdateStmt) (Statement, error) {
	at := s.Relation.Location()
	if hasItems(s.ReturningList) || hasItems(s.FromClause) || s.WithClause != nil {
		return nil, b.unsupported(at, "UPDATE with FROM, WITH or RETURNING is", "")
	}
	r, err := b.target(s.Relation, "update", catalog.Table)
	if err != nil {
		return nil, err
	}
	sc := rowScope(r, s.Relation.Alias)
	st := &Update{Target: r.ID, Name: r.Name}
	if st.Set, err = b.assignments(s.TargetList, r, sc); err != nil {
		return nil, err
	}
	if st.Key, st.Where, err = b.byKey(s.WhereClause, r, sc, "UPDATE", at); err != nil {
		return nil, err
	}
	return st, b.checkRowExprs(r, append(st.Set, st.Where))
}

// deleteRow binds DELETE of one row by its primary key.
func (b *binder) deleteRow(s *ast.DeleteStmt) (Statement, error) {
	at := s.Relation.Location()
	if hasItems(s.ReturningList) || hasItems(s.UsingClause) || s.WithClause != nil {
		return nil, b.unsupported(at, "DELETE with USING, WITH or RETURNING is", "")
	}
	r, err := b.target(s.Relation, "delete from", catalog.Table)
	if err != nil {
		return nil, err
	}
	st := &Delete{Target: r.ID, Name: r.Name}
	st.Key, st.Where, err = b.byKey(s.WhereClause, r, rowScope(r, s.Relation.Alias), "DELETE", at)
	if err != nil {
		return nil, err
	}
	return st, b.checkRowExprs(r, []expr.Expr{st.Where})
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
	}
	return sc
}

// checkRowExprs asks that expressions over the row are within the limits.
func (b *binder) checkRowExprs(r *catalog.Relation, list []expr.Expr) error {
	types := plan.Types(targetFields(r))
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
		if _, multi := t.Val.(*ast.MultiAssignRef); multi || hasItems(t.Indirection) {
			return nil, b.unsupported(n.Location(), "SET (a, b) = ... is", "Assign each column.")
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
		for _, k := range r.Key {
			if k == i {
				return nil, b.unsupported(n.Location(), "changing a primary key is",
					"Delete the row and insert the new one in one transaction.")
			}
		}
		s, err := b.assigned(t.Val, sc)
		if err != nil {
			return nil, err
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

func (b *binder) assigned(n ast.Node, sc *scope) (scalar, error) {
	if _, ok := n.(*ast.SetToDefault); ok {
		return scalar{e: expr.Const{}, at: n.Location()}, nil
	}
	return b.expr(n, &exprCtx{scope: sc, clause: "UPDATE"})
}

// byKey splits WHERE into the value of each key column and what else it asks of the row.
func (b *binder) byKey(
	where ast.Node, r *catalog.Relation, sc *scope, verb string, at int,
) (key []expr.Expr, rest expr.Expr, err error) {
	var conds, other []expr.Expr
	if !parse.IsNil(where) {
		e, err := b.condition(where, &exprCtx{scope: sc, clause: "WHERE"})
		if err != nil {
			return nil, nil, err
		}
		conds = conjuncts(e)
	}
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
			return nil, nil, b.unsupported(at, verb+" without the whole primary key in WHERE is",
				"Give every column of the key: WHERE "+keyPattern(r)+".")
		}
	}
	if len(other) > 0 {
		rest = allOf(other)
	}
	return key, rest, nil
}

func keyPattern(r *catalog.Relation) string {
	parts := make([]string, len(r.Key))
	for i, k := range r.Key {
		parts[i] = parse.QuoteIdent(r.Columns[k].Name) + " = ..."
	}
	return strings.Join(parts, " AND ")
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

package bind

import (
	"slices"

	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/catalog"
	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/sql/parse"
)

// target looks up a relation that a statement changes.
func (b *binder) target(
	n *ast.RangeVar, verb string, kinds ...catalog.Kind,
) (*catalog.Relation, error) {
	r, err := b.relation(n)
	if err != nil {
		return nil, err
	}
	if slices.Contains(kinds, r.Kind) {
		return r, nil
	}
	e := b.errorf(n.Location(), stateWrongObject, "cannot %s %q", verb, r.Name)
	switch r.Kind {
	case catalog.Stream:
		e.Detail = "It is a stream: what was said stays said."
	case catalog.View:
		e.Detail = "It is a materialized view: its rows follow from its query."
	default:
		e.Detail = "Its rows are made by the system."
	}
	return nil, e
}

// insert binds INSERT.
func (b *binder) insert(s *ast.InsertStmt) (Statement, error) {
	r, err := b.target(s.Relation, "insert into", catalog.Stream, catalog.Table)
	if err != nil {
		return nil, err
	}
	leave, err := b.with(s.WithClause)
	if err != nil {
		return nil, err
	}
	defer leave()
	cols, err := b.insertColumns(s.Cols, r)
	if err != nil {
		return nil, err
	}
	st := &Insert{Target: r.ID, Name: r.Name, Kind: r.Kind}
	if err := b.insertSource(s, r, cols, st); err != nil {
		return nil, err
	}
	sc := rowScope(r, s.Relation.Alias)
	if st.Conflict, err = b.onConflict(s.OnConflictClause, r, sc); err != nil {
		return nil, err
	}
	if r.Kind == catalog.Stream && hasItems(s.ReturningList) {
		return nil, b.unsupported(s.Relation.Location(), "RETURNING of a stream is",
			"Select the rows afterwards: a session sees its own writes.")
	}
	if st.Returning, err = b.returning(s.ReturningList, plan.Types(targetFields(r)), sc); err != nil {
		return nil, err
	}
	st.Source, err = b.finished(st.Source)
	return st, err
}

// insertSource binds what gives the rows: VALUES, a query, or the defaults of one row.
func (b *binder) insertSource(
	s *ast.InsertStmt, r *catalog.Relation, cols []int, st *Insert,
) (err error) {
	q, ok := s.SelectStmt.(*ast.SelectStmt)
	switch {
	case !ok || q == nil:
		row, err := b.insertRow(nil, r, cols, false, s.Relation.Location())
		if err != nil {
			return err
		}
		st.Rows = [][]expr.Expr{row}
	case hasItems(q.ValuesLists) && q.WithClause == nil && !hasItems(q.SortClause) &&
		parse.IsNil(q.LimitCount) && parse.IsNil(q.LimitOffset):
		around := &space{}
		if st.Rows, err = b.insertValues(q, r, cols, hasItems(s.Cols), around); err != nil {
			return err
		}
		if around.subqueries > 0 {
			st.Source, err = b.orderedValues(targetFields(r), st.Rows)
			st.Rows = nil
			return err
		}
	default:
		st.Source, err = b.insertQuery(q, r, cols, hasItems(s.Cols))
		return err
	}
	st.Source = valuesNode(targetFields(r), st.Rows)
	return nil
}

// insertColumns are the columns that the rows give, in their order.
func (b *binder) insertColumns(list *ast.NodeList, r *catalog.Relation) ([]int, error) {
	var out []int
	for _, n := range items(list) {
		t, ok := n.(*ast.ResTarget)
		if !ok {
			continue
		}
		if hasItems(t.Indirection) {
			return nil, b.unsupported(n.Location(), "assigning to a part of a column is", "")
		}
		i := columnNamed(r.Columns, t.Name)
		if i < 0 {
			return nil, b.errorf(n.Location(), stateNoColumn,
				"column %q of relation %q does not exist", t.Name, r.Name)
		}
		if slices.Contains(out, i) {
			return nil, b.errorf(n.Location(), stateDuplicateColumn,
				"column %q specified more than once", t.Name)
		}
		out = append(out, i)
	}
	if out == nil {
		for i := range r.Columns {
			out = append(out, i)
		}
	}
	return out, nil
}

// insertValues gives each literal the type of its column.
func (b *binder) insertValues(
	q *ast.SelectStmt, r *catalog.Relation, cols []int, listed bool, s *space,
) ([][]expr.Expr, error) {
	b.inInsert = true
	rows, err := b.valueRows(q, s)
	b.inInsert = false
	if err != nil {
		return nil, err
	}
	out := make([][]expr.Expr, len(rows))
	for i, row := range rows {
		if out[i], err = b.insertRow(row, r, cols, listed, q.Location()); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func targetFields(r *catalog.Relation) []plan.Field {
	out := make([]plan.Field, len(r.Columns))
	for i, c := range r.Columns {
		out[i] = plan.Field{Name: c.Name, Type: c.Type}
	}
	return out
}

// insertRow assigns a row to the target's columns; those that it does not give have their
// defaults.
func (b *binder) insertRow(
	row []scalar, r *catalog.Relation, cols []int, listed bool, at int,
) ([]expr.Expr, error) {
	if len(row) > len(cols) {
		return nil, b.errorf(row[len(cols)].at, stateSyntax,
			"INSERT has more expressions than target columns")
	}
	if len(row) < len(cols) && listed {
		return nil, b.errorf(at, stateSyntax, "INSERT has more target columns than expressions")
	}
	out := make([]expr.Expr, len(r.Columns))
	for i, s := range row {
		if s.isDefault {
			continue
		}
		e, err := b.assignTo(s, r.Columns[cols[i]])
		if err != nil {
			return nil, err
		}
		out[cols[i]] = e
	}
	for i, c := range r.Columns {
		if out[i] == nil {
			out[i] = b.defaultOf(c)
		}
	}
	return out, nil
}

// assignTo converts a value to a column's type.
func (b *binder) assignTo(s scalar, c catalog.Column) (expr.Expr, error) {
	e, err := b.assign(s, c.Type)
	if err == nil {
		return e, nil
	}
	perr := b.asError(err)
	if perr.SQLState == stateMismatch && !s.untyped() {
		perr.Message = "column \"" + c.Name + "\" is of type " + c.Type.String() +
			" but expression is of type " + s.typ().String()
		perr.Hint = "You will need to rewrite or cast the expression."
	}
	return nil, perr
}

// insertQuery takes the rows of a query.
func (b *binder) insertQuery(
	q *ast.SelectStmt, r *catalog.Relation, cols []int, listed bool,
) (plan.Node, error) {
	src, err := b.subquery(q)
	if err != nil {
		return nil, err
	}
	row, err := b.insertRow(src.outs, r, cols, listed, q.Location())
	if err != nil {
		return nil, err
	}
	p := &plan.Project{Input: src.in, Exprs: row}
	for _, c := range r.Columns {
		p.Names = append(p.Names, c.Name)
	}
	return p, nil
}

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
	if hasItems(s.ReturningList) {
		return nil, b.unsupported(s.Relation.Location(), "RETURNING is",
			"Select the rows afterwards: a session sees its own writes.")
	}
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
	if err := b.onConflict(s.OnConflictClause, r, st); err != nil {
		return nil, err
	}
	q, ok := s.SelectStmt.(*ast.SelectStmt)
	if !ok || q == nil {
		return nil, b.unsupported(s.Relation.Location(), "DEFAULT VALUES is", "")
	}
	if hasItems(q.ValuesLists) && q.WithClause == nil && !hasItems(q.SortClause) &&
		parse.IsNil(q.LimitCount) && parse.IsNil(q.LimitOffset) {
		st.Source, err = b.insertValues(q, r, cols, hasItems(s.Cols))
	} else {
		st.Source, err = b.insertQuery(q, r, cols, hasItems(s.Cols))
	}
	if err != nil {
		return nil, err
	}
	st.Source, err = b.finished(st.Source)
	return st, err
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
	q *ast.SelectStmt, r *catalog.Relation, cols []int, listed bool,
) (plan.Node, error) {
	b.inInsert = true
	rows, err := b.valueRows(q, nil)
	b.inInsert = false
	if err != nil {
		return nil, err
	}
	fields := targetFields(r)
	out := make([][]expr.Expr, len(rows))
	for i, row := range rows {
		if out[i], err = b.insertRow(row, r, cols, listed, q.Location()); err != nil {
			return nil, err
		}
	}
	return valuesNode(fields, out), nil
}

func targetFields(r *catalog.Relation) []plan.Field {
	out := make([]plan.Field, len(r.Columns))
	for i, c := range r.Columns {
		out[i] = plan.Field{Name: c.Name, Type: c.Type}
	}
	return out
}

// insertRow assigns a row to the target's columns; those that it does not give are NULL.
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
		e, err := b.assignTo(s, r.Columns[cols[i]])
		if err != nil {
			return nil, err
		}
		out[cols[i]] = e
	}
	for i, c := range r.Columns {
		if out[i] == nil {
			out[i] = expr.Const{T: c.Type}
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

// onConflict binds ON CONFLICT over the primary key: DO NOTHING, or DO UPDATE of every other
// column to what was to be inserted.
func (b *binder) onConflict(c *ast.OnConflictClause, r *catalog.Relation, st *Insert) error {
	if c == nil || c.Action == ast.ONCONFLICT_NONE {
		return nil
	}
	at := b.raw.Offset
	if r.Kind != catalog.Table {
		return b.unsupported(at, "ON CONFLICT on a stream is", "Its rows have no key to conflict on.")
	}
	if err := b.conflictKey(c, r); err != nil {
		return err
	}
	if c.Action == ast.ONCONFLICT_NOTHING {
		st.DoNothing = true
		return nil
	}
	set := map[string]bool{}
	plain := parse.IsNil(c.WhereClause)
	for _, n := range items(c.TargetList) {
		t, ok := n.(*ast.ResTarget)
		if !ok {
			continue
		}
		if columnNamed(r.Columns, t.Name) < 0 {
			return b.errorf(n.Location(), stateNoColumn, "column %q of relation %q does not exist",
				t.Name, r.Name)
		}
		ref, ok := t.Val.(*ast.ColumnRef)
		if ok {
			parts, _ := nameParts(ref.Fields)
			ok = slices.Equal(parts, []string{"excluded", t.Name})
		}
		plain = plain && ok
		set[t.Name] = true
	}
	for i, col := range r.Columns {
		plain = plain && (set[col.Name] || slices.Contains(r.Key, i))
	}
	if !plain {
		return b.unsupported(at, "ON CONFLICT DO UPDATE other than of every column to EXCLUDED is",
			"Write SET c = EXCLUDED.c for every column that is not in the key.")
	}
	st.Upsert = true
	return nil
}

// conflictKey asks that the conflict target, if there is one, is the primary key.
func (b *binder) conflictKey(c *ast.OnConflictClause, r *catalog.Relation) error {
	if c.Infer == nil {
		return nil
	}
	var cols []int
	for _, n := range items(c.Infer.IndexElems) {
		e, ok := n.(*ast.IndexElem)
		if ok && e.Name != "" {
			cols = append(cols, columnNamed(r.Columns, e.Name))
		}
	}
	key := slices.Sorted(slices.Values(r.Key))
	slices.Sort(cols)
	if c.Infer.Conname != "" || !parse.IsNil(c.Infer.WhereClause) || !slices.Equal(cols, key) {
		return b.errorf(b.raw.Offset, stateBadReference,
			"there is no unique constraint matching the ON CONFLICT specification")
	}
	return nil
}

package bind

import (
	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/value"
)

// A row of a FROM item is a value as well: SELECT t FROM t. Where the item is on the nullable side
// of an outer join and has no match, that value is NULL, which its columns alone do not tell from
// a row of NULLs. So such items have a marker, a hidden column that is true in each of their rows.
// Few statements ask for rows: a marker is added to the items that the statement turned out to ask
// for when it was bound before (see Bind).

// marked adds a marker to an item of FROM.
func marked(n plan.Node, names []string) (plan.Node, []string) {
	fields := n.Schema()
	p := picked(n, len(fields))
	p.Names = nil
	p.Hide = make([]bool, len(fields), len(fields)+1)
	for i, f := range fields {
		p.Names, p.Hide[i] = append(p.Names, f.Name), f.Hidden
	}
	p.Exprs = append(p.Exprs, truth(true))
	p.Names, p.Hide = append(p.Names, unusedName("matched", p.Names)), append(p.Hide, true)
	return p, append(append([]string(nil), names...), "")
}

// optional marks the columns of the nullable side of an outer join.
func optional(cols []column) {
	for i := range cols {
		cols[i].optional = true
	}
}

// wholeRow binds the name of a FROM item as the value of its row; ok: there is one.
func (b *binder) wholeRow(sc *scope, table string, at int) (s scalar, ok bool, err error) {
	for level := sc; level != nil; level = level.outer {
		if table == "" || !level.has(table) {
			continue
		}
		s, err := b.rowOfTable(sc, level, table, at)
		return s, true, err
	}
	return scalar{}, false, nil
}

func (b *binder) rowOfTable(sc, level *scope, table string, at int) (scalar, error) {
	fields, names, err := b.fieldsOf(sc, level, table, at)
	if err != nil {
		return scalar{}, err
	}
	s, err := b.record(fields, names, at)
	optional, marker := false, -1
	for i, c := range level.cols {
		switch {
		case c.table != table:
		case c.sole:
			return b.columnOf(sc, level, c, at)
		case c.marker:
			marker = i
		default:
			optional = optional || c.optional && !c.joined
		}
	}
	switch {
	case err != nil || !optional:
		return s, err
	case marker < 0:
		b.unmarked = append(b.unmarked, table)
		return s, nil
	}
	m, err := b.columnOf(sc, level, level.cols[marker], at)
	s.e = unlessNull(m.e, s.e)
	return s, err
}

// fieldsOf are the columns of a FROM item that t.* shows, as they are seen from a scope.
func (b *binder) fieldsOf(sc, level *scope, table string, at int) (
	fields []scalar, names []string, err error,
) {
	for _, c := range level.cols {
		if c.table != table || c.hidden {
			continue
		}
		s, err := b.columnOf(sc, level, c, at)
		if err != nil {
			return nil, nil, err
		}
		fields, names = append(fields, s), append(names, c.name)
	}
	return fields, names, nil
}

// columnOf is a column of a scope, or of one around it.
func (b *binder) columnOf(sc, level *scope, c column, at int) (scalar, error) {
	if level == sc {
		return c.scalar(at), nil
	}
	return b.outerColumn(level, c, at)
}

// tableFields binds t.* in a list of values.
func (b *binder) tableFields(c *exprCtx, table string, at int) ([]scalar, []string, error) {
	for level := c.scope; level != nil; level = level.outer {
		if level.has(table) {
			fields, names, err := b.fieldsOf(c.scope, level, table, at)
			c.noteAll(fields)
			return fields, names, err
		}
	}
	return nil, nil, b.errorf(at, stateNoTable, "missing FROM-clause entry for table %q", table)
}

// noteAll notes where columns are named first.
func (c *exprCtx) noteAll(fields []scalar) {
	for _, s := range fields {
		c.note(s)
	}
}

func (c *exprCtx) note(s scalar) {
	if col, ok := s.e.(expr.Column); ok && c.seen != nil {
		if _, known := c.seen[col.Index]; !known {
			c.seen[col.Index] = s.at
		}
	}
}

// starRow binds t.* where one value is wanted: the row.
func (b *binder) starRow(e *ast.ColumnRef, table string, c *exprCtx) (scalar, error) {
	s, ok, err := b.wholeRow(c.scope, table, e.Location())
	if !ok {
		return scalar{}, b.errorf(e.Location(), stateNoTable,
			"missing FROM-clause entry for table %q", table)
	}
	return s, err
}

// rowsOf makes the columns of a query one record.
func (b *binder) rowsOf(n plan.Node, at int) (plan.Node, value.Type, error) {
	var fields []scalar
	var names []string
	for i, f := range n.Schema() {
		fields = append(fields, scalar{e: columnAt(i, f.Type)})
		names = append(names, f.Name)
	}
	s, err := b.record(fields, names, at)
	if err != nil {
		return nil, value.Type{}, err
	}
	p := &plan.Project{Input: n, Exprs: []expr.Expr{s.e}, Names: []string{"row"}}
	return p, s.typ(), nil
}

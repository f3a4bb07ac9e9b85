package bind

import (
	"slices"

	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/catalog"
	"weir/stream/expr"
	"weir/stream/row"
	"weir/stream/value"
)

// alterTable binds ALTER TABLE and ALTER STREAM ... ADD COLUMN, SET and RESET (...). All columns
// that a statement adds come with one schema version.
func (b *binder) alterTable(s *ast.AlterTableStmt) (Statement, error) {
	at := s.Relation.Location()
	st := &AlterTable{Stream: b.raw.Clauses.Stream}
	kind := catalog.Table
	if st.Stream {
		kind = catalog.Stream
	}
	if s.MissingOk && b.cat.Lookup(s.Relation.RelName) == nil {
		b.notice("00000", "relation \""+s.Relation.RelName+"\" does not exist, skipping", "")
		return st, nil
	}
	old, err := b.relation(s.Relation)
	if err != nil {
		return nil, err
	}
	if old.Kind != kind {
		return nil, b.errorf(at, stateWrongObject, "%q is not a %s", old.Name, kindWords[kind])
	}
	next := *old
	next.Columns = slices.Clone(old.Columns)
	next.Version++
	next.SQL = old.SQL + "; " + b.raw.Canonical
	for _, n := range items(s.Cmds) {
		c, ok := n.(*ast.AlterTableCmd)
		if ok && (c.Subtype == ast.AT_SetRelOptions || c.Subtype == ast.AT_ResetRelOptions) {
			if err := b.setOptions(&next, c); err != nil {
				return nil, err
			}
			continue
		}
		def, isColumn := columnOf(c, ok)
		if !isColumn {
			return nil, b.unsupported(at, "this form of ALTER is",
				"ADD COLUMN and, of a stream, SET (retention = ...) are what can change.")
		}
		if err := b.addColumn(&next, def, c.MissingOk); err != nil {
			return nil, err
		}
	}
	if len(next.Columns) == len(old.Columns) {
		if next.Retention == old.Retention {
			return st, nil
		}
		next.Version = old.Version // batches stay as they are
	}
	if err := b.defined(&next, at); err != nil {
		return nil, err
	}
	if len(b.params) > 0 {
		return nil, b.errorf(0, stateNoParameter, "parameters are not allowed in a definition")
	}
	st.Relation = &next
	return st, nil
}

// columnOf is the column that a command adds.
func columnOf(c *ast.AlterTableCmd, ok bool) (*ast.ColumnDef, bool) {
	if !ok || c.Subtype != ast.AT_AddColumn {
		return nil, false
	}
	def, ok := c.Def.(*ast.ColumnDef)
	return def, ok
}

// addColumn adds one column to the next version. Rows that there are have its default, which is
// evaluated now.
func (b *binder) addColumn(r *catalog.Relation, n *ast.ColumnDef, missingOK bool) error {
	at := n.Location()
	if columnNamed(r.Columns, n.Colname) >= 0 {
		if missingOK {
			b.notice(stateDuplicateColumn, "column \""+n.Colname+"\" of relation \""+r.Name+
				"\" already exists, skipping", "")
			return nil
		}
		return b.errorf(at, stateDuplicateColumn, "column %q of relation %q already exists",
			n.Colname, r.Name)
	}
	sh := &tableShape{scope: &scope{tables: []string{r.Name}}}
	if err := b.columnDef(n, r, sh); err != nil {
		return err
	}
	if len(sh.checks) > 0 || sh.key != nil {
		return b.unsupported(at, "a constraint other than NOT NULL on an added column is", "")
	}
	c := &r.Columns[len(r.Columns)-1]
	c.Since = r.Version
	for _, d := range sh.defaults {
		var err error
		if c.Default, err = b.defaultExpr(d.expr, *c, true); err != nil {
			return err
		}
	}
	if len(c.Default) > 0 {
		fill, err := expr.EvalRow(b.defaultOf(*c), nil, expr.Env{})
		if err != nil {
			return b.at(at, err)
		}
		c.Fill = row.AppendRowDatums(nil, []value.Datum{fill})
		if len(c.Fill) > MaxFillBytes {
			return b.errorf(at, stateProgramLimit,
				"the default of an added column is longer than %d bytes", MaxFillBytes)
		}
	}
	if c.NotNull && len(c.Fill) == 0 {
		e := b.errorf(at, "23502", "column %q of relation %q contains null values", n.Colname,
			r.Name)
		e.Hint = "Give the column a DEFAULT for the rows that there are."
		return e
	}
	return nil
}

// MaxFillBytes is the encoded length of a default that older rows get: each reader of each of them
// makes it.
const MaxFillBytes = 1024

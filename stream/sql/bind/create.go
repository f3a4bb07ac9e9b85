package bind

import (
	"slices"
	"strconv"
	"strings"

	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/catalog"
	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/sql/parse"
	"weir/stream/value"
)

// definition starts the relation that a CREATE statement defines. exists: IF NOT EXISTS and the
// name is taken.
func (b *binder) definition(
	n *ast.RangeVar, kind catalog.Kind, ifNotExists bool,
) (r *catalog.Relation, exists bool, err error) {
	name, err := b.plainName(n)
	if err != nil {
		return nil, false, err
	}
	if n.RelPersistence == 't' || n.RelPersistence == 'u' {
		return nil, false, b.unsupported(n.Location(), "temporary and unlogged relations are", "")
	}
	r = &catalog.Relation{
		Name: name, Kind: kind, Owner: b.opts.Role, Version: 1, SQL: b.raw.Canonical,
		PlanCodec: plan.CodecVersion, Functions: expr.LibraryVersion,
	}
	if b.raw.Clauses.OrReplace {
		return r, false, b.replaces(n, r, ifNotExists)
	}
	if ifNotExists && b.cat.Lookup(name) != nil {
		b.notice(stateDuplicateTable, "relation \""+name+"\" already exists, skipping", "")
		return r, true, nil
	}
	return r, false, nil
}

// defined judges the finished relation.
func (b *binder) defined(r *catalog.Relation, at int) error {
	seen := map[string]bool{}
	for _, c := range r.Columns {
		if err := catalog.CheckColumnName(c.Name); err != nil && !c.Hidden {
			return b.at(at, err)
		}
		if seen[c.Name] {
			return b.errorf(at, stateDuplicateColumn, "column %q specified more than once", c.Name)
		}
		seen[c.Name] = true
	}
	var err error
	if r.ID != 0 {
		err = catalog.CheckWidth(r)
	} else {
		err = b.cat.CheckNew(r)
	}
	if err != nil {
		return b.at(at, err)
	}
	return nil
}

// plainTable refuses what CREATE TABLE has in PostgreSQL and here has not, and reads the options.
func (b *binder) plainTable(s *ast.CreateStmt, r *catalog.Relation) error {
	at := s.Relation.Location()
	switch {
	case hasItems(s.InhRelations):
		return b.unsupported(at, "INHERITS is", "")
	case s.PartSpec != nil || s.PartBound != nil:
		return b.unsupported(at, "partitioning is", "")
	case s.OfTypename != nil:
		return b.unsupported(at, "typed tables are", "")
	case s.TableSpaceName != "" || s.AccessMethod != "":
		return b.unsupported(at, "TABLESPACE and USING are", "")
	}
	for _, n := range items(s.Options) {
		d, ok := n.(*ast.DefElem)
		if !ok {
			continue
		}
		if d.Defname == "connector" {
			return b.unsupported(n.Location(), "WITH (connector = ...) is",
				"Producers sign their batches: send the rows with `weir load`.")
		}
		if r.Kind == catalog.Stream {
			if known, err := b.retentionOption(&r.Retention, d); known || err != nil {
				if err != nil {
					return err
				}
				continue
			}
		}
		if d.Defname != "history" {
			return b.errorf(n.Location(), stateBadParameter, "unrecognized parameter %q", d.Defname)
		}
		var err error
		if r.Versioned, err = b.truth(d); err != nil {
			return err
		}
	}
	r.Versioned = r.Versioned || b.raw.Clauses.Versioned
	if r.Versioned && r.Kind != catalog.Table {
		return b.unsupported(at, "a stream with history is", "A stream keeps every row already.")
	}
	return nil
}

// truth reads the value of an option that is on or off; the name alone is on.
func (b *binder) truth(d *ast.DefElem) (bool, error) {
	switch v := d.Arg.(type) {
	case nil:
		return true, nil
	case *ast.Boolean:
		return v.BoolVal, nil
	case *ast.String:
		switch strings.ToLower(v.SVal) {
		case "true", "on":
			return true, nil
		case "false", "off":
			return false, nil
		}
	case *ast.Integer:
		if v.IVal == 0 || v.IVal == 1 {
			return v.IVal == 1, nil
		}
	case *ast.TypeName:
		if name := lastPart(v.Names); name == "on" || name == "off" {
			return name == "on", nil
		}
	}
	return false, b.errorf(d.Location(), stateBadParameter, "%s requires a Boolean value", d.Defname)
}

// tableShape is what the column list of CREATE STREAM or TABLE says.
type tableShape struct {
	scope    *scope
	checks   []check
	defaults []columnDefault
	key      []int
	keyAt    int
}

// check is a CHECK constraint of column col, or of the table (col < 0), not bound yet.
type check struct {
	*ast.Constraint
	col int
}

// columnDefault is the DEFAULT of a column, not bound yet.
type columnDefault struct {
	col  int
	expr ast.Node
}

// shape reads the column list into r: first the columns, then what constrains them.
func (b *binder) shape(s *ast.CreateStmt, r *catalog.Relation) (*tableShape, error) {
	out := &tableShape{scope: &scope{tables: []string{r.Name}}}
	var constraints []*ast.Constraint
	for _, n := range items(s.TableElts) {
		switch n := n.(type) {
		case *ast.ColumnDef:
			if err := b.columnDef(n, r, out); err != nil {
				return nil, err
			}
		case *ast.Constraint:
			constraints = append(constraints, n)
		default:
			return nil, b.unsupported(n.Location(), "LIKE in a column list is", "")
		}
	}
	for _, c := range append(constraints, s.Constraints...) {
		if err := b.constraint(c, r, out, -1); err != nil {
			return nil, err
		}
	}
	if len(r.Columns) == 0 {
		return nil, b.errorf(s.Relation.Location(), stateBadTable, "a relation needs a column")
	}
	return out, nil
}

func (b *binder) columnDef(n *ast.ColumnDef, r *catalog.Relation, out *tableShape) error {
	at := n.Location()
	if n.TypeName == nil {
		return b.errorf(at, stateSyntax, "column %q has no type", n.Colname)
	}
	if isRecordName(n.TypeName) {
		return b.pseudoType(n.Colname, at)
	}
	t, err := b.typeName(n.TypeName)
	if err != nil {
		return err
	}
	if n.Collclause != nil && lastPart(n.Collclause.Collname) != "C" {
		return b.unsupported(at, `collations other than "C" are`, "")
	}
	for _, c := range r.Columns {
		if c.Name == n.Colname {
			return b.errorf(at, stateDuplicateColumn, "column %q specified more than once", c.Name)
		}
	}
	i := len(r.Columns)
	r.Columns = append(r.Columns, catalog.Column{Name: n.Colname, Type: t, NotNull: n.IsNotNull})
	out.scope.cols = append(out.scope.cols, column{table: r.Name, name: n.Colname, typ: t, index: i})
	for _, c := range items(n.Constraints) {
		if c, ok := c.(*ast.Constraint); ok {
			if err := b.constraint(c, r, out, i); err != nil {
				return err
			}
		}
	}
	if !parse.IsNil(n.RawDefault) {
		out.defaults = append(out.defaults, columnDefault{i, n.RawDefault})
	}
	return nil
}

// constraint reads a constraint of column col, or of the table (col < 0).
func (b *binder) constraint(
	c *ast.Constraint, r *catalog.Relation, out *tableShape, col int,
) error {
	at := c.Location()
	switch c.Contype {
	case ast.CONSTR_NULL:
	case ast.CONSTR_NOTNULL:
		if col >= 0 {
			r.Columns[col].NotNull = true
		}
	case ast.CONSTR_CHECK:
		out.checks = append(out.checks, check{c, col})
	case ast.CONSTR_PRIMARY:
		return b.primaryKey(c, r, out, col)
	case ast.CONSTR_DEFAULT:
		for _, d := range out.defaults {
			if d.col == col {
				return b.errorf(at, stateSyntax,
					"multiple default values specified for column %q of table %q",
					r.Columns[col].Name, r.Name)
			}
		}
		out.defaults = append(out.defaults, columnDefault{col, c.RawExpr})
	case ast.CONSTR_UNIQUE:
		return b.unsupported(at, "UNIQUE is", "A table has one key: its PRIMARY KEY.")
	case ast.CONSTR_FOREIGN:
		return b.unsupported(at, "FOREIGN KEY is", "")
	case ast.CONSTR_IDENTITY, ast.CONSTR_GENERATED:
		return b.unsupported(at, "GENERATED columns are", "Compute the value in a view.")
	default:
		return b.unsupported(at, "this kind of constraint is", "")
	}
	return nil
}

func (b *binder) primaryKey(
	c *ast.Constraint, r *catalog.Relation, out *tableShape, col int,
) error {
	at := c.Location()
	if out.key != nil {
		return b.errorf(at, stateBadTable, "multiple primary keys for table %q are not allowed",
			r.Name)
	}
	out.keyAt = at
	if col >= 0 {
		out.key = []int{col}
	}
	for _, n := range items(c.Keys) {
		s, ok := n.(*ast.String)
		if !ok {
			continue
		}
		i := columnNamed(r.Columns, s.SVal)
		if i < 0 {
			return b.errorf(n.Location(), stateNoColumn, "column %q named in key does not exist",
				s.SVal)
		}
		for _, k := range out.key {
			if k == i {
				return b.errorf(n.Location(), stateDuplicateColumn,
					"column %q appears twice in primary key constraint", s.SVal)
			}
		}
		out.key = append(out.key, i)
	}
	for _, k := range out.key {
		r.Columns[k].NotNull = true
	}
	return nil
}

func columnNamed(cols []catalog.Column, name string) int {
	for i, c := range cols {
		if c.Name == name {
			return i
		}
	}
	return -1
}

// checks binds the defaults, and the CHECK constraints over the columns.
func (b *binder) checks(r *catalog.Relation, sh *tableShape) error {
	for _, d := range sh.defaults {
		var err error
		c := &r.Columns[d.col]
		if c.Default, err = b.defaultExpr(d.expr, *c, false); err != nil {
			return err
		}
	}
	b.now = false // the defaults are evaluated by INSERT
	names := make([]string, len(r.Columns))
	types := make([]value.Type, len(r.Columns))
	for i, c := range r.Columns {
		names[i], types[i] = c.Name, c.Type
	}
	for _, c := range sh.checks {
		e, err := b.condition(c.RawExpr, &exprCtx{scope: sh.scope, clause: "CHECK", noTime: true})
		if err != nil {
			return err
		}
		if err := expr.Check(e, types); err != nil {
			return b.at(c.Location(), err)
		}
		name, err := b.checkName(r, c, e)
		if err != nil {
			return err
		}
		r.Checks = append(r.Checks, catalog.Check{
			Name: name, SQL: expr.Print(e, names), Expr: expr.AppendExpr(nil, e),
		})
	}
	if len(b.params) > 0 {
		return b.errorf(0, stateNoParameter, "parameters are not allowed in a definition")
	}
	return nil
}

// checkName is the name of a constraint: its own, or table_column_check if it reads one column,
// or table_check, with a number if the name is taken.
func (b *binder) checkName(r *catalog.Relation, c check, e expr.Expr) (string, error) {
	taken := func(name string) bool {
		return name == catalog.KeyName(r) || slices.ContainsFunc(r.Checks,
			func(o catalog.Check) bool { return o.Name == name })
	}
	if c.Conname != "" {
		if taken(c.Conname) {
			return "", b.errorf(c.Location(), "42710",
				"constraint %q for relation %q already exists", c.Conname, r.Name)
		}
		return c.Conname, nil
	}
	base := r.Name
	if cols := expr.Columns(e); len(cols) == 1 {
		base += "_" + r.Columns[cols[0]].Name
	}
	name := base + "_check"
	for i := 1; taken(name); i++ {
		name = base + "_check" + strconv.Itoa(i)
	}
	return name, nil
}

package bind

import (
	"strconv"

	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/sql/parse"
	"weir/stream/value"
)

// rowValue binds ROW(a, b) and (a, b) as a value: a record whose fields are f1, f2, ...
func (b *binder) rowValue(row *ast.RowExpr, c *exprCtx) (scalar, error) {
	fields, err := b.rowFields(row, c)
	if err != nil {
		return scalar{}, err
	}
	names := make([]string, len(fields))
	for i := range names {
		names[i] = "f" + strconv.Itoa(i+1)
	}
	return b.record(fields, names, row.Location())
}

// rowFields binds the fields of a row, where t.* and (r).* stand for several.
func (b *binder) rowFields(row *ast.RowExpr, c *exprCtx) ([]scalar, error) {
	var out []scalar
	for _, n := range items(row.Args) {
		list, _, ok, err := b.expanded(n, c)
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, list...)
			continue
		}
		s, err := b.expr(exprString(n), c)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// record makes a row of fields. They are kept, so that those without a type can still take one.
func (b *binder) record(fields []scalar, names []string, at int) (scalar, error) {
	row := &expr.Row{Args: make([]expr.Expr, len(fields))}
	types := make([]value.Field, len(fields))
	for i, s := range fields {
		s, err := b.settled(s)
		if err != nil {
			return scalar{}, err
		}
		row.Args[i] = s.e
		types[i] = value.Field{Name: names[i], Type: s.typ()}
	}
	t, err := value.RecordOf(types)
	if err != nil {
		return scalar{}, b.at(at, err)
	}
	row.T = t
	return scalar{e: row, at: at, fields: fields}, nil
}

// aligned gives the fields of rows that are spelled out and have no type the types of the fields
// of the other records.
func (b *binder) aligned(list []scalar) ([]scalar, error) {
	known := map[int]value.Type{}
	rows, open := 0, false
	for _, s := range list {
		if s.typ().Kind != value.Record {
			continue
		}
		rows++
		for i, f := range s.typ().RecordFields() {
			untyped := s.fields != nil && s.fields[i].untyped()
			open = open || untyped
			if _, ok := known[i]; !ok && !untyped {
				known[i] = f.Type
			}
		}
	}
	if rows < 2 || !open {
		return list, nil
	}
	out := append([]scalar(nil), list...)
	for k, s := range out {
		if s.typ().Kind != value.Record || s.fields == nil {
			continue
		}
		fields, names := append([]scalar(nil), s.fields...), []string{}
		for i, f := range s.typ().RecordFields() {
			names = append(names, f.Name)
			t, ok := known[i]
			if !ok || !fields[i].untyped() {
				continue
			}
			var err error
			if fields[i], err = b.asType(fields[i], t); err != nil {
				return nil, err
			}
		}
		var err error
		if out[k], err = b.record(fields, names, s.at); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// expanded binds t.* and (r).* as a list of values with their names; ok: n is one of them.
func (b *binder) expanded(n ast.Node, c *exprCtx) (
	list []scalar, names []string, ok bool, err error,
) {
	switch e := unwrapped(n).(type) {
	case *ast.ColumnRef:
		parts, star := nameParts(e.Fields)
		if !star || c.match != nil {
			return nil, nil, false, nil
		}
		if len(parts) != 1 {
			return nil, nil, true, b.noExpansion(e.Location())
		}
		list, names, err = b.tableFields(c, parts[0], e.Location())
		return list, names, true, err
	case *ast.A_Indirection:
		last := e.Indirection.Items[len(e.Indirection.Items)-1]
		if _, star := last.(*ast.A_Star); !star {
			return nil, nil, false, nil
		}
		list, names, err = b.starOf(e, c)
		return list, names, true, err
	}
	return nil, nil, false, nil
}

func (b *binder) noExpansion(at int) error {
	return b.unsupported(at, `row expansion via "*" here is`, "")
}

// starOf binds (r).*: a field each.
func (b *binder) starOf(e *ast.A_Indirection, c *exprCtx) ([]scalar, []string, error) {
	at := placeOf(e)
	s, err := b.indirected(e.Arg, e.Indirection.Items[:len(e.Indirection.Items)-1], at, c)
	if err != nil {
		return nil, nil, err
	}
	if s.typ().Kind != value.Record {
		return nil, nil, b.errorf(at, stateWrongObject, "type %s is not composite", s.typ())
	}
	var list []scalar
	var names []string
	for i, f := range s.typ().RecordFields() {
		if err := b.repeat(s); err != nil {
			return nil, nil, err
		}
		list = append(list, fieldAt(s, i, at))
		names = append(names, f.Name)
	}
	return list, names, nil
}

// fieldAt is a field of a record: of a row that is spelled out, what stands there.
func fieldAt(s scalar, i, at int) scalar {
	if s.fields != nil {
		f := s.fields[i]
		f.at = at
		return f
	}
	return scalar{e: expr.NewField(s.e, i), at: at}
}

// field binds (r).name.
func (b *binder) field(s scalar, name string, at int) (scalar, error) {
	if s.untyped() || s.typ().Kind != value.Record {
		return scalar{}, b.errorf(at, stateWrongObject,
			"column notation .%s applied to type %s, which is not a composite type", name, s.typ())
	}
	for i, f := range s.typ().RecordFields() {
		if f.Name == name {
			return fieldAt(s, i, at), nil
		}
	}
	return scalar{}, b.errorf(at, stateNoColumn,
		"could not identify column %q in record data type", name)
}

// setRecord is a call of a set-returning function of several columns as one value: NULL where the
// call has no more rows and others go on, which its first column, never NULL otherwise, tells.
func (b *binder) setRecord(call *setCall, at int) (scalar, error) {
	var fields []scalar
	var names []string
	for i, col := range call.cols {
		fields = append(fields, call.scalar(i, at))
		names = append(names, col.Name)
	}
	s, err := b.record(fields, names, at)
	if err != nil {
		return scalar{}, err
	}
	s.e = unlessNull(fields[0].e, s.e)
	return s, nil
}

// unlessNull is e where a marker is not NULL, else NULL.
func unlessNull(marker, e expr.Expr) expr.Expr {
	return &expr.Case{
		Whens: []expr.Expr{asked("is_not_null", marker)}, Thens: []expr.Expr{e}, T: e.Type(),
	}
}

// recordTest binds r IS NULL (every field is, or r itself) and r IS NOT NULL (no field is).
func (b *binder) recordTest(s scalar, name string, at int) (scalar, error) {
	if s.fields != nil {
		return b.fieldsTest(s.fields, name, at)
	}
	return b.call(at, "row_"+name, s)
}

// castRecord casts a record field by field to a type of as many fields.
func (b *binder) castRecord(s scalar, t value.Type) (expr.Expr, error) {
	row := &expr.Row{T: t}
	for i, f := range t.RecordFields() {
		if err := b.repeat(s); err != nil {
			return nil, err
		}
		e, err := b.implicit(fieldAt(s, i, s.at), f.Type)
		if err != nil {
			return nil, err
		}
		row.Args = append(row.Args, e)
	}
	if _, spelled := s.e.(*expr.Row); spelled {
		return row, nil
	}
	return unlessNull(s.e, row), nil
}

// asJSON makes records jsonb, with the names of their fields, for functions that would not know
// them.
func (b *binder) asJSON(args []scalar) ([]scalar, error) {
	out := append([]scalar(nil), args...)
	for i, s := range out {
		if s.typ().Kind != value.Record {
			continue
		}
		j, err := b.call(s.at, "to_jsonb", s)
		if err != nil {
			return nil, err
		}
		out[i] = j
	}
	return out, nil
}

// fieldTypes bounds the types of records in a plan, which says them with each part of an
// expression.
func (b *binder) fieldTypes(n plan.Node) error {
	bytes := 0
	plan.Walk(n, func(n plan.Node) {
		for _, e := range n.Scalars() {
			expr.Walk(e, func(e expr.Expr) bool {
				bytes += len(e.Type().Fields)
				return true
			})
		}
	})
	if bytes > MaxFieldBytes {
		return b.errorf(0, stateTooComplex,
			"the types of rows in the statement take more than %d bytes", MaxFieldBytes)
	}
	return nil
}

// rowSubquery binds (a, b) op (SELECT x, y ...): with the one row of the query, unknown if it has
// none.
func (b *binder) rowSubquery(
	row *ast.RowExpr, sub *ast.SubLink, op string, at int, c *exprCtx,
) (scalar, error) {
	l, err := b.rowFields(row, c)
	if err != nil {
		return scalar{}, err
	}
	n, err := b.subqueryNode(sub, c)
	if err != nil {
		return scalar{}, err
	}
	if err := b.oneColumn(n, len(l), sub.Location()); err != nil {
		return scalar{}, err
	}
	node, t, err := b.rowsOf(n, at)
	if err != nil {
		return scalar{}, err
	}
	e := b.around(outer{at: at, sub: &subquery{node: node, typ: t}}, t)
	r := make([]scalar, len(l))
	for i := range r {
		r[i] = scalar{e: expr.NewField(e, i), at: at}
	}
	if err := b.sameWidth(l, r, at); err != nil {
		return scalar{}, err
	}
	return b.rowCompare(op, l, r, at)
}

// exprSubquery is the subquery in parentheses that n is, nil if it is none.
func exprSubquery(n ast.Node) *ast.SubLink {
	if parse.IsNil(n) {
		return nil
	}
	sub, ok := unwrapped(n).(*ast.SubLink)
	if !ok || sub.SubLinkType != ast.EXPR_SUBLINK {
		return nil
	}
	return sub
}

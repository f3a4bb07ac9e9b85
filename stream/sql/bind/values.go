package bind

import (
	"fmt"
	"slices"

	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/value"
)

// values binds VALUES (...), (...) as a query.
func (b *binder) values(q *ast.SelectStmt) (*rel, error) {
	rows, err := b.valueRows(q, &space{})
	if err != nil {
		return nil, err
	}
	fields := make([]plan.Field, len(rows[0]))
	out := make([][]expr.Expr, len(rows))
	for i := range out {
		out[i] = make([]expr.Expr, len(fields))
	}
	column := make([]scalar, len(rows))
	for c := range fields {
		for i := range rows {
			column[i] = rows[i][c]
		}
		es, t, err := b.unify(column, q.Location())
		if err != nil {
			return nil, err
		}
		for i, e := range es {
			out[i][c] = e
		}
		fields[c] = plan.Field{Name: fmt.Sprintf("column%d", c+1), Type: t}
	}
	n, err := b.linkedValues(fields, out)
	if err != nil {
		return nil, err
	}
	return relOf(n), nil
}

// valueRows binds the rows of VALUES, all of one length.
func (b *binder) valueRows(q *ast.SelectStmt, s *space) ([][]scalar, error) {
	c := &exprCtx{scope: &scope{outer: b.outer, space: s}, clause: "VALUES"}
	var out [][]scalar
	for _, n := range q.ValuesLists.Items {
		list, ok := n.(*ast.NodeList)
		if !ok {
			return nil, b.errorf(q.Location(), stateSyntax, "malformed VALUES")
		}
		row := make([]scalar, len(list.Items))
		for i, n := range list.Items {
			if _, ok := n.(*ast.SetToDefault); ok && b.inInsert {
				row[i] = scalar{e: expr.Const{}, at: n.Location(), isDefault: true}
				continue
			}
			s, err := b.expr(n, c)
			if err != nil {
				return nil, err
			}
			row[i] = s
		}
		if len(out) > 0 && len(row) != len(out[0]) {
			return nil, b.errorf(list.Location(), stateSyntax,
				"VALUES lists must all be the same length")
		}
		out = append(out, row)
	}
	return out, nil
}

// linkedValues is VALUES; rows with a subquery are joined to it.
func (b *binder) linkedValues(fields []plan.Field, rows [][]expr.Expr) (plan.Node, error) {
	var plain [][]expr.Expr
	var parts []plan.Node
	flush := func() {
		if len(plain) > 0 {
			parts, plain = append(parts, valuesNode(fields, plain)), nil
		}
	}
	for _, row := range rows {
		if !slices.ContainsFunc(row, b.hasSubquery) {
			plain = append(plain, row)
			continue
		}
		flush()
		n, es, err := b.linkedRow(row)
		if err != nil {
			return nil, err
		}
		p := &plan.Project{Input: n, Exprs: es}
		for _, f := range fields {
			p.Names = append(p.Names, f.Name)
		}
		parts = append(parts, p)
	}
	flush()
	if len(parts) == 1 {
		return parts[0], nil
	}
	return &plan.UnionAll{Inputs: parts}, nil
}

// orderedValues is VALUES with subqueries in written order: hidden numbers behind the columns.
func (b *binder) orderedValues(fields []plan.Field, rows [][]expr.Expr) (plan.Node, error) {
	width := len(fields)
	fields = append(slices.Clone(fields), plan.Field{Name: "place", Type: int8Type})
	for i, row := range rows {
		place := expr.Const{D: value.NewInt8(int64(i)), T: int8Type}
		rows[i] = append(slices.Clone(row), place)
	}
	n, err := b.linkedValues(fields, rows)
	if err != nil {
		return nil, err
	}
	p := picked(n, width+1)
	p.Hide[width] = true
	return &plan.Sort{Input: p, Keys: []plan.SortKey{{Col: width}}, Limit: -1}, nil
}

// valuesNode is a constant relation; rows that are not constant (now(), a division by zero that
// is to fail when it runs) are projections of a row of no columns.
func valuesNode(fields []plan.Field, rows [][]expr.Expr) plan.Node {
	var parts []plan.Node
	constants := func() *plan.Values {
		if len(parts) > 0 {
			if v, ok := parts[len(parts)-1].(*plan.Values); ok {
				return v
			}
		}
		v := &plan.Values{Fields: fields}
		parts = append(parts, v)
		return v
	}
	for _, row := range rows {
		if ds, ok := constantRow(row); ok {
			v := constants()
			v.Rows = append(v.Rows, ds)
			continue
		}
		p := &plan.Project{Input: oneRow(), Exprs: row}
		for _, f := range fields {
			p.Names = append(p.Names, f.Name)
		}
		parts = append(parts, p)
	}
	switch len(parts) {
	case 0:
		return constants()
	case 1:
		return parts[0]
	}
	return &plan.UnionAll{Inputs: parts}
}

func constantRow(row []expr.Expr) ([]value.Datum, bool) {
	out := make([]value.Datum, len(row))
	for i, e := range row {
		d, ok := constantOf(e)
		if !ok {
			return nil, false
		}
		out[i] = d
	}
	return out, true
}

// constantOf returns the one value of an expression that has one.
func constantOf(e expr.Expr) (value.Datum, bool) {
	if c, ok := e.(expr.Const); ok {
		return c.D, true
	}
	if !expr.IsConst(e) || expr.Check(e, []value.Type{}) != nil {
		return value.Datum{}, false
	}
	d, err := expr.EvalRow(e, nil, expr.Env{})
	return d, err == nil
}

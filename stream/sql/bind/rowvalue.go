package bind

import (
	"slices"

	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/expr"
	"weir/stream/value"
)

// unwrapped takes the parentheses off.
func unwrapped(n ast.Node) ast.Node {
	for {
		p, ok := n.(*ast.ParenExpr)
		if !ok {
			return n
		}
		n = p.Expr
	}
}

// rowOf is the row constructor that n is, nil if it is none.
func rowOf(n ast.Node) *ast.RowExpr {
	row, _ := unwrapped(n).(*ast.RowExpr)
	return row
}

// hasRow reports whether an operator is between rows that are spelled out, which compares their
// fields: a NULL among them makes it unknown. Other records are compared as values, in which NULL
// equals NULL.
func hasRow(e *ast.A_Expr) bool {
	if e.Kind == ast.AEXPR_NULLIF || e.Lexpr == nil || e.Rexpr == nil || rowOf(e.Lexpr) == nil {
		return false
	}
	list, ok := e.Rexpr.(*ast.NodeList)
	if !ok {
		return rowOf(e.Rexpr) != nil || e.Kind == ast.AEXPR_OP && exprSubquery(e.Rexpr) != nil
	}
	return !slices.ContainsFunc(list.Items, func(n ast.Node) bool { return rowOf(n) == nil })
}

// rowOperator binds an operator between rows.
func (b *binder) rowOperator(e *ast.A_Expr, c *exprCtx) (scalar, error) {
	switch e.Kind {
	case ast.AEXPR_IN:
		return b.rowIn(e, c)
	case ast.AEXPR_BETWEEN, ast.AEXPR_NOT_BETWEEN, ast.AEXPR_BETWEEN_SYM,
		ast.AEXPR_NOT_BETWEEN_SYM:
		return b.rowBetween(e, c)
	}
	if sub := exprSubquery(e.Rexpr); sub != nil {
		return b.rowSubquery(rowOf(e.Lexpr), sub, lastPart(e.Name), e.Location(), c)
	}
	l, r, err := b.rowPair(e.Lexpr, e.Rexpr, e.Location(), c)
	if err != nil {
		return scalar{}, err
	}
	switch e.Kind {
	case ast.AEXPR_OP:
		return b.rowCompare(lastPart(e.Name), l, r, e.Location())
	case ast.AEXPR_DISTINCT:
		return b.rowPairwise("is_distinct", anyOf, l, r, e.Location())
	case ast.AEXPR_NOT_DISTINCT:
		return b.rowPairwise("is_not_distinct", allOf, l, r, e.Location())
	}
	return scalar{}, b.unsupported(e.Location(), "this operator between rows is", "")
}

// rowPair binds the fields of two rows.
func (b *binder) rowPair(l, r ast.Node, at int, c *exprCtx) (x, y []scalar, err error) {
	lr, rr := rowOf(l), rowOf(r)
	if lr == nil || rr == nil {
		return nil, nil, b.unsupported(at, "comparison of a row with what is no row is",
			"Write both sides as rows of columns: (a, b) = (c, d).")
	}
	if x, err = b.rowFields(lr, c); err != nil {
		return nil, nil, err
	}
	if y, err = b.rowFields(rr, c); err != nil {
		return nil, nil, err
	}
	return x, y, b.sameWidth(x, y, at)
}

func (b *binder) sameWidth(x, y []scalar, at int) error {
	switch {
	case len(x) != len(y):
		return b.errorf(at, stateSyntax, "unequal number of entries in row expressions")
	case len(x) == 0:
		return b.unsupported(at, "comparison of rows of zero length is", "")
	}
	return nil
}

// rowCompare compares row by row: = and <> field by field, < and its relatives by the first
// fields that differ, unknown if a NULL comes before those.
func (b *binder) rowCompare(op string, l, r []scalar, at int) (scalar, error) {
	switch op {
	case "=":
		return b.rowPairwise("=", allOf, l, r, at)
	case "<>", "!=":
		return b.rowPairwise("<>", anyOf, l, r, at)
	case "<", "<=", ">", ">=":
	default:
		return scalar{}, b.noRowComparison(op, l[0], r[0], at)
	}
	last := len(l) - 1
	out, err := b.call(at, op, l[last], r[last])
	if err != nil {
		return scalar{}, err
	}
	for i := last - 1; i >= 0; i-- { // l < r OR l = r AND rest
		if err := b.repeat(l[i]); err != nil {
			return scalar{}, err
		}
		if err := b.repeat(r[i]); err != nil {
			return scalar{}, err
		}
		differs, err := b.call(at, op[:1], l[i], r[i])
		if err != nil {
			return scalar{}, err
		}
		same, err := b.call(at, "=", l[i], r[i])
		if err != nil {
			return scalar{}, err
		}
		rest := allOf([]expr.Expr{same.e, out.e})
		out.e = anyOf([]expr.Expr{differs.e, rest})
	}
	return scalar{e: out.e, at: at}, nil
}

// noRowComparison says why an operator does not compare rows.
func (b *binder) noRowComparison(op string, l, r scalar, at int) error {
	s, err := b.call(at, op, l, r)
	switch {
	case err != nil:
		return err
	case s.typ().Kind != value.Bool:
		return b.errorf(at, stateMismatch,
			"row comparison operator must yield type boolean, not type %s", s.typ())
	}
	e := b.errorf(at, stateUnsupported,
		"could not determine interpretation of row comparison operator %s", op)
	e.Hint = "Row comparison operators are =, <>, <, <=, > and >=."
	return e
}

// rowPairwise applies an operator to each pair of fields and joins the results.
func (b *binder) rowPairwise(
	op string, join func([]expr.Expr) expr.Expr, l, r []scalar, at int,
) (scalar, error) {
	conds := make([]expr.Expr, len(l))
	for i := range l {
		s, err := b.call(at, op, l[i], r[i])
		if err != nil {
			return scalar{}, err
		}
		conds[i] = s.e
	}
	return scalar{e: join(conds), at: at}, nil
}

// rowIn binds (a, b) IN ((1, 2), (3, 4)).
func (b *binder) rowIn(e *ast.A_Expr, c *exprCtx) (scalar, error) {
	list, ok := e.Rexpr.(*ast.NodeList)
	if !ok {
		return scalar{}, b.errorf(e.Location(), stateSyntax, "malformed IN")
	}
	op, join := "=", anyOf
	if lastPart(e.Name) == "<>" {
		op, join = "<>", allOf
	}
	var conds []expr.Expr
	for i, n := range list.Items {
		l, r, err := b.rowPair(e.Lexpr, n, e.Location(), c)
		if err != nil {
			return scalar{}, err
		}
		for _, s := range l {
			if i == 0 {
				break
			}
			if err := b.repeat(s); err != nil {
				return scalar{}, err
			}
		}
		s, err := b.rowCompare(op, l, r, e.Location())
		if err != nil {
			return scalar{}, err
		}
		conds = append(conds, s.e)
	}
	return scalar{e: join(conds), at: e.Location()}, nil
}

// rowBetween binds r BETWEEN s AND t.
func (b *binder) rowBetween(e *ast.A_Expr, c *exprCtx) (scalar, error) {
	list, ok := e.Rexpr.(*ast.NodeList)
	if !ok || len(list.Items) != 2 {
		return scalar{}, b.errorf(e.Location(), stateSyntax, "malformed BETWEEN")
	}
	l, lo, err := b.rowPair(e.Lexpr, list.Items[0], e.Location(), c)
	if err != nil {
		return scalar{}, err
	}
	_, hi, err := b.rowPair(e.Lexpr, list.Items[1], e.Location(), c)
	if err != nil {
		return scalar{}, err
	}
	return b.betweenEnds(e, func(op string, low bool) (expr.Expr, error) {
		end := hi
		if low {
			end = lo
		}
		for _, s := range l {
			if err := b.repeat(s); err != nil {
				return nil, err
			}
		}
		s, err := b.rowCompare(op, l, end, e.Location())
		return s.e, err
	})
}

// betweenEnds makes a BETWEEN out of comparisons with its ends: x >= lo AND x <= hi, either way
// round if it is symmetric.
func (b *binder) betweenEnds(
	e *ast.A_Expr, compare func(op string, low bool) (expr.Expr, error),
) (scalar, error) {
	ge, le, in, either := ">=", "<=", allOf, anyOf
	if e.Kind == ast.AEXPR_NOT_BETWEEN || e.Kind == ast.AEXPR_NOT_BETWEEN_SYM {
		ge, le, in, either = "<", ">", anyOf, allOf
	}
	pair := func(low bool) (expr.Expr, error) {
		x, err := compare(ge, low)
		if err != nil {
			return nil, err
		}
		y, err := compare(le, !low)
		return in([]expr.Expr{x, y}), err
	}
	out, err := pair(true)
	if err != nil {
		return scalar{}, err
	}
	if e.Kind == ast.AEXPR_BETWEEN_SYM || e.Kind == ast.AEXPR_NOT_BETWEEN_SYM {
		other, err := pair(false)
		if err != nil {
			return scalar{}, err
		}
		out = either([]expr.Expr{out, other})
	}
	return scalar{e: out, at: e.Location()}, nil
}

// rowTest binds r IS NULL (every field is) and r IS NOT NULL (no field is).
func (b *binder) rowTest(row *ast.RowExpr, name string, at int, c *exprCtx) (scalar, error) {
	fields, err := b.rowFields(row, c)
	if err != nil {
		return scalar{}, err
	}
	return b.fieldsTest(fields, name, at)
}

func (b *binder) fieldsTest(fields []scalar, name string, at int) (scalar, error) {
	if len(fields) == 0 {
		return scalar{e: truth(true), at: at}, nil
	}
	conds := make([]expr.Expr, len(fields))
	for i, s := range fields {
		s, err := b.settled(s)
		if err != nil {
			return scalar{}, err
		}
		if s, err = b.call(at, name, s); err != nil {
			return scalar{}, err
		}
		conds[i] = s.e
	}
	return scalar{e: allOf(conds), at: at}, nil
}

package bind

import (
	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/expr"
	"weir/stream/sql/parse"
	"weir/stream/value"
)

// operator binds A_Expr, the grammar's node for everything written with an operator.
func (b *binder) operator(e *ast.A_Expr, c *exprCtx) (scalar, error) {
	if hasRow(e) {
		return b.rowOperator(e, c)
	}
	switch e.Kind {
	case ast.AEXPR_OP, ast.AEXPR_LIKE, ast.AEXPR_ILIKE, ast.AEXPR_SIMILAR:
		return b.plainOperator(e, c)
	case ast.AEXPR_DISTINCT:
		return b.binary(e, "is_distinct", c)
	case ast.AEXPR_NOT_DISTINCT:
		return b.binary(e, "is_not_distinct", c)
	case ast.AEXPR_NULLIF:
		return b.nullif(e, c)
	case ast.AEXPR_IN:
		return b.in(e, c)
	case ast.AEXPR_BETWEEN, ast.AEXPR_NOT_BETWEEN, ast.AEXPR_BETWEEN_SYM,
		ast.AEXPR_NOT_BETWEEN_SYM:
		return b.between(e, c)
	case ast.AEXPR_OP_ANY, ast.AEXPR_OP_ALL:
		return b.overArray(e, c)
	default:
		return scalar{}, b.unsupported(e.Location(), "this operator is", "")
	}
}

// plainOperator binds x op y and op y, with x LIKE y ESCAPE z.
func (b *binder) plainOperator(e *ast.A_Expr, c *exprCtx) (scalar, error) {
	name := lastPart(e.Name)
	if f, ok := e.Rexpr.(*ast.FuncCall); ok && lastPart(f.Funcname) == "like_escape" {
		return b.likeEscape(e, f, name, c)
	}
	if parse.IsNil(e.Lexpr) {
		return b.unary(e, name, c)
	}
	return b.binary(e, name, c)
}

// unary binds a sign. A minus before a literal makes a negative literal, as PostgreSQL does.
func (b *binder) unary(e *ast.A_Expr, name string, c *exprCtx) (scalar, error) {
	if k, ok := e.Rexpr.(*ast.A_Const); ok && name == "-" {
		if lit, ok := negated(k); ok {
			lit.SetLocation(e.Location())
			return b.constant(lit)
		}
	}
	s, err := b.expr(e.Rexpr, c)
	if err != nil {
		return scalar{}, err
	}
	return b.call(e.Location(), name, s)
}

// negated returns the literal with a minus sign in front.
func negated(c *ast.A_Const) (*ast.A_Const, bool) {
	switch v := c.Val.(type) {
	case *ast.Integer:
		return ast.NewA_Const(ast.NewInteger(-v.IVal), 0), true
	case *ast.Float:
		if len(v.FVal) > 0 && v.FVal[0] != '-' {
			return ast.NewA_Const(ast.NewFloat("-"+v.FVal), 0), true
		}
	}
	return nil, false
}

func (b *binder) binary(e *ast.A_Expr, name string, c *exprCtx) (scalar, error) {
	l, r, err := b.operands(e, c)
	if err != nil {
		return scalar{}, err
	}
	return b.call(e.Location(), name, l, r)
}

func (b *binder) operands(e *ast.A_Expr, c *exprCtx) (l, r scalar, err error) {
	if l, err = b.expr(e.Lexpr, c); err != nil {
		return l, r, err
	}
	r, err = b.expr(e.Rexpr, c)
	return l, r, err
}

// likeEscape binds LIKE and ILIKE with an escape character of their own.
func (b *binder) likeEscape(
	e *ast.A_Expr, f *ast.FuncCall, op string, c *exprCtx,
) (scalar, error) {
	l, err := b.expr(e.Lexpr, c)
	if err != nil {
		return scalar{}, err
	}
	args, err := b.exprs(f.Args, c)
	if err != nil {
		return scalar{}, err
	}
	name := map[string]string{
		"~~": "like", "!~~": "not_like", "~~*": "ilike", "!~~*": "not_ilike",
	}[op]
	return b.call(e.Location(), name, append([]scalar{l}, args...)...)
}

// nullif binds NULLIF(x, y) as CASE WHEN x = y THEN NULL ELSE x END.
func (b *binder) nullif(e *ast.A_Expr, c *exprCtx) (scalar, error) {
	l, r, err := b.operands(e, c)
	if err != nil {
		return scalar{}, err
	}
	if l.untyped() {
		if l, err = b.asType(l, typeOr(r.typ(), textType)); err != nil {
			return scalar{}, err
		}
	}
	if err := b.repeat(l); err != nil {
		return scalar{}, err
	}
	eq, err := b.call(e.Location(), "=", l, r)
	if err != nil {
		return scalar{}, err
	}
	t := l.typ()
	return scalar{at: e.Location(), e: &expr.Case{
		Whens: []expr.Expr{eq.e}, Thens: []expr.Expr{expr.Const{T: t}}, Else: l.e, T: t,
	}}, nil
}

// in binds x IN (a, b, ...) as x = a OR x = b ..., and NOT IN as x <> a AND x <> b ...
func (b *binder) in(e *ast.A_Expr, c *exprCtx) (scalar, error) {
	l, err := b.expr(e.Lexpr, c)
	if err != nil {
		return scalar{}, err
	}
	list, ok := e.Rexpr.(*ast.NodeList)
	if !ok {
		return scalar{}, b.unsupported(e.Location(), "subqueries in expressions are",
			"Write the subquery in FROM and join it.")
	}
	items, err := b.exprs(list, c)
	if err != nil {
		return scalar{}, err
	}
	if l.untyped() {
		types := untypedNo
		for _, s := range items {
			types = typeOr(types, s.typ())
		}
		if l, err = b.asType(l, typeOr(types, textType)); err != nil {
			return scalar{}, err
		}
	}
	op, join := "=", anyOf
	if lastPart(e.Name) == "<>" {
		op, join = "<>", allOf
	}
	conds := make([]expr.Expr, len(items))
	for i, s := range items {
		if i > 0 {
			if err := b.repeat(l); err != nil {
				return scalar{}, err
			}
		}
		s, err := b.call(e.Location(), op, l, s)
		if err != nil {
			return scalar{}, err
		}
		conds[i] = s.e
	}
	return scalar{e: join(conds), at: e.Location()}, nil
}

// between binds x BETWEEN a AND b as x >= a AND x <= b.
func (b *binder) between(e *ast.A_Expr, c *exprCtx) (scalar, error) {
	l, err := b.expr(e.Lexpr, c)
	if err != nil {
		return scalar{}, err
	}
	list, ok := e.Rexpr.(*ast.NodeList)
	if !ok || len(list.Items) != 2 {
		return scalar{}, b.errorf(e.Location(), stateSyntax, "malformed BETWEEN")
	}
	ends, err := b.exprs(list, c)
	if err != nil {
		return scalar{}, err
	}
	if l.untyped() {
		t := typeOr(typeOr(ends[0].typ(), ends[1].typ()), textType)
		if l, err = b.asType(l, t); err != nil {
			return scalar{}, err
		}
	}
	first := true
	return b.betweenEnds(e, func(op string, low bool) (expr.Expr, error) {
		if !first {
			if err := b.repeat(l); err != nil {
				return nil, err
			}
		}
		first = false
		end := ends[1]
		if low {
			end = ends[0]
		}
		s, err := b.call(e.Location(), op, l, end)
		return s.e, err
	})
}

// typeOr returns t, or other if t is not known.
func typeOr(t, other value.Type) value.Type {
	if t.Kind == value.Null {
		return other
	}
	return t
}

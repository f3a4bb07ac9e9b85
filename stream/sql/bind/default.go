package bind

import (
	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/internal/invariant"
	"weir/stream/catalog"
	"weir/stream/expr"
)

// defaultExpr binds the DEFAULT of a column: an expression over no columns, constant but for
// now(). nil means NULL.
func (b *binder) defaultExpr(n ast.Node, c catalog.Column, noTime bool) ([]byte, error) {
	s, err := b.expr(n, &exprCtx{scope: &scope{}, clause: "DEFAULT", noTime: noTime})
	if err != nil {
		if e := b.asError(err); e.SQLState == stateNoColumn {
			return nil, b.unsupported(n.Location(), "a column reference in DEFAULT is", "")
		}
		return nil, err
	}
	e, err := b.assign(s, c.Type)
	if err != nil {
		perr := b.asError(err)
		if perr.SQLState == stateMismatch && !s.untyped() {
			perr.Message = "column \"" + c.Name + "\" is of type " + c.Type.String() +
				" but default expression is of type " + s.typ().String()
			perr.Hint = "You will need to rewrite or cast the expression."
		}
		return nil, perr
	}
	if err := expr.Check(e, nil); err != nil {
		return nil, b.at(n.Location(), err)
	}
	if d, ok := constantOf(e); ok {
		if d.IsNull() {
			return nil, nil
		}
		e = expr.Const{D: d, T: c.Type}
	}
	return expr.AppendExpr(nil, e), nil
}

// defaultOf is what a column gets when nobody gives it a value.
func (b *binder) defaultOf(c catalog.Column) expr.Expr {
	if len(c.Default) == 0 {
		return expr.Const{T: c.Type}
	}
	e, rest, err := expr.DecodeExpr(c.Default)
	invariant.Check(err == nil && len(rest) == 0, "the default of column %q does not decode: %v",
		c.Name, err)
	expr.Walk(e, func(x expr.Expr) bool {
		if call, ok := x.(*expr.Call); ok && call.Fn == expr.NowFunc {
			b.now = true
		}
		return true
	})
	return e
}

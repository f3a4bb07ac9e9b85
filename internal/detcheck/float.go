package detcheck

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ast/inspector"
)

// The Go specification lets a compiler combine float operations, also across statements, and
// gc does so on arm64, s390x, ppc64 and amd64 v3 but not on amd64 v1. Only an explicit conversion
// forbids it: float64(x*y) + z rounds the product. So the result of every operation has to be
// converted; comparisons and negation are exact.

// floatOperation reports + - * / on floats whose result is not converted at once.
func (c *checker) floatOperation(cur inspector.Cursor, n *ast.BinaryExpr) {
	tv := c.pass.TypesInfo.Types[n]
	if isArithmetic(n.Op) && tv.Value == nil && hasTerm(tv.Type, isFloat) && !c.converted(cur) {
		c.report(n.OpPos, float, "float arithmetic without a conversion of the result")
	}
}

// floatAssignment reports x += y and its kin, which leave no room for a conversion.
func (c *checker) floatAssignment(n *ast.AssignStmt) {
	switch n.Tok {
	case token.ADD_ASSIGN, token.SUB_ASSIGN, token.MUL_ASSIGN, token.QUO_ASSIGN:
		if hasTerm(c.pass.TypesInfo.TypeOf(n.Lhs[0]), isFloat) {
			c.report(n.TokPos, float, "compound float assignment")
		}
	}
}

// floatStep reports x++ and x--.
func (c *checker) floatStep(n *ast.IncDecStmt) {
	if hasTerm(c.pass.TypesInfo.TypeOf(n.X), isFloat) {
		c.report(n.TokPos, float, "compound float assignment")
	}
}

// converted reports whether the expression is the operand of a conversion to a float type.
func (c *checker) converted(cur inspector.Cursor) bool {
	up := cur.Parent()
	for {
		if _, ok := up.Node().(*ast.ParenExpr); !ok {
			break
		}
		up = up.Parent()
	}
	call, ok := up.Node().(*ast.CallExpr)
	if !ok {
		return false
	}
	tv := c.pass.TypesInfo.Types[call.Fun]
	return tv.IsType() && hasTerm(tv.Type, isFloat)
}

func isArithmetic(op token.Token) bool {
	return op == token.ADD || op == token.SUB || op == token.MUL || op == token.QUO
}

// isFloat covers complex numbers too: their parts are multiplied and added.
func isFloat(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&(types.IsFloat|types.IsComplex) != 0
}

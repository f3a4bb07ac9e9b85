package parse

import (
	"reflect"

	"github.com/multigres/multigres/go/common/parser"
	"github.com/multigres/multigres/go/common/parser/ast"
)

// IsNil reports whether n is no node: the grammar leaves typed nil pointers in interfaces.
func IsNil(n ast.Node) bool {
	if n == nil {
		return true
	}
	v := reflect.ValueOf(n)
	return v.Kind() == reflect.Pointer && v.IsNil()
}

// expression visits expression nodes and reports whether n is one.
func (l *locator) expression(n ast.Node) bool {
	switch e := n.(type) {
	case *ast.ColumnRef:
		l.columnRef(e)
	case *ast.A_Const:
		e.SetLocation(l.constant(e))
	case *ast.A_Expr:
		l.node(e.Lexpr)
		e.SetLocation(l.operator(e))
		l.node(e.Rexpr)
	case *ast.BoolExpr:
		e.SetLocation(l.here())
		l.list(e.Args)
	case *ast.ParenExpr:
		e.SetLocation(l.text("("))
		l.node(e.Expr)
	case *ast.FuncCall:
		l.call(e)
	case *ast.TypeCast:
		// TYPE 'text' is written before its argument, CAST and :: after it.
		e.SetLocation(l.here())
		l.node(e.Arg)
		l.typeName(e.TypeName)
	case *ast.ParamRef:
		e.SetLocation(l.find(func(t token) bool { return t.kind == parser.PARAM }))
	case *ast.NullTest:
		l.node(e.Arg)
		e.SetLocation(l.here())
	case *ast.BooleanTest:
		l.node(e.Arg)
		e.SetLocation(l.text("is"))
	case *ast.CollateClause:
		l.node(e.Arg)
		e.SetLocation(l.text("collate"))
	case *ast.NodeList:
		l.list(e)
	default:
		return l.compound(n)
	}
	return true
}

func (l *locator) columnRef(e *ast.ColumnRef) {
	if e.Fields == nil {
		return
	}
	for i, f := range e.Fields.Items {
		at := 0
		switch f := f.(type) {
		case *ast.String:
			at = l.name(f.SVal)
		case *ast.A_Star:
			at = l.text("*")
		}
		f.SetLocation(at)
		if i == 0 {
			e.SetLocation(at)
		}
	}
}

// compound visits expressions with a keyword of their own.
func (l *locator) compound(n ast.Node) bool {
	switch e := n.(type) {
	case *ast.CaseExpr:
		e.SetLocation(l.text("case"))
		l.node(e.Arg)
		l.list(e.Args)
		l.node(e.Defresult)
	case *ast.CaseWhen:
		e.SetLocation(l.text("when"))
		l.node(e.Expr)
		l.node(e.Result)
	case *ast.CoalesceExpr:
		e.SetLocation(l.text("coalesce"))
		l.list(e.Args)
	case *ast.MinMaxExpr:
		word := "greatest"
		if e.Op == ast.IS_LEAST {
			word = "least"
		}
		e.SetLocation(l.text(word))
		l.list(e.Args)
	case *ast.SubLink:
		l.subLink(e)
	default:
		return l.groups(n)
	}
	return true
}

// subLink visits a subquery, whose place is its first own token.
func (l *locator) subLink(e *ast.SubLink) {
	l.node(e.Testexpr)
	switch e.SubLinkType {
	case ast.EXISTS_SUBLINK:
		e.SetLocation(l.text("exists"))
	case ast.ARRAY_SUBLINK:
		e.SetLocation(l.text("array"))
	case ast.EXPR_SUBLINK:
		e.SetLocation(l.text("("))
	default:
		e.SetLocation(l.here())
	}
	l.node(e.Subselect)
}

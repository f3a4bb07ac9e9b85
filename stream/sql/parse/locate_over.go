package parse

import "github.com/multigres/multigres/go/common/parser/ast"

// groups visits rows, grouping sets and windows, and reports whether n is one.
func (l *locator) groups(n ast.Node) bool {
	switch e := n.(type) {
	case *ast.RowExpr:
		if e.RowFormat == ast.COERCE_EXPLICIT_CALL {
			e.SetLocation(l.text("row"))
		} else {
			e.SetLocation(l.text("("))
		}
		l.list(e.Args)
	case *ast.GroupingFunc:
		e.SetLocation(l.text("grouping"))
		l.list(e.Args)
	case *ast.GroupingSet:
		word := map[ast.GroupingSetKind]string{
			ast.GROUPING_SET_ROLLUP: "rollup", ast.GROUPING_SET_CUBE: "cube",
			ast.GROUPING_SET_SETS: "grouping",
		}[e.Kind]
		if word == "" {
			word = "("
		}
		e.SetLocation(l.text(word))
		l.list(e.Content)
	case *ast.WindowDef:
		l.windowDef(e)
	default:
		return false
	}
	return true
}

// windowDef visits OVER w, OVER (...), whose place is what follows OVER, and w AS (...) of a WINDOW
// clause, whose place is its name.
func (l *locator) windowDef(w *ast.WindowDef) {
	if w.Name != "" {
		w.SetLocation(l.name(w.Name))
	} else {
		l.text("over")
		w.SetLocation(l.here())
	}
	if w.Refname != "" {
		l.name(w.Refname)
	}
	l.list(w.PartitionClause)
	l.list(w.OrderClause)
	l.node(w.StartOffset)
	l.node(w.EndOffset)
}

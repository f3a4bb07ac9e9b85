package parse

import "github.com/multigres/multigres/go/common/parser/ast"

// query visits the nodes of queries and reports whether n is one.
func (l *locator) query(n ast.Node) bool {
	switch q := n.(type) {
	case *ast.SelectStmt:
		l.selectStmt(q)
	case *ast.ResTarget:
		l.resTarget(q)
	case *ast.RangeVar:
		q.SetLocation(l.name(q.RelName))
		l.alias(q.Alias)
	case *ast.RangeSubselect:
		q.SetLocation(l.here())
		l.node(q.Subquery)
		l.alias(q.Alias)
	case *ast.RangeFunction:
		q.SetLocation(l.here())
		l.list(q.Functions)
		l.alias(q.Alias)
	case *ast.JoinExpr:
		l.node(q.Larg)
		q.SetLocation(l.text("join"))
		l.node(q.Rarg)
		l.names(q.UsingClause)
		l.node(q.Quals)
		l.alias(q.Alias)
	case *ast.SortBy:
		q.SetLocation(l.here())
		l.node(q.Node)
	case *ast.CommonTableExpr:
		q.SetLocation(l.name(q.Ctename))
		l.names(q.Aliascolnames)
		l.node(q.Ctequery)
	case *ast.WithClause:
		q.SetLocation(l.text("with"))
		l.list(q.Ctes)
	default:
		return false
	}
	return true
}

func (l *locator) selectStmt(q *ast.SelectStmt) {
	if q == nil {
		return
	}
	if q.WithClause != nil {
		l.node(q.WithClause)
	}
	q.SetLocation(l.here())
	if q.Op != ast.SETOP_NONE {
		l.selectStmt(q.Larg)
		q.SetLocation(l.here())
		l.selectStmt(q.Rarg)
	}
	l.list(q.DistinctClause)
	l.list(q.TargetList)
	l.list(q.FromClause)
	l.node(q.WhereClause)
	l.list(q.GroupClause)
	l.node(q.HavingClause)
	l.list(q.WindowClause)
	l.list(q.ValuesLists)
	l.list(q.SortClause)
	l.node(q.LimitCount)
	l.node(q.LimitOffset)
	l.list(q.LockingClause)
}

// resTarget visits expr AS name of a select list, and name or name = expr of INSERT and UPDATE:
// there, the name comes first.
func (l *locator) resTarget(t *ast.ResTarget) {
	if IsNil(t.Val) {
		t.SetLocation(l.name(t.Name))
		return
	}
	t.SetLocation(l.here())
	l.node(t.Val)
	if t.Name != "" && l.at < len(l.toks) &&
		(l.toks[l.at].str == t.Name || l.toks[l.at].is("as")) {
		l.name(t.Name)
	}
}

func (l *locator) alias(a *ast.Alias) {
	if a == nil {
		return
	}
	a.SetLocation(l.name(a.AliasName))
	l.names(a.ColNames)
}

func (l *locator) names(names *ast.NodeList) {
	if names == nil {
		return
	}
	for _, n := range names.Items {
		if s, ok := n.(*ast.String); ok {
			s.SetLocation(l.name(s.SVal))
		}
	}
}

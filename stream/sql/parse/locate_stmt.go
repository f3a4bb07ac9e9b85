package parse

import "github.com/multigres/multigres/go/common/parser/ast"

// statement visits statements other than queries and reports whether n is one.
func (l *locator) statement(n ast.Node) bool {
	switch s := n.(type) {
	case *ast.InsertStmt:
		if s.WithClause != nil {
			l.node(s.WithClause)
		}
		l.node(s.Relation)
		l.list(s.Cols)
		l.node(s.SelectStmt)
	case *ast.UpdateStmt:
		l.node(s.Relation)
		l.assignments(s.TargetList)
		l.list(s.FromClause)
		l.node(s.WhereClause)
	case *ast.DeleteStmt:
		l.node(s.Relation)
		l.list(s.UsingClause)
		l.node(s.WhereClause)
	case *ast.CreateStmt:
		l.node(s.Relation)
		l.list(s.TableElts)
		l.list(s.Options)
	case *ast.ColumnDef:
		s.SetLocation(l.name(s.Colname))
		l.typeName(s.TypeName)
		l.list(s.Constraints)
	case *ast.Constraint:
		l.constraint(s)
	case *ast.CreateTableAsStmt:
		if s.Into != nil {
			l.node(s.Into.Rel)
			l.names(s.Into.ColNames)
			l.list(s.Into.Options)
		}
		l.node(s.Query)
	case *ast.IndexStmt:
		l.text("on") // the index may have no name, or one like another's
		l.node(s.Relation)
		l.list(s.IndexParams)
	case *ast.IndexElem:
		s.SetLocation(l.here())
		if s.Name != "" {
			s.SetLocation(l.name(s.Name))
		}
		l.node(s.Expr)
	case *ast.DropStmt:
		l.dropped(s.Objects)
	case *ast.GrantStmt:
		l.list(s.Objects)
		l.list(s.Grantees)
	case *ast.RoleSpec:
		s.SetLocation(l.name(s.Rolename))
	case *ast.DefElem:
		s.SetLocation(l.name(s.Defname))
	case *ast.ExplainStmt:
		l.text("explain")
		l.node(s.Query)
	default:
		return false
	}
	return true
}

func (l *locator) assignments(list *ast.NodeList) {
	if list == nil {
		return
	}
	for _, n := range list.Items {
		if t, ok := n.(*ast.ResTarget); ok {
			t.SetLocation(l.name(t.Name))
			l.node(t.Val)
		}
	}
}

func (l *locator) constraint(c *ast.Constraint) {
	word := map[ast.ConstrType]string{
		ast.CONSTR_CHECK: "check", ast.CONSTR_PRIMARY: "primary", ast.CONSTR_NOTNULL: "not",
		ast.CONSTR_DEFAULT: "default", ast.CONSTR_UNIQUE: "unique",
		ast.CONSTR_FOREIGN: "references", ast.CONSTR_IDENTITY: "generated",
		ast.CONSTR_GENERATED: "generated",
	}[c.Contype]
	if word == "" {
		c.SetLocation(l.here())
	} else {
		c.SetLocation(l.text(word))
	}
	l.node(c.RawExpr)
	l.names(c.Keys)
}

// dropped visits the names of DROP, each a list of parts.
func (l *locator) dropped(objects *ast.NodeList) {
	if objects == nil {
		return
	}
	for _, o := range objects.Items {
		parts, ok := o.(*ast.NodeList)
		if !ok {
			continue
		}
		l.names(parts)
		if len(parts.Items) > 0 {
			parts.SetLocation(parts.Items[len(parts.Items)-1].Location())
		}
	}
}

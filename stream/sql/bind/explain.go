package bind

import (
	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/plan"
)

// explain binds EXPLAIN of a query, of INSERT, or of CREATE MATERIALIZED VIEW.
func (b *binder) explain(s *ast.ExplainStmt) (Statement, error) {
	for _, n := range items(s.Options) {
		d, ok := n.(*ast.DefElem)
		if ok && d.Defname != "verbose" && d.Defname != "costs" {
			return nil, b.unsupported(b.raw.Offset, "EXPLAIN ("+d.Defname+") is", "")
		}
	}
	var n plan.Node
	var err error
	var st Statement
	switch q := s.Query.(type) {
	case *ast.SelectStmt:
		st, err = b.selectStatement(q)
	case *ast.CreateTableAsStmt:
		st, err = b.createView(q)
	case *ast.InsertStmt:
		st, err = b.insert(q)
	default:
		return nil, b.unsupported(b.raw.Offset, "EXPLAIN of this statement is",
			"EXPLAIN shows queries, INSERT and CREATE MATERIALIZED VIEW.")
	}
	if err != nil {
		return nil, err
	}
	switch st := st.(type) {
	case *Select:
		n = st.Plan
	case *CreateView:
		n = st.Plan
	case *Insert:
		n = st.Source
	}
	if n == nil { // IF NOT EXISTS of a view that exists
		return &Explain{}, nil
	}
	return &Explain{Plan: n, Text: plan.Print(n)}, nil
}

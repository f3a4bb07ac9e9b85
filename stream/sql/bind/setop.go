package bind

import (
	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/plan"
)

// setOperation binds UNION ALL, and UNION as DISTINCT over it. A chain of UNION ALL is one node.
func (b *binder) setOperation(q *ast.SelectStmt) (*rel, error) {
	if q.Op != ast.SETOP_UNION {
		word := map[ast.SetOperation]string{
			ast.SETOP_INTERSECT: "INTERSECT", ast.SETOP_EXCEPT: "EXCEPT",
		}[q.Op]
		return nil, b.unsupported(q.Location(), word+" is", "")
	}
	branches := []*ast.SelectStmt{q.Rarg}
	left := q.Larg
	for plainUnion(left) && left.All == q.All {
		branches = append(branches, left.Rarg)
		left = left.Larg
	}
	branches = append(branches, left)
	rels := make([]*rel, 0, len(branches))
	for i := len(branches) - 1; i >= 0; i-- {
		r, err := b.subquery(branches[i])
		if err != nil {
			return nil, err
		}
		rels = append(rels, r)
	}
	n, err := b.union(rels, q.Location())
	if err != nil {
		return nil, err
	}
	if !q.All {
		n = distinct(n)
	}
	return relOf(n), nil
}

// plainUnion reports whether q is a UNION without clauses of its own.
func plainUnion(q *ast.SelectStmt) bool {
	return q.Op == ast.SETOP_UNION && q.WithClause == nil && !hasItems(q.SortClause) &&
		q.LimitCount == nil && q.LimitOffset == nil
}

// union gives the columns of the branches their common types and concatenates them.
func (b *binder) union(rels []*rel, at int) (plan.Node, error) {
	width := len(rels[0].outs)
	inputs := make([]*plan.Project, len(rels))
	for i, r := range rels {
		if len(r.outs) != width {
			return nil, b.errorf(at, stateSyntax,
				"each UNION query must have the same number of columns")
		}
		inputs[i] = &plan.Project{Input: r.in, Names: rels[0].names}
	}
	column := make([]scalar, len(rels))
	for c := range width {
		for i, r := range rels {
			column[i] = r.outs[c]
		}
		es, _, err := b.unify(column, at)
		if err != nil {
			return nil, err
		}
		for i, e := range es {
			inputs[i].Exprs = append(inputs[i].Exprs, e)
		}
	}
	out := &plan.UnionAll{}
	for _, p := range inputs {
		out.Inputs = append(out.Inputs, p)
	}
	return out, nil
}

package bind

import (
	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/plan"
)

// setOperation binds UNION, INTERSECT and EXCEPT. A chain of UNION ALL is one node.
func (b *binder) setOperation(q *ast.SelectStmt) (*rel, error) {
	if q.Op != ast.SETOP_UNION {
		return b.setDifference(q)
	}
	branches := []*ast.SelectStmt{q.Rarg}
	left := q.Larg
	for bareUnion(left) && left.All == q.All {
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

// bareUnion reports whether q is a UNION without clauses of its own.
func bareUnion(q *ast.SelectStmt) bool {
	return q.Op == ast.SETOP_UNION && q.WithClause == nil && !hasItems(q.SortClause) &&
		q.LimitCount == nil && q.LimitOffset == nil
}

// setDifference binds INTERSECT and EXCEPT.
func (b *binder) setDifference(q *ast.SelectStmt) (*rel, error) {
	word, place := "INTERSECT", anywhere
	except := q.Op == ast.SETOP_EXCEPT
	if except {
		word = "EXCEPT"
	}
	if q.All {
		if place = inIntersect; except {
			place = inExcept
		}
	}
	leave := b.recursion.inside(place)
	l, err := b.subquery(q.Larg)
	leave()
	if err != nil {
		return nil, err
	}
	if except {
		place = inExcept
	}
	leave = b.recursion.inside(place)
	r, err := b.subquery(q.Rarg)
	leave()
	if err != nil {
		return nil, err
	}
	in, err := b.unified([]*rel{l, r}, word, q.Location())
	if err != nil {
		return nil, err
	}
	return relOf(&plan.SetOp{Left: in[0], Right: in[1], Except: except, All: q.All}), nil
}

// union concatenates branches.
func (b *binder) union(rels []*rel, at int) (plan.Node, error) {
	in, err := b.unified(rels, "UNION", at)
	if err != nil {
		return nil, err
	}
	return &plan.UnionAll{Inputs: in}, nil
}

// unified gives the columns of branches their common types.
func (b *binder) unified(rels []*rel, word string, at int) ([]plan.Node, error) {
	width := len(rels[0].outs)
	inputs := make([]*plan.Project, len(rels))
	for i, r := range rels {
		if len(r.outs) != width {
			return nil, b.errorf(at, stateSyntax,
				"each %s query must have the same number of columns", word)
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
	out := make([]plan.Node, len(inputs))
	for i, p := range inputs {
		out[i] = p
	}
	return out, nil
}

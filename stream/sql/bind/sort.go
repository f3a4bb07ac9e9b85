package bind

import (
	"fmt"

	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/sql/parse"
	"weir/stream/value"
)

// rootQuery binds a query with its ORDER BY and LIMIT.
func (b *binder) rootQuery(q *ast.SelectStmt) (plan.Node, error) {
	leave, err := b.with(q.WithClause)
	if err != nil {
		return nil, err
	}
	defer leave()
	s := &plan.Sort{Limit: -1}
	var n plan.Node
	if q.Op != ast.SETOP_NONE || hasItems(q.ValuesLists) {
		n, err = b.sortedNames(q, s)
	} else {
		n, err = b.sortedBlock(q, s)
	}
	if err != nil {
		return nil, err
	}
	if err := b.limits(q, s); err != nil {
		return nil, err
	}
	if len(s.Keys) == 0 && s.Limit < 0 && s.Offset == 0 {
		return n, nil
	}
	s.Input = n
	return s, nil
}

// sortedNames orders VALUES and UNION, whose outputs alone can be named.
func (b *binder) sortedNames(q *ast.SelectStmt, s *plan.Sort) (plan.Node, error) {
	r, err := b.body(q)
	if err != nil {
		return nil, err
	}
	if b.raw.Clauses.EmitOnClose {
		if r, err = b.emitRows(r); err != nil {
			return nil, err
		}
	}
	for _, n := range items(q.SortClause) {
		by, ok := n.(*ast.SortBy)
		if !ok {
			continue
		}
		i, ok, err := b.sortOutput(by.Node, r.outs, r.names)
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, b.unsupported(by.Node.Location(), "ORDER BY an expression over UNION is",
				"Order by the name or the number of a column of the result.")
		}
		if err := b.sortKey(s, by, i); err != nil {
			return nil, err
		}
	}
	return b.project(r)
}

// sortOutput reads a sort key as the number or name of an output.
func (b *binder) sortOutput(n ast.Node, outs []scalar, names []string) (int, bool, error) {
	if i, ok, err := b.ordinal(n, len(outs), "ORDER BY"); ok || err != nil {
		return i, ok, err
	}
	if ref, ok := n.(*ast.ColumnRef); ok {
		if parts, star := nameParts(ref.Fields); len(parts) == 1 && !star {
			i, err := b.outputNamed(outs, names, parts[0], n.Location(), "ORDER BY")
			return i, i >= 0, err
		}
	}
	return -1, false, nil
}

func (b *binder) sortKey(s *plan.Sort, by *ast.SortBy, col int) error {
	if by.SortbyDir == ast.SORTBY_USING {
		return b.unsupported(by.Location(), "ORDER BY ... USING is", "")
	}
	desc := by.SortbyDir == ast.SORTBY_DESC
	k := plan.SortKey{Col: col, Desc: desc, NullsFirst: desc}
	switch by.SortbyNulls {
	case ast.SORTBY_NULLS_FIRST:
		k.NullsFirst = true
	case ast.SORTBY_NULLS_LAST:
		k.NullsFirst = false
	}
	s.Keys = append(s.Keys, k)
	return nil
}

// sortedBlock orders a SELECT: by its outputs, or by expressions over its input, which become
// hidden columns.
func (b *binder) sortedBlock(q *ast.SelectStmt, s *plan.Sort) (plan.Node, error) {
	blk, err := b.block(q)
	if err != nil {
		return nil, err
	}
	blk.emit = b.raw.Clauses.EmitOnClose
	visible := blk.visible
	for _, n := range items(q.SortClause) {
		by, ok := n.(*ast.SortBy)
		if !ok {
			continue
		}
		col, err := b.sortColumn(blk, by, visible)
		if err != nil {
			return nil, err
		}
		if err := b.sortKey(s, by, col); err != nil {
			return nil, err
		}
	}
	r, err := b.finish(blk)
	if err != nil {
		return nil, err
	}
	n, err := b.project(r)
	if p, ok := n.(*plan.Project); ok && len(p.Exprs) > visible {
		p.Hide = make([]bool, len(p.Exprs))
		for i := visible; i < len(p.Exprs); i++ {
			p.Hide[i] = true
		}
	}
	return n, err
}

// sortColumn returns the output that a sort key is; a new one if it has to be.
func (b *binder) sortColumn(blk *block, by *ast.SortBy, visible int) (int, error) {
	i, ok, err := b.sortOutput(by.Node, blk.outs[:visible], blk.names[:visible])
	if ok || err != nil {
		return i, err
	}
	e, err := b.expr(by.Node, blk.ctx("ORDER BY"))
	if err != nil {
		return 0, err
	}
	if e, err = b.settled(e); err != nil {
		return 0, err
	}
	for i, o := range blk.outs {
		if expr.Equal(o.e, e.e) {
			return i, nil
		}
	}
	if blk.distinct {
		return 0, b.errorf(by.Node.Location(), stateBadReference,
			"for SELECT DISTINCT, ORDER BY expressions must appear in select list")
	}
	blk.outs = append(blk.outs, e)
	blk.names = append(blk.names, fmt.Sprintf("order%d", len(blk.outs)-visible))
	return len(blk.outs) - 1, nil
}

// limits binds LIMIT and OFFSET, which are constants.
func (b *binder) limits(q *ast.SelectStmt, s *plan.Sort) error {
	if q.LimitOption == ast.LIMIT_OPTION_WITH_TIES {
		return b.unsupported(q.Location(), "FETCH ... WITH TIES is", "")
	}
	limit, ok, err := b.rowCount(q.LimitCount, "LIMIT", stateBadLimit)
	if err != nil {
		return err
	}
	if ok {
		s.Limit = limit
	}
	s.Offset, _, err = b.rowCount(q.LimitOffset, "OFFSET", stateBadOffset)
	return err
}

// rowCount evaluates LIMIT or OFFSET; NULL and ALL mean none.
func (b *binder) rowCount(n ast.Node, clause, state string) (int64, bool, error) {
	if parse.IsNil(n) {
		return 0, false, nil
	}
	at := n.Location()
	e, err := b.expr(n, &exprCtx{scope: &scope{}, clause: clause})
	if err != nil {
		return 0, false, err
	}
	cast, err := b.assign(e, int8Type)
	if err != nil {
		return 0, false, err
	}
	d, ok := constantOf(cast)
	if !ok {
		return 0, false, b.errorf(at, stateBadReference, "argument of %s must be a constant", clause)
	}
	if d.Kind == value.Null {
		return 0, false, nil
	}
	if d.I < 0 {
		return 0, false, b.errorf(at, state, "%s must not be negative", clause)
	}
	return d.I, true, nil
}

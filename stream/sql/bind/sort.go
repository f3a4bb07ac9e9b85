package bind

import (
	"fmt"

	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/sql/parse"
	"weir/stream/value"
)

// ordering is a bound query with its ORDER BY and LIMIT. The first visible of its outputs are the
// query's; those behind are only ordered by.
type ordering struct {
	*rel
	visible int
	sort    plan.Sort // without an input
}

// cuts reports whether there is a LIMIT or OFFSET.
func (o *ordering) cuts() bool { return o.sort.Limit >= 0 || o.sort.Offset > 0 }

// node is the projection of the query; what is only ordered by is hidden.
func (o *ordering) node(b *binder) (plan.Node, error) {
	n, err := b.project(o.rel)
	if p, ok := n.(*plan.Project); ok && len(p.Exprs) > o.visible {
		p.Hide = make([]bool, len(p.Exprs))
		for i := o.visible; i < len(p.Exprs); i++ {
			p.Hide[i] = true
		}
	}
	return n, err
}

// top is the rows that LIMIT and OFFSET leave, as a node that can stand anywhere.
func (o *ordering) top(n plan.Node) plan.Node {
	t := &plan.TopN{Input: n, Keys: o.sort.Keys, Limit: o.sort.Limit, Offset: o.sort.Offset}
	if o.sort.Ties {
		t.Kind = plan.Rank
	}
	return t
}

// rootQuery binds a query with its ORDER BY and LIMIT.
func (b *binder) rootQuery(q *ast.SelectStmt) (plan.Node, error) {
	leave, err := b.with(q.WithClause)
	if err != nil {
		return nil, err
	}
	defer leave()
	o, err := b.ordered(q, b.raw.Clauses.EmitOnClose)
	if err != nil {
		return nil, err
	}
	n, err := o.node(b)
	if err != nil || len(o.sort.Keys) == 0 && !o.cuts() {
		return n, err
	}
	s := o.sort
	s.Input = n
	return &s, nil
}

// ordered binds a query without its WITH.
func (b *binder) ordered(q *ast.SelectStmt, emit bool) (*ordering, error) {
	o := &ordering{sort: plan.Sort{Limit: -1}}
	var err error
	if q.Op != ast.SETOP_NONE || hasItems(q.ValuesLists) {
		if o.rel, err = b.body(q); err == nil {
			o.visible = len(o.outs)
			err = b.sortNames(q, o)
		}
		if err == nil && emit {
			o.rel, err = b.emitRows(o.rel)
		}
	} else {
		err = b.sortBlock(q, o, emit)
	}
	if err != nil {
		return nil, err
	}
	return o, b.limits(q, &o.sort)
}

// sortNames orders VALUES and UNION, whose outputs alone can be named.
func (b *binder) sortNames(q *ast.SelectStmt, o *ordering) error {
	for _, n := range items(q.SortClause) {
		by, ok := n.(*ast.SortBy)
		if !ok {
			continue
		}
		i, ok, err := b.sortOutput(by.Node, o.outs, o.names)
		if err != nil {
			return err
		}
		if !ok {
			return b.unsupported(by.Node.Location(), "ORDER BY an expression over UNION is",
				"Order by the name or the number of a column of the result.")
		}
		if err := b.sortKey(&o.sort, by, i); err != nil {
			return err
		}
	}
	return nil
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

// sortBlock orders a SELECT: by its outputs, or by expressions over its input, which become
// outputs behind its own.
func (b *binder) sortBlock(q *ast.SelectStmt, o *ordering, emit bool) error {
	blk, err := b.block(q)
	if err != nil {
		return err
	}
	blk.emit = emit
	o.visible = blk.visible
	for _, n := range items(q.SortClause) {
		by, ok := n.(*ast.SortBy)
		if !ok {
			continue
		}
		col, err := b.sortColumn(blk, by, o.visible)
		if err != nil {
			return err
		}
		if err := b.sortKey(&o.sort, by, col); err != nil {
			return err
		}
	}
	o.rel, err = b.finish(blk)
	return err
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
		if s.Ties = true; len(s.Keys) == 0 {
			return b.errorf(q.LimitCount.Location(), stateSyntax,
				"WITH TIES cannot be specified without ORDER BY clause")
		}
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
		if !expr.IsConst(cast) {
			return 0, false, b.errorf(at, stateBadReference, "argument of %s must be a constant",
				clause)
		}
		_, fault := expr.EvalRow(cast, nil, expr.Env{})
		return 0, false, b.at(at, fault)
	}
	if d.Kind == value.Null {
		return 0, false, nil
	}
	if d.I < 0 {
		return 0, false, b.errorf(at, state, "%s must not be negative", clause)
	}
	return d.I, true, nil
}

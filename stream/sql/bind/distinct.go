package bind

import (
	"fmt"
	"slices"

	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/expr"
	"weir/stream/plan"
)

// distinctOn is DISTINCT ON (...): one row for each value of the columns, the first in the order.
type distinctOn struct {
	cols []int          // outputs of the block
	keys []plan.SortKey // over its outputs
}

// distinctOn binds DISTINCT ON with the ORDER BY that it needs. Expressions that the select list
// does not have become outputs behind it.
func (b *binder) distinctOn(blk *block, q *ast.SelectStmt) error {
	on := &distinctOn{}
	var places []int
	for _, n := range q.DistinctClause.Items {
		col, err := b.outputOf(blk, n, "DISTINCT ON")
		if err != nil {
			return err
		}
		if !slices.Contains(on.cols, col) {
			on.cols, places = append(on.cols, col), append(places, n.Location())
		}
	}
	var sorted []int
	skipped := false
	for _, n := range items(q.SortClause) {
		by, ok := n.(*ast.SortBy)
		if !ok {
			continue
		}
		col, err := b.outputOf(blk, by.Node, "ORDER BY")
		if err != nil {
			return err
		}
		var s plan.Sort
		if err := b.sortKey(&s, by, col); err != nil {
			return err
		}
		switch {
		case !slices.Contains(on.cols, col):
			skipped = true
			on.keys = append(on.keys, s.Keys...)
		case skipped:
			return b.distinctOnOrder(by.Node.Location())
		default:
			sorted = append(sorted, col)
		}
	}
	for i, col := range on.cols {
		if skipped && !slices.Contains(sorted, col) {
			return b.distinctOnOrder(places[i])
		}
	}
	blk.on = on
	return nil
}

func (b *binder) distinctOnOrder(at int) error {
	return b.errorf(at, stateBadReference,
		"SELECT DISTINCT ON expressions must match initial ORDER BY expressions")
}

// outputOf returns the output that an expression of DISTINCT ON or ORDER BY is: by number, by
// name, or a new one behind the select list.
func (b *binder) outputOf(blk *block, n ast.Node, clause string) (int, error) {
	n = unwrapped(n)
	if i, ok, err := b.ordinal(n, blk.visible, clause); ok || err != nil {
		return i, err
	}
	if ref, ok := n.(*ast.ColumnRef); ok {
		if parts, star := nameParts(ref.Fields); len(parts) == 1 && !star {
			i, err := b.outputNamed(blk.outs[:blk.visible], blk.names[:blk.visible], parts[0],
				n.Location(), clause)
			if err != nil || i >= 0 {
				return i, err
			}
		}
	}
	s, err := b.expr(n, blk.ctx(clause))
	if err != nil {
		return 0, err
	}
	if s, err = b.settled(s); err != nil {
		return 0, err
	}
	for i, o := range blk.outs {
		if expr.Equal(o.e, s.e) {
			return i, nil
		}
	}
	blk.outs = append(blk.outs, s)
	blk.names = append(blk.names, fmt.Sprintf("order%d", len(blk.outs)-blk.visible))
	return len(blk.outs) - 1, nil
}

// firstRows keeps the first row of each group of DISTINCT ON.
func (b *binder) firstRows(blk *block, r *rel) (*rel, error) {
	n, err := b.project(r)
	if err != nil {
		return nil, err
	}
	if p, ok := n.(*plan.Project); ok && len(p.Exprs) > blk.visible {
		p.Hide = make([]bool, len(p.Exprs))
		for i := blk.visible; i < len(p.Exprs); i++ {
			p.Hide[i] = true
		}
	}
	return relOf(&plan.TopN{
		Input: n, PartitionBy: blk.on.cols, Keys: blk.on.keys, Limit: 1,
	}), nil
}

// shown drops the outputs behind the select list.
func (r *rel) shown(blk *block) *rel {
	r.outs, r.names = r.outs[:blk.visible], r.names[:blk.visible]
	return r
}

package bind

import (
	"weir/stream/expr"
	"weir/stream/plan"
)

// lateral joins an item that reads columns of the tree: by the same means as a subquery in an
// expression. A function alone is called for each row of the tree. With keep, rows of the tree
// for which the item has none stay; on is over the tree's columns, then the item's.
func (t *joining) lateral(it fromItem, keep bool, on []expr.Expr) (fromItem, error) {
	l := t.linker()
	width := len(l.node.Schema())
	out := fromItem{at: it.at, cols: append([]int(nil), t.item.cols...)}
	for len(out.cols) < width {
		out.cols = append(out.cols, -1)
	}
	out.cols = append(out.cols, it.cols...)
	f, isCall := it.node.(*plan.Flatten)
	if isCall && isOneRow(f.Input) && (!keep || allTrue(on)) {
		node, err := l.call(f, keep)
		if err != nil {
			return out, err
		}
		if out.node = node; !keep {
			out.node = filtered(node, on)
		}
		return out, nil
	}
	sub, err := l.flat(it.node, false)
	if err != nil {
		return out, t.b.at(it.at, err)
	}
	outs, err := l.join(sub, keep, on)
	if err != nil {
		return out, t.b.at(it.at, err)
	}
	p := picked(l.node, width)
	for i, field := range it.node.Schema() {
		p.Exprs, p.Names = append(p.Exprs, outs[i]), append(p.Names, field.Name)
		p.Hide = append(p.Hide, field.Hidden)
	}
	out.node = p
	return out, nil
}

// call calls set-returning functions for each row.
func (l *linker) call(f *plan.Flatten, keep bool) (plan.Node, error) {
	args := f.Scalars()
	for i, e := range args {
		var err error
		if args[i], err = l.beside(e, 0); err != nil {
			return nil, err
		}
	}
	c := *f
	c.Input, c.Outer = l.node, keep
	return c.WithScalars(args), nil
}

func allTrue(list []expr.Expr) bool {
	for _, e := range list {
		if !isTrue(e) {
			return false
		}
	}
	return true
}

// isOneRow reports whether a plan is one row of no columns.
func isOneRow(n plan.Node) bool {
	v, ok := n.(*plan.Values)
	return ok && len(v.Rows) == 1 && len(v.Fields) == 0
}

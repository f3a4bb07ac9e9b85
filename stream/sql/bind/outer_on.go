package bind

import (
	"fmt"
	"slices"

	"weir/stream/expr"
	"weir/stream/plan"
)

// outerOn computes the subqueries in the condition of an outer join as columns of one of its
// sides, before the join: of the side that they read.
//
//	l LEFT JOIN r ON q(l)     ─> (l with q) LEFT JOIN r ON q
//	l LEFT JOIN r ON q(l, r)  ─> l LEFT JOIN (r JOIN pairs with q ON same r) ON same l AND q
//
// pairs are the distinct values of both sides that q reads, so that each row of r is there once
// for the values of a row of l. A FULL join cannot have its right side multiplied like that.
type outerOn struct {
	b     *binder
	space *space
	kind  plan.JoinKind
	l, r  fromItem
	conds []expr.Expr // over the clause
	at    int
}

// run replaces the subqueries of all conditions.
func (o *outerOn) run() error {
	var plain []expr.Expr
	for _, c := range o.conds {
		if !o.b.hasSubquery(c) {
			plain = append(plain, c)
		}
	}
	for i, c := range o.conds {
		if !o.b.hasSubquery(c) {
			continue
		}
		reads := o.reads(c)
		lp, rp := o.l.positions(o.space.width), o.r.positions(o.space.width)
		in := func(pos []int) bool {
			return !slices.ContainsFunc(reads, func(c int) bool { return pos[c] < 0 })
		}
		var err error
		switch {
		case in(lp):
			o.conds[i], err = o.beside(&o.l, c)
		case len(o.b.readsOf(o.space, o.r.node)) > 0 || isCallOf(o.r.node):
			return o.refuse("a LATERAL item")
		case in(rp):
			o.conds[i], err = o.beside(&o.r, c)
		case o.kind == plan.FullJoin:
			return o.refuse("both sides of a FULL join")
		default:
			o.conds[i], err = o.pairs(c, reads, plain)
		}
		if err != nil {
			return o.b.at(o.at, err)
		}
	}
	return nil
}

func (o *outerOn) refuse(what string) error {
	return o.b.unsupported(o.at, "a subquery in ON that reads "+what+" is",
		"Compute it in a subquery in FROM and join that.")
}

// isCallOf reports whether an item is a set-returning function alone.
func isCallOf(n plan.Node) bool {
	f, ok := n.(*plan.Flatten)
	return ok && isOneRow(f.Input)
}

// reads are the columns of the clause that the subqueries of a condition read, each once.
func (o *outerOn) reads(c expr.Expr) []int {
	var out []int
	var within func(e expr.Expr, whole bool)
	value := func(id int) {
		v := o.b.outers[id]
		if v.sub == nil && v.space == o.space {
			within(v.e, true)
		}
	}
	within = func(e expr.Expr, whole bool) {
		if whole {
			out = append(out, expr.Columns(e)...)
		}
		for _, id := range expr.Outers(e) {
			if value(id); o.b.outers[id].sub == nil {
				continue
			}
			if sub := o.b.outers[id].sub; sub.full != nil {
				within(sub.full, true)
			} else {
				o.b.eachOuter(sub.node, value)
			}
		}
	}
	within(c, false)
	slices.Sort(out)
	return slices.Compact(out)
}

// beside computes the subqueries of a condition for each row of an item.
func (o *outerOn) beside(it *fromItem, c expr.Expr) (expr.Expr, error) {
	pos := it.positions(o.space.width)
	node, answers, err := o.answers(it.node, pos, c)
	if err != nil {
		return nil, err
	}
	it.cols = slices.Clone(it.cols)
	for len(it.cols) < len(node.Schema())-len(answers) {
		it.cols = append(it.cols, -1)
	}
	it.node = node
	return o.replaced(it, c, answers), nil
}

// answers joins the subqueries of a condition to a node, whose columns have places pos, and puts
// what they answer behind its columns.
func (o *outerOn) answers(n plan.Node, pos []int, c expr.Expr) (plan.Node, []int, error) {
	l := &linker{b: o.b, node: n, space: o.space}
	l.over = func(e expr.Expr) (expr.Expr, error) {
		away := func(i int) bool { return i >= len(pos) || pos[i] < 0 }
		if slices.ContainsFunc(expr.Columns(e), away) {
			return nil, nil
		}
		return expr.Remap(e, func(i int) int { return pos[i] }), nil
	}
	var ids []int
	var extra []expr.Expr
	var names []string
	for _, id := range expr.Outers(c) {
		if o.b.outers[id].sub == nil {
			continue
		}
		e, err := l.answer(id)
		if err != nil {
			return nil, nil, err
		}
		ids, extra = append(ids, id), append(extra, e)
		names = append(names, fmt.Sprintf("on%d", len(ids)))
	}
	return extended(l.node, extra, names, true), ids, nil
}

// replaced reads what subqueries answer from the last columns of an item.
func (o *outerOn) replaced(it *fromItem, c expr.Expr, ids []int) expr.Expr {
	first := o.space.width
	for range ids {
		it.cols = append(it.cols, o.space.width)
		o.space.width++
	}
	return expr.Rewrite(c, func(e expr.Expr) expr.Expr {
		if q, ok := e.(expr.Outer); ok {
			if i := slices.Index(ids, q.ID); i >= 0 {
				return columnAt(first+i, q.T)
			}
		}
		return e
	})
}

// pairs computes the subqueries of a condition for all values of both sides that may meet, and
// joins them to the right side.
func (o *outerOn) pairs(c expr.Expr, reads []int, plain []expr.Expr) (expr.Expr, error) {
	met, err := o.b.joinItems(o.space, plan.InnerJoin, o.l, o.r, plain)
	if err != nil {
		return nil, err
	}
	if err := o.b.copy(met.node); err != nil {
		return nil, err
	}
	at := met.positions(o.space.width)
	p := &plan.Project{Input: met.node}
	pos := make([]int, o.space.width)
	for i := range pos {
		pos[i] = -1
	}
	for i, col := range reads {
		f := met.node.Schema()[at[col]]
		p.Exprs = append(p.Exprs, columnAt(at[col], f.Type))
		p.Names = append(p.Names, fmt.Sprintf("pair%d", i+1))
		pos[col] = i
	}
	node, ids, err := o.answers(distinct(p), pos, c)
	if err != nil {
		return nil, err
	}
	rp := o.r.positions(o.space.width)
	width := len(o.r.node.Schema())
	var same, on []expr.Expr
	cols := make([]int, len(node.Schema())-len(ids))
	for i := range cols {
		if cols[i] = -1; i >= len(reads) {
			continue
		}
		col, t := reads[i], p.Exprs[i].Type()
		if rp[col] >= 0 {
			same = append(same, compare("is_not_distinct", columnAt(rp[col], t), columnAt(width+i, t)))
			continue
		}
		cols[i] = o.space.width
		on = append(on, compare("is_not_distinct", columnAt(col, t), columnAt(cols[i], t)))
		o.space.width++
	}
	found := fromItem{node: node, cols: cols}
	c = o.replaced(&found, c, ids)
	o.r = beside(o.r, found, plan.InnerJoin, same)
	return allOf(append(on, conjuncts(c)...)), nil
}

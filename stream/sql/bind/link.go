package bind

import (
	"weir/stream/expr"
	"weir/stream/plan"
)

// linker joins subqueries to the rows of the query in which they stand. The rows keep their
// columns in place; what a subquery answers comes behind them.
//
//	conditions  EXISTS, IN ─> SemiJoin      NOT EXISTS ─> AntiJoin
//	elsewhere   scalar     ─> LeftJoin with the one row for the values that it reads
//	            EXISTS     ─> LeftJoin with the distinct values for which there is a row
//
// What a subquery reads of the rows becomes the condition of the join; see unnester.
type linker struct {
	b     *binder
	node  plan.Node
	space *space
	// over gives a value of the space as an expression over node; nil: it is of no row here.
	over func(expr.Expr) (expr.Expr, error)
	done map[int]expr.Expr // answers by number, over node
	base plan.Node         // node before the first answer
}

// rows are node's rows without the answers of subqueries: what subqueries read is mostly there.
func (l *linker) rows() plan.Node {
	if l.base == nil {
		l.base = l.node
	}
	return l.base
}

// value is a value from around a subquery as an expression over node, nil if it is not of node's
// rows but from further out.
func (l *linker) value(id int) (expr.Expr, error) {
	o := l.b.outers[id]
	if o.sub != nil || o.space != l.space {
		return nil, nil
	}
	if e, ok := l.done[id]; ok {
		return e, nil
	}
	e, err := l.over(o.e)
	if err != nil {
		e := l.b.asError(err)
		if e.SQLState == stateGrouping {
			e.Message = "subquery uses ungrouped column \"" + o.name + "\" from outer query"
			e.Position = l.b.raw.Position(o.at)
		}
		return nil, e
	}
	if e == nil {
		return nil, nil
	}
	return e, nil
}

// remember notes an answer.
func (l *linker) remember(id int, e expr.Expr) expr.Expr {
	if l.done == nil {
		l.done = map[int]expr.Expr{}
	}
	l.done[id] = e
	return e
}

// expr joins the subqueries of an expression, which is over node but for them.
func (l *linker) expr(e expr.Expr) (expr.Expr, error) {
	var fault error
	out := expr.Rewrite(e, func(e expr.Expr) expr.Expr {
		o, ok := e.(expr.Outer)
		if !ok || fault != nil {
			return e
		}
		var a expr.Expr
		if l.b.outers[o.ID].sub != nil {
			a, fault = l.answer(o.ID)
		} else {
			a, fault = l.own(o.ID)
		}
		if fault != nil || a == nil {
			return e
		}
		return a
	})
	return out, fault
}

// own is a value of node's rows where a comparison with a set reads it, nil for one from further
// out.
func (l *linker) own(id int) (expr.Expr, error) {
	v, err := l.value(id)
	if err != nil || v == nil || !l.b.hasSubquery(v) {
		return v, err
	}
	if v, err = l.expr(v); err != nil {
		return nil, err
	}
	return l.remember(id, v), nil
}

// answer joins one subquery.
func (l *linker) answer(id int) (expr.Expr, error) {
	if e, ok := l.done[id]; ok {
		return e, nil
	}
	l.rows()
	sub := l.b.outers[id].sub
	var e expr.Expr
	var err error
	switch {
	case sub.full != nil:
		e, err = l.expr(sub.full)
	case sub.exists:
		e, err = l.exists(sub.node)
	default:
		e, err = l.scalar(sub.node)
	}
	if err != nil {
		return nil, l.b.at(l.b.outers[id].at, err)
	}
	return l.remember(id, e), nil
}

// filter keeps the rows for which all conditions are true.
func (l *linker) filter(conds []expr.Expr) error {
	var plain, rest []expr.Expr
	for _, c := range conds {
		if l.b.hasSubquery(c) {
			rest = append(rest, c)
		} else {
			plain = append(plain, c)
		}
	}
	l.node = filtered(l.node, plain)
	var later []expr.Expr
	for _, c := range rest {
		id, kind, ok := l.halfJoin(c)
		if !ok {
			later = append(later, c)
			continue
		}
		if err := l.half(l.b.outers[id].sub.node, kind); err != nil {
			return l.b.at(l.b.outers[id].at, err)
		}
	}
	for _, c := range later {
		e, err := l.expr(c)
		if err != nil {
			return err
		}
		l.node = filtered(l.node, conjuncts(e))
	}
	return nil
}

// halfJoin reads a condition as one that a semijoin or an antijoin decides.
func (l *linker) halfJoin(c expr.Expr) (id int, kind plan.JoinKind, ok bool) {
	kind = plan.SemiJoin
	if call, isCall := c.(*expr.Call); isCall && len(call.Args) == 1 && call.Fn == notFunc {
		kind, c = plan.AntiJoin, call.Args[0]
	}
	o, ok := c.(expr.Outer)
	if !ok {
		return 0, kind, false
	}
	sub := l.b.outers[o.ID].sub
	// Where a comparison with a set is unknown, NOT of it is not true either.
	if sub == nil || !sub.exists || sub.full != nil && kind == plan.AntiJoin {
		return 0, kind, false
	}
	return o.ID, kind, true
}

// notFunc is NOT.
var notFunc = asked("not", truth(true)).(*expr.Call).Fn

// half keeps the rows for which a subquery has a row, or has none.
func (l *linker) half(n plan.Node, kind plan.JoinKind) error {
	f, err := l.flat(n, true)
	if err != nil {
		return err
	}
	if f.always {
		e, err := l.always(f)
		if kind == plan.AntiJoin {
			e = asked("not", e)
		}
		l.node = filtered(l.node, []expr.Expr{e})
		return err
	}
	conds, err := l.conds(f.preds, len(l.node.Schema()))
	if err != nil {
		return err
	}
	l.node, _ = pair(kind, l.node, f.node, conds)
	return nil
}

// conds puts conditions of a flat subquery over node's columns and, from width on, the
// subquery's.
func (l *linker) conds(list []expr.Expr, width int) ([]expr.Expr, error) {
	out := make([]expr.Expr, len(list))
	for i, c := range list {
		e, err := l.beside(c, width)
		if err != nil {
			return nil, err
		}
		out[i] = e
	}
	return out, nil
}

// beside puts one expression of a flat subquery behind base.
func (l *linker) beside(e expr.Expr, base int) (expr.Expr, error) {
	var fault error
	out := expr.Rewrite(expr.Shift(e, base), func(e expr.Expr) expr.Expr {
		o, ok := e.(expr.Outer)
		if !ok {
			return e
		}
		v, err := l.value(o.ID)
		if err != nil {
			fault = err
		}
		if v == nil {
			return e
		}
		return v
	})
	return out, fault
}

// exists joins the flag of whether a subquery has a row.
func (l *linker) exists(n plan.Node) (expr.Expr, error) {
	f, err := l.flat(n, true)
	if err != nil {
		return nil, err
	}
	if f.always {
		return l.always(f)
	}
	eqs, ok := l.equalities(f.preds)
	if !ok {
		if f, err = l.domain(n); err != nil {
			return nil, err
		}
		eqs, _ = l.equalities(f.preds)
	}
	width := len(l.node.Schema())
	p := &plan.Project{Input: f.node}
	conds := make([]expr.Expr, len(eqs))
	for i, q := range eqs {
		p.Exprs, p.Names = append(p.Exprs, q.inner), append(p.Names, "key")
		if conds[i], err = l.beside(q.with(columnAt(i, q.inner.Type())), width); err != nil {
			return nil, err
		}
	}
	p.Exprs, p.Names = append(p.Exprs, truth(true)), append(p.Names, "exists")
	j, base := pair(plan.LeftJoin, l.node, distinct(p), conds)
	l.node = j
	return asked("is_not_null", columnAt(base+len(eqs), boolType)), nil
}

// always is whether the one row that a flat subquery has passes the conditions on it.
func (l *linker) always(f *flat) (expr.Expr, error) {
	if len(f.post) == 0 {
		return truth(true), nil
	}
	g := *f
	g.post, g.outs = nil, []expr.Expr{asked("is_true", allOf(f.post))}
	outs, err := l.join(&g, true, nil)
	if err != nil {
		return nil, err
	}
	return outs[0], nil
}

// scalar joins the value of a subquery of one column: NULL if it has no row, an error if it has
// several.
func (l *linker) scalar(n plan.Node) (expr.Expr, error) {
	f, err := l.single(n)
	if err != nil {
		return nil, err
	}
	outs, err := l.join(f, true, nil)
	if err != nil {
		return nil, err
	}
	return outs[0], nil
}

// single makes a scalar subquery flat, with at most one row for each row of node.
func (l *linker) single(n plan.Node) (*flat, error) {
	if !l.reads(n) {
		if !atMostOne(n) {
			n = singleValue(n)
		}
		return whole(n), nil
	}
	u := l.unnester(n)
	if err := l.prepare(u.vars); err != nil {
		return nil, err
	}
	if f, ok := u.pull(n); ok && (f.always || l.unique(f)) {
		return f, nil
	}
	// Rows that no row around asks for must not be counted: only values that occur are grouped.
	if atMostOne(n) {
		return l.domain(n)
	}
	f, err := l.domain(n)
	if err != nil {
		return nil, err
	}
	p, eqs, ok := u.grouping(f, n.Schema())
	if !ok {
		return l.domain(singleValue(n))
	}
	return u.grouped(singleValue(n), p, eqs), nil
}

// singleValue is the value of the one row that there may be.
func singleValue(n plan.Node) *plan.Aggregate {
	f := n.Schema()[0]
	return &plan.Aggregate{
		Input: n, Names: []string{f.Name},
		Calls: []plan.AggCall{plan.Call(plan.SingleValue, 0, f.Type)},
	}
}

// atMostOne reports whether a plan has at most one row by its form.
func atMostOne(n plan.Node) bool {
	switch n := n.(type) {
	case *plan.Project:
		return atMostOne(n.Input)
	case *plan.Filter:
		return atMostOne(n.Input)
	case *plan.Aggregate:
		return len(n.GroupBy) == 0 || atMostOne(n.Input)
	case *plan.TopN:
		return atMostOne(n.Input) ||
			n.Kind == plan.RowNumber && len(n.PartitionBy) == 0 && n.Limit >= 0 && n.Limit <= 1
	case *plan.Values:
		return len(n.Rows) <= 1
	}
	return false
}

// unique reports whether a flat subquery has at most one row for each row of node: its conditions
// fix a key of it.
func (l *linker) unique(f *flat) bool {
	eqs, _ := l.equalities(f.preds)
	if atMostOne(f.node) {
		return true
	}
	closed := true
	l.b.eachOuter(f.node, func(int) { closed = false })
	if !closed || !plan.Closed(f.node) {
		return false
	}
	key := plan.Derive(f.node).Key
	if key == nil {
		return false
	}
	fixed := map[int]bool{}
	for _, q := range eqs {
		if c, ok := q.inner.(expr.Column); ok {
			fixed[c.Index] = true
		}
	}
	for _, k := range key {
		if !fixed[k] {
			return false
		}
	}
	return true
}

// join puts a flat subquery beside node, as an inner or (keep) a left join; on are further
// conditions, over node's columns and then the subquery's outputs. It returns the outputs over
// node, NULL where there is no match.
func (l *linker) join(f *flat, keep bool, on []expr.Expr) ([]expr.Expr, error) {
	width := len(l.node.Schema())
	if f.always {
		return l.joinAlways(f, keep, on)
	}
	if keep && !(isOneRow(f.node) && len(f.preds)+len(on) == 0) {
		f = nullable(f, l)
	}
	all, err := l.conds(f.preds, width)
	if err != nil {
		return nil, err
	}
	outs, err := l.conds(f.outs, width)
	if err != nil {
		return nil, err
	}
	for _, c := range on {
		all = append(all, withOutputs(c, width, outs))
	}
	if isOneRow(f.node) && (!keep || len(all) == 0) {
		l.node = filtered(l.node, all)
		return outs, nil
	}
	kind := plan.InnerJoin
	if keep {
		kind = plan.LeftJoin
	}
	j, base := pair(kind, l.node, f.node, all)
	l.node = j
	for i, e := range outs {
		outs[i] = moveRight(e, width, base)
		if _, bare := f.outs[i].(expr.Column); keep && !bare {
			outs[i] = when(asked("is_not_null", columnAt(base+f.flag, boolType)), outs[i])
		}
	}
	return outs, nil
}

// withOutputs puts a condition over node's columns and outputs over what the outputs are.
func withOutputs(c expr.Expr, width int, outs []expr.Expr) expr.Expr {
	return expr.Rewrite(c, func(e expr.Expr) expr.Expr {
		if col, ok := e.(expr.Column); ok && col.Index >= width {
			return outs[col.Index-width]
		}
		return e
	})
}

// moveRight moves the columns from width on to base.
func moveRight(e expr.Expr, width, base int) expr.Expr {
	return expr.Remap(e, func(i int) int {
		if i >= width {
			i += base - width
		}
		return i
	})
}

func when(cond, e expr.Expr) expr.Expr {
	return &expr.Case{Whens: []expr.Expr{cond}, Thens: []expr.Expr{e}, T: e.Type()}
}

// joinAlways joins a subquery that has one row for each row of node, which stands in its plan
// only where it has something to say.
func (l *linker) joinAlways(f *flat, keep bool, on []expr.Expr) ([]expr.Expr, error) {
	width := len(l.node.Schema())
	all, err := l.conds(f.preds, width)
	if err != nil {
		return nil, err
	}
	j, base := pair(plan.LeftJoin, l.node, f.node, all)
	l.node = j
	outs := make([]expr.Expr, len(f.outs))
	for i, e := range f.outs {
		if outs[i], err = l.beside(e, base); err != nil {
			return nil, err
		}
	}
	conds, err := l.conds(f.post, base)
	if err != nil {
		return nil, err
	}
	for _, c := range on {
		conds = append(conds, withOutputs(c, width, outs))
	}
	switch {
	case len(conds) == 0:
	case keep:
		for i, e := range outs {
			outs[i] = when(allOf(conds), e)
		}
	default:
		l.node = filtered(l.node, conds)
	}
	return outs, nil
}

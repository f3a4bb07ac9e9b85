package bind

import (
	"fmt"
	"slices"
	"strings"

	"weir/stream/expr"
	"weir/stream/plan"
)

// flat is a subquery that reads nothing from around it any more: for given values, its rows are
// outs of those rows of node for which all of preds hold.
type flat struct {
	node  plan.Node
	preds []expr.Expr // over node and the values
	outs  []expr.Expr // over node and the values
	// always: there is exactly one row before post; where node has none, its columns are NULL.
	// preds are equalities then.
	always bool
	post   []expr.Expr // conditions on that row, over node and the values
	flag   int         // column of node that is true in every row; -1: none
}

// whole is a plan that reads nothing from around it.
func whole(n plan.Node) *flat {
	f := &flat{node: n, flag: -1}
	for i, field := range n.Schema() {
		f.outs = append(f.outs, columnAt(i, field.Type))
	}
	return f
}

// unnester takes what a subquery reads of the rows of one query around it out of its plan. There
// are two ways (Neumann and Kemper, "Unnesting Arbitrary Queries", 2015): pull lifts the
// conditions that read such values to the top, through grouping where they are equalities; apply
// computes the subquery for all values that occur at once, side by side with them. The first
// makes the better plans and is tried first; the second takes every operator.
type unnester struct {
	l    *linker
	vars []int // numbers of the values
	set  bool  // how often a row comes does not matter
	self bool  // within a recursion that reads them
	deps map[plan.Node]bool
}

// unnester is one for what a plan reads of node's rows.
func (l *linker) unnester(n plan.Node) *unnester {
	u := &unnester{l: l, deps: map[plan.Node]bool{}}
	seen := map[int]bool{}
	l.b.eachOuter(n, func(id int) {
		if seen[id] {
			return
		}
		seen[id] = true
		if v, err := l.value(id); v != nil || err != nil {
			u.vars = append(u.vars, id)
		}
	})
	return u
}

// reads reports whether a plan reads values of node's rows.
func (l *linker) reads(n plan.Node) bool { return len(l.unnester(n).vars) > 0 }

// flat makes a subquery flat in the better of the two ways that it allows; set: how often a row
// comes does not matter.
func (l *linker) flat(n plan.Node, set bool) (*flat, error) {
	u := l.unnester(n)
	u.set = set
	if err := l.prepare(u.vars); err != nil {
		return nil, err
	}
	if f, ok := u.pull(n); ok {
		return f, nil
	}
	return l.domain(n)
}

// prepare joins the subqueries that stand in values which a subquery reads.
func (l *linker) prepare(vars []int) error {
	for _, id := range vars {
		if _, err := l.own(id); err != nil {
			return err
		}
	}
	return nil
}

// free reports whether an expression reads one of the values.
func (u *unnester) free(e expr.Expr) bool {
	return slices.ContainsFunc(expr.Outers(e), func(id int) bool {
		return slices.Contains(u.vars, id)
	})
}

// depends reports whether a plan reads one of the values.
func (u *unnester) depends(n plan.Node) bool {
	if d, ok := u.deps[n]; ok {
		return d
	}
	_, d := n.(*plan.Self)
	d = d && u.self
	for _, e := range n.Scalars() {
		d = d || u.free(e)
	}
	for _, c := range n.Children() {
		d = u.depends(c) || d
	}
	u.deps[n] = d
	return d
}

// pull lifts conditions. A part where that cannot be done is computed for all values that occur,
// by itself. ok is false where that cannot be done either.
func (u *unnester) pull(n plan.Node) (f *flat, ok bool) {
	if !u.depends(n) {
		return whole(n), true
	}
	set := u.set
	if f, ok = u.lift(n); !ok {
		var err error
		f, err = u.l.domain(n)
		ok = err == nil
	}
	u.set = set
	return f, ok
}

// lift lifts the conditions of a node that reads the values.
func (u *unnester) lift(n plan.Node) (f *flat, ok bool) {
	switch n := n.(type) {
	case *plan.Filter, *plan.Project, *plan.Join, *plan.UnionAll: // rows stay rows
	case *plan.Aggregate:
		u.set = len(n.Calls) == 0
	default:
		u.set = false
	}
	switch n := n.(type) {
	case *plan.Filter:
		return u.pullFilter(n)
	case *plan.Project:
		if f, ok = u.pull(n.Input); !ok {
			return nil, false
		}
		outs := make([]expr.Expr, len(n.Exprs))
		for i, e := range n.Exprs {
			outs[i] = expr.Substitute(e, f.outs)
		}
		f.outs = outs
		return f, true
	case *plan.Join:
		return u.pullJoin(n)
	case *plan.Aggregate:
		return u.pullAggregate(n)
	case *plan.TopN:
		return u.pullTopN(n)
	case *plan.Over:
		return u.pullOver(n)
	case *plan.Flatten:
		return u.pullFlatten(n)
	case *plan.UnionAll:
		return u.pullUnion(n)
	}
	return nil, false
}

func (u *unnester) pullFilter(n *plan.Filter) (*flat, bool) {
	f, ok := u.pull(n.Input)
	if !ok {
		return nil, false
	}
	for _, c := range conjuncts(n.Pred) {
		c = expr.Substitute(c, f.outs)
		switch {
		case f.always:
			f.post = append(f.post, c)
		case u.free(c):
			f.preds = append(f.preds, c)
		default:
			f.node = filtered(f.node, []expr.Expr{c})
		}
	}
	return f, true
}

// equality is a condition that fixes an expression over the rows of a subquery to a value.
type equality struct {
	call  *expr.Call
	left  bool      // the value is the left operand
	value expr.Expr // over the values
	inner expr.Expr // over the rows
}

// with is the equality for another expression in the place of inner.
func (q equality) with(inner expr.Expr) expr.Expr {
	args := []expr.Expr{q.value, inner}
	if !q.left {
		args = []expr.Expr{inner, q.value}
	}
	return &expr.Call{Fn: q.call.Fn, Args: args, T: q.call.T}
}

// equalities reads all conditions as equalities; ok is false if one is none.
func (l *linker) equalities(preds []expr.Expr) (out []equality, ok bool) {
	ok = true
	for _, p := range preds {
		c, isCall := p.(*expr.Call)
		nullSafe := isCall && strings.HasPrefix(string(c.Fn), "is_not_distinct(")
		if !isCall || !nullSafe && !isEquality(c) || !sameKind(c.Args) {
			ok = false
			continue
		}
		q := equality{call: c, left: true, value: c.Args[0], inner: c.Args[1]}
		if l.given(c.Args[1]) {
			q.left, q.value, q.inner = false, c.Args[1], c.Args[0]
		}
		if !l.given(q.value) || len(l.valuesIn(q.inner)) > 0 || len(expr.Columns(q.inner)) == 0 {
			ok = false
			continue
		}
		out = append(out, q)
	}
	return out, ok
}

// given reports whether e reads values of node's rows and no columns.
func (l *linker) given(e expr.Expr) bool {
	return len(expr.Columns(e)) == 0 && len(l.valuesIn(e)) > 0
}

// valuesIn returns the numbers of the values of node's rows in e.
func (l *linker) valuesIn(e expr.Expr) []int {
	return slices.DeleteFunc(expr.Outers(e), func(id int) bool {
		v, err := l.value(id)
		return v == nil && err == nil
	})
}

// grouping has the rows of a flat subquery with what fixes them: its outputs, then the keys.
func (u *unnester) grouping(
	f *flat, fields []plan.Field,
) (p *plan.Project, eqs []equality, ok bool) {
	eqs, ok = u.l.equalities(f.preds)
	if !ok || f.always || len(eqs) == 0 || slices.ContainsFunc(f.outs, u.free) {
		return nil, nil, false
	}
	p = &plan.Project{Input: f.node}
	for i, e := range f.outs {
		p.Exprs = append(p.Exprs, e)
		p.Names = append(p.Names, fields[i].Name)
		p.Hide = append(p.Hide, fields[i].Hidden)
	}
	for i, q := range eqs {
		p.Exprs = append(p.Exprs, q.inner)
		p.Names = append(p.Names, fmt.Sprintf("group%d", i+1))
		p.Hide = append(p.Hide, true)
	}
	return p, eqs, true
}

// fixed are the equalities over the key columns, which begin at base.
func fixed(eqs []equality, base int) []expr.Expr {
	out := make([]expr.Expr, len(eqs))
	for i, q := range eqs {
		out[i] = q.with(columnAt(base+i, q.inner.Type()))
	}
	return out
}

// pullAggregate groups by the keys too. Without GROUP BY there is a row even where no rows are.
func (u *unnester) pullAggregate(n *plan.Aggregate) (*flat, bool) {
	f, ok := u.pull(n.Input)
	if !ok {
		return nil, false
	}
	if p, eqs, ok := u.grouping(f, n.Input.Schema()); ok {
		return u.grouped(n, p, eqs), true
	}
	if f, err := u.l.domain(n.Input); err == nil {
		if p, eqs, ok := u.grouping(f, n.Input.Schema()); ok {
			return u.grouped(n, p, eqs), true
		}
	}
	return nil, false
}

// grouped is an aggregate over a grouping: its keys come behind the columns of GROUP BY.
func (u *unnester) grouped(n *plan.Aggregate, p *plan.Project, eqs []equality) *flat {
	width := len(p.Exprs) - len(eqs)
	a := &plan.Aggregate{Input: p, Calls: n.Calls, Names: slices.Clone(n.Names[:len(n.GroupBy)])}
	a.GroupBy = slices.Clone(n.GroupBy)
	for i := range eqs {
		a.GroupBy = append(a.GroupBy, width+i)
		a.Names = append(a.Names, p.Names[width+i])
	}
	a.Names = append(a.Names, n.Names[len(n.GroupBy):]...)
	out := &flat{node: a, flag: -1, preds: fixed(eqs, len(n.GroupBy))}
	fields := a.Schema()
	for i := range n.GroupBy {
		out.outs = append(out.outs, columnAt(i, fields[i].Type))
	}
	for i, c := range n.Calls {
		e := columnAt(len(a.GroupBy)+i, c.Type)
		if len(n.GroupBy) == 0 {
			e = ofNothing(c, e)
		}
		out.outs = append(out.outs, e)
	}
	out.always = len(n.GroupBy) == 0
	return out
}

// ofNothing is the value of an aggregate where its group may be missing: a count of nothing is 0.
func ofNothing(c plan.AggCall, e expr.Expr) expr.Expr {
	if c.Func != plan.Count && c.Func != plan.CountStar {
		return e
	}
	zero, _ := zeroOf(c.Type)
	return &expr.Coalesce{Args: []expr.Expr{e, zero}, T: c.Type}
}

// pullTopN cuts each group of its own.
func (u *unnester) pullTopN(n *plan.TopN) (*flat, bool) {
	f, ok := u.pull(n.Input)
	if !ok {
		return nil, false
	}
	if f.always && len(f.post) == 0 && n.Limit != 0 && n.Offset == 0 && !n.Numbered {
		return f, true // of one row, the first
	}
	p, eqs, ok := u.grouping(f, n.Input.Schema())
	if !ok {
		return nil, false
	}
	c := *n
	c.Input = p
	c.PartitionBy = slices.Clone(n.PartitionBy)
	for i := range eqs {
		c.PartitionBy = append(c.PartitionBy, len(f.outs)+i)
	}
	return u.partitioned(&c, n, len(f.outs), eqs), true
}

// pullOver looks at each group of its own.
func (u *unnester) pullOver(n *plan.Over) (*flat, bool) {
	f, ok := u.pull(n.Input)
	if !ok {
		return nil, false
	}
	p, eqs, ok := u.grouping(f, n.Input.Schema())
	if !ok {
		return nil, false
	}
	c := *n
	c.Input = p
	c.PartitionBy = slices.Clone(n.PartitionBy)
	for i := range eqs {
		c.PartitionBy = append(c.PartitionBy, len(f.outs)+i)
	}
	return u.partitioned(&c, n, len(f.outs), eqs), true
}

// partitioned is a node over partitions, whose input has keys behind width columns: its own
// columns come behind them.
func (u *unnester) partitioned(node, old plan.Node, width int, eqs []equality) *flat {
	out := &flat{node: node, flag: -1, preds: fixed(eqs, width)}
	for i, f := range old.Schema() {
		if i >= width {
			i += len(eqs)
		}
		out.outs = append(out.outs, columnAt(i, f.Type))
	}
	return out
}

func (u *unnester) pullFlatten(n *plan.Flatten) (*flat, bool) {
	f, ok := u.pull(n.Input)
	if !ok || f.always {
		return nil, false
	}
	args := n.Scalars()
	for i, e := range args {
		if args[i] = expr.Substitute(e, f.outs); u.free(args[i]) {
			return nil, false
		}
	}
	base := len(f.node.Schema())
	f.node = n.With([]plan.Node{f.node}).(*plan.Flatten).WithScalars(args)
	for i, field := range n.Fields {
		f.outs = append(f.outs, columnAt(base+i, field.Type))
	}
	return f, true
}

// pullUnion takes branches that are all fixed to the same values.
func (u *unnester) pullUnion(n *plan.UnionAll) (*flat, bool) {
	out := &plan.UnionAll{}
	var first []equality
	for i, in := range n.Inputs {
		f, ok := u.pull(in)
		if !ok {
			return nil, false
		}
		p, eqs, ok := u.grouping(f, n.Schema())
		if !ok || i > 0 && !sameValues(first, eqs) {
			return nil, false
		}
		if i == 0 {
			first = eqs
		}
		out.Inputs = append(out.Inputs, p)
	}
	return u.partitioned(out, n, len(n.Schema()), first), true
}

func sameValues(a, b []equality) bool {
	return slices.EqualFunc(a, b, func(x, y equality) bool {
		return x.call.Fn == y.call.Fn && expr.Equal(x.value, y.value) &&
			x.inner.Type() == y.inner.Type()
	})
}

// pullJoin joins what is left of both sides.
func (u *unnester) pullJoin(n *plan.Join) (*flat, bool) {
	if n.Kind == plan.FullJoin {
		return nil, false
	}
	l, ok := u.pull(n.Left)
	if !ok || l.always {
		return nil, false
	}
	r, ok := u.pull(n.Right)
	if !ok || r.always {
		return nil, false
	}
	kind := n.Kind
	if kind == plan.SemiJoin && u.set {
		kind = plan.InnerJoin
	}
	inner := kind == plan.InnerJoin
	if !inner {
		if slices.ContainsFunc(r.outs, u.free) {
			return nil, false
		}
		r = materialized(r)
	}
	width := len(l.node.Schema())
	outs := slices.Clone(l.outs)
	for _, e := range r.outs {
		outs = append(outs, expr.Shift(e, width))
	}
	shared, rest, ok := u.shared(l, r, width)
	if !ok && !inner {
		return nil, false
	}
	on, lifted := shared, slices.Clone(l.preds)
	lifted = append(lifted, rest...)
	for _, c := range joinConditions(n) {
		c = expr.Substitute(c, outs)
		switch {
		case !u.free(c):
			on = append(on, c)
		case inner:
			lifted = append(lifted, c)
		default:
			return nil, false
		}
	}
	j, base := pair(kind, l.node, r.node, on)
	out := &flat{node: j, flag: -1}
	for _, p := range lifted {
		out.preds = append(out.preds, moveRight(p, width, base))
	}
	for _, e := range outs[:len(n.Schema())] {
		out.outs = append(out.outs, moveRight(e, width, base))
	}
	return out, true
}

// joinConditions are the keys and the residual of a join as conditions over both sides.
func joinConditions(n *plan.Join) []expr.Expr {
	l, r := n.Left.Schema(), n.Right.Schema()
	var out []expr.Expr
	for i, k := range n.LeftKeys {
		rk := n.RightKeys[i]
		out = append(out, equal(columnAt(k, l[k].Type), columnAt(len(l)+rk, r[rk].Type)))
	}
	if n.Residual != nil {
		out = append(out, conjuncts(n.Residual)...)
	}
	return out
}

// shared turns conditions that fix both sides to the same value into equalities between the
// sides. rest are the conditions of the right side that are left; ok: there are none.
func (u *unnester) shared(l, r *flat, width int) (on, rest []expr.Expr, ok bool) {
	ls, _ := u.l.equalities(l.preds)
	ok = true
	for _, p := range r.preds {
		qs, isEq := u.l.equalities([]expr.Expr{p})
		found := false
		for _, q := range ls {
			if isEq && q.call.Fn == qs[0].call.Fn && expr.Equal(q.value, qs[0].value) {
				e := qs[0].with(expr.Shift(qs[0].inner, width)).(*expr.Call)
				args := slices.Clone(e.Args)
				if args[0] = q.inner; !qs[0].left {
					args[0], args[1] = e.Args[0], q.inner
				}
				on, found = append(on, &expr.Call{Fn: e.Fn, Args: args, T: e.T}), true
				break
			}
		}
		if !found {
			rest, ok = append(rest, expr.Shift(p, width)), false
		}
	}
	return on, rest, ok
}

// materialized computes outputs that are no columns, so that an outer join can make them NULL.
func materialized(f *flat) *flat {
	bare := func(e expr.Expr) bool {
		_, ok := e.(expr.Column)
		return ok || len(expr.Outers(e)) > 0 && len(expr.Columns(e)) == 0
	}
	if !slices.ContainsFunc(f.outs, func(e expr.Expr) bool { return !bare(e) }) {
		return f
	}
	width := len(f.node.Schema())
	out := *f
	out.outs = slices.Clone(f.outs)
	var extra []expr.Expr
	var names []string
	for i, e := range f.outs {
		if !bare(e) {
			out.outs[i] = columnAt(width+len(extra), e.Type())
			extra, names = append(extra, e), append(names, fmt.Sprintf("out%d", i+1))
		}
	}
	out.node = extended(f.node, extra, names, true)
	return &out
}

// nullable prepares a flat subquery for a left join: its outputs are columns, or, where they read
// values of node's rows, there is a flag that tells whether there is a row.
func nullable(f *flat, l *linker) *flat {
	out := *f
	var extra []expr.Expr
	var names []string
	width := len(f.node.Schema())
	out.outs = slices.Clone(f.outs)
	flag := false
	for i, e := range f.outs {
		if _, bare := e.(expr.Column); bare {
			continue
		}
		if len(l.valuesIn(e)) > 0 {
			flag = true
			continue
		}
		out.outs[i] = columnAt(width+len(extra), e.Type())
		extra, names = append(extra, e), append(names, fmt.Sprintf("out%d", i+1))
	}
	if flag {
		out.flag = width + len(extra)
		extra, names = append(extra, truth(true)), append(names, "match")
	}
	if len(extra) > 0 {
		out.node = extended(f.node, extra, names, true)
	}
	return &out
}

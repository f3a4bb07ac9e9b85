package bind

import (
	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/value"
)

// outer is what an expr.Outer stands for: a value of an enclosing query, as an expression over
// the rows of its space, or the answer of a subquery of the query in which it stands.
type outer struct {
	space *space
	e     expr.Expr
	name  string // of a column, for errors
	at    int
	sub   *subquery
}

// subquery is a query in an expression. Its plan may read values of the queries around it.
type subquery struct {
	exists bool // whether node has a row; otherwise node's one column of its one row
	node   plan.Node
	typ    value.Type
	// full is the value of a comparison with a set by SQL's three-valued logic, over other
	// subqueries; where only truth counts, exists tells as much.
	full expr.Expr
}

// outerColumn is a column of a query around the one that is bound.
func (b *binder) outerColumn(sc *scope, c column, at int) (scalar, error) {
	if sc.space == nil {
		return scalar{}, b.unsupported(at, "a subquery here that reads the row around it is", "")
	}
	name := c.name
	if c.table != "" {
		name = c.table + "." + c.name
	}
	for id, o := range b.outers {
		if o.space == sc.space && o.sub == nil {
			if have, ok := o.e.(expr.Column); ok && have.Index == c.index {
				return scalar{e: expr.Outer{ID: id, T: c.typ}, at: at}, nil
			}
		}
	}
	e := b.around(outer{space: sc.space, e: columnAt(c.index, c.typ), name: name, at: at}, c.typ)
	return scalar{e: e, at: at}, nil
}

// around gives a value from around a query its number.
func (b *binder) around(o outer, t value.Type) expr.Expr {
	b.outers = append(b.outers, o)
	return expr.Outer{ID: len(b.outers) - 1, T: t}
}

// subLink binds a subquery in an expression: its answer stands as an expr.Outer until the query
// around it has its rows, which the subquery is joined to then (see linker).
func (b *binder) subLink(e *ast.SubLink, c *exprCtx) (scalar, error) {
	at := e.Location()
	if e.SubLinkType == ast.ARRAY_SUBLINK {
		q, err := b.subqueryIn(e, c)
		if err != nil {
			return scalar{}, err
		}
		return b.arrayQuery(q, at, c)
	}
	n, err := b.subqueryNode(e, c)
	if err != nil {
		return scalar{}, err
	}
	switch e.SubLinkType {
	case ast.EXISTS_SUBLINK:
		return scalar{e: b.existence(n, at), at: at}, nil
	case ast.EXPR_SUBLINK:
		if err := b.oneColumn(n, 1, at); err != nil {
			return scalar{}, err
		}
		t := n.Schema()[0].Type
		return scalar{e: b.around(outer{at: at, sub: &subquery{node: n, typ: t}}, t), at: at}, nil
	case ast.ANY_SUBLINK, ast.ALL_SUBLINK:
		return b.quantified(e, n, c)
	}
	return scalar{}, b.unsupported(at, "this kind of subquery is", "")
}

// subqueryIn is the query of a subquery, which may stand where it does.
func (b *binder) subqueryIn(e *ast.SubLink, c *exprCtx) (*ast.SelectStmt, error) {
	at := e.Location()
	if c.scope.space == nil {
		return nil, b.errorf(at, stateUnsupported, "cannot use subquery in %s", c.clause)
	}
	if err := b.countSubquery(at); err != nil {
		return nil, err
	}
	c.scope.space.subqueries++
	q, ok := e.Subselect.(*ast.SelectStmt)
	if !ok {
		return nil, b.unsupported(at, "this kind of subquery is", "")
	}
	return q, nil
}

// subqueryNode binds the query of a subquery.
func (b *binder) subqueryNode(e *ast.SubLink, c *exprCtx) (plan.Node, error) {
	q, err := b.subqueryIn(e, c)
	if err != nil {
		return nil, err
	}
	return b.inner(q, c.scope)
}

func (b *binder) countSubquery(at int) error {
	if b.subqueries++; b.subqueries > MaxSubqueries {
		return b.errorf(at, stateTooComplex, "a statement has at most %d subqueries", MaxSubqueries)
	}
	return nil
}

// copy accounts for a plan that a statement uses once more: as a tree, plans grow with each use.
func (b *binder) copy(n plan.Node) error {
	if b.copied += nodesOf(n, MaxCopied+1-b.copied); b.copied > MaxCopied {
		return b.errorf(0, stateTooComplex,
			"subqueries use more than %d nodes of the plan several times", MaxCopied)
	}
	return nil
}

// nodesOf counts the nodes of a plan, up to a limit.
func nodesOf(n plan.Node, limit int) int {
	count := 1
	for _, c := range n.Children() {
		if count < limit {
			count += nodesOf(c, limit-count)
		}
	}
	return count
}

// inner binds the query of a subquery; sc is what it sees around it.
func (b *binder) inner(q *ast.SelectStmt, sc *scope) (plan.Node, error) {
	defer b.recursion.inside(inSubquery)()
	around := b.outer
	b.outer = sc
	defer func() { b.outer = around }()
	r, err := b.subquery(q)
	if err != nil {
		return nil, err
	}
	return b.project(r)
}

func (b *binder) oneColumn(n plan.Node, want, at int) error {
	have := len(n.Schema())
	switch {
	case have == want:
		return nil
	case want == 1:
		return b.errorf(at, stateSyntax, "subquery must return only one column")
	case have < want:
		return b.errorf(at, stateSyntax, "subquery has too few columns")
	}
	return b.errorf(at, stateSyntax, "subquery has too many columns")
}

// existence is EXISTS.
func (b *binder) existence(n plan.Node, at int) expr.Expr {
	return b.around(outer{at: at, sub: &subquery{exists: true, node: n, typ: boolType}}, boolType)
}

// arrayQuery binds ARRAY(SELECT ...): its values in the order of the query, an empty array if
// there are none.
func (b *binder) arrayQuery(q *ast.SelectStmt, at int, c *exprCtx) (scalar, error) {
	around := b.outer
	b.outer = c.scope
	leave := b.recursion.inside(inSubquery)
	n, keys, err := b.arrayInput(q)
	leave()
	b.outer = around
	if err != nil {
		return scalar{}, err
	}
	if err := b.oneColumn(visibleOnly(n), 1, at); err != nil {
		return scalar{}, err
	}
	t := n.Schema()[0].Type
	if t.Kind == value.Array {
		return scalar{}, b.unsupported(at, "an array of arrays is", "")
	}
	if t.Kind == value.Record {
		return scalar{}, b.unsupported(at, "an array of rows is", "Use jsonb_agg.")
	}
	out := value.ArrayOf(t)
	empty := expr.Const{D: value.NewArray(t, nil), T: out}
	call := plan.Call(plan.ArrayAgg, 0, out)
	call.OrderBy = keys
	agg := &plan.Aggregate{Input: n, Calls: []plan.AggCall{call}, Names: []string{"array"}}
	node := &plan.Project{
		Input: agg, Names: []string{"array"},
		Exprs: []expr.Expr{&expr.Coalesce{Args: []expr.Expr{columnAt(0, out), empty}, T: out}},
	}
	return scalar{e: b.around(outer{at: at, sub: &subquery{node: node, typ: out}}, out), at: at}, nil
}

// quantified binds x IN (SELECT ...), x op ANY and x op ALL, of rows too.
func (b *binder) quantified(e *ast.SubLink, n plan.Node, c *exprCtx) (scalar, error) {
	at := e.Location()
	op := "="
	if e.OperName != nil {
		op = lastPart(e.OperName)
	}
	tests, err := b.tests(e.Testexpr, c)
	if err != nil {
		return scalar{}, err
	}
	if err := b.oneColumn(n, len(tests), at); err != nil {
		return scalar{}, err
	}
	for range 2 { // what decides and what is unknown are asked apart
		if err := b.copy(n); err != nil {
			return scalar{}, b.at(at, err)
		}
	}
	all := e.SubLinkType == ast.ALL_SUBLINK
	// NOT (x op ALL q) is x (not op) ANY q; only <> ALL, which is NOT IN, is worth it.
	negate := all && op == "<>"
	if negate {
		op, all = "=", false
	}
	conds, values, err := b.compared(op, tests, n, c, at)
	if err != nil {
		return scalar{}, err
	}
	out := b.anyOf(n, conds, values, len(tests) == 1 && op == "=", at)
	if all {
		out = b.allOf(n, conds, at)
	}
	if negate {
		out = asked("not", out)
	}
	return scalar{e: out, at: at}, nil
}

// tests binds the left side of a comparison with a set.
func (b *binder) tests(n ast.Node, c *exprCtx) ([]scalar, error) {
	if p, ok := n.(*ast.ParenExpr); ok {
		return b.tests(p.Expr, c)
	}
	if r, ok := n.(*ast.RowExpr); ok {
		return b.rowFields(r, c)
	}
	s, err := b.expr(n, c)
	return []scalar{s}, err
}

// compared are the conditions between the tests and the columns of a subquery; the tests are
// values from around it.
func (b *binder) compared(
	op string, tests []scalar, n plan.Node, c *exprCtx, at int,
) (cond expr.Expr, values []expr.Expr, err error) {
	cols := make([]scalar, len(tests))
	around := make([]scalar, len(tests))
	for i, t := range tests {
		cols[i] = scalar{e: columnAt(i, n.Schema()[i].Type), at: at}
		if !t.untyped() && !expr.IsConst(t.e) {
			e := t.e
			if _, known := e.(expr.Outer); !known || b.outers[e.(expr.Outer).ID].sub != nil {
				e = b.around(outer{space: c.scope.space, e: t.e, at: t.at}, t.typ())
			}
			t = scalar{e: e, at: t.at}
		}
		values, around[i] = append(values, t.e), t
	}
	var s scalar
	if len(tests) == 1 {
		s, err = b.call(at, op, around[0], cols[0])
	} else if err = b.sameWidth(around, cols, at); err == nil {
		s, err = b.rowCompare(op, around, cols, at)
	}
	if err != nil {
		return nil, nil, err
	}
	if s.typ().Kind != value.Bool {
		return nil, nil, b.errorf(at, stateMismatch, "operator ANY must yield boolean")
	}
	return s.e, values, nil
}

// anyOf is true if cond is for a row of n, unknown if it is unknown for one, otherwise false.
func (b *binder) anyOf(
	n plan.Node, cond expr.Expr, values []expr.Expr, single bool, at int,
) expr.Expr {
	hit := b.existence(filtered(n, conjuncts(cond)), at)
	var unknown expr.Expr
	if single { // unknown where either side is NULL: no pairs of rows have to be judged
		t := n.Schema()[0].Type
		nulls := b.existence(filtered(n, []expr.Expr{isNull(columnAt(0, t))}), at)
		x := values[0]
		unknown = anyOf([]expr.Expr{nulls, allOf([]expr.Expr{isNull(x), b.existence(n, at)})})
		if d, ok := constantOf(x); ok && !d.IsNull() {
			unknown = nulls
		}
	} else {
		unknown = b.existence(filtered(n, []expr.Expr{asked("is_unknown", cond)}), at)
	}
	full := verdict(hit, true, unknown)
	id := hit.(expr.Outer).ID
	sub := *b.outers[id].sub
	sub.full = full
	return b.around(outer{at: at, sub: &sub}, boolType)
}

// allOf is false if cond is for a row of n, unknown if it is unknown for one, otherwise true.
func (b *binder) allOf(n plan.Node, cond expr.Expr, at int) expr.Expr {
	miss := b.existence(filtered(n, []expr.Expr{asked("is_false", cond)}), at)
	unknown := b.existence(filtered(n, []expr.Expr{asked("is_unknown", cond)}), at)
	return verdict(miss, false, unknown)
}

// verdict is CASE WHEN decided THEN value WHEN unknown THEN NULL ELSE NOT value END.
func verdict(decided expr.Expr, value bool, unknown expr.Expr) expr.Expr {
	return &expr.Case{
		Whens: []expr.Expr{decided, unknown},
		Thens: []expr.Expr{truth(value), expr.Const{T: boolType}},
		Else:  truth(!value), T: boolType,
	}
}

func truth(v bool) expr.Expr { return expr.Const{D: value.NewBool(v), T: boolType} }

// asked applies a test or NOT.
func asked(name string, e expr.Expr) expr.Expr { return compare(name, e) }

// hasSubquery reports whether an expression has a subquery that is not joined yet.
func (b *binder) hasSubquery(e expr.Expr) bool {
	found := false
	expr.Walk(e, func(e expr.Expr) bool {
		if o, ok := e.(expr.Outer); ok && b.outers[o.ID].sub != nil {
			found = true
		}
		return !found
	})
	return found
}

// readsOf returns the columns of a space that a plan reads from around it, in order, each once.
func (b *binder) readsOf(s *space, n plan.Node) []int {
	var out []int
	seen := map[int]bool{}
	b.eachOuter(n, func(id int) {
		if o := b.outers[id]; o.sub == nil && o.space == s {
			for _, c := range expr.Columns(o.e) {
				if !seen[c] {
					seen[c] = true
					out = append(out, c)
				}
			}
		}
	})
	return out
}

// eachOuter visits what a plan reads from around it.
func (b *binder) eachOuter(n plan.Node, visit func(id int)) {
	if len(b.outers) == 0 {
		return
	}
	plan.Walk(n, func(n plan.Node) {
		for _, e := range n.Scalars() {
			for _, id := range expr.Outers(e) {
				visit(id)
			}
		}
	})
}

// linked joins the subqueries of a block to its rows: those that stand below its groups (in GROUP
// BY and in arguments of aggregates) where they stand, the others above.
func (b *binder) linked(blk *block, r *rel) (*rel, error) {
	if blk.scope.space == nil || blk.scope.space.subqueries == 0 {
		return r, nil
	}
	n, grouped, err := b.linkedNode(blk, r.in)
	if err != nil {
		return nil, err
	}
	l := b.blockLinker(blk, n, grouped)
	out := &rel{names: r.names}
	for _, s := range r.outs {
		e, err := l.expr(s.e)
		if err != nil {
			return nil, err
		}
		out.outs = append(out.outs, scalar{e: e, param: s.param, at: s.at})
	}
	out.in = l.node
	return out, nil
}

// blockLinker joins subqueries to a node of a block; above its groups, what they read of the
// block must be grouped.
func (b *binder) blockLinker(blk *block, n plan.Node, grouped bool) *linker {
	l := &linker{b: b, node: n, space: blk.scope.space}
	l.over = func(e expr.Expr) (expr.Expr, error) {
		if !grouped {
			return e, nil
		}
		return b.overGroups(blk, e)
	}
	return l
}

// linkedNode joins the subqueries that stand in nodes of a block; grouped: the node is above the
// block's groups.
func (b *binder) linkedNode(blk *block, n plan.Node) (out plan.Node, grouped bool, err error) {
	if u, ok := n.(*plan.UnionAll); ok && blk.sets != nil && n != blk.in {
		out, err = b.linkedSets(blk, u)
		return out, true, err
	}
	if n == blk.in || len(n.Children()) != 1 {
		return n, false, nil
	}
	in, grouped, err := b.linkedNode(blk, n.Children()[0])
	if err != nil {
		return nil, false, err
	}
	if in != n.Children()[0] {
		n = n.With([]plan.Node{in})
	}
	has := false
	for _, e := range n.Scalars() {
		has = has || b.hasSubquery(e)
	}
	if !has {
		_, groups := n.(*plan.Aggregate)
		return n, grouped || groups, nil
	}
	l := b.blockLinker(blk, in, grouped)
	switch n := n.(type) {
	case *plan.Filter:
		err = l.filter(conjuncts(n.Pred))
		return picked(l.node, len(n.Schema())), grouped, err
	default:
		es := make([]expr.Expr, len(n.Scalars()))
		for i, e := range n.Scalars() {
			if es[i], err = l.expr(e); err != nil {
				return nil, false, err
			}
		}
		return n.With([]plan.Node{l.node}).WithScalars(es), grouped, nil
	}
}

// linkedSets joins the subqueries that stand below grouping sets: in the projection that all of
// the aggregates read.
func (b *binder) linkedSets(blk *block, n *plan.UnionAll) (plan.Node, error) {
	out := &plan.UnionAll{}
	for _, p := range n.Inputs {
		a := p.Children()[0]
		in, _, err := b.linkedNode(blk, a.Children()[0])
		if err != nil {
			return nil, err
		}
		out.Inputs = append(out.Inputs, p.With([]plan.Node{a.With([]plan.Node{in})}))
	}
	return out, nil
}

// linkedRow joins the subqueries of a row of VALUES to a row of no columns.
func (b *binder) linkedRow(row []expr.Expr) (plan.Node, []expr.Expr, error) {
	l := &linker{b: b, node: oneRow(), space: &space{}}
	out := make([]expr.Expr, len(row))
	for i, e := range row {
		var err error
		if out[i], err = l.expr(e); err != nil {
			return nil, nil, err
		}
	}
	return l.node, out, nil
}

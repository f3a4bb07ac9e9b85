package bind

import (
	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/sql/parse"
	"weir/stream/value"
)

// Where columns begin that stand for something until the groups are made: aggregate calls,
// calls of GROUPING, calls of window functions, and columns of set-returning functions.
const (
	aggBase      = 1 << 30
	groupingBase = aggBase + 1<<28
	overBase     = aggBase + 1<<29
	setBase      = overBase + 1<<28
)

// aggregates collects the aggregate calls of a block, each once, and its calls of GROUPING.
type aggregates struct {
	calls     []aggCall
	at        map[string]int // aggCall.id -> index
	groupings []groupingCall
}

// aggCall is an aggregate over expressions.
type aggCall struct {
	fn       plan.AggFunc
	name     string
	arg      expr.Expr // nil: count(*)
	extra    expr.Expr // second argument; nil: none
	filter   expr.Expr // nil: none
	order    []orderExpr
	distinct bool
	direct   bool // extra is a direct argument of WITHIN GROUP: the same in a whole group
	typ      value.Type
	at       int
}

// orderExpr is one element of an ORDER BY over expressions.
type orderExpr struct {
	e                expr.Expr
	desc, nullsFirst bool
}

// id is the same for equal calls.
func (a *aggCall) id() string {
	b := []byte{byte(a.fn), 0}
	if a.distinct {
		b[1] = 1
	}
	for _, e := range []expr.Expr{a.arg, a.extra, a.filter} {
		if b = append(b, 0); e != nil {
			b = expr.AppendExpr(append(b, 1), e)
		}
	}
	return string(appendOrder(b, a.order))
}

// appendOrder writes an order so that equal ones are equal bytes.
func appendOrder(b []byte, order []orderExpr) []byte {
	for _, o := range order {
		flags := byte(0)
		if o.desc {
			flags |= 1
		}
		if o.nullsFirst {
			flags |= 2
		}
		b = expr.AppendExpr(append(b, 1, flags), o.e)
	}
	return append(b, 0)
}

// each visits the expressions of a call, to read or to replace them.
func (a *aggCall) each(visit func(*expr.Expr)) {
	for _, e := range []*expr.Expr{&a.arg, &a.extra, &a.filter} {
		if *e != nil {
			visit(e)
		}
	}
	for i := range a.order {
		visit(&a.order[i].e)
	}
}

// add returns the index of a call.
func (a *aggregates) add(call aggCall) int {
	id := call.id()
	if i, ok := a.at[id]; ok {
		return i
	}
	if a.at == nil {
		a.at = map[string]int{}
	}
	a.at[id] = len(a.calls)
	a.calls = append(a.calls, call)
	return len(a.calls) - 1
}

// aggregate binds a call of an aggregate function over groups.
func (b *binder) aggregate(f *ast.FuncCall, name string, c *exprCtx) (scalar, error) {
	at := f.Location()
	if err := b.aggregateAllowed(at, "aggregate functions are", c); err != nil {
		return scalar{}, err
	}
	call, err := b.aggregateCall(f, name, &exprCtx{
		scope: c.scope, clause: "an aggregate", inAggregate: true, seen: c.seen,
	})
	if err != nil {
		return scalar{}, err
	}
	return scalar{e: columnAt(aggBase+c.aggs.add(call), call.typ), at: at}, nil
}

// aggregateAllowed refuses what needs groups where there are none.
func (b *binder) aggregateAllowed(at int, what string, c *exprCtx) error {
	switch {
	case c.aggs != nil:
		return nil
	case c.inAggregate && c.clause != "FILTER":
		return b.errorf(at, stateGrouping, "aggregate function calls cannot be nested")
	}
	return b.errorf(at, stateGrouping, "%s not allowed in %s", what, clauseName(c.clause))
}

// clauseName is how PostgreSQL's messages call a clause.
func clauseName(clause string) string {
	if clause == "JOIN/ON" {
		return "JOIN conditions"
	}
	return clause
}

// aggregateCall binds the call itself, whose expressions stand in inner.
func (b *binder) aggregateCall(
	f *ast.FuncCall, name string, inner *exprCtx,
) (call aggCall, err error) {
	call = aggCall{name: name, distinct: f.AggDistinct, at: f.Location()}
	call.distinct = call.distinct || name == approxCount
	if err := b.aggregateForm(f, name); err != nil {
		return call, err
	}
	if !parse.IsNil(f.AggFilter) {
		filter := *inner
		filter.clause = "FILTER"
		if call.filter, err = b.condition(f.AggFilter, &filter); err != nil {
			return call, err
		}
	}
	if f.AggStar {
		call.fn, call.typ = plan.CountStar, int8Type
		return call, nil
	}
	if err := b.aggregateArgs(&call, f, inner); err != nil {
		return call, err
	}
	if call.distinct {
		if err := b.orderedByArgs(&call, f); err != nil {
			return call, err
		}
	}
	call.guard()
	return call, nil
}

// aggregateForm judges the shape of a call.
func (b *binder) aggregateForm(f *ast.FuncCall, name string) error {
	at := f.Location()
	switch {
	case f.FuncVariadic:
		return b.unsupported(at, "VARIADIC is", "")
	case f.AggStar && name != "count":
		return b.errorf(at, "42883", "function %s() does not exist", name)
	case !f.AggStar && name == "count" && !hasItems(f.Args):
		return b.errorf(at, stateWrongObject,
			"count(*) must be used to call a parameterless aggregate function")
	}
	return nil
}

// aggregateArgs binds the arguments and ORDER BY, and picks the overload.
func (b *binder) aggregateArgs(call *aggCall, f *ast.FuncCall, inner *exprCtx) error {
	args, err := b.exprs(f.Args, inner)
	if err != nil {
		return err
	}
	if fn := lastPart(f.Funcname); fn == "jsonb_agg" || fn == "jsonb_object_agg" {
		if args, err = b.asJSON(args); err != nil {
			return err
		}
	}
	order, err := b.orderExprs(f.AggOrder, inner)
	if err != nil {
		return err
	}
	if f.AggWithinGroup {
		for _, o := range order {
			args = append(args, scalar{e: o.e, at: f.Location()})
		}
	}
	types := make([]value.Type, len(args))
	for i, a := range args {
		types[i] = a.typ()
	}
	sig, verr := resolveAggregate(call.name, types)
	if verr != nil {
		return b.noAggregate(f, verr)
	}
	if err := b.withinGroup(f, call.name); err != nil {
		return err
	}
	es := make([]expr.Expr, len(args))
	for i, a := range args {
		if es[i], err = b.implicit(a, sig.casts[i]); err != nil {
			return err
		}
	}
	call.fn, call.typ, call.order = sig.fn, sig.result, order
	call.arg = es[0]
	if len(es) > 1 {
		call.extra = es[1]
	}
	if f.AggWithinGroup { // the ordered value is the argument, the fraction comes beside it
		call.order[0].e = es[len(es)-1]
		call.arg, call.extra, call.direct = es[len(es)-1], nil, len(es) > 1
		if call.direct {
			call.extra = es[0]
		}
	}
	return nil
}

// withinGroup judges whether a call that fits its function is made in the right form.
func (b *binder) withinGroup(f *ast.FuncCall, name string) error {
	switch {
	case needsGroup(name) && !f.AggWithinGroup:
		return b.errorf(f.Location(), stateWrongObject,
			"WITHIN GROUP is required for ordered-set aggregate %s", name)
	case !needsGroup(name) && f.AggWithinGroup:
		return b.errorf(f.Location(), stateWrongObject,
			"%s is not an ordered-set aggregate, so it cannot have WITHIN GROUP", name)
	}
	return nil
}

// noAggregate is the refusal of arguments.
func (b *binder) noAggregate(f *ast.FuncCall, err *value.Error) error {
	e := b.errorf(f.Location(), err.SQLState, "%s", err.Msg)
	switch e.SQLState {
	case "42883":
		e.Hint = "No function matches the given name and argument types. " +
			"You might need to add explicit type casts."
	case "42725":
		e.Hint = "Could not choose a best candidate function. " +
			"You might need to add explicit type casts."
	}
	return e
}

// orderExprs binds an ORDER BY whose elements are expressions and nothing else.
func (b *binder) orderExprs(list *ast.NodeList, c *exprCtx) ([]orderExpr, error) {
	var out []orderExpr
	for _, n := range items(list) {
		by, ok := n.(*ast.SortBy)
		if !ok {
			continue
		}
		s, err := b.expr(by.Node, c)
		if err != nil {
			return nil, err
		}
		if s, err = b.settled(s); err != nil {
			return nil, err
		}
		var k plan.Sort
		if err := b.sortKey(&k, by, 0); err != nil {
			return nil, err
		}
		out = append(out, orderExpr{e: s.e, desc: k.Keys[0].Desc, nullsFirst: k.Keys[0].NullsFirst})
	}
	return out, nil
}

// orderedByArgs judges DISTINCT with ORDER BY: distinct values have no other columns to go by.
func (b *binder) orderedByArgs(call *aggCall, f *ast.FuncCall) error {
	for i, o := range call.order {
		if call.arg != nil && expr.Equal(o.e, call.arg) ||
			call.extra != nil && expr.Equal(o.e, call.extra) {
			continue
		}
		return b.errorf(f.AggOrder.Items[i].Location(), stateBadReference,
			"in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list")
	}
	return nil
}

// guard keeps rows that are filtered out from failing. Direct arguments are of the group, not of
// its rows.
func (a *aggCall) guard() {
	if a.filter == nil {
		return
	}
	keep := a.filter
	a.each(func(e *expr.Expr) {
		if *e != a.filter && !(a.direct && *e == a.extra) && expr.CanFail(*e) {
			*e = &expr.Case{
				Whens: []expr.Expr{keep}, Thens: []expr.Expr{*e}, T: (*e).Type(),
			}
		}
	})
}

// placed turns a call over expressions into one over columns, which place makes.
func (a *aggCall) placed(place func(e expr.Expr, name string) int) plan.AggCall {
	call := plan.Call(a.fn, -1, a.typ)
	call.Distinct = a.distinct
	if a.arg != nil {
		call.Arg = place(a.arg, "arg")
	}
	if a.extra != nil {
		call.Extra = place(a.extra, "extra")
	}
	if a.filter != nil {
		call.Filter = place(a.filter, "filter")
	}
	for _, o := range a.order {
		call.OrderBy = append(call.OrderBy, plan.SortKey{
			Col: place(o.e, "order"), Desc: o.desc, NullsFirst: o.nullsFirst,
		})
	}
	return call
}

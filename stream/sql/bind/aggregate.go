package bind

import (
	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/agg"
	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/sql/parse"
	"weir/stream/value"
)

// aggBase is where columns begin that stand for aggregate calls until the groups are made.
const aggBase = 1 << 30

// aggregateFuncs are the aggregate functions of one argument.
var aggregateFuncs = map[string]plan.AggFunc{
	"count": plan.Count, "sum": plan.Sum, "min": plan.Min, "max": plan.Max, "avg": plan.Avg,
	"bool_and": plan.BoolAnd, "every": plan.BoolAnd, "bool_or": plan.BoolOr,
	"bit_and": plan.BitAnd, "bit_or": plan.BitOr, "bit_xor": plan.BitXor,
	"stddev": plan.StddevSamp, "stddev_samp": plan.StddevSamp, "stddev_pop": plan.StddevPop,
	"variance": plan.VarSamp, "var_samp": plan.VarSamp, "var_pop": plan.VarPop,
	"first_value": plan.FirstValue, "last_value": plan.LastValue, "jsonb_agg": plan.JSONBAgg,
}

// aggregates collects the aggregate calls of a block, each once.
type aggregates struct {
	calls []aggCall
	at    map[string]int // aggCall.id -> index
}

type aggCall struct {
	fn       plan.AggFunc
	name     string
	arg      expr.Expr // nil: count(*)
	filter   expr.Expr // nil: none
	distinct bool
	typ      value.Type
}

// id is the same for equal calls.
func (a aggCall) id() string {
	b := []byte{byte(a.fn), 0}
	if a.distinct {
		b[1] = 1
	}
	for _, e := range []expr.Expr{a.arg, a.filter} {
		if b = append(b, 0); e != nil {
			b = expr.AppendExpr(append(b, 1), e)
		}
	}
	return string(b)
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

// aggregate binds a call of an aggregate function.
func (b *binder) aggregate(
	f *ast.FuncCall, name string, fn plan.AggFunc, c *exprCtx,
) (scalar, error) {
	at := f.Location()
	switch {
	case c.aggs == nil && c.inAggregate:
		return scalar{}, b.errorf(at, stateGrouping, "aggregate function calls cannot be nested")
	case c.aggs == nil:
		return scalar{}, b.errorf(at, stateGrouping, "aggregate functions are not allowed in %s",
			c.clause)
	case hasItems(f.AggOrder):
		return scalar{}, b.unsupported(at, "ORDER BY in an aggregate is", "")
	}
	call, err := b.aggregateCall(f, name, fn, c)
	if err != nil {
		return scalar{}, err
	}
	return scalar{e: columnAt(aggBase+c.aggs.add(call), call.typ), at: at}, nil
}

func (b *binder) aggregateCall(
	f *ast.FuncCall, name string, fn plan.AggFunc, c *exprCtx,
) (call aggCall, err error) {
	call = aggCall{fn: fn, name: name, distinct: f.AggDistinct}
	inner := &exprCtx{scope: c.scope, clause: "FILTER", inAggregate: true}
	var types []value.Type
	if f.AggStar {
		if fn != plan.Count {
			return call, b.errorf(f.Location(), "42883", "function %s() does not exist", name)
		}
		call.fn = plan.CountStar
	} else {
		args, err := b.exprs(f.Args, inner)
		if err != nil {
			return call, err
		}
		if len(args) != 1 {
			return call, b.errorf(f.Location(), "42883",
				"function %s takes one argument, not %d", name, len(args))
		}
		arg, err := b.settled(args[0])
		if err != nil {
			return call, err
		}
		call.arg, types = arg.e, []value.Type{arg.typ()}
	}
	if !parse.IsNil(f.AggFilter) {
		if call.filter, err = b.condition(f.AggFilter, inner); err != nil {
			return call, err
		}
		if call.arg != nil && expr.CanFail(call.arg) { // rows that are filtered out cannot fail
			call.arg = &expr.Case{
				Whens: []expr.Expr{call.filter}, Thens: []expr.Expr{call.arg}, T: types[0],
			}
		}
	}
	r, verr := agg.Resolve(name, types, false)
	if verr != nil {
		return call, b.at(f.Location(), verr)
	}
	call.typ = r.Type
	return call, nil
}

// readsAggregate reports whether e has an aggregate call.
func readsAggregate(e expr.Expr) bool {
	cols := expr.Columns(e)
	return len(cols) > 0 && cols[len(cols)-1] >= aggBase
}

// grouped makes the groups of a block, if it has any, and moves its outputs over them.
func (b *binder) grouped(blk *block) (*rel, error) {
	if !blk.isGrouped() {
		if blk.emit {
			return nil, b.emitNeedsGroups()
		}
		return &rel{in: blk.in, outs: blk.outs, names: blk.names}, nil
	}
	if blk.emit {
		b.addWindowEnd(blk)
	}
	n, err := b.aggregateNode(blk)
	if err != nil {
		return nil, err
	}
	r := &rel{in: n, names: blk.names}
	if blk.emit {
		if r.in, err = b.emitOnClose(blk, n); err != nil {
			return nil, err
		}
	}
	if blk.having != nil {
		having, err := b.overGroups(blk, blk.having)
		if err != nil {
			return nil, err
		}
		r.in = filtered(r.in, conjuncts(having))
	}
	for _, s := range blk.outs {
		e, err := b.overGroups(blk, s.e)
		if err != nil {
			return nil, err
		}
		r.outs = append(r.outs, scalar{e: e, param: s.param, at: s.at})
	}
	return r, nil
}

// aggregateNode is an Aggregate over a projection of what it needs.
func (b *binder) aggregateNode(blk *block) (*plan.Aggregate, error) {
	pre := &plan.Project{Input: blk.in}
	in := blk.in.Schema()
	var have exprSet
	column := func(e expr.Expr, name string) int {
		i, isNew := have.add(e)
		if !isNew {
			return i
		}
		if c, ok := e.(expr.Column); ok {
			name = in[c.Index].Name
		}
		pre.Exprs, pre.Names = append(pre.Exprs, e), append(pre.Names, name)
		return i
	}
	if len(blk.group.list) == 0 && len(blk.aggs.calls) == 0 { // HAVING alone: one row has to be there
		blk.aggs.add(aggCall{fn: plan.CountStar, name: "count", typ: int8Type})
	}
	outNames := blk.outputNames()
	out := &plan.Aggregate{Input: pre}
	for _, g := range blk.group.list {
		i := column(g, outNames(g))
		out.GroupBy = append(out.GroupBy, i)
		out.Names = append(out.Names, pre.Names[i])
	}
	for _, c := range blk.aggs.calls {
		call := plan.Call(c.fn, -1, c.typ)
		call.Distinct = c.distinct
		if c.arg != nil {
			call.Arg = column(c.arg, "arg")
		}
		if c.filter != nil {
			call.Filter = column(c.filter, "filter")
		}
		out.Calls = append(out.Calls, call)
		out.Names = append(out.Names, c.name)
	}
	return out, nil
}

// outputNames finds the name of the output that an expression is, for readable plans.
func (blk *block) outputNames() func(expr.Expr) string {
	var set exprSet
	var names []string
	for i, s := range blk.outs {
		if _, isNew := set.add(s.e); isNew {
			names = append(names, blk.names[i])
		}
	}
	return func(e expr.Expr) string {
		if i := set.find(e); i >= 0 {
			return names[i]
		}
		return "group"
	}
}

// overGroups moves an expression from the rows to the groups: grouping expressions and aggregate
// calls become columns; any other column is ungrouped.
func (b *binder) overGroups(blk *block, e expr.Expr) (expr.Expr, error) {
	var fault error
	out := mapDown(e, func(e expr.Expr) (expr.Expr, bool) {
		if i := blk.group.find(e); i >= 0 {
			return columnAt(i, e.Type()), true
		}
		c, ok := e.(expr.Column)
		switch {
		case !ok:
			return nil, false
		case c.Index >= aggBase:
			return columnAt(len(blk.group.list)+c.Index-aggBase, c.T), true
		case fault == nil:
			fault = b.ungrouped(blk, c.Index)
		}
		return e, true
	})
	return out, fault
}

func (b *binder) ungrouped(blk *block, index int) error {
	name := "?"
	for _, c := range blk.scope.cols {
		if c.index == index {
			if name = c.name; c.table != "" {
				name = c.table + "." + c.name
			}
			break
		}
	}
	return b.errorf(blk.seen[index], stateGrouping,
		"column %q must appear in the GROUP BY clause or be used in an aggregate function", name)
}

// mapDown rewrites an expression from the top: f gives the replacement of a subtree, or says no
// and is asked for its operands.
func mapDown(e expr.Expr, f func(expr.Expr) (expr.Expr, bool)) expr.Expr {
	if out, ok := f(e); ok {
		return out
	}
	list := func(in []expr.Expr) []expr.Expr {
		out := make([]expr.Expr, len(in))
		for i, c := range in {
			out[i] = mapDown(c, f)
		}
		return out
	}
	switch e := e.(type) {
	case *expr.Call:
		return &expr.Call{Fn: e.Fn, Args: list(e.Args), T: e.T}
	case *expr.And:
		return &expr.And{Args: list(e.Args)}
	case *expr.Or:
		return &expr.Or{Args: list(e.Args)}
	case *expr.Coalesce:
		return &expr.Coalesce{Args: list(e.Args), T: e.T}
	case *expr.Case:
		out := &expr.Case{Whens: list(e.Whens), Thens: list(e.Thens), T: e.T}
		if e.Else != nil {
			out.Else = mapDown(e.Else, f)
		}
		return out
	}
	return e
}

package operator

import (
	"weir/stream/expr"
	"weir/stream/value"
)

// FilterExpression names the predicate of a filter in the error relation.
const FilterExpression = "where"

// Filter keeps the rows whose predicate is true.
type Filter struct {
	stateless
	op    int
	pred  *expr.Program
	types []value.Type
}

// NewFilter returns a filter; op is its number in the error relation.
func NewFilter(op int, pred *expr.Program, types []value.Type) *Filter {
	return &Filter{op: op, pred: pred, types: types}
}

// Name implements Operator.
func (f *Filter) Name() string { return "filter" }

// Types implements Operator.
func (f *Filter) Types() []value.Type { return f.types }

// Step implements Operator.
func (f *Filter) Step(ctx *Context, in []Delta) Delta {
	out := Delta{Marks: in[0].Marks}
	b := in[0].Rows
	if b == nil {
		return out
	}
	sel, errs := f.pred.Filter(b, ctx.Env)
	for _, e := range errs {
		ctx.Errors.Add(f.op, FilterExpression, e.Err.SQLState, b.Cols, e.Row, b.Weight(e.Row))
	}
	if len(sel) < b.Len {
		b = b.Select(sel)
	}
	out.Rows = rowsOrNil(b)
	return out
}

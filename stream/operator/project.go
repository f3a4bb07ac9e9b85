package operator

import (
	"cmp"
	"slices"

	"weir/stream/batch"
	"weir/stream/expr"
	"weir/stream/value"
	"weir/stream/window"
)

// Project computes one expression per output column. A row of which an expression fails leaves
// with the error of the first such expression.
type Project struct {
	stateless
	op    int
	exprs []expr.Expr
	names []string
	progs []*expr.Program
	types []value.Type
	carry []int // per output: the input column whose mark it carries, -1: none
	width int   // input columns
}

// NewProject returns a projection of an input with width columns; names are those of the output
// columns, for the error relation. carry says for each output of which column it is a function
// that never decreases, so that it carries the column's mark; -1: of none.
func NewProject(
	op int, exprs []expr.Expr, names []string, carry []int, width int,
) (*Project, error) {
	p := &Project{op: op, exprs: exprs, names: names, carry: carry, width: width}
	for _, e := range exprs {
		prog, err := expr.Compile(e)
		if err != nil {
			return nil, err
		}
		p.progs = append(p.progs, prog)
		p.types = append(p.types, e.Type())
	}
	return p, nil
}

// Name implements Operator.
func (p *Project) Name() string { return "project" }

// Types implements Operator.
func (p *Project) Types() []value.Type { return p.types }

// Step implements Operator.
func (p *Project) Step(ctx *Context, in []Delta) Delta {
	out := Delta{Marks: p.outMarks(in[0].Marks, ctx.Env)}
	b := in[0].Rows
	if b == nil {
		return out
	}
	cols := make([]*value.Vec, len(p.progs))
	var failed []expr.RowError
	for j, prog := range p.progs {
		var errs []expr.RowError
		cols[j], errs = prog.Eval(b, ctx.Env)
		for _, e := range errs {
			at, seen := slices.BinarySearchFunc(failed, e.Row,
				func(x expr.RowError, row int) int { return cmp.Compare(x.Row, row) })
			if seen {
				continue
			}
			failed = slices.Insert(failed, at, e)
			ctx.Errors.Add(p.op, p.names[j], e.Err.SQLState, b.Cols, e.Row, b.Weight(e.Row))
		}
	}
	res := &batch.Batch{
		Cols: cols, Len: b.Len, Weights: b.Weights, Ord: b.Ord, AppendOnly: b.AppendOnly,
	}
	if len(failed) > 0 {
		res = res.Select(complement(b.Len, failed))
	}
	out.Rows = rowsOrNil(res)
	return out
}

// outMarks computes each monotone expression at the mark of its column: if x >= W for all rows
// to come, then f(x) >= f(W).
func (p *Project) outMarks(in []int64, env expr.Env) []int64 {
	if in == nil {
		return nil
	}
	out := make([]int64, len(p.exprs))
	for j, e := range p.exprs {
		out[j] = window.None
		if c := p.carry[j]; c >= 0 && in[c] != window.None {
			out[j] = MarkThrough(e, c, in[c], p.width, env)
		}
	}
	return out
}

// MarkThrough returns the mark of a monotone expression over column col, which has mark w.
func MarkThrough(e expr.Expr, col int, w int64, width int, env expr.Env) int64 {
	if _, plain := e.(expr.Column); plain {
		return w
	}
	row := make([]value.Datum, width)
	row[col] = value.NewInt(columnKind(e), w)
	d, err := expr.EvalRow(e, row, env)
	if err != nil || d.IsNull() {
		return window.None
	}
	return d.I
}

// columnKind is the kind of the one column that a monotone expression reads.
func columnKind(e expr.Expr) value.Kind {
	switch e := e.(type) {
	case expr.Column:
		return e.T.Kind
	case *expr.Call:
		for _, a := range e.Args {
			if k := columnKind(a); k != value.Null {
				return k
			}
		}
	}
	return value.Null
}

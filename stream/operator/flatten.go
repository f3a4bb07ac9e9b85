package operator

import (
	"weir/stream/batch"
	"weir/stream/expr"
	"weir/stream/value"
	"weir/stream/window"
)

// FlattenSpec is what a Flatten does.
type FlattenSpec struct {
	Fn         expr.SetFunc
	Args       []*expr.Program // over the input
	In, Fields []value.Type    // Fields: with the column of Ordinality
	Ordinality bool
	Outer      bool
}

// Flatten calls a set-returning function for every row and puts its rows beside the row. It is
// linear: the rows of a call have the weight of the row. A row whose arguments or call fail goes
// to the error relation.
type Flatten struct {
	stateless
	op    int
	spec  FlattenSpec
	types []value.Type
}

// NewFlatten returns the operator.
func NewFlatten(op int, s FlattenSpec) *Flatten {
	types := append(append([]value.Type{}, s.In...), s.Fields...)
	return &Flatten{op: op, spec: s, types: types}
}

// Name implements Operator.
func (f *Flatten) Name() string { return "flatten" }

// Types implements Operator.
func (f *Flatten) Types() []value.Type { return f.types }

// Step implements Operator.
func (f *Flatten) Step(ctx *Context, in []Delta) Delta {
	out := Delta{Marks: f.outMarks(in[0].Marks)}
	if in[0].Rows != nil {
		out.Rows = rowsOrNil(f.flatten(ctx, in[0].Rows))
	}
	return out
}

func (f *Flatten) outMarks(in []int64) []int64 {
	if in == nil {
		return nil
	}
	out := append(make([]int64, 0, len(f.types)), in...)
	for len(out) < len(f.types) {
		out = append(out, window.None)
	}
	return out
}

func (f *Flatten) flatten(ctx *Context, b *batch.Batch) *batch.Batch {
	args, failed := f.arguments(ctx, b)
	made := batch.NewBuilder(f.spec.Fields, b.Len)
	var (
		sel   []int32
		rows  [][]value.Datum
		datum = make([]value.Datum, len(args))
		emit  = func(r []value.Datum) { rows = append(rows, r) }
	)
	for i := range b.Len {
		if failed.Get(i) {
			continue
		}
		for j, a := range args {
			datum[j] = a.Datum(i)
		}
		rows = rows[:0]
		if err := expr.EvalSet(f.spec.Fn, datum, emit); err != nil {
			ctx.Errors.Add(f.op, string(f.spec.Fn), err.SQLState, b.Cols, i, b.Weight(i))
			continue
		}
		if len(rows) == 0 && f.spec.Outer {
			f.absent(made)
			sel = append(sel, int32(i))
		}
		ctx.Bound(len(sel) + len(rows))
		for k, r := range rows {
			f.row(made, r, k)
			sel = append(sel, int32(i))
		}
	}
	out := b.Select(sel)
	out.Ord = nil
	out.Cols = append(out.Cols, made.Cols...)
	return out
}

// arguments evaluates the arguments of all calls; a row fails with its first argument that does.
func (f *Flatten) arguments(ctx *Context, b *batch.Batch) ([]*value.Vec, value.Bitmap) {
	var failed value.Bitmap
	args := make([]*value.Vec, len(f.spec.Args))
	for j, p := range f.spec.Args {
		var errs []expr.RowError
		args[j], errs = p.Eval(b, ctx.Env)
		for _, e := range errs {
			if failed.Get(e.Row) {
				continue
			}
			failed.Set(e.Row)
			ctx.Errors.Add(f.op, string(f.spec.Fn), e.Err.SQLState, b.Cols, e.Row, b.Weight(e.Row))
		}
	}
	return args, failed
}

// row appends row k of a call.
func (f *Flatten) row(made *batch.Builder, r []value.Datum, k int) {
	for c, d := range r {
		made.Cols[c].AppendDatum(d)
	}
	if f.spec.Ordinality {
		made.Cols[len(made.Cols)-1].AppendInt(int64(k) + 1)
	}
}

// absent appends the NULLs of a call without rows.
func (f *Flatten) absent(made *batch.Builder) {
	for _, c := range made.Cols {
		c.AppendNull()
	}
}

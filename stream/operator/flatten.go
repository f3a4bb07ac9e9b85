package operator

import (
	"weir/stream/batch"
	"weir/stream/expr"
	"weir/stream/value"
	"weir/stream/window"
)

// FlattenSpec is what a Flatten does.
type FlattenSpec struct {
	Calls      []SetCall
	In, Fields []value.Type // Fields: with the column of Ordinality
	Ordinality bool
	Outer      bool
}

// SetCall is one function of a Flatten.
type SetCall struct {
	Fn    expr.SetFunc
	Args  []*expr.Program // over the input
	Width int             // columns that it gives
}

// Flatten calls set-returning functions for every row and puts their rows beside the row, in step.
// It is linear: the rows of a call have the weight of the row. A row whose arguments or calls fail
// goes to the error relation.
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
	sets := newSets(f.spec.Calls, args)
	var sel []int32
	for i := range b.Len {
		if failed.Get(i) {
			continue
		}
		height, fn, err := sets.call(i)
		if err != nil {
			ctx.Errors.Add(f.op, string(fn), err.SQLState, b.Cols, i, b.Weight(i))
			continue
		}
		if height == 0 && f.spec.Outer {
			f.absent(made)
			sel = append(sel, int32(i))
		}
		ctx.Bound(len(sel) + height)
		for k := range height {
			sets.row(made, k)
			if f.spec.Ordinality {
				made.Cols[len(made.Cols)-1].AppendInt(int64(k) + 1)
			}
			sel = append(sel, int32(i))
		}
	}
	out := b.Select(sel)
	out.Ord = nil
	out.Cols = append(out.Cols, made.Cols...)
	return out
}

// sets are the rows of the calls for one row of the input.
type sets struct {
	calls []SetCall
	args  [][]*value.Vec
	datum []value.Datum
	rows  [][][]value.Datum
	emits []func([]value.Datum)
}

func newSets(calls []SetCall, args [][]*value.Vec) *sets {
	s := &sets{calls: calls, args: args, rows: make([][][]value.Datum, len(calls))}
	for c := range calls {
		s.emits = append(s.emits, func(r []value.Datum) { s.rows[c] = append(s.rows[c], r) })
	}
	return s
}

// call calls all functions for row i: the rows of the longest, or the function that failed.
func (s *sets) call(i int) (height int, fn expr.SetFunc, err *value.Error) {
	for c, call := range s.calls {
		s.datum, s.rows[c] = s.datum[:0], s.rows[c][:0]
		for _, a := range s.args[c] {
			s.datum = append(s.datum, a.Datum(i))
		}
		if err := expr.EvalSet(call.Fn, s.datum, s.emits[c]); err != nil {
			return 0, call.Fn, err
		}
		height = max(height, len(s.rows[c]))
	}
	return height, "", nil
}

// row appends row k of all calls.
func (s *sets) row(made *batch.Builder, k int) {
	at := 0
	for c, call := range s.calls {
		for j := range call.Width {
			if k < len(s.rows[c]) {
				made.Cols[at+j].AppendDatum(s.rows[c][k][j])
			} else {
				made.Cols[at+j].AppendNull()
			}
		}
		at += call.Width
	}
}

// arguments evaluates the arguments of all calls; a row fails with its first argument that does.
func (f *Flatten) arguments(ctx *Context, b *batch.Batch) ([][]*value.Vec, value.Bitmap) {
	var failed value.Bitmap
	args := make([][]*value.Vec, len(f.spec.Calls))
	for c, call := range f.spec.Calls {
		for _, p := range call.Args {
			vec, errs := p.Eval(b, ctx.Env)
			args[c] = append(args[c], vec)
			for _, e := range errs {
				if failed.Get(e.Row) {
					continue
				}
				failed.Set(e.Row)
				ctx.Errors.Add(f.op, string(call.Fn), e.Err.SQLState, b.Cols, e.Row, b.Weight(e.Row))
			}
		}
	}
	return args, failed
}

// absent appends the NULLs of calls without rows.
func (f *Flatten) absent(made *batch.Builder) {
	for _, c := range made.Cols {
		c.AppendNull()
	}
}

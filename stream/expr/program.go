package expr

import (
	"cmp"
	"slices"

	"weir/internal/invariant"
	"weir/stream/batch"
	"weir/stream/value"
)

// Env is what an expression may know beside its row.
type Env struct {
	Now int64 // block time: microseconds since 1970-01-01 UTC
}

// RowError is the scalar error of one row.
type RowError struct {
	Row int
	Fn  Func // that raised it
	Err *value.Error
}

// Program is a compiled expression. It is immutable and may be used by several goroutines.
type Program struct {
	root node
	t    value.Type
	col  int // the input column that the expression is, -1 if it is more than that
}

// Compile prepares e for evaluation over batches. e must be well-formed (see Check).
func Compile(e Expr) (*Program, error) {
	if err := Check(e, nil); err != nil {
		return nil, err
	}
	p := &Program{root: compile(e), t: e.Type(), col: -1}
	if c, ok := e.(Column); ok {
		p.col = c.Index
	}
	return p, nil
}

// Type returns the type of the result.
func (p *Program) Type() value.Type { return p.t }

// Eval evaluates the expression for every row of b. The column has NULL at rows with an error;
// errors are in ascending order of rows, one a row. The column may share storage with b.
func (p *Program) Eval(b *batch.Batch, env Env) (*value.Vec, []RowError) {
	if p.col >= 0 {
		return b.Cols[p.col], nil
	}
	r := &run{b: b, env: env}
	out := p.root.eval(r, nil, b.Len).column(b.Len)
	if len(r.errs) > 0 {
		out = nullAtErrors(out, &r.failed)
	}
	slices.SortFunc(r.errs, func(x, y RowError) int { return cmp.Compare(x.Row, y.Row) })
	return out, r.errs
}

// nullAtErrors makes the rows with an error NULL: a function that takes NULLs may have gone on
// from the NULL of its failed argument.
func nullAtErrors(v *value.Vec, failed *value.Bitmap) *value.Vec {
	out := value.NewVec(v.Type, v.Len())
	for i := range v.Len() {
		if failed.Get(i) {
			out.AppendNull()
		} else {
			out.AppendFrom(v, i)
		}
	}
	return out
}

// Filter returns the rows of b for which the expression, a boolean, is true.
func (p *Program) Filter(b *batch.Batch, env Env) (sel []int32, errs []RowError) {
	invariant.Check(p.t.Kind == value.Bool, "filter of type %v", p.t)
	v, errs := p.Eval(b, env)
	sel = make([]int32, 0, b.Len)
	for i, x := range v.Ints {
		if x != 0 { // NULL keeps 0 in its slot
			sel = append(sel, int32(i))
		}
	}
	return sel, errs
}

// run is one evaluation.
type run struct {
	b      *batch.Batch
	env    Env
	errs   []RowError
	failed value.Bitmap
}

// fail records the first error of a row.
func (r *run) fail(row int, fn Func, err *value.Error) {
	if !r.failed.Get(row) {
		r.failed.Set(row)
		r.errs = append(r.errs, RowError{row, fn, err})
	}
}

// node is a compiled expression. eval computes it for the n rows of the batch that sel names
// (nil: all rows), result i belonging to row sel[i].
type node interface {
	eval(r *run, sel []int32, n int) operand
}

// operand is a column of results, or one value for all rows: value i is vec[i & mask].
type operand struct {
	vec  *value.Vec
	mask int // -1: a column; 0: one value
}

func column(v *value.Vec) operand { return operand{v, -1} }
func single(v *value.Vec) operand { return operand{v, 0} }

func (o operand) isNull(i int) bool { return o.vec.IsNull(i & o.mask) }

// column spreads a single value over n rows.
func (o operand) column(n int) *value.Vec {
	if o.mask != 0 {
		return o.vec
	}
	v := value.NewVec(o.vec.Type, n)
	for range n {
		v.AppendFrom(o.vec, 0)
	}
	return v
}

// rowAt is the row of the batch that result i belongs to.
func rowAt(sel []int32, i int) int {
	if sel == nil {
		return i
	}
	return int(sel[i])
}

func compile(e Expr) node {
	switch e := e.(type) {
	case Column:
		return columnNode(e.Index)
	case Const:
		v := value.NewVec(e.T, 1)
		v.AppendDatum(e.D)
		return constNode{v}
	case *Call:
		f, _ := library.find(e.Fn)
		return &callNode{
			fn: e.Fn, f: f, args: compileAll(e.Args), t: e.T, in: f.typesOf(e.Args),
			scalar: prepared(f, e.Args),
		}
	case *And:
		return &logicNode{args: compileAll(e.Args), decides: 0}
	case *Or:
		return &logicNode{args: compileAll(e.Args), decides: 1}
	case *Case:
		c := &caseNode{whens: compileAll(e.Whens), thens: compileAll(e.Thens), t: e.T}
		c.otherwise = compile(orNull(e.Else, e.T))
		return c
	case *Coalesce:
		return &coalesceNode{args: compileAll(e.Args), t: e.T}
	case *Row:
		return &rowNode{args: compileAll(e.Args), t: e.T}
	case *Field:
		return &fieldNode{arg: compile(e.Arg), index: e.Index, t: e.T}
	}
	invariant.Fail("expression of unknown form %T", e)
	return nil
}

// typesOf returns the types of arguments if f sees them.
func (f *function) typesOf(args []Expr) []value.Type {
	if !f.needsTypes {
		return nil
	}
	out := make([]value.Type, len(args))
	for i, a := range args {
		out[i] = a.Type()
	}
	return out
}

// prepared returns the scalar of f for arguments some of which are constant.
func prepared(f *function, args []Expr) scalar {
	if f.prepare == nil {
		return f.scalar
	}
	consts := make([]*value.Datum, len(args))
	for i, a := range args {
		if c, ok := a.(Const); ok && !c.D.IsNull() {
			consts[i] = &c.D
		}
	}
	if s := f.prepare(consts); s != nil {
		return s
	}
	return f.scalar
}

// orNull is the ELSE branch of a CASE.
func orNull(e Expr, t value.Type) Expr {
	if e == nil {
		return Const{T: t}
	}
	return e
}

func compileAll(es []Expr) []node {
	out := make([]node, len(es))
	for i, e := range es {
		out[i] = compile(e)
	}
	return out
}

type columnNode int

func (c columnNode) eval(r *run, sel []int32, _ int) operand {
	v := r.b.Cols[c]
	if sel != nil {
		v = v.Gather(sel)
	}
	return column(v)
}

type constNode struct{ v *value.Vec }

func (c constNode) eval(*run, []int32, int) operand { return single(c.v) }

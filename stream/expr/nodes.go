package expr

import (
	"weir/stream/value"
)

// kernel computes a function for many rows. out holds c.rows zero values with the NULLs of
// strict arguments already set; fixed-width results are written by index, at NULLs too.
type kernel func(c *kernelCall)

type kernelCall struct {
	args []operand
	out  *value.Vec
	rows int
	ctx  *ctx
	fail func(i int, err *value.Error)
}

// callNode applies a function of the library.
type callNode struct {
	fn     Func
	f      *function
	args   []node
	t      value.Type
	in     []value.Type // see ctx
	scalar scalar       // f's, or what it prepared
}

func (c *callNode) eval(r *run, sel []int32, n int) operand {
	args := make([]operand, len(c.args))
	rows, constant := 1, true
	for i, a := range c.args {
		args[i] = a.eval(r, sel, n)
		constant = constant && args[i].mask == 0
	}
	if !constant {
		rows = n
	}
	fail := func(i int, err *value.Error) { r.fail(rowAt(sel, i), c.fn, err) }
	if constant {
		fail = func(_ int, err *value.Error) {
			for i := range n {
				r.fail(rowAt(sel, i), c.fn, err)
			}
		}
	}
	x := &ctx{env: r.env, t: c.t, in: c.in}
	var out *value.Vec
	switch {
	case c.f.kernel != nil:
		out = c.runKernel(args, rows, x, fail)
	case c.f.appender != nil:
		out = c.runAppender(args, rows, x, fail)
	default:
		out = c.loop(args, rows, x, fail)
	}
	return operand{out, maskOf(constant)}
}

func maskOf(constant bool) int {
	if constant {
		return 0
	}
	return -1
}

func (c *callNode) runKernel(
	args []operand, rows int, x *ctx, fail func(int, *value.Error),
) *value.Vec {
	out := value.NewVecLen(c.t, rows)
	if !c.f.nullable {
		for _, a := range args {
			switch {
			case a.mask != 0:
				out.Nulls = out.Nulls.Or(a.vec.Nulls)
			case a.vec.IsNull(0):
				return allNull(c.t, rows)
			}
		}
	}
	k := &kernelCall{args: args, out: out, rows: rows, ctx: x}
	k.fail = func(i int, err *value.Error) {
		if out.IsNull(i) {
			return
		}
		out.SetNull(i)
		fail(i, err)
	}
	c.f.kernel(k)
	zeroNulls(out)
	return out
}

// zeroNulls restores the rule that NULLs keep a zero in their slot.
func zeroNulls(v *value.Vec) {
	if v.Nulls == nil {
		return
	}
	for i := range v.Len() {
		if v.Nulls.Get(i) {
			v.SetNull(i)
		}
	}
}

func allNull(t value.Type, n int) *value.Vec {
	v := value.NewVec(t, n)
	for range n {
		v.AppendNull()
	}
	return v
}

// appender computes value i of a byte column for a strict function: it appends the value to dst.
// Where the value is NULL it returns a nil slice. It sees only rows whose arguments are not NULL.
type appender func(x *ctx, dst []byte, args []operand, i int) ([]byte, *value.Error)

func (c *callNode) runAppender(
	args []operand, rows int, x *ctx, fail func(int, *value.Error),
) *value.Vec {
	out := value.NewVec(c.t, rows)
	for i := range rows {
		null := false
		for _, a := range args {
			null = null || a.isNull(i)
		}
		if null {
			out.AppendNull()
			continue
		}
		b, err := c.f.appender(x, out.Bytes, args, i)
		if err != nil {
			fail(i, err)
		}
		if err != nil || b == nil {
			out.AppendNull()
			continue
		}
		out.Bytes = b
		out.EndBytes()
	}
	return out
}

// text returns the bytes of value i of a byte column.
func (o operand) text(i int) []byte { return o.vec.Text(i & o.mask) }

// texts makes strings of the values of a byte column: parts of one string, so that a batch costs
// one allocation and not one a row.
type texts struct {
	whole string
	from  uint32
}

func textsOf(v *value.Vec) (t texts) {
	if n := v.Len(); n > 0 && v.Type.Kind.Class() == value.ClassBytes {
		t.from = v.Offs[0]
		t.whole = string(v.Bytes[t.from:v.Offs[n]])
	}
	return t
}

// datum is value i of the column v that t is of.
func (t texts) datum(v *value.Vec, i int) value.Datum {
	if t.whole == "" || v.IsNull(i) {
		return v.Datum(i)
	}
	return value.Datum{Kind: v.Type.Kind, S: t.whole[v.Offs[i]-t.from : v.Offs[i+1]-t.from]}
}

// loop calls the scalar function row by row.
func (c *callNode) loop(
	args []operand, rows int, x *ctx, fail func(int, *value.Error),
) *value.Vec {
	out := value.NewVec(c.t, rows)
	ds, whole := make([]value.Datum, len(args)), make([]texts, len(args))
	for j, a := range args {
		if a.mask == 0 {
			ds[j] = a.vec.Datum(0)
		} else {
			whole[j] = textsOf(a.vec)
		}
	}
next:
	for i := range rows {
		for j, a := range args {
			if a.mask != 0 {
				ds[j] = whole[j].datum(a.vec, i)
			}
			if ds[j].IsNull() && !c.f.nullable {
				out.AppendNull()
				continue next
			}
		}
		d, err := c.scalar(x, ds)
		if err != nil {
			fail(i, err)
			d = value.NullDatum
		}
		out.AppendDatum(d)
	}
	return out
}

// logicNode is AND (decides 0) or OR (decides 1).
type logicNode struct {
	args    []node
	decides int64
}

func (l *logicNode) eval(r *run, sel []int32, n int) operand {
	out := value.NewVecLen(value.Of(value.Bool), n)
	null := make([]bool, n)
	at := make([]int32, n) // positions still undecided
	for i := range at {
		at[i] = int32(i)
		out.Ints[i] = 1 - l.decides
	}
	for _, a := range l.args {
		if len(at) == 0 {
			break
		}
		rows := rowsAt(sel, at)
		o := a.eval(r, rows, len(at))
		rest := at[:0]
		for k, i := range at {
			switch {
			case r.failed.Get(int(rows[k])):
				null[i] = true
			case o.isNull(k):
				null[i] = true
				rest = append(rest, i)
			case o.vec.Ints[k&o.mask] == l.decides:
				out.Ints[i], null[i] = l.decides, false
			default:
				rest = append(rest, i)
			}
		}
		at = rest
	}
	for i, isNull := range null {
		if isNull {
			out.SetNull(i)
		}
	}
	return column(out)
}

// rowsAt returns the rows of the batch at positions of sel.
func rowsAt(sel []int32, at []int32) []int32 {
	rows := make([]int32, len(at))
	for k, i := range at {
		rows[k] = int32(rowAt(sel, int(i)))
	}
	return rows
}

// picker assembles a column whose rows come from several operands.
type picker struct {
	from []operand
	src  []int32 // per position: index of from, -1: NULL
	at   []int32 // and the row of it
}

func newPicker(n int) *picker {
	p := &picker{src: make([]int32, n), at: make([]int32, n)}
	for i := range p.src {
		p.src[i] = -1
	}
	return p
}

// add says that position i takes value k of the operand added last.
func (p *picker) take(i int32, k int) {
	p.src[i] = int32(len(p.from) - 1)
	p.at[i] = int32(k & p.from[len(p.from)-1].mask)
}

func (p *picker) column(t value.Type) operand {
	out := value.NewVec(t, len(p.src))
	for i, s := range p.src {
		if s < 0 {
			out.AppendNull()
		} else {
			out.AppendFrom(p.from[s].vec, int(p.at[i]))
		}
	}
	return column(out)
}

// caseNode evaluates each branch for the rows that take it.
type caseNode struct {
	whens, thens []node
	otherwise    node
	t            value.Type
}

func (c *caseNode) eval(r *run, sel []int32, n int) operand {
	p := newPicker(n)
	at := make([]int32, n)
	for i := range at {
		at[i] = int32(i)
	}
	branch := func(taken []int32, then node) {
		if len(taken) == 0 {
			return
		}
		p.from = append(p.from, then.eval(r, rowsAt(sel, taken), len(taken)))
		for k, i := range taken {
			p.take(i, k)
		}
	}
	for w, when := range c.whens {
		if len(at) == 0 {
			break
		}
		rows := rowsAt(sel, at)
		o := when.eval(r, rows, len(at))
		var taken []int32
		rest := at[:0]
		for k, i := range at {
			switch {
			case r.failed.Get(int(rows[k])):
			case o.vec.Ints[k&o.mask] != 0:
				taken = append(taken, i)
			default:
				rest = append(rest, i)
			}
		}
		at = rest
		branch(taken, c.thens[w])
	}
	branch(at, c.otherwise)
	return p.column(c.t)
}

// coalesceNode evaluates each argument for the rows that are NULL so far.
type coalesceNode struct {
	args []node
	t    value.Type
}

func (c *coalesceNode) eval(r *run, sel []int32, n int) operand {
	p := newPicker(n)
	at := make([]int32, n)
	for i := range at {
		at[i] = int32(i)
	}
	for _, a := range c.args {
		if len(at) == 0 {
			break
		}
		rows := rowsAt(sel, at)
		p.from = append(p.from, a.eval(r, rows, len(at)))
		o := p.from[len(p.from)-1]
		rest := at[:0]
		for k, i := range at {
			switch {
			case r.failed.Get(int(rows[k])):
			case o.isNull(k):
				rest = append(rest, i)
			default:
				p.take(i, k)
			}
		}
		at = rest
	}
	return p.column(c.t)
}

package bind

import (
	"slices"
	"strings"

	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/sql/parse"
	"weir/stream/value"
)

// overs collects the window functions of a block, each once.
type overs struct {
	calls  []overCall
	at     map[string]int // overCall.id -> index
	specs  []windowSpec
	specAt map[string]int // windows that are equal -> index
	named  []namedWindow  // the WINDOW clause
}

// overCall is a window function over expressions.
type overCall struct {
	fn    plan.OverFunc
	name  string
	args  []expr.Expr
	agg   aggCall // of OverAggregate
	spec  int
	frame plan.Frame
	typ   value.Type
}

// windowSpec is PARTITION BY and ORDER BY of a window.
type windowSpec struct {
	partition []expr.Expr
	order     []orderExpr
}

// windowRule says how a window function that is no aggregate is called.
type windowRule struct {
	fn       plan.OverFunc
	min, max int
	result   value.Kind // Null: that of the first argument
	framed   bool       // it sees its frame only
}

var windowRules = map[string]windowRule{
	"row_number":   {plan.OverRowNumber, 0, 0, value.Int8, false},
	"rank":         {plan.OverRank, 0, 0, value.Int8, false},
	"dense_rank":   {plan.OverDenseRank, 0, 0, value.Int8, false},
	"percent_rank": {plan.OverPercentRank, 0, 0, value.Float8, false},
	"cume_dist":    {plan.OverCumeDist, 0, 0, value.Float8, false},
	"ntile":        {plan.OverNtile, 1, 1, value.Int4, false},
	"lag":          {plan.OverLag, 1, 3, value.Null, false},
	"lead":         {plan.OverLead, 1, 3, value.Null, false},
	"first_value":  {plan.OverFirst, 1, 1, value.Null, true},
	"last_value":   {plan.OverLast, 1, 1, value.Null, true},
	"nth_value":    {plan.OverNth, 2, 2, value.Null, true},
}

// id is the same for equal calls.
func (o *overCall) id() string {
	var b strings.Builder
	b.WriteString(string([]byte{
		byte(o.fn), byte(o.frame.Mode), byte(o.frame.Exclude), byte(o.spec),
		byte(o.spec >> 8), byte(o.frame.Start.Kind), byte(o.frame.End.Kind),
	}))
	for _, d := range []value.Datum{o.frame.Start.Offset, o.frame.End.Offset} {
		b.Write(expr.AppendExpr(nil, expr.Const{D: d, T: value.Of(d.Kind)}))
	}
	for _, e := range o.args {
		b.Write(expr.AppendExpr(nil, e))
	}
	if o.fn == plan.OverAggregate {
		b.WriteString(o.agg.id())
	}
	return b.String()
}

// each visits the expressions of all calls and windows, to read or to replace them.
func (o *overs) each(visit func(*expr.Expr)) {
	for i := range o.calls {
		o.calls[i].each(visit)
	}
	for i := range o.specs {
		o.specs[i].each(visit)
	}
}

func (o *overCall) each(visit func(*expr.Expr)) {
	for i := range o.args {
		visit(&o.args[i])
	}
	if o.fn == plan.OverAggregate {
		o.agg.each(visit)
	}
}

func (s *windowSpec) each(visit func(*expr.Expr)) {
	for i := range s.partition {
		visit(&s.partition[i])
	}
	for i := range s.order {
		visit(&s.order[i].e)
	}
}

// spec returns the number of a window.
func (o *overs) spec(s windowSpec) int {
	var b []byte
	for _, e := range s.partition {
		b = expr.AppendExpr(append(b, 1), e)
	}
	id := string(appendOrder(append(b, 0), s.order))
	if i, ok := o.specAt[id]; ok {
		return i
	}
	if o.specAt == nil {
		o.specAt = map[string]int{}
	}
	o.specAt[id] = len(o.specs)
	o.specs = append(o.specs, windowSpec{slices.Clone(s.partition), slices.Clone(s.order)})
	return len(o.specs) - 1
}

// add returns the number of a call.
func (o *overs) add(c overCall) int {
	id := c.id()
	if i, ok := o.at[id]; ok {
		return i
	}
	if o.at == nil {
		o.at = map[string]int{}
	}
	o.at[id] = len(o.calls)
	o.calls = append(o.calls, c)
	return len(o.calls) - 1
}

// overCall binds a function with OVER.
func (b *binder) overCall(f *ast.FuncCall, name string, c *exprCtx) (scalar, error) {
	at := f.Location()
	rule, isWindow := windowRules[name]
	switch {
	case !isWindow && !aggregateNamed(name):
		return scalar{}, b.errorf(at, stateWrongObject,
			"OVER specified, but %s is not a window function nor an aggregate function", name)
	case c.overs == nil:
		return scalar{}, b.noWindowHere(at, c)
	}
	inner := &exprCtx{
		scope: c.scope, clause: "OVER", aggs: c.aggs, inOver: true, seen: c.seen,
	}
	w, err := b.window(f.Over, c.overs, inner)
	if err != nil {
		return scalar{}, err
	}
	call := overCall{name: name, frame: w.frame}
	if isWindow {
		err = b.windowFunction(&call, f, rule, inner)
	} else {
		err = b.overAggregate(&call, f, inner)
	}
	if err != nil {
		return scalar{}, err
	}
	call.spec = c.overs.spec(w.windowSpec)
	return scalar{e: columnAt(overBase+c.overs.add(call), call.typ), at: at}, nil
}

// noWindowHere refuses a window function where none may stand.
func (b *binder) noWindowHere(at int, c *exprCtx) error {
	switch {
	case c.inAggregate:
		return b.errorf(at, stateGrouping,
			"aggregate function calls cannot contain window function calls")
	case c.inOver && c.clause == "OVER":
		return b.errorf(at, stateWindowing, "window function calls cannot be nested")
	}
	return b.errorf(at, stateWindowing, "window functions are not allowed in %s",
		clauseName(c.clause))
}

// overAggregate binds an aggregate over a frame.
func (b *binder) overAggregate(call *overCall, f *ast.FuncCall, inner *exprCtx) error {
	at := f.Location()
	switch {
	case f.AggWithinGroup || needsGroup(call.name):
		return b.unsupported(at, "OVER for ordered-set aggregate "+call.name+" is", "")
	case f.AggDistinct || call.name == approxCount:
		return b.errorf(at, stateUnsupported, "DISTINCT is not implemented for window functions")
	case hasItems(f.AggOrder):
		return b.errorf(at, stateUnsupported,
			"aggregate ORDER BY is not implemented for window functions")
	}
	var err error
	call.agg, err = b.aggregateCall(f, call.name, inner)
	call.fn, call.typ = plan.OverAggregate, call.agg.typ
	return err
}

// windowFunction binds a function that is no aggregate.
func (b *binder) windowFunction(
	call *overCall, f *ast.FuncCall, rule windowRule, inner *exprCtx,
) error {
	at := f.Location()
	switch {
	case f.AggDistinct:
		return b.errorf(at, stateUnsupported, "DISTINCT is not implemented for window functions")
	case hasItems(f.AggOrder):
		return b.errorf(at, stateUnsupported,
			"aggregate ORDER BY is not implemented for window functions")
	case !parse.IsNil(f.AggFilter):
		return b.errorf(at, stateUnsupported,
			"FILTER is not implemented for non-aggregate window functions")
	}
	args, err := b.exprs(f.Args, inner)
	if err != nil {
		return err
	}
	if n := len(args); n < rule.min || n > rule.max || f.AggStar {
		types := make([]value.Type, n)
		for i, a := range args {
			types[i] = a.typ()
		}
		if !rule.framed && rule.min == 0 && n > 0 && rule.fn != plan.OverRowNumber {
			return b.errorf(at, stateWrongObject,
				"WITHIN GROUP is required for ordered-set aggregate %s", call.name)
		}
		return b.noAggregate(f, value.Errorf("42883", "function %s does not exist",
			callText(call.name, types)))
	}
	if !rule.framed {
		call.frame = plan.Frame{End: plan.Bound{Kind: plan.CurrentRow}}
	}
	call.fn, call.typ = rule.fn, value.Of(rule.result)
	if rule.fn == plan.OverNtile {
		return b.countArg(call, args[0])
	}
	if len(args) == 0 {
		return nil
	}
	return b.valueArgs(call, args, at)
}

// countArg appends an argument that counts rows or buckets: an integer, held as a bigint.
func (b *binder) countArg(call *overCall, s scalar) error {
	s, err := b.asType(s, int4Type)
	if err != nil {
		return err
	}
	if s.typ().Kind != value.Int4 && s.typ().Kind != value.Int2 {
		e := b.errorf(s.at, "42883", "function %s does not exist",
			callText(call.name, []value.Type{s.typ()}))
		e.Detail = "The count must be of type integer."
		return e
	}
	e, err := b.castTo(s, int8Type, true)
	call.args = append(call.args, e)
	return err
}

// valueArgs binds the arguments of lag, lead, first_value, last_value and nth_value.
func (b *binder) valueArgs(call *overCall, args []scalar, at int) error {
	if len(args) < 3 {
		s, err := b.settled(args[0])
		if err != nil {
			return err
		}
		call.args, call.typ = []expr.Expr{s.e}, s.typ()
		if len(args) == 2 {
			if err := b.countArg(call, args[1]); err != nil {
				return err
			}
		}
		return b.backwards(call, at)
	}
	es, t, err := b.unify([]scalar{args[0], args[2]}, at)
	if err != nil {
		return err
	}
	call.args, call.typ = []expr.Expr{es[0]}, t
	if err := b.countArg(call, args[1]); err != nil {
		return err
	}
	call.args = append(call.args, es[1])
	return b.backwards(call, at)
}

// backwards makes lag look back for sure: with an offset that is negative, or that is no
// constant, it is lead by the opposite offset.
func (b *binder) backwards(call *overCall, at int) error {
	if call.fn != plan.OverLag || len(call.args) < 2 {
		return nil
	}
	if d, ok := constantOf(call.args[1]); ok && (d.IsNull() || d.I >= 0) {
		return nil
	}
	neg, err := b.call(at, "-", scalar{e: call.args[1], at: at})
	call.fn, call.args[1] = plan.OverLead, neg.e
	return err
}

// windows adds the window functions of a block to its rows, with the expressions that stand behind
// its outputs.
func (b *binder) windows(blk *block, r *rel) *rel {
	if len(blk.overs.calls) == 0 {
		return r
	}
	width := len(blk.outs)
	blk.calls.each(func(*expr.Expr) { width++ })
	behind := r.outs[width:]
	blk.overs.each(func(e *expr.Expr) {
		*e, behind = behind[0].e, behind[1:]
	})
	out := &rel{in: r.in, outs: r.outs[:width], names: r.names}
	out.overNodes(blk.overs.specs, blk.overs.calls)
	return out
}

// overNodes puts one Over for each window above a projection of what windows and outputs read.
func (r *rel) overNodes(specs []windowSpec, calls []overCall) {
	pre := newPreProject(r.in)
	nodes := make([]*plan.Over, len(specs))
	for i, s := range specs {
		nodes[i] = s.node(pre)
	}
	slot := make([]int, len(calls)) // of a call in its node
	for i, c := range calls {
		n := nodes[c.spec]
		slot[i] = len(n.Calls)
		n.Calls, n.Names = append(n.Calls, c.placed(pre)), append(n.Names, c.name)
	}
	for _, s := range r.outs {
		for _, col := range expr.Columns(s.e) {
			if col < aggBase {
				pre.column(columnAt(col, pre.in[col].Type), "")
			}
		}
	}
	first := make([]int, len(specs)) // column of a node's first call
	width := len(pre.node.Exprs)
	var in plan.Node = pre.node
	for i, n := range nodes {
		if n.Input = in; len(n.Calls) == 0 {
			continue // a window that nobody uses
		}
		in, first[i] = n, width
		width += len(n.Calls)
	}
	outs := make([]scalar, len(r.outs))
	for i, s := range r.outs {
		s.e = expr.Remap(s.e, func(col int) int {
			if col >= setBase {
				return col
			}
			if col >= overBase {
				return first[calls[col-overBase].spec] + slot[col-overBase]
			}
			return pre.column(columnAt(col, pre.in[col].Type), "")
		})
		outs[i] = s
	}
	r.in, r.outs = in, outs
}

func (s *windowSpec) node(pre *preProject) *plan.Over {
	n := &plan.Over{}
	for _, e := range s.partition {
		n.PartitionBy = append(n.PartitionBy, pre.column(e, "partition"))
	}
	for _, o := range s.order {
		n.Keys = append(n.Keys, plan.SortKey{
			Col: pre.column(o.e, "order"), Desc: o.desc, NullsFirst: o.nullsFirst,
		})
	}
	return n
}

func (o *overCall) placed(pre *preProject) plan.OverCall {
	out := plan.OverCall{Func: o.fn, Frame: o.frame, Type: o.typ}
	if o.fn == plan.OverAggregate {
		out.Call = o.agg.placed(pre.column)
		return out
	}
	for _, e := range o.args {
		out.Args = append(out.Args, pre.column(e, "arg"))
	}
	return out
}

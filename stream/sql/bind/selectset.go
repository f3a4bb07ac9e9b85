package bind

import (
	"maps"
	"slices"

	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/sql/parse"
	"weir/stream/value"
)

// setCalls collects the set-returning functions in the select list, GROUP BY and ORDER BY of a
// block, each once. A column of one stands as a column from setBase on until its rows are made:
// below the groups where GROUP BY has it, else above groups and window functions. Calls go in step
// with all others of their level.
type setCalls struct {
	calls []setCall
	cols  []setColumn    // by their number from setBase on
	at    map[string]int // setCall.id -> index
	below map[int]int    // column -> its place in the block's input, of those in GROUP BY
}

// setCall is a set-returning function over expressions.
type setCall struct {
	fn    expr.SetFunc
	args  []expr.Expr
	cols  []expr.SetColumn
	first int // number of its first column
	used  bool
}

// setColumn says which call gives a column.
type setColumn struct{ call, col int }

// id is the same for equal calls.
func (c *setCall) id() string {
	b := append([]byte(c.fn), 0)
	for _, e := range c.args {
		b = expr.AppendExpr(b, e)
	}
	return string(b)
}

// add returns the number of a call.
func (s *setCalls) add(c setCall) int {
	id := c.id()
	if i, ok := s.at[id]; ok {
		return i
	}
	if s.at == nil {
		s.at = map[string]int{}
	}
	i := len(s.calls)
	s.at[id] = i
	c.first = len(s.cols)
	for j := range c.cols {
		s.cols = append(s.cols, setColumn{i, j})
	}
	s.calls = append(s.calls, c)
	return i
}

// setsIn returns the numbers of the columns of set-returning functions in an expression.
func setsIn(e expr.Expr) []int {
	var out []int
	for _, c := range expr.Columns(e) {
		if c >= setBase {
			out = append(out, c-setBase)
		}
	}
	return out
}

// each visits the arguments of all calls, to read or to replace them.
func (s *setCalls) each(visit func(*expr.Expr)) {
	for i := range s.calls {
		for j := range s.calls[i].args {
			visit(&s.calls[i].args[j])
		}
	}
}

// use marks the calls in an expression, and those in their arguments.
func (s *setCalls) use(e expr.Expr) {
	for _, k := range setsIn(e) {
		if c := &s.calls[s.cols[k].call]; !c.used {
			c.used = true
			for _, a := range c.args {
				s.use(a)
			}
		}
	}
}

// flattened calls the functions that are used over a node and tells where their columns are: each
// a level above those in its arguments.
func (s *setCalls) flattened(in plan.Node) (plan.Node, map[int]int) {
	place := map[int]int{}
	for {
		n := &plan.Flatten{Input: in}
		width := len(in.Schema())
		here := map[int]int{}
		for _, c := range s.calls {
			if _, done := place[c.first]; done || !c.used || !s.ready(c, place) {
				continue
			}
			call := plan.SetCall{Fn: c.fn, Width: len(c.cols)}
			for _, e := range c.args {
				call.Args = append(call.Args, s.placed(e, place))
			}
			for j, col := range c.cols {
				here[c.first+j] = width + len(n.Fields)
				n.Fields = append(n.Fields, plan.Field{Name: col.Name, Type: col.Type})
			}
			n.Calls = append(n.Calls, call)
		}
		if len(n.Calls) == 0 {
			return in, place
		}
		in = n
		maps.Copy(place, here)
	}
}

// ready reports whether the calls in the arguments of a call are placed.
func (s *setCalls) ready(c setCall, place map[int]int) bool {
	return !slices.ContainsFunc(c.args, func(e expr.Expr) bool {
		return slices.ContainsFunc(setsIn(e), func(k int) bool {
			_, ok := place[k]
			return !ok
		})
	})
}

// placed reads the columns of set-returning functions where they are.
func (s *setCalls) placed(e expr.Expr, place map[int]int) expr.Expr {
	return expr.Remap(e, func(i int) int {
		if at, ok := place[i-setBase]; ok && i >= setBase {
			return at
		}
		return i
	})
}

// setCallExpr binds a set-returning function in an expression: its column, or a record of several.
func (b *binder) setCallExpr(f *ast.FuncCall, c *exprCtx) (scalar, error) {
	call, err := b.selectSet(f, c)
	if err != nil {
		return scalar{}, err
	}
	if len(call.cols) != 1 {
		return b.setRecord(call, f.Location())
	}
	return call.scalar(0, f.Location()), nil
}

func (c *setCall) scalar(col, at int) scalar {
	return scalar{e: columnAt(setBase+c.first+col, c.cols[col].Type), at: at}
}

// selectSet binds the call of a set-returning function in an expression.
func (b *binder) selectSet(f *ast.FuncCall, c *exprCtx) (*setCall, error) {
	if c.sets == nil {
		return nil, b.noSetHere(f.Location(), c)
	}
	if err := b.plainCall(f); err != nil {
		return nil, err
	}
	if err := b.countFrom(1, f.Location()); err != nil {
		return nil, err
	}
	args, err := b.exprs(f.Args, c)
	if err != nil {
		return nil, err
	}
	name := lastPart(f.Funcname)
	call, cols, err := b.resolveSet(name, args, f.Location())
	if err != nil {
		return nil, err
	}
	if len(cols) == 1 {
		cols[0].Name = name
	}
	i := c.sets.add(setCall{fn: call.Fn, args: call.Args, cols: cols})
	return &c.sets.calls[i], nil
}

// setField binds (f(x)).name of a set-returning function of several columns; ok: it is one.
func (b *binder) setField(e *ast.A_Indirection, c *exprCtx) (s scalar, ok bool, err error) {
	f := setCallIn(e)
	if f == nil || len(e.Indirection.Items) != 1 {
		return scalar{}, false, nil
	}
	name, isName := e.Indirection.Items[0].(*ast.String)
	if !isName {
		return scalar{}, false, nil
	}
	call, err := b.selectSet(f, c)
	if err != nil {
		return scalar{}, true, err
	}
	if len(call.cols) == 1 {
		return scalar{}, true, b.errorf(e.Location(), stateWrongObject,
			"column notation .%s applied to type %s, which is not a composite type", name.SVal,
			call.cols[0].Type)
	}
	for i, col := range call.cols {
		if col.Name == name.SVal {
			return call.scalar(i, e.Location()), true, nil
		}
	}
	return scalar{}, true, b.errorf(e.Location(), stateNoColumn,
		"column %q not found in data type of %s", name.SVal, lastPart(f.Funcname))
}

// setStar expands (f(x)).*; ok: it is one.
func (b *binder) setStar(blk *block, n ast.Node) (ok bool, err error) {
	e, isInd := n.(*ast.A_Indirection)
	if !isInd || len(e.Indirection.Items) != 1 {
		return false, nil
	}
	f := setCallIn(e)
	if _, isStar := e.Indirection.Items[0].(*ast.A_Star); !isStar || f == nil {
		return false, nil
	}
	call, err := b.selectSet(f, blk.ctx("SELECT"))
	if err != nil {
		return true, err
	}
	if len(call.cols) == 1 {
		return true, b.errorf(e.Location(), stateWrongObject, "type %s is not composite",
			call.cols[0].Type)
	}
	for i, col := range call.cols {
		blk.outs = append(blk.outs, call.scalar(i, e.Location()))
		blk.names = append(blk.names, col.Name)
	}
	return true, nil
}

// setCallIn is the set-returning function whose field is taken, nil if it is something else.
func setCallIn(e *ast.A_Indirection) *ast.FuncCall {
	f, ok := unwrapped(e.Arg).(*ast.FuncCall)
	if !ok || !expr.IsSet(lastPart(f.Funcname)) {
		return nil
	}
	return f
}

const setHint = "You might be able to move the set-returning function into a LATERAL FROM item."

// setPlaces is how PostgreSQL's messages call a clause without set-returning functions.
var setPlaces = map[string]string{
	"CHECK": "check constraints", "DEFAULT": "DEFAULT expressions",
}

// noSetHere refuses a set-returning function where none may stand.
func (b *binder) noSetHere(at int, c *exprCtx) error {
	var e *parse.Error
	switch {
	case c.noSets != "":
		e = b.errorf(at, stateUnsupported, "set-returning functions are not allowed in %s", c.noSets)
	case c.inOver:
		e = b.errorf(at, stateUnsupported,
			"window function calls cannot contain set-returning function calls")
	case c.inAggregate && c.clause != "FILTER", c.clause == "GROUPING":
		e = b.errorf(at, stateUnsupported,
			"aggregate function calls cannot contain set-returning function calls")
	case c.clause == inFrom:
		return b.errorf(at, stateUnsupported,
			"set-returning functions must appear at top level of FROM")
	default:
		place, ok := setPlaces[c.clause]
		if !ok {
			place = clauseName(c.clause)
		}
		return b.errorf(at, stateUnsupported, "set-returning functions are not allowed in %s", place)
	}
	e.Hint = setHint
	return e
}

// withoutSets is the same place for the operands of CASE or COALESCE.
func (c *exprCtx) withoutSets(word string) *exprCtx {
	out := *c
	out.sets, out.noSets = nil, word
	return &out
}

// groupSets calls the functions of GROUP BY below the groups.
func (b *binder) groupSets(blk *block) error {
	s := &blk.calls
	for _, g := range blk.group.list {
		s.use(g)
	}
	if !slices.ContainsFunc(s.calls, func(c setCall) bool { return c.used }) {
		return nil
	}
	below := *s
	below.calls = slices.Clone(s.calls)
	l := b.blockLinker(blk, blk.in, false)
	for i := range below.calls {
		c := &below.calls[i]
		c.args = slices.Clone(c.args)
		for j, e := range c.args {
			if !c.used {
				continue
			}
			var err error
			if c.args[j], err = l.expr(e); err != nil {
				return err
			}
		}
	}
	blk.in, s.below = below.flattened(l.node)
	for i := range s.calls {
		s.calls[i].used = false
	}
	return nil
}

// overGroupSets moves the arguments of the calls that are left above the groups.
func (b *binder) overGroupSets(blk *block, outs []scalar) error {
	s := &blk.calls
	for i := len(s.calls) - 1; i >= 0; i-- { // calls in arguments have lower numbers
		c := &s.calls[i]
		reads := func(e expr.Expr) bool { return s.reads(e, i) }
		needed := slices.ContainsFunc(outs, func(o scalar) bool { return reads(o.e) }) ||
			slices.ContainsFunc(s.calls[i+1:], func(o setCall) bool {
				return slices.ContainsFunc(o.args, reads)
			})
		if !needed {
			c.args = nil
		}
		for j, e := range c.args {
			var err error
			if c.args[j], err = b.overGroups(blk, e); err != nil {
				return err
			}
		}
	}
	return nil
}

// reads reports whether an expression has a column of a call.
func (s *setCalls) reads(e expr.Expr, call int) bool {
	return slices.ContainsFunc(setsIn(e), func(k int) bool { return s.cols[k].call == call })
}

// setRows makes the rows of the set-returning functions that are left; their arguments stand
// behind the outputs of the block.
func (b *binder) setRows(blk *block, r *rel) *rel {
	s := &blk.calls
	if len(s.calls) == 0 {
		return r
	}
	width := len(blk.outs)
	behind := r.outs[width:]
	s.each(func(e *expr.Expr) {
		*e, behind = behind[0].e, behind[1:]
	})
	out := &rel{names: r.names}
	for i := range s.calls {
		s.calls[i].used = false
	}
	for _, o := range r.outs[:width] {
		s.use(o.e)
	}
	in, place := s.flattened(r.in)
	out.in = in
	for _, o := range r.outs[:width] {
		o.e = s.placed(o.e, place)
		out.outs = append(out.outs, o)
	}
	return out
}

// readsCall reports whether an expression has an aggregate or window function, be it in the
// arguments of a set-returning one; col is it.
func (blk *block) readsCall(e expr.Expr) (col int, ok bool) {
	for _, c := range expr.Columns(e) {
		switch {
		case c >= setBase:
			for _, a := range blk.calls.calls[blk.calls.cols[c-setBase].call].args {
				if col, ok := blk.readsCall(a); ok {
					return col, true
				}
			}
		case c >= aggBase:
			return c, true
		}
	}
	return 0, false
}

// resolveSet resolves a set-returning function.
func (b *binder) resolveSet(
	name string, args []scalar, at int,
) (call plan.SetCall, cols []expr.SetColumn, err error) {
	types := make([]value.Type, len(args))
	for i, a := range args {
		types[i] = a.typ()
	}
	fn, casts, cols, err := expr.ResolveSet(name, types)
	if err != nil {
		e := b.asError(err)
		e.Position = b.raw.Position(at)
		e.Hint = "No function matches the given name and argument types. " +
			"You might need to add explicit type casts."
		return call, nil, e
	}
	call.Fn, call.Width = fn, len(cols)
	for i, a := range args {
		e, err := b.implicit(a, casts[i])
		if err != nil {
			return call, nil, err
		}
		call.Args = append(call.Args, e)
	}
	return call, cols, nil
}

// plainCall refuses what only aggregates and window functions have.
func (b *binder) plainCall(f *ast.FuncCall) error {
	parts, _ := nameParts(f.Funcname)
	name := parts[len(parts)-1]
	if f.Over != nil || f.AggDistinct || f.AggStar || f.AggFilter != nil || hasItems(f.AggOrder) {
		return b.errorf(f.Location(), stateWrongObject, "%s is not an aggregate function", name)
	}
	if f.FuncVariadic {
		return b.unsupported(f.Location(), "VARIADIC is", "")
	}
	return nil
}

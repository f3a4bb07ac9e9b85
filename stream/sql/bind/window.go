package bind

import (
	"slices"
	"strings"

	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/value"
)

// windowFunctions are the window table functions with the number of intervals that each takes
// before the optional offset.
var windowFunctions = map[string]struct {
	kind      plan.WindowKind
	intervals int
}{
	"tumble": {plan.Tumble, 1}, "hop": {plan.Hop, 2}, "cumulate": {plan.Cumulate, 2},
}

// fromFunction binds TUMBLE(t, ts, size [, offset]), HOP(t, ts, slide, size [, offset]),
// CUMULATE(t, ts, step, size [, offset]) and SESSION(t, ts, gap [, key, ...]). The result goes by
// the name of t unless it has an alias.
func (b *binder) fromFunction(f *fromList, n *ast.RangeFunction) (*scope, error) {
	at := n.Location()
	call := functionOf(n)
	if call == nil || n.Lateral || n.Ordinality || hasItems(n.ColDefList) {
		return nil, b.unsupported(at, "this kind of function in FROM is", "")
	}
	name := lastPart(call.Funcname)
	spec, ok := windowFunctions[name]
	if !ok && name != "session" {
		return nil, b.unsupported(call.Location(), "function "+name+" in FROM is",
			"The functions in FROM are TUMBLE, HOP, CUMULATE and SESSION.")
	}
	args := items(call.Args)
	switch {
	case ok && (len(args) < 2+spec.intervals || len(args) > 3+spec.intervals):
		return nil, b.errorf(call.Location(), "42883", "%s takes %d or %d arguments, not %d",
			strings.ToUpper(name), 2+spec.intervals, 3+spec.intervals, len(args))
	case !ok && len(args) < 3:
		return nil, b.errorf(call.Location(), "42883",
			"SESSION takes 3 arguments or more, not %d", len(args))
	}
	in, err := b.windowInput(args[0], name)
	if err != nil {
		return nil, err
	}
	col, err := b.windowTime(args[1], in.table, in.node, in.names)
	if err != nil {
		return nil, err
	}
	var out plan.Node
	if ok {
		w := &plan.Window{Input: in.node, Kind: spec.kind, TimeCol: col}
		out, err = w, b.windowSizes(w, args[2:], spec.intervals)
	} else {
		s := &plan.Session{Input: in.node, TimeCol: col}
		out, err = s, b.sessionArgs(s, in, call)
	}
	if err != nil {
		return nil, err
	}
	names := append(slices.Clone(in.names), plan.WindowStartName, plan.WindowEndName)
	return b.aliased(f, out, in.table, names, n.Alias, at)
}

// windowInput is what a window table function reads.
type windowInput struct {
	node  plan.Node
	table string
	names []string
}

// windowInput reads the first argument: a relation or WITH query by name, or a query in
// parentheses.
func (b *binder) windowInput(n ast.Node, fn string) (in windowInput, err error) {
	if sub, ok := unwrapped(n).(*ast.SubLink); ok && sub.SubLinkType == ast.EXPR_SUBLINK {
		if q, ok := sub.Subselect.(*ast.SelectStmt); ok {
			if err := b.countFrom(1, n.Location()); err != nil {
				return in, err
			}
			r, err := b.subquery(q)
			if err != nil {
				return in, err
			}
			in.names = r.names
			in.node, err = b.project(r)
			return in, err
		}
	}
	rel, err := b.windowTable(n, fn)
	if err != nil {
		return in, err
	}
	in.table = rel.RelName
	in.node, in.names, err = b.table(rel)
	return in, err
}

// sessionArgs reads the gap and the keys of a session, which follow the gap or stand in PARTITION
// BY.
func (b *binder) sessionArgs(s *plan.Session, in windowInput, call *ast.FuncCall) error {
	args := call.Args.Items
	var err error
	if s.GapMicros, err = b.fixedInterval(args[2], "the gap of a session"); err != nil {
		return err
	}
	if s.GapMicros <= 0 {
		return b.errorf(args[2].Location(), stateBadParameter,
			"the gap of a session must be positive")
	}
	keys := args[3:]
	for _, p := range b.raw.Clauses.Partitions {
		if p.At != call.Location() {
			continue
		}
		if len(keys) > 0 {
			return b.errorf(p.Keys[0].At, stateSyntax,
				"the keys of a session stand in PARTITION BY or behind the gap, not in both")
		}
		for _, k := range p.Keys {
			ref := ast.NewColumnRef(ast.NewString(k.Name))
			ref.SetLocation(k.At)
			keys = append(keys, ref)
		}
	}
	one := &fromList{}
	sc := one.addItem(in.node, in.table, in.names, call.Location())
	for _, k := range keys {
		ref, ok := k.(*ast.ColumnRef)
		if !ok {
			return b.errorf(k.Location(), stateMismatch, "the key of a session must be a column")
		}
		c, err := b.find(sc, ref)
		if err != nil {
			return err
		}
		col, ok := c.e.(expr.Column)
		if !ok || slices.Contains(s.PartitionBy, col.Index) {
			continue
		}
		s.PartitionBy = append(s.PartitionBy, col.Index)
	}
	return nil
}

// functionOf is the one function call of a FROM item, nil if it is anything else.
func functionOf(n *ast.RangeFunction) *ast.FuncCall {
	outer := items(n.Functions)
	if n.IsRowsFrom || len(outer) != 1 {
		return nil
	}
	list, ok := outer[0].(*ast.NodeList)
	if !ok || len(list.Items) == 0 {
		return nil
	}
	call, ok := list.Items[0].(*ast.FuncCall)
	if !ok {
		return nil
	}
	return call
}

// windowTable reads the first argument as the name of a relation.
func (b *binder) windowTable(n ast.Node, fn string) (*ast.RangeVar, error) {
	if ref, ok := n.(*ast.ColumnRef); ok {
		parts, star := nameParts(ref.Fields)
		if !star && len(parts) <= 2 {
			out := &ast.RangeVar{RelName: parts[len(parts)-1]}
			if len(parts) == 2 {
				out.SchemaName = parts[0]
			}
			out.SetLocation(ref.Location())
			return out, nil
		}
	}
	return nil, b.unsupported(n.Location(), "the first argument of "+strings.ToUpper(fn)+
		" must name a relation or be a query in parentheses; anything else is",
		"Name the query with WITH.")
}

// windowTime reads the second argument, a column or DESCRIPTOR(column), as a timestamp column.
func (b *binder) windowTime(
	n ast.Node, table string, node plan.Node, names []string,
) (int, error) {
	if f, ok := n.(*ast.FuncCall); ok && lastPart(f.Funcname) == "descriptor" &&
		len(items(f.Args)) == 1 {
		n = f.Args.Items[0]
	}
	at := n.Location()
	ref, ok := n.(*ast.ColumnRef)
	if !ok {
		return 0, b.errorf(at, stateMismatch, "the time of a window must be a column")
	}
	one := &fromList{}
	s, err := b.find(one.addItem(node, table, names, at), ref)
	if err != nil {
		return 0, err
	}
	c := s.e.(expr.Column)
	if c.T.Kind != value.Timestamp && c.T.Kind != value.TimestampTZ {
		return 0, b.errorf(at, stateMismatch,
			"the time of a window must be of type timestamp or timestamptz, not %s", c.T)
	}
	return c.Index, nil
}

// windowSizes reads the intervals.
func (b *binder) windowSizes(w *plan.Window, args []ast.Node, intervals int) error {
	sizes := make([]int64, len(args))
	for i, n := range args {
		micros, err := b.fixedInterval(n, "the size of a window")
		if err != nil {
			return err
		}
		if i < intervals && micros <= 0 {
			return b.errorf(n.Location(), stateBadParameter, "the size of a window must be positive")
		}
		sizes[i] = micros
	}
	w.SlideMicros, w.SizeMicros = sizes[0], sizes[intervals-1]
	if w.SizeMicros%w.SlideMicros != 0 {
		return b.errorf(args[1].Location(), stateBadParameter,
			"the size of a window must be a multiple of its step")
	}
	if len(args) > intervals {
		w.OffsetMicros = ((sizes[intervals] % w.SizeMicros) + w.SizeMicros) % w.SizeMicros
	}
	return nil
}

// fixedInterval evaluates a constant interval without months, which have no fixed length.
func (b *binder) fixedInterval(n ast.Node, what string) (int64, error) {
	if _, named := n.(*ast.NamedArgExpr); named {
		return 0, b.unsupported(n.Location(), "named arguments are", "")
	}
	s, err := b.expr(n, &exprCtx{scope: &scope{}, clause: "this place"})
	if err != nil {
		return 0, err
	}
	if s, err = b.asType(s, value.Of(value.Interval)); err != nil {
		return 0, err
	}
	d, ok := constantOf(s.e)
	if !ok || d.Kind != value.Interval {
		return 0, b.errorf(n.Location(), stateMismatch, "%s must be a constant interval", what)
	}
	span := d.V.Span()
	micros, fits := span.Int64()
	if d.V.Months != 0 || !fits {
		return 0, b.errorf(n.Location(), stateBadParameter,
			"%s must have a fixed length: no months and no years", what)
	}
	return micros, nil
}

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

// fromFunction binds TUMBLE(t, ts, size [, offset]), HOP(t, ts, slide, size [, offset]) and
// CUMULATE(t, ts, step, size [, offset]). The result goes by the name of t unless it has an
// alias.
func (b *binder) fromFunction(f *fromList, n *ast.RangeFunction) (*scope, error) {
	at := n.Location()
	call := functionOf(n)
	if call == nil || n.Lateral || n.Ordinality || hasItems(n.ColDefList) {
		return nil, b.unsupported(at, "this kind of function in FROM is", "")
	}
	name := lastPart(call.Funcname)
	spec, ok := windowFunctions[name]
	if !ok {
		return nil, b.unsupported(call.Location(), "function "+name+" in FROM is",
			"The functions in FROM are TUMBLE, HOP and CUMULATE.")
	}
	args := items(call.Args)
	if len(args) < 2+spec.intervals || len(args) > 3+spec.intervals {
		return nil, b.errorf(call.Location(), "42883", "%s takes %d or %d arguments, not %d",
			strings.ToUpper(name), 2+spec.intervals, 3+spec.intervals, len(args))
	}
	rel, err := b.windowTable(args[0], name)
	if err != nil {
		return nil, err
	}
	node, names, err := b.table(rel)
	if err != nil {
		return nil, err
	}
	w := &plan.Window{Input: node, Kind: spec.kind}
	if w.TimeCol, err = b.windowTime(args[1], rel.RelName, node, names); err != nil {
		return nil, err
	}
	if err := b.windowSizes(w, args[2:], spec.intervals); err != nil {
		return nil, err
	}
	names = append(slices.Clone(names), plan.WindowStartName, plan.WindowEndName)
	return b.aliased(f, w, rel.RelName, names, n.Alias, at)
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
		" must name a relation; anything else is", "Name the query with WITH.")
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

package bind

import (
	"strings"

	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/value"
)

const ordinality = "ordinality" // the column of WITH ORDINALITY

// fromSet binds a set-returning function in FROM. Its arguments see the items to its left,
// LATERAL or not.
func (b *binder) fromSet(f *fromList, n *ast.RangeFunction, left *scope) (*scope, error) {
	at := n.Location()
	call := functionOf(n)
	switch {
	case n.IsRowsFrom:
		return nil, b.unsupported(at, "ROWS FROM is", "Write the functions as items of FROM.")
	case call == nil:
		return nil, b.unsupported(at, "this kind of function in FROM is", "")
	case hasItems(n.ColDefList):
		return nil, b.unsupported(at, "a column definition list is", "")
	}
	at = call.Location()
	parts, _ := nameParts(call.Funcname)
	name := parts[len(parts)-1]
	if call.Over != nil || call.AggDistinct || call.AggStar || call.AggFilter != nil ||
		hasItems(call.AggOrder) {
		return nil, b.errorf(at, stateWrongObject, "%s is not an aggregate function", name)
	}
	if !expr.IsSet(name) {
		return nil, b.unsupported(at, "function "+name+" in FROM is",
			"Functions in FROM return sets, such as generate_series, or are TUMBLE, HOP, CUMULATE "+
				"and SESSION.")
	}
	if err := b.countFrom(1, at); err != nil {
		return nil, err
	}
	// Arguments see the items to the left as a LATERAL query does: from within.
	c := &exprCtx{scope: &scope{outer: left}, clause: "function in FROM"}
	args, err := b.exprs(call.Args, c)
	if err != nil {
		return nil, err
	}
	node, err := b.setCall(name, args, n, at)
	if err != nil {
		return nil, err
	}
	return b.setNames(f, n, node, name)
}

// setCall resolves the function.
func (b *binder) setCall(
	name string, args []scalar, n *ast.RangeFunction, at int,
) (*plan.Flatten, error) {
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
		return nil, e
	}
	out := &plan.Flatten{Input: oneRow(), Fn: fn, Ordinality: n.Ordinality}
	for i, a := range args {
		e, err := b.implicit(a, casts[i])
		if err != nil {
			return nil, err
		}
		out.Args = append(out.Args, e)
	}
	for _, c := range cols {
		out.Fields = append(out.Fields, plan.Field{Name: c.Name, Type: c.Type})
	}
	if n.Ordinality {
		out.Fields = append(out.Fields, plan.Field{Name: ordinality, Type: int8Type})
	}
	return out, nil
}

// setNames names the columns: a single one takes the name of the alias, or of the function.
func (b *binder) setNames(
	f *fromList, n *ast.RangeFunction, node *plan.Flatten, name string,
) (*scope, error) {
	table := name
	if n.Alias != nil {
		table = n.Alias.AliasName
	}
	width := len(node.Fields)
	if node.Ordinality {
		width--
	}
	var names []string
	for i, c := range node.Fields {
		if i == 0 && width == 1 && (n.Alias != nil || strings.EqualFold(c.Name, name)) {
			c.Name = table
		}
		names = append(names, c.Name)
	}
	return b.aliased(f, node, table, names, n.Alias, n.Location())
}

// setInExpression refuses a set-returning function outside FROM.
func (b *binder) setInExpression(f *ast.FuncCall) error {
	name := lastPart(f.Funcname)
	return b.unsupported(f.Location(), "set-returning function "+name+" outside FROM is",
		"Write FROM ..., "+name+"(...) AS x: the function sees the items before it.")
}

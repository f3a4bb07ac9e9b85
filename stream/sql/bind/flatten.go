package bind

import (
	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/expr"
	"weir/stream/plan"
)

const ordinality = "ordinality" // the column of WITH ORDINALITY

const inFrom = "function in FROM" // the place of its arguments

// fromSet binds set-returning functions in FROM: one, or several in step as ROWS FROM. Their
// arguments see the items to their left, LATERAL or not.
func (b *binder) fromSet(f *fromList, n *ast.RangeFunction, left *scope) (*scope, error) {
	if hasItems(n.ColDefList) {
		return nil, b.unsupported(n.Location(), "a column definition list is", "")
	}
	calls, err := b.setCallsOf(n)
	if err != nil {
		return nil, err
	}
	// Arguments see the items to the left as a LATERAL query does: from within.
	c := &exprCtx{scope: &scope{outer: left}, clause: inFrom}
	node := &plan.Flatten{Input: oneRow(), Ordinality: n.Ordinality}
	table := lastPart(calls[0].Funcname)
	for _, call := range calls {
		args, err := b.exprs(call.Args, c)
		if err != nil {
			return nil, err
		}
		name := lastPart(call.Funcname)
		set, cols, err := b.resolveSet(name, args, call.Location())
		if err != nil {
			return nil, err
		}
		node.Calls = append(node.Calls, set)
		for _, c := range cols {
			node.Fields = append(node.Fields, plan.Field{Name: c.Name, Type: c.Type})
		}
	}
	if n.Ordinality {
		node.Fields = append(node.Fields, plan.Field{Name: ordinality, Type: int8Type})
	}
	return b.setNames(f, n, node, table)
}

// setCallsOf are the functions of an item. unnest of several arrays is ROWS FROM of one each.
func (b *binder) setCallsOf(n *ast.RangeFunction) ([]*ast.FuncCall, error) {
	var out []*ast.FuncCall
	for _, item := range items(n.Functions) {
		list, ok := item.(*ast.NodeList)
		if !ok || len(list.Items) == 0 {
			return nil, b.unsupported(n.Location(), "this kind of function in FROM is", "")
		}
		call, ok := list.Items[0].(*ast.FuncCall)
		if !ok {
			return nil, b.unsupported(n.Location(), "this kind of function in FROM is", "")
		}
		if len(list.Items) > 1 {
			if defs, ok := list.Items[1].(*ast.NodeList); ok && hasItems(defs) {
				return nil, b.unsupported(n.Location(), "a column definition list is", "")
			}
		}
		if err := b.plainCall(call); err != nil {
			return nil, err
		}
		name := lastPart(call.Funcname)
		if !expr.IsSet(name) {
			return nil, b.unsupported(call.Location(), "function "+name+" in FROM is",
				"Functions in FROM return sets, such as generate_series, or are TUMBLE, HOP, "+
					"CUMULATE and SESSION.")
		}
		if name != "unnest" || len(items(call.Args)) < 2 {
			out = append(out, call)
			continue
		}
		for _, arg := range items(call.Args) {
			one := *call
			one.Args = ast.NewNodeList(arg)
			out = append(out, &one)
		}
	}
	if len(out) == 0 {
		return nil, b.unsupported(n.Location(), "this kind of function in FROM is", "")
	}
	return out, b.countFrom(len(out), out[0].Location())
}

// setNames names the columns: a single one takes the name of the alias, or of the function. Where
// the function has a name for it (value of jsonb_array_elements), that one is known as well.
func (b *binder) setNames(
	f *fromList, n *ast.RangeFunction, node *plan.Flatten, fn string,
) (*scope, error) {
	table := fn
	if n.Alias != nil {
		table = n.Alias.AliasName
	}
	var names []string
	for _, c := range node.Fields {
		names = append(names, c.Name)
	}
	own := names[0]
	width := len(node.Fields)
	if node.Ordinality {
		width--
	}
	if width == 1 && n.Alias != nil {
		names[0] = table
	}
	sc, err := b.aliased(f, node, table, names, n.Alias, n.Location())
	if err == nil && width == 1 && !node.Ordinality {
		sc.cols[0].sole = true
	}
	if err != nil || width > 1 || n.Alias != nil && hasItems(n.Alias.ColNames) || own == fn {
		return sc, err
	}
	c := sc.cols[0]
	c.name, c.hidden = own, true
	sc.cols = append(sc.cols, c)
	return sc, nil
}

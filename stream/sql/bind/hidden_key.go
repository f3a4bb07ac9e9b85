package bind

import (
	"fmt"
	"slices"

	"weir/stream/catalog"
	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/value"
)

// withKey keeps the key of a view that only appends when its query drops it: the columns of the
// key stay as hidden ones at the end. Rows that only append are then keyed by the offsets that
// they come from, and grow at the right edge; without, the whole row would be the key.
func withKey(n plan.Node) plan.Node {
	p := plan.Derive(n)
	if p.Key != nil || !p.AppendOnly {
		return n
	}
	out := keepKey(n)
	fields := out.Schema()
	for _, f := range fields {
		if f.Type.Kind == value.Record { // no column to store it in
			return n
		}
	}
	if plan.Derive(out).Key != nil && len(fields) <= catalog.MaxColumns {
		return out
	}
	return n
}

// keepKey adds what a node needs for a key after its columns, which keep their places.
func keepKey(n plan.Node) plan.Node {
	switch n := n.(type) {
	case *plan.Filter, *plan.EmitOnClose:
		return n.With([]plan.Node{keepKey(n.Children()[0])})
	case *plan.Project:
		return keepProjected(n)
	}
	return n
}

func keepProjected(n *plan.Project) plan.Node {
	in := keepKey(n.Input)
	out := n.With([]plan.Node{in}).(*plan.Project)
	key, fields := plan.Derive(in).Key, in.Schema()
	if key == nil {
		return n
	}
	out.Exprs, out.Names = slices.Clone(n.Exprs), slices.Clone(n.Names)
	out.Hide = make([]bool, len(n.Exprs))
	copy(out.Hide, n.Hide)
	for _, k := range key {
		passes := slices.ContainsFunc(n.Exprs, func(e expr.Expr) bool {
			c, ok := e.(expr.Column)
			return ok && c.Index == k
		})
		if passes {
			continue
		}
		out.Exprs = append(out.Exprs, columnAt(k, fields[k].Type))
		out.Names = append(out.Names, unusedName(fields[k].Name, out.Names))
		out.Hide = append(out.Hide, true)
	}
	return out
}

// unusedName numbers a name that is taken.
func unusedName(name string, taken []string) string {
	out := name
	for i := 2; slices.Contains(taken, out); i++ {
		out = fmt.Sprintf("%s_%d", name, i)
	}
	return out
}

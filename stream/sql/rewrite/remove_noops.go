package rewrite

import (
	"slices"

	"weir/stream/expr"
	"weir/stream/plan"
)

// removeNoops takes out projections that return their input as it is and filters that keep every
// row. Names and flags of columns matter where they reach the root or something with an order.
func removeNoops(n plan.Node) plan.Node { return removeAt(n, true) }

func removeAt(n plan.Node, named bool) plan.Node {
	switch n.(type) {
	case *plan.Project, *plan.Aggregate:
		named = false // they name their columns themselves
	case *plan.Sort, *plan.TopN, *plan.Over, *plan.Asof: // whose ties go by the visible columns
		named = true
	}
	old := n.Children()
	kids := make([]plan.Node, len(old))
	changed := false
	for i, c := range old {
		if kids[i] = removeAt(c, named); !named {
			kids[i] = skipRenaming(kids[i])
		}
		changed = changed || kids[i] != c
	}
	if changed {
		n = n.With(kids)
	}
	switch n := n.(type) {
	case *plan.Filter:
		if c, ok := n.Pred.(expr.Const); ok && c.D.Bool() {
			return n.Input
		}
	case *plan.Project:
		if picksAll(n) && slices.Equal(n.Schema(), n.Input.Schema()) {
			return n.Input
		}
	}
	return n
}

// skipRenaming goes past projections that only change names.
func skipRenaming(n plan.Node) plan.Node {
	for {
		p, ok := n.(*plan.Project)
		if !ok || !picksAll(p) {
			return n
		}
		n = p.Input
	}
}

// picksAll reports whether a projection is its input's columns in their order.
func picksAll(p *plan.Project) bool {
	if len(p.Exprs) != len(p.Input.Schema()) {
		return false
	}
	for i, e := range p.Exprs {
		if c, ok := e.(expr.Column); !ok || c.Index != i {
			return false
		}
	}
	return true
}

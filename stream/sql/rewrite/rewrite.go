package rewrite

import (
	"bytes"
	"slices"

	"weir/internal/invariant"
	"weir/stream/plan"
)

// MaxPasses bounds how often the rules are applied one after another; they settle in two or
// three passes.
const MaxPasses = 8

// Rule is one named rewriting of a whole plan. It keeps the schema of the root.
type Rule struct {
	Name  string
	Apply func(plan.Node) plan.Node
}

// Rules returns every rule, in the order of a pass.
func Rules() []Rule {
	return []Rule{
		{"fold_constants", everywhere(foldConstants)},
		{"merge_projects", everywhere(mergeProjects)},
		{"outer_to_inner", everywhere(outerToInner)},
		{"push_filters", everywhere(pushFilters)},
		{"join_conditions", everywhere(joinConditions)},
		{"band_joins", everywhere(bandJoins)},
		{"top_n", everywhere(topN)},
		{"top1_on_max", everywhere(top1OnMax)},
		{"shared_panes", everywhere(sharedPanes)},
		{"bare_aggregates", everywhere(bareAggregates)},
		{"prune_columns", pruneColumns},
		{"remove_noops", removeNoops},
	}
}

// Apply rewrites a plan until nothing changes, in at most MaxPasses passes. Equal parts that can
// fail stay equal.
func Apply(n plan.Node) plan.Node {
	before := n.Schema()
	for range MaxPasses { // a part that lost what fails in it is shared no longer
		s := &sharing{}
		last := n
		n = s.apply(n, settle)
		if !s.several || bytes.Equal(plan.Encode(last), plan.Encode(n)) {
			break
		}
	}
	invariant.Check(slices.Equal(before, n.Schema()), "rewriting changed the columns of a plan")
	return n
}

// settle applies all rules until nothing changes.
func settle(n plan.Node) plan.Node {
	last := plan.Encode(n)
	for range MaxPasses {
		for _, r := range Rules() {
			n = r.Apply(n)
		}
		next := plan.Encode(n)
		if bytes.Equal(next, last) {
			break
		}
		last = next
	}
	return n
}

// everywhere applies a rule for one node to every node, children first.
func everywhere(rule func(plan.Node) plan.Node) func(plan.Node) plan.Node {
	var visit func(plan.Node) plan.Node
	visit = func(n plan.Node) plan.Node {
		old := n.Children()
		kids := make([]plan.Node, len(old))
		changed := false
		for i, c := range old {
			kids[i] = visit(c)
			changed = changed || kids[i] != c
		}
		if changed {
			n = n.With(kids)
		}
		return rule(n)
	}
	return visit
}

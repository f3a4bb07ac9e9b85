package bind

import (
	"slices"

	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/value"
)

// Limits of GROUP BY.
const (
	MaxGroupingSets = 64 // after ROLLUP and CUBE are written out; else 54001
	MaxGroupingArgs = 31 // arguments of GROUPING, one bit each; else 54023
)

var zero4 = value.NewInt4(0)

// groupingCall is GROUPING(a, b): which of its arguments a group does not go by.
type groupingCall struct {
	args []expr.Expr
	at   int
}

// groupBy binds GROUP BY: ordinals, names of inputs, names of outputs, expressions, and grouping
// sets of those. Several elements give every combination of their sets.
func (b *binder) groupBy(blk *block, list *ast.NodeList, unique bool) error {
	sets := [][]int{nil}
	written := false
	for _, n := range items(list) {
		blk.groupAt = true
		if _, ok := n.(*ast.GroupingSet); ok {
			written = true
		}
		next, err := b.groupElement(blk, n)
		if err != nil {
			return err
		}
		if sets, err = b.crossSets(sets, next, n.Location()); err != nil {
			return err
		}
	}
	if unique {
		sets = uniqueSets(sets)
	}
	if written && len(sets) > 1 {
		blk.sets = sets
	}
	return nil
}

// crossSets combines each set of one list with each of another.
func (b *binder) crossSets(l, r [][]int, at int) ([][]int, error) {
	if len(l)*len(r) > MaxGroupingSets {
		return nil, b.tooManySets(at)
	}
	var out [][]int
	for _, x := range l {
		for _, y := range r {
			out = append(out, unionOf(x, y))
		}
	}
	return out, nil
}

func (b *binder) tooManySets(at int) error {
	return b.errorf(at, stateTooComplex, "too many grouping sets present (maximum %d)",
		MaxGroupingSets)
}

func unionOf(x, y []int) []int {
	out := slices.Clone(x)
	for _, i := range y {
		if !slices.Contains(out, i) {
			out = append(out, i)
		}
	}
	return out
}

// uniqueSets is GROUP BY DISTINCT: the first of equal sets.
func uniqueSets(sets [][]int) [][]int {
	var out [][]int
	for _, s := range sets {
		s := slices.Sorted(slices.Values(s))
		same := func(t []int) bool { return slices.Equal(s, slices.Sorted(slices.Values(t))) }
		if !slices.ContainsFunc(out, same) {
			out = append(out, s)
		}
	}
	return out
}

// groupElement returns the grouping sets of one element of GROUP BY.
func (b *binder) groupElement(blk *block, n ast.Node) ([][]int, error) {
	g, ok := n.(*ast.GroupingSet)
	if !ok {
		set, err := b.groupTuple(blk, n)
		return [][]int{set}, err
	}
	switch g.Kind {
	case ast.GROUPING_SET_EMPTY:
		return [][]int{nil}, nil
	case ast.GROUPING_SET_ROLLUP, ast.GROUPING_SET_CUBE:
		return b.groupLattice(blk, g)
	}
	var out [][]int
	for _, c := range items(g.Content) {
		sets, err := b.groupElement(blk, c)
		if err != nil {
			return nil, err
		}
		if out = append(out, sets...); len(out) > MaxGroupingSets {
			return nil, b.tooManySets(g.Location())
		}
	}
	return out, nil
}

// groupLattice writes ROLLUP and CUBE out: every prefix, and every subset, of their elements.
func (b *binder) groupLattice(blk *block, g *ast.GroupingSet) ([][]int, error) {
	var tuples [][]int
	for _, c := range items(g.Content) {
		t, err := b.groupTuple(blk, c)
		if err != nil {
			return nil, err
		}
		tuples = append(tuples, t)
	}
	cube := g.Kind == ast.GROUPING_SET_CUBE
	if n := len(tuples); n+1 > MaxGroupingSets || cube && (n > 30 || 1<<n > MaxGroupingSets) {
		return nil, b.tooManySets(g.Location())
	}
	out := [][]int{nil}
	for _, t := range tuples {
		if !cube {
			out = append(out, unionOf(out[len(out)-1], t))
			continue
		}
		for _, s := range slices.Clone(out) {
			out = append(out, unionOf(s, t))
		}
	}
	slices.Reverse(out) // the finest first
	return out, nil
}

// groupTuple binds one expression, or several in parentheses that go together.
func (b *binder) groupTuple(blk *block, n ast.Node) ([]int, error) {
	list := []ast.Node{n}
	if row := rowOf(n); row != nil && row.RowFormat != ast.COERCE_EXPLICIT_CALL {
		list = items(row.Args)
	}
	var out []int
	for _, n := range list {
		s, err := b.groupItem(blk, unwrapped(n))
		if err != nil {
			return nil, err
		}
		if s, err = b.settled(s); err != nil {
			return nil, err
		}
		if col, ok := blk.readsCall(s.e); ok {
			return nil, b.groupByCall(col, n.Location())
		}
		i, _ := blk.group.add(s.e)
		out = unionOf(out, []int{i})
	}
	return out, nil
}

// groupByCall refuses GROUP BY an output that is computed later.
func (b *binder) groupByCall(col, at int) error {
	switch {
	case col >= overBase:
		return b.errorf(at, stateWindowing, "window functions are not allowed in GROUP BY")
	case col >= groupingBase:
		return b.errorf(at, stateGrouping, "grouping operations are not allowed in GROUP BY")
	}
	return b.errorf(at, stateGrouping, "aggregate functions are not allowed in GROUP BY")
}

func (blk *block) inEverySet(i int) bool {
	return !slices.ContainsFunc(blk.sets, func(s []int) bool { return !slices.Contains(s, i) })
}

// grouping binds GROUPING(a, b, ...).
func (b *binder) grouping(f *ast.GroupingFunc, c *exprCtx) (scalar, error) {
	at := f.Location()
	if err := b.aggregateAllowed(at, "grouping operations are", c); err != nil {
		return scalar{}, err
	}
	if len(items(f.Args)) > MaxGroupingArgs {
		return scalar{}, b.errorf(at, "54023", "GROUPING must have fewer than %d arguments",
			MaxGroupingArgs+1)
	}
	call := groupingCall{at: at}
	args, err := b.exprs(f.Args, &exprCtx{scope: c.scope, clause: "GROUPING", seen: c.seen})
	if err != nil {
		return scalar{}, err
	}
	for _, a := range args {
		if a, err = b.settled(a); err != nil {
			return scalar{}, err
		}
		call.args = append(call.args, a.e)
	}
	c.aggs.groupings = append(c.aggs.groupings, call)
	return scalar{
		e: columnAt(groupingBase+len(c.aggs.groupings)-1, int4Type), at: at,
	}, nil
}

// checkGroupings judges the arguments of GROUPING once the groups are known.
func (b *binder) checkGroupings(blk *block) error {
	for _, g := range blk.aggs.groupings {
		for _, a := range g.args {
			if blk.group.find(a) < 0 {
				return b.errorf(g.at, stateGrouping,
					"arguments to GROUPING must be grouping expressions of the associated query level")
			}
		}
	}
	return nil
}

// bits is the value of a call of GROUPING in a set: one bit an argument, the last one lowest,
// that says that the set does not go by it.
func (g *groupingCall) bits(blk *block, set []int) int32 {
	out := int32(0)
	for _, a := range g.args {
		out <<= 1
		if !slices.Contains(set, blk.group.find(a)) {
			out |= 1
		}
	}
	return out
}

// groupingSets is one Aggregate for each set over one input, with NULL for the columns that a set
// does not go by. all is the aggregate over every column.
func (b *binder) groupingSets(blk *block, all *plan.Aggregate) (plan.Node, error) {
	out := &plan.UnionAll{}
	fields := all.Schema()
	groups := len(all.GroupBy)
	for _, set := range blk.sets {
		set = slices.Sorted(slices.Values(set))
		a := &plan.Aggregate{Input: all.Input, Calls: all.Calls}
		p := &plan.Project{}
		for i, f := range fields {
			at := slices.Index(set, i)
			switch {
			case i >= groups:
				at = len(set) + i - groups
			case at >= 0:
				a.GroupBy = append(a.GroupBy, all.GroupBy[i])
			}
			if i >= groups || at >= 0 {
				a.Names = append(a.Names, f.Name)
				p.Exprs = append(p.Exprs, columnAt(at, f.Type))
			} else {
				p.Exprs = append(p.Exprs, expr.Const{T: f.Type})
			}
			p.Names = append(p.Names, f.Name)
		}
		if len(a.Names) == 0 { // the one group of all rows needs something to say
			a.Calls = []plan.AggCall{plan.Call(plan.CountStar, -1, int8Type)}
			a.Names = []string{"count"}
		}
		for i := range blk.aggs.groupings {
			bits := blk.aggs.groupings[i].bits(blk, set)
			p.Exprs = append(p.Exprs, expr.Const{D: value.NewInt4(bits), T: int4Type})
			p.Names = append(p.Names, "grouping")
		}
		p.Input = a
		out.Inputs = append(out.Inputs, p)
	}
	return out, nil
}

package bind

import (
	"slices"

	"weir/stream/expr"
	"weir/stream/plan"
)

// grouped makes the groups of a block, if it has any, and moves its outputs over them. Behind them
// stand the expressions that its set-returning and its window functions read, for setRows and
// windows to take.
func (b *binder) grouped(blk *block) (*rel, error) {
	r := &rel{in: blk.in, outs: blk.outs, names: blk.names}
	if blk.isGrouped() {
		if err := b.overGroupNode(blk, r); err != nil {
			return nil, err
		}
	}
	r.outs = slices.Clip(r.outs)
	blk.calls.each(func(e *expr.Expr) { r.outs = append(r.outs, scalar{e: *e}) })
	blk.overs.each(func(e *expr.Expr) { r.outs = append(r.outs, scalar{e: *e}) })
	return r, nil
}

// overGroupNode makes the groups, keeps those that HAVING keeps, and moves outputs and window
// functions over them.
func (b *binder) overGroupNode(blk *block, r *rel) error {
	if err := b.groupSets(blk); err != nil {
		return err
	}
	if blk.emit && blk.emitsGroups() {
		b.addWindowEnd(blk)
	}
	b.addDependents(blk)
	n, err := b.groupNode(blk)
	if err != nil {
		return err
	}
	if r.in = n; blk.emit && blk.emitsGroups() {
		if r.in, err = b.emitGroups(blk, n); err != nil {
			return err
		}
		blk.emit = false // done
	}
	if blk.having != nil {
		having, err := b.overGroups(blk, blk.having)
		if err != nil {
			return err
		}
		r.in = filtered(r.in, conjuncts(having))
	}
	r.outs = nil
	for _, s := range blk.outs {
		e, err := b.overGroups(blk, s.e)
		if err != nil {
			return err
		}
		r.outs = append(r.outs, scalar{e: e, param: s.param, at: s.at})
	}
	if err := b.overGroupSets(blk, r.outs); err != nil {
		return err
	}
	var fault error
	blk.overs.each(func(e *expr.Expr) {
		moved, err := b.overGroups(blk, *e)
		if *e = moved; fault == nil {
			fault = err
		}
	})
	return fault
}

// groupNode is an Aggregate over a projection of what it needs, or one for each grouping set.
func (b *binder) groupNode(blk *block) (plan.Node, error) {
	if len(blk.group.list) == 0 && len(blk.aggs.calls) == 0 { // one row has to be there
		blk.aggs.add(aggCall{fn: plan.CountStar, name: "count", typ: int8Type})
	}
	if err := b.directArgs(blk); err != nil {
		return nil, err
	}
	pre := newPreProject(blk.in)
	outNames := blk.outputNames()
	all := &plan.Aggregate{Input: pre.node}
	for _, g := range blk.group.list {
		i := pre.column(blk.calls.placed(g, blk.calls.below), outNames(g))
		all.GroupBy = append(all.GroupBy, i)
		all.Names = append(all.Names, pre.node.Names[i])
	}
	for _, c := range blk.aggs.calls {
		all.Calls = append(all.Calls, c.placed(pre.column))
		all.Names = append(all.Names, c.name)
	}
	if blk.sets == nil {
		return all, nil
	}
	return b.groupingSets(blk, all)
}

// directArgs judges the direct arguments of WITHIN GROUP: they are the same in a whole group.
func (b *binder) directArgs(blk *block) error {
	for i := range blk.aggs.calls {
		c := &blk.aggs.calls[i]
		if !c.direct {
			continue
		}
		if _, err := b.overGroups(blk, c.extra); err != nil {
			e := b.asError(err)
			e.Detail = "Direct arguments of an ordered-set aggregate must use only grouped columns."
			return e
		}
	}
	return nil
}

// preProject is a projection under construction, each expression once.
type preProject struct {
	node *plan.Project
	have exprSet
	in   []plan.Field
}

func newPreProject(in plan.Node) *preProject {
	return &preProject{node: &plan.Project{Input: in}, in: in.Schema()}
}

// column returns the place of an expression; columns keep their names.
func (p *preProject) column(e expr.Expr, name string) int {
	i, isNew := p.have.add(e)
	if !isNew {
		return i
	}
	if c, ok := e.(expr.Column); ok {
		name = p.in[c.Index].Name
	}
	p.node.Exprs, p.node.Names = append(p.node.Exprs, e), append(p.node.Names, name)
	return i
}

// outputNames finds the name of the output that an expression is, for readable plans.
func (blk *block) outputNames() func(expr.Expr) string {
	var set exprSet
	var names []string
	for i, s := range blk.outs {
		if _, isNew := set.add(s.e); isNew {
			names = append(names, blk.names[i])
		}
	}
	return func(e expr.Expr) string {
		if i := set.find(e); i >= 0 {
			return names[i]
		}
		return "group"
	}
}

// overGroups moves an expression from the rows to the groups: grouping expressions, aggregate
// calls and calls of GROUPING become columns; any other column is ungrouped. Window functions
// come later and stay as they are.
func (b *binder) overGroups(blk *block, e expr.Expr) (expr.Expr, error) {
	var fault error
	groups, calls := len(blk.group.list), len(blk.aggs.calls)
	out := mapDown(e, func(e expr.Expr) (expr.Expr, bool) {
		if i := blk.group.find(e); i >= 0 {
			return columnAt(i, e.Type()), true
		}
		c, ok := e.(expr.Column)
		switch {
		case !ok:
			return nil, false
		case c.Index >= overBase:
		case c.Index >= groupingBase && blk.sets == nil:
			return expr.Const{D: zero4, T: int4Type}, true
		case c.Index >= groupingBase:
			return columnAt(groups+calls+c.Index-groupingBase, c.T), true
		case c.Index >= aggBase:
			return columnAt(groups+c.Index-aggBase, c.T), true
		case fault == nil:
			fault = b.ungrouped(blk, c.Index)
		}
		return e, true
	})
	return out, fault
}

func (b *binder) ungrouped(blk *block, index int) error {
	name := "?"
	for _, c := range blk.scope.cols {
		if c.index == index {
			if name = c.name; c.table != "" {
				name = c.table + "." + c.name
			}
			break
		}
	}
	return b.errorf(blk.seen[index], stateGrouping,
		"column %q must appear in the GROUP BY clause or be used in an aggregate function", name)
}

// addDependents groups also by columns that are named outside aggregates and depend on grouped
// ones: columns of a relation whose whole key is grouped by.
func (b *binder) addDependents(blk *block) {
	visit := func(e expr.Expr) {
		mapDown(e, func(e expr.Expr) (expr.Expr, bool) {
			if blk.group.find(e) >= 0 {
				return e, true
			}
			c, ok := e.(expr.Column)
			if ok && c.Index < aggBase && blk.depends(c.Index) {
				i, _ := blk.group.add(e)
				for s := range blk.sets {
					blk.sets[s] = append(blk.sets[s], i)
				}
			}
			return nil, false
		})
	}
	for _, s := range blk.outs {
		visit(s.e)
	}
	if blk.having != nil {
		visit(blk.having)
	}
	blk.overs.each(func(e *expr.Expr) { visit(*e) })
	blk.calls.each(func(e *expr.Expr) { visit(*e) })
}

// depends reports whether the columns that are grouped by in every set decide a column.
func (blk *block) depends(col int) bool {
	scan, at, path := scanOfColumn(blk.in, col)
	if scan == nil || len(scan.Key) == 0 {
		return false
	}
	have := map[int]bool{}
	for i, g := range blk.group.list {
		c, ok := g.(expr.Column)
		if !ok || !blk.inEverySet(i) {
			continue
		}
		if s, k, p := scanOfColumn(blk.in, c.Index); s != nil && p == path {
			have[k] = true
		}
	}
	for _, k := range scan.Key {
		if !have[k] {
			return false
		}
	}
	return at >= 0
}

// scanOfColumn finds the relation of FROM that a column belongs to, the column there, and the way
// to it, which differs for each mention of one relation.
func scanOfColumn(n plan.Node, col int) (*plan.Scan, int, string) {
	path := ""
	for {
		switch at := n.(type) {
		case *plan.Scan:
			return at, col, path
		case *plan.Filter:
			n = at.Input
		case *plan.Flatten:
			if n = at.Input; col >= len(n.Schema()) {
				return nil, -1, ""
			}
		case *plan.Project:
			c, ok := at.Exprs[col].(expr.Column)
			if !ok {
				return nil, -1, ""
			}
			n, col = at.Input, c.Index
		case *plan.Join:
			if left := len(at.Left.Schema()); col < left {
				n, path = at.Left, path+"l"
			} else {
				n, col, path = at.Right, col-left, path+"r"
			}
		default:
			return nil, -1, ""
		}
	}
}

// mapDown rewrites an expression from the top: f gives the replacement of a subtree, or says no
// and is asked for its operands.
func mapDown(e expr.Expr, f func(expr.Expr) (expr.Expr, bool)) expr.Expr {
	if out, ok := f(e); ok {
		return out
	}
	list := func(in []expr.Expr) []expr.Expr {
		out := make([]expr.Expr, len(in))
		for i, c := range in {
			out[i] = mapDown(c, f)
		}
		return out
	}
	switch e := e.(type) {
	case *expr.Call:
		return &expr.Call{Fn: e.Fn, Args: list(e.Args), T: e.T}
	case *expr.And:
		return &expr.And{Args: list(e.Args)}
	case *expr.Or:
		return &expr.Or{Args: list(e.Args)}
	case *expr.Coalesce:
		return &expr.Coalesce{Args: list(e.Args), T: e.T}
	case *expr.Row:
		return &expr.Row{Args: list(e.Args), T: e.T}
	case *expr.Field:
		return expr.NewField(mapDown(e.Arg, f), e.Index)
	case *expr.Case:
		out := &expr.Case{Whens: list(e.Whens), Thens: list(e.Thens), T: e.T}
		if e.Else != nil {
			out.Else = mapDown(e.Else, f)
		}
		return out
	}
	return e
}

package bind

import (
	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/plan"
	"weir/stream/sql/parse"
)

// recursion is the query of WITH RECURSIVE that is being bound: where in it the binder is, and
// what it has read of itself.
type recursion struct {
	name  string
	place selfPlace
	self  *plan.Self // nil: not in the recursive term
	reads int
	outer *recursion
}

// selfPlace is a place where a query may not read itself.
type selfPlace string

const (
	anywhere    selfPlace = ""
	inSubquery  selfPlace = "a subquery"
	outerSide   selfPlace = "an outer join"
	inIntersect selfPlace = "INTERSECT"
	inExcept    selfPlace = "EXCEPT"
	inInit      selfPlace = "its non-recursive term"
)

// inside enters a place; the function that it returns leaves it.
func (r *recursion) inside(p selfPlace) (leave func()) {
	var before []selfPlace
	for q := r; q != nil; q = q.outer {
		before = append(before, q.place)
		if q.place == anywhere {
			q.place = p
		}
	}
	return func() {
		i := 0
		for q := r; q != nil; q = q.outer {
			q.place = before[i]
			i++
		}
	}
}

// readSelf is a recursive query's reference to itself.
func (b *binder) readSelf(c *cteScope, at int) (plan.Node, []string, error) {
	r := c.binding
	refuse := func(format string, args ...any) error {
		return b.errorf(at, stateBadRecursion, format, args...)
	}
	switch {
	case r.place != anywhere:
		return nil, nil, refuse("recursive reference to query %q must not appear within %s", c.name,
			string(r.place))
	case r.self == nil:
		return nil, nil, refuse("recursive query %q does not have the form non-recursive-term "+
			"UNION [ALL] recursive-term", c.name)
	case r.reads > 0:
		return nil, nil, refuse("recursive reference to query %q must not appear more than once",
			c.name)
	}
	r.reads++
	return r.self, c.cols, nil
}

// recursiveCTE binds a query of WITH RECURSIVE, which may read itself.
func (b *binder) recursiveCTE(
	c *ast.CommonTableExpr, q *ast.SelectStmt, entry *cteScope,
) error {
	if c.CycleClause != nil || c.SearchClause != nil {
		return b.unsupported(c.Location(), "SEARCH and CYCLE in WITH RECURSIVE are",
			"UNION without ALL ends at a cycle by itself.")
	}
	r := &recursion{name: c.Ctename, outer: b.recursion}
	ctes, around := b.ctes, b.outer
	entry.binding, b.recursion, b.ctes, b.outer = r, r, entry.scope, entry.around
	defer func() {
		entry.binding, b.recursion, b.ctes, b.outer = nil, r.outer, ctes, around
	}()
	if q.Op != ast.SETOP_UNION {
		return b.plainCTE(c, q, entry)
	}
	leave, err := b.with(q.WithClause)
	if err != nil {
		return err
	}
	defer leave()
	return b.recursiveUnion(c, q, entry)
}

// plainCTE binds the query of a WITH entry that is no recursion.
func (b *binder) plainCTE(c *ast.CommonTableExpr, q *ast.SelectStmt, entry *cteScope) error {
	r, err := b.subquery(q)
	if err != nil {
		return err
	}
	if entry.node, err = b.project(r); err != nil {
		return err
	}
	entry.cols, err = b.columnAliases(c.Ctename, r.names, c.Aliascolnames, c.Location())
	return err
}

// recursiveUnion binds both terms; if the second reads nothing of itself, they are just a union.
func (b *binder) recursiveUnion(
	c *ast.CommonTableExpr, q *ast.SelectStmt, entry *cteScope,
) error {
	r := entry.binding
	leave := r.inside(inInit)
	left, err := b.subquery(q.Larg)
	leave()
	if err != nil {
		return err
	}
	init, err := b.project(left)
	if err != nil {
		return err
	}
	names, err := b.columnAliases(c.Ctename, left.names, c.Aliascolnames, c.Location())
	if err != nil {
		return err
	}
	fields := append([]plan.Field(nil), init.Schema()...)
	for i := range fields {
		fields[i].Name, fields[i].Hidden = names[i], false
	}
	r.self, entry.cols = &plan.Self{Fields: fields}, names
	right, err := b.subquery(q.Rarg)
	if err != nil {
		return err
	}
	if r.reads == 0 {
		return b.plainUnion(q, left, right, entry)
	}
	if err := b.recursiveClauses(q); err != nil {
		return err
	}
	step, err := b.stepTerm(c.Ctename, init, right, q)
	if err != nil {
		return err
	}
	entry.node = &plan.Recursive{Init: init, Step: step, Distinct: !q.All}
	return nil
}

// plainUnion is a union in WITH RECURSIVE that does not read itself.
func (b *binder) plainUnion(q *ast.SelectStmt, left, right *rel, entry *cteScope) error {
	n, err := b.union([]*rel{left, right}, q.Location())
	if err != nil {
		return err
	}
	if !q.All {
		n = distinct(n)
	}
	o := &ordering{rel: relOf(n), visible: len(n.Schema()), sort: plan.Sort{Limit: -1}}
	if err := b.sortNames(q, o); err != nil {
		return err
	}
	if err := b.limits(q, &o.sort); err != nil {
		return err
	}
	out, err := b.limited(o)
	if err != nil {
		return err
	}
	entry.node, err = b.project(out)
	return err
}

// recursiveClauses refuses clauses over a recursive union, as PostgreSQL does.
func (b *binder) recursiveClauses(q *ast.SelectStmt) error {
	at := q.Location()
	switch {
	case hasItems(q.SortClause):
		return b.errorf(at, stateUnsupported, "ORDER BY in a recursive query is not implemented")
	case !parse.IsNil(q.LimitOffset):
		return b.errorf(at, stateUnsupported, "OFFSET in a recursive query is not implemented")
	case !parse.IsNil(q.LimitCount):
		return b.errorf(at, stateUnsupported, "LIMIT in a recursive query is not implemented")
	}
	return nil
}

// stepTerm gives the recursive term the columns of the other one, and judges its form.
func (b *binder) stepTerm(
	name string, init plan.Node, right *rel, q *ast.SelectStmt,
) (plan.Node, error) {
	fields := init.Schema()
	if len(right.outs) != len(fields) {
		return nil, b.errorf(q.Location(), stateSyntax,
			"each UNION query must have the same number of columns")
	}
	p := &plan.Project{Input: right.in}
	for i, s := range right.outs {
		at := q.Rarg.Location()
		es, t, err := b.unify([]scalar{{e: columnAt(i, fields[i].Type), at: at}, s}, at)
		if err != nil {
			return nil, err
		}
		if t != fields[i].Type {
			e := b.errorf(at, stateMismatch, "recursive query %q column %d has type %s in "+
				"non-recursive term but type %s overall", name, i+1, fields[i].Type, t)
			e.Hint = "Cast the output of the non-recursive term to the correct type."
			return nil, e
		}
		p.Exprs, p.Names = append(p.Exprs, es[1]), append(p.Names, fields[i].Name)
	}
	return p, b.linear(p, q.Rarg.Location())
}

// linear judges that more rows of the recursion only add rows to its step, one by one: on the way
// down to what the step reads of itself there are no groups, cuts or set operations.
func (b *binder) linear(n plan.Node, at int) error {
	selves := 0
	plan.Walk(n, func(n plan.Node) {
		if _, ok := n.(*plan.Self); ok {
			selves++
		}
	})
	if selves > 1 {
		return b.unsupported(at, "a subquery over the rows of the recursion itself is",
			"Join what the subquery reads.")
	}
	for {
		if _, ok := n.(*plan.Self); ok {
			return nil
		}
		i := 0
		for k, c := range n.Children() {
			if !plan.Closed(c) {
				i = k
			}
		}
		what := ""
		switch n := n.(type) {
		case *plan.Filter, *plan.Project, *plan.Flatten, *plan.Window, *plan.UnionAll,
			*plan.TemporalFilter:
		case *plan.Join:
			if n.Kind != plan.InnerJoin && i > 0 || n.Kind == plan.FullJoin {
				what = "an outer join is"
			}
		case *plan.Aggregate:
			if what = "DISTINCT is"; len(n.Calls) > 0 {
				return b.errorf(at, stateBadRecursion,
					"aggregate functions are not allowed in a recursive query's recursive term")
			}
		case *plan.Over:
			what = "a window function is"
		case *plan.TopN:
			what = "LIMIT is"
		default:
			what = "this operation is"
		}
		if what != "" {
			return b.unsupported(at, "in a recursive term "+what,
				"Apply it to the result of the recursion.")
		}
		n = n.Children()[i]
	}
}

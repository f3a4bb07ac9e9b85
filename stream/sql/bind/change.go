package bind

import (
	"fmt"

	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/catalog"
	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/sql/parse"
)

// change is an UPDATE or DELETE under construction: its table beside the items of FROM or USING,
// in whose columns its expressions are numbered, those of the table first.
type change struct {
	b     *binder
	r     *catalog.Relation
	list  *fromList
	scope *scope
	joins bool // there is FROM or USING
	where []expr.Expr
}

// change binds the table, FROM or USING, and WHERE. The items do not see the table.
func (b *binder) change(
	target *ast.RangeVar, verb string, from *ast.NodeList, where ast.Node,
) (*change, error) {
	r, err := b.target(target, verb, catalog.Table)
	if err != nil {
		return nil, err
	}
	ch := &change{b: b, r: r, list: &fromList{space: &space{}}, joins: hasItems(from)}
	ch.scope = rowScope(r, target.Alias)
	ch.list.addItem(scanOf(r), ch.scope.tables[0], columnNames(r), target.Location())
	ch.scope.outer, ch.scope.space = b.outer, ch.list.space
	if err := b.countFrom(1, target.Location()); err != nil {
		return nil, err
	}
	around := &scope{outer: b.outer, space: ch.list.space}
	for _, n := range items(from) {
		next, err := b.fromNode(ch.list, n, around)
		if err != nil {
			return nil, err
		}
		if around, err = b.beside(around, next, n.Location()); err != nil {
			return nil, err
		}
		if ch.scope, err = b.beside(ch.scope, next, n.Location()); err != nil {
			return nil, err
		}
	}
	if parse.IsNil(where) {
		return ch, nil
	}
	e, err := b.condition(where, &exprCtx{scope: ch.scope, clause: "WHERE"})
	if err != nil {
		return nil, err
	}
	ch.where = conjuncts(e)
	return ch, nil
}

func columnNames(r *catalog.Relation) []string {
	var out []string
	for _, c := range r.RowSpace() {
		out = append(out, c.Name)
	}
	return out
}

// needsSource reports whether a query has to find the rows.
func (ch *change) needsSource() bool { return ch.joins || ch.list.space.subqueries > 0 }

// returning binds RETURNING over the row and the columns of FROM.
func (ch *change) returning(list *ast.NodeList) (*Returning, error) {
	sc := *ch.scope
	sc.space = nil
	types := plan.Types(targetFields(ch.r))
	for _, it := range ch.list.items[1:] {
		for len(types) <= lastOf(it.cols) {
			types = append(types, int8Type) // a number that no column has
		}
		for i, f := range it.node.Schema() {
			if it.cols[i] >= 0 {
				types[it.cols[i]] = f.Type
			}
		}
	}
	return ch.b.returning(list, types, &sc)
}

func lastOf(cols []int) int {
	last := -1
	for _, c := range cols {
		last = max(last, c)
	}
	return last
}

// source is the query for the rows: the table's row, the new row (of UPDATE), and, where they are
// asked for, the columns of FROM. Of several rows of FROM for one row of the table the first in
// their order counts.
func (ch *change) source(set []expr.Expr, beside bool) (plan.Node, error) {
	b, list := ch.b, ch.list
	list.conds = ch.where
	it, err := b.joined(list)
	if err != nil {
		return nil, err
	}
	n := ch.first(inPlace(it, list.space.width))
	l := &linker{b: b, node: n, space: list.space}
	l.over = func(e expr.Expr) (expr.Expr, error) { return e, nil }
	fields := n.Schema()
	width := len(ch.r.Columns)
	p := picked(n, width)
	for i, e := range set {
		if e, err = l.expr(e); err != nil {
			return nil, err
		}
		p.Exprs, p.Names = append(p.Exprs, e), append(p.Names, ch.r.Columns[i].Name)
		p.Hide = append(p.Hide, false)
	}
	p.Input = l.node
	if beside {
		appendColumns(p, fields[width:], width)
	}
	for i := range p.Hide {
		p.Hide[i] = false
	}
	return b.finished(p)
}

// inPlace puts the columns of a FROM clause where their numbers are.
func inPlace(it fromItem, width int) plan.Node {
	fields := it.node.Schema()
	p := &plan.Project{Input: it.node}
	pos := it.positions(width)
	for i, at := range pos {
		if at < 0 {
			p.Exprs = append(p.Exprs, expr.Const{T: int8Type})
			p.Names = append(p.Names, fmt.Sprintf("none%d", i+1))
			continue
		}
		p.Exprs = append(p.Exprs, columnAt(at, fields[at].Type))
		p.Names = append(p.Names, fields[at].Name)
	}
	return p
}

// first keeps the first row of FROM for each row of the table.
func (ch *change) first(n plan.Node) plan.Node {
	if !ch.joins {
		return n
	}
	top := &plan.TopN{Input: n, PartitionBy: ch.r.Key, Limit: 1}
	for i := len(ch.r.Columns); i < len(n.Schema()); i++ {
		top.Keys = append(top.Keys, plan.SortKey{Col: i})
	}
	return top
}

// assigned binds what SET gives a column; one of several in parentheses is that part of the row on
// the right.
func (b *binder) assigned(n ast.Node, c *exprCtx) (scalar, error) {
	if m, ok := n.(*ast.MultiAssignRef); ok {
		return b.assignedPart(m, c)
	}
	if _, ok := n.(*ast.SetToDefault); ok {
		return scalar{at: n.Location(), isDefault: true}, nil
	}
	return b.expr(n, c)
}

// assignedPart binds one column of (a, b) = (x, y) or (a, b) = (SELECT ...).
func (b *binder) assignedPart(m *ast.MultiAssignRef, c *exprCtx) (scalar, error) {
	at := m.Location()
	src := unwrapped(m.Source)
	if row := rowOf(src); row != nil {
		if len(items(row.Args)) != m.Ncolumns {
			return scalar{}, b.errorf(at, stateSyntax,
				"number of columns does not match number of values")
		}
		return b.assigned(row.Args.Items[m.Colno-1], c)
	}
	sub, ok := src.(*ast.SubLink)
	if !ok || sub.SubLinkType != ast.EXPR_SUBLINK {
		if m.Ncolumns == 1 {
			return b.expr(m.Source, c)
		}
		return scalar{}, b.errorf(at, stateUnsupported,
			"source for a multiple-column UPDATE item must be a sub-SELECT or ROW() expression")
	}
	q, ok := sub.Subselect.(*ast.SelectStmt)
	if !ok || c.scope.space == nil {
		return scalar{}, b.errorf(at, stateUnsupported, "cannot use subquery in %s", c.clause)
	}
	if err := b.countSubquery(at); err != nil {
		return scalar{}, err
	}
	c.scope.space.subqueries++
	n, err := b.inner(q, c.scope)
	if err != nil {
		return scalar{}, err
	}
	fields := n.Schema()
	if len(fields) != m.Ncolumns {
		return scalar{}, b.errorf(at, stateSyntax, "number of columns does not match number of values")
	}
	f := fields[m.Colno-1]
	p := &plan.Project{
		Input: n, Names: []string{f.Name}, Exprs: []expr.Expr{columnAt(m.Colno-1, f.Type)},
	}
	sq := &subquery{node: p, typ: f.Type}
	return scalar{e: b.around(outer{at: at, sub: sq}, f.Type), at: at}, nil
}

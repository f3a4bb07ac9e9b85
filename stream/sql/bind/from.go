package bind

import (
	"slices"

	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/catalog"
	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/sql/parse"
)

// fromList is the part of a FROM clause that inner joins and commas make: relations side by side,
// as if their rows were concatenated, and the conditions on them. There, ON and WHERE mean the
// same. An outer join is one item of the list in which it stands, and has a list for each side.
type fromList struct {
	space *space // shared by all lists of the clause: every column has one number in it
	items []fromItem
	conds []expr.Expr // over the columns of the clause
}

// fromItem is one relation of FROM.
type fromItem struct {
	node plan.Node
	cols []int // its columns' numbers in the clause; -1: none
	at   int
}

// addItem appends a relation and returns its scope.
func (f *fromList) addItem(n plan.Node, table string, names []string, at int) *scope {
	if f.space == nil {
		f.space = &space{}
	}
	sc := &scope{tables: []string{table}, space: f.space}
	it := fromItem{node: n, at: at}
	for i, field := range n.Schema() {
		if !field.Hidden {
			sc.star = append(sc.star, i)
		}
		it.cols = append(it.cols, f.space.width)
		sc.cols = append(sc.cols, column{
			table: table, name: names[i], typ: field.Type, index: f.space.width,
			hidden: field.Hidden, marker: field.Hidden && names[i] == "",
		})
		f.space.width++
	}
	f.items = append(f.items, it)
	return sc
}

// fromWhere binds FROM and WHERE.
func (b *binder) fromWhere(q *ast.SelectStmt) (plan.Node, *scope, error) {
	f := &fromList{space: &space{}}
	sc := &scope{outer: b.outer, space: f.space}
	for _, n := range items(q.FromClause) {
		next, err := b.fromNode(f, n, sc)
		if err != nil {
			return nil, nil, err
		}
		if sc, err = b.beside(sc, next, n.Location()); err != nil {
			return nil, nil, err
		}
	}
	if !parse.IsNil(q.WhereClause) {
		cond, err := b.condition(q.WhereClause, &exprCtx{scope: sc, clause: "WHERE"})
		if err != nil {
			return nil, nil, err
		}
		f.conds = append(f.conds, conjuncts(cond)...)
	}
	it, err := b.joined(f)
	if err != nil {
		return nil, nil, err
	}
	pos := make([]int, f.space.width)
	for i, c := range it.cols {
		if c >= 0 {
			pos[c] = i
		}
	}
	return it.node, sc.remapped(func(i int) int { return pos[i] }), nil
}

// filtered puts conditions over a node.
func filtered(n plan.Node, conds []expr.Expr) plan.Node {
	if len(conds) == 0 {
		return n
	}
	return &plan.Filter{Input: n, Pred: allOf(conds)}
}

// conjuncts splits a condition at its ANDs.
func conjuncts(e expr.Expr) []expr.Expr {
	a, ok := e.(*expr.And)
	if !ok {
		return []expr.Expr{e}
	}
	var out []expr.Expr
	for _, c := range a.Args {
		out = append(out, conjuncts(c)...)
	}
	return out
}

// beside puts two scopes side by side; their tables have different names.
func (b *binder) beside(l, r *scope, at int) (*scope, error) {
	for _, t := range r.tables {
		if t != "" && l.has(t) {
			return nil, b.errorf(at, stateDuplicateAlias,
				"table name %q specified more than once", t)
		}
	}
	return concat(l, r), nil
}

// fromNode binds one element of FROM; left is what a LATERAL one sees.
func (b *binder) fromNode(f *fromList, n ast.Node, left *scope) (*scope, error) {
	switch n := n.(type) {
	case *ast.ParenExpr:
		return b.fromNode(f, n.Expr, left)
	case *ast.RangeVar:
		return b.fromTable(f, n)
	case *ast.RangeSubselect:
		return b.fromSubquery(f, n, left)
	case *ast.RangeFunction:
		if call := functionOf(n); call == nil || !isWindowFunction(lastPart(call.Funcname)) {
			return b.fromSet(f, n, left)
		}
		return b.fromFunction(f, n)
	case *ast.JoinExpr:
		return b.fromJoin(f, n, left)
	default:
		return nil, b.unsupported(n.Location(), "this kind of FROM item is", "")
	}
}

// isWindowFunction reports whether a function in FROM is one over the rows of a relation.
func isWindowFunction(name string) bool {
	return name == "tumble" || name == "hop" || name == "cumulate" || name == "session"
}

// table is a named relation or WITH query.
func (b *binder) table(n *ast.RangeVar) (node plan.Node, names []string, err error) {
	if n.SchemaName == "" {
		if c := b.findCTE(n.RelName); c != nil {
			if err := b.countFrom(1, n.Location()); err != nil {
				return nil, nil, err
			}
			return b.readCTE(c, n.Location())
		}
	}
	if err := b.countFrom(1, n.Location()); err != nil {
		return nil, nil, err
	}
	if h := b.histories[n]; h != nil {
		node, names = versionScan(h)
		return node, names, nil
	}
	r, err := b.relation(n)
	if err != nil {
		return nil, nil, err
	}
	s := scanOf(r)
	for _, field := range s.Fields {
		names = append(names, field.Name)
	}
	return s, names, nil
}

func (b *binder) countFrom(n, at int) error {
	if b.from += n; b.from > MaxFromItems {
		return b.errorf(at, stateTooComplex, "a statement reads at most %d relations", MaxFromItems)
	}
	return nil
}

// relation looks a name up.
func (b *binder) relation(n *ast.RangeVar) (*catalog.Relation, error) {
	name, err := b.plainName(n)
	if err != nil {
		return nil, err
	}
	r := b.cat.Lookup(name)
	if r == nil && b.cat.LookupIndex(name) != nil {
		e := b.errorf(n.Location(), stateWrongObject, "cannot open relation %q", name)
		e.Detail = "This operation is not supported for indexes."
		return nil, e
	}
	if r == nil {
		return nil, b.errorf(n.Location(), stateNoTable, "relation %q does not exist", name)
	}
	return r, nil
}

// plainName is the name of a relation, whose schema can only be public.
func (b *binder) plainName(n *ast.RangeVar) (string, error) {
	if n.CatalogName != "" || n.SchemaName != "" && n.SchemaName != "public" {
		full := n.SchemaName + "." + n.RelName
		if n.CatalogName != "" {
			full = n.CatalogName + "." + full
		}
		return "", b.errorf(n.Location(), stateNoTable, "relation %q does not exist", full)
	}
	return n.RelName, nil
}

// scanOf reads all columns of a relation's row space.
func scanOf(r *catalog.Relation) *plan.Scan {
	s := &plan.Scan{
		Relation: r.ID, Name: r.Name, Version: r.Version, AppendOnly: r.AppendOnly,
		Stored: r.Stored(), Frozen: slices.Clone(r.Frozen),
	}
	for i, c := range r.RowSpace() {
		s.Columns = append(s.Columns, i)
		s.Fields = append(s.Fields, plan.Field{
			Name: c.Name, Type: c.Type, Hidden: c.Hidden || i >= len(r.Columns),
		})
	}
	s.Key = append(s.Key, r.Key...)
	if r.Kind == catalog.Stream {
		s.Key = []int{len(r.Columns) + catalog.HiddenOffset}
		s.Frozen = nil
		for _, w := range r.Watermarks {
			s.Frozen = append(s.Frozen, w.Column)
		}
		slices.Sort(s.Frozen)
	}
	return s
}

func (b *binder) fromTable(f *fromList, n *ast.RangeVar) (*scope, error) {
	node, names, err := b.table(n)
	if err != nil {
		return nil, err
	}
	return b.aliased(f, node, n.RelName, names, n.Alias, n.Location())
}

// aliased adds a relation under its name or alias.
func (b *binder) aliased(
	f *fromList, n plan.Node, table string, names []string, a *ast.Alias, at int,
) (*scope, error) {
	if m := b.matchAt(at); m != nil {
		var err error
		if n, names, err = b.matchRecognize(m, n, table, names); err != nil {
			return nil, err
		}
	}
	if a != nil {
		table = a.AliasName
		var err error
		if names, err = b.columnAliases(table, names, a.ColNames, at); err != nil {
			return nil, err
		}
	}
	if slices.Contains(b.markers, table) {
		n, names = marked(n, names)
	}
	return f.addItem(n, table, names, at), nil
}

// fromSubquery binds a query in FROM. With LATERAL it sees the items to its left.
func (b *binder) fromSubquery(
	f *fromList, n *ast.RangeSubselect, left *scope,
) (*scope, error) {
	q, ok := n.Subquery.(*ast.SelectStmt)
	if !ok {
		return nil, b.unsupported(n.Location(), "this kind of FROM item is", "")
	}
	if err := b.countFrom(1, n.Location()); err != nil {
		return nil, err
	}
	around := b.outer
	if n.Lateral {
		b.outer = left
	}
	r, err := b.subquery(q)
	b.outer = around
	if err != nil {
		return nil, err
	}
	node, err := b.project(r)
	if err != nil {
		return nil, err
	}
	return b.aliased(f, node, "", r.names, n.Alias, n.Location())
}

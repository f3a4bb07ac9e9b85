package bind

import (
	"slices"

	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/catalog"
	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/sql/parse"
)

// fromList is a FROM clause: its relations side by side, as if their rows were concatenated, and
// the conditions that joins put on them. Since all joins are inner, ON and WHERE mean the same.
type fromList struct {
	items []fromItem
	width int // columns of all items
	conds []expr.Expr
}

// fromItem is one relation of FROM; its first column is number base of the list.
type fromItem struct {
	node plan.Node
	base int
	at   int
}

// addItem appends a relation and returns its scope.
func (f *fromList) addItem(n plan.Node, table string, names []string, at int) *scope {
	sc := &scope{tables: []string{table}}
	for i, field := range n.Schema() {
		if !field.Hidden {
			sc.star = append(sc.star, i)
		}
		sc.cols = append(sc.cols, column{
			table: table, name: names[i], typ: field.Type, index: f.width + i, hidden: field.Hidden,
		})
	}
	f.items = append(f.items, fromItem{node: n, base: f.width, at: at})
	f.width += len(sc.cols)
	return sc
}

// from binds FROM and WHERE.
func (b *binder) fromWhere(q *ast.SelectStmt) (plan.Node, *scope, error) {
	f := &fromList{}
	sc := &scope{}
	for _, n := range items(q.FromClause) {
		next, err := b.fromNode(f, n)
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
	if len(f.items) == 0 {
		return filtered(oneRow(), f.conds), sc, nil
	}
	return b.join(f, sc)
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

// beside joins two scopes.
func (b *binder) beside(l, r *scope, at int) (*scope, error) {
	out := &scope{
		tables: append(append([]string(nil), l.tables...), r.tables...),
		cols:   append(append([]column(nil), l.cols...), r.cols...),
		star:   append([]int(nil), l.star...),
	}
	for _, t := range r.tables {
		if t != "" && l.has(t) {
			return nil, b.errorf(at, stateDuplicateAlias,
				"table name %q specified more than once", t)
		}
	}
	for _, i := range r.star {
		out.star = append(out.star, len(l.cols)+i)
	}
	return out, nil
}

// fromNode binds one element of FROM.
func (b *binder) fromNode(f *fromList, n ast.Node) (*scope, error) {
	switch n := n.(type) {
	case *ast.RangeVar:
		return b.fromTable(f, n)
	case *ast.RangeSubselect:
		return b.fromSubquery(f, n)
	case *ast.RangeFunction:
		return b.fromFunction(f, n)
	case *ast.JoinExpr:
		return b.fromJoin(f, n)
	default:
		return nil, b.unsupported(n.Location(), "this kind of FROM item is", "")
	}
}

// table is a named relation or WITH query.
func (b *binder) table(n *ast.RangeVar) (node plan.Node, names []string, err error) {
	if n.SchemaName == "" {
		if c := b.findCTE(n.RelName); c != nil {
			return c.node, c.cols, b.countFrom(c.from+1, n.Location())
		}
	}
	if err := b.countFrom(1, n.Location()); err != nil {
		return nil, nil, err
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
			Name: c.Name, Type: c.Type, Hidden: i >= len(r.Columns),
		})
	}
	s.Key = append(s.Key, r.Key...)
	if r.Kind == catalog.Stream {
		s.Key = []int{len(r.Columns) + catalog.HiddenOffset}
		if r.Watermark != nil {
			s.Frozen = []int{r.Watermark.Column}
		}
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
	if a != nil {
		table = a.AliasName
		var err error
		if names, err = b.columnAliases(table, names, a.ColNames, at); err != nil {
			return nil, err
		}
	}
	return f.addItem(n, table, names, at), nil
}

func (b *binder) fromSubquery(f *fromList, n *ast.RangeSubselect) (*scope, error) {
	q, ok := n.Subquery.(*ast.SelectStmt)
	if n.Lateral || !ok {
		return nil, b.unsupported(n.Location(), "LATERAL is", "")
	}
	if err := b.countFrom(1, n.Location()); err != nil {
		return nil, err
	}
	r, err := b.subquery(q)
	if err != nil {
		return nil, err
	}
	node, err := b.project(r)
	if err != nil {
		return nil, err
	}
	return b.aliased(f, node, "", r.names, n.Alias, n.Location())
}

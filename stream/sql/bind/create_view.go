package bind

import (
	"crypto/sha256"
	"slices"

	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/catalog"
	"weir/stream/plan"
	"weir/stream/sql/parse"
	"weir/stream/value"
)

// createView binds CREATE MATERIALIZED VIEW ... AS SELECT.
func (b *binder) createView(s *ast.CreateTableAsStmt) (Statement, error) {
	q, ok := s.Query.(*ast.SelectStmt)
	if s.ObjType != ast.OBJECT_MATVIEW || !ok {
		return nil, b.unsupported(b.raw.Offset, "CREATE TABLE AS is",
			"Use CREATE MATERIALIZED VIEW: its rows are kept up to date.")
	}
	rel := s.Into.Rel
	r, exists, err := b.definition(rel, catalog.View, s.IfNotExists)
	if err != nil || exists {
		return &CreateView{Relation: r, Exists: exists}, err
	}
	if err := b.viewOptions(s.Into); err != nil {
		return nil, err
	}
	n, err := b.viewPlan(q)
	if err != nil {
		return nil, err
	}
	var names []string // hidden columns, which stand at the end, have no aliases
	for _, f := range n.Schema() {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	}
	if names, err = b.columnAliases(rel.RelName, names, s.Into.ColNames, rel.Location()); err != nil {
		return nil, err
	}
	for i, f := range n.Schema() {
		if f.Hidden {
			names = append(names, unusedName(f.Name, names))
		}
		if f.Type.Kind == value.Record {
			return nil, b.pseudoType(names[i], rel.Location())
		}
		r.Columns = append(r.Columns,
			catalog.Column{Name: names[i], Type: f.Type, Hidden: f.Hidden})
	}
	if err := b.viewKey(r, plan.Derive(n)); err != nil {
		return nil, err
	}
	if len(b.params) > 0 {
		return nil, b.errorf(0, stateNoParameter, "parameters are not allowed in a definition")
	}
	r.Frozen = plan.FrozenColumns(n)
	r.Inputs, r.EmitOnClose = plan.Inputs(n), b.raw.Clauses.EmitOnClose
	r.Plan = plan.Encode(n)
	r.PlanHash = sha256.Sum256(r.Plan)
	if err := b.defined(r, rel.Location()); err != nil {
		return nil, err
	}
	if r.ID != 0 {
		if err := b.replaceable(r, n, rel.Location()); err != nil {
			return nil, err
		}
	}
	return &CreateView{
		Relation: r, Plan: n, Replaces: r.ID != 0, Retained: b.raw.Clauses.Retained,
	}, nil
}

// viewPlan binds the query of a view: rows have no order there.
func (b *binder) viewPlan(q *ast.SelectStmt) (plan.Node, error) {
	b.inView = true
	n, err := b.rootQuery(q)
	if err != nil {
		return nil, err
	}
	s, ok := n.(*plan.Sort)
	if o := (&ordering{}); ok {
		o.sort = *s
		switch {
		case o.cuts():
			n = o.top(s.Input)
		case hasItems(q.DistinctClause): // DISTINCT ON goes by the order
			n = s.Input
		default:
			b.notice("01000", "ORDER BY in a materialized view is ignored",
				"Order the query over the view.")
			n = s.Input
		}
	}
	if n, err = b.withLateness(visibleOnly(n)); err != nil {
		return nil, err
	}
	if err := b.noNow(n); err != nil {
		return nil, err
	}
	if err := b.emitsOnce(n); err != nil {
		return nil, err
	}
	return b.finished(withKey(n))
}

// visibleOnly drops hidden columns.
func visibleOnly(n plan.Node) plan.Node {
	p := &plan.Project{Input: n}
	for i, f := range n.Schema() {
		if !f.Hidden {
			p.Exprs = append(p.Exprs, columnAt(i, f.Type))
			p.Names = append(p.Names, f.Name)
		}
	}
	if len(p.Exprs) == len(n.Schema()) {
		return n
	}
	return p
}

func (b *binder) viewOptions(into *ast.IntoClause) error {
	for _, n := range items(into.Options) {
		d, ok := n.(*ast.DefElem)
		if !ok {
			continue
		}
		if d.Defname == "allowed_lateness" {
			if err := b.allowedLateness(d); err != nil {
				return err
			}
			continue
		}
		return b.errorf(n.Location(), stateBadParameter, "unrecognized parameter %q", d.Defname)
	}
	switch {
	case into.SkipData:
		return b.unsupported(into.Rel.Location(), "WITH NO DATA is", "")
	case into.AccessMethod != "" || into.TableSpaceName != "":
		return b.unsupported(into.Rel.Location(), "TABLESPACE and USING are", "")
	}
	return nil
}

// viewKey takes the key that the plan derives; WITH (key = (...)) puts it into another order.
func (b *binder) viewKey(r *catalog.Relation, p plan.Props) error {
	r.AppendOnly = p.AppendOnly
	r.Key = p.Key
	asked := b.raw.Clauses.Key
	if asked == nil {
		return nil
	}
	var key []int
	for _, n := range asked {
		i := columnNamed(r.Columns, n.Name)
		if i < 0 {
			return b.errorf(n.At, stateNoColumn, "column %q does not exist", n.Name)
		}
		if slices.Contains(key, i) {
			return b.errorf(n.At, stateDuplicateColumn, "column %q appears twice in the key", n.Name)
		}
		key = append(key, i)
	}
	if !slices.Equal(slices.Sorted(slices.Values(key)), slices.Sorted(slices.Values(p.Key))) {
		var have []string
		for _, k := range p.Key {
			have = append(have, r.Columns[k].Name)
		}
		e := b.errorf(asked[0].At, stateBadTable,
			"WITH (key = ...) can only reorder the key that the query has")
		e.Hint = "The query has no key but its whole row."
		if len(have) > 0 {
			e.Hint = "The key of the query is " + quotedList(have) + "."
		}
		return e
	}
	r.Key = key
	return nil
}

func quotedList(names []string) string {
	out := ""
	for i, n := range names {
		if i > 0 {
			out += ", "
		}
		out += parse.QuoteIdent(n)
	}
	return "(" + out + ")"
}

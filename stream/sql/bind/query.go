package bind

import (
	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/plan"
	"weir/stream/value"
)

// rel is a bound query before its last projection, so that whoever uses it can still give types
// to literals: INSERT those of its target, UNION those of the other branches.
type rel struct {
	in    plan.Node
	outs  []scalar // over the columns of in
	names []string
}

// project makes the projection of a query. What is left untyped becomes text.
func (b *binder) project(r *rel) (plan.Node, error) {
	p := &plan.Project{Input: r.in, Names: r.names}
	for _, s := range r.outs {
		s, err := b.settled(s)
		if err != nil {
			return nil, err
		}
		p.Exprs = append(p.Exprs, s.e)
	}
	return p, nil
}

// relOf is a finished node as a query.
func relOf(n plan.Node) *rel {
	r := &rel{in: n}
	for i, f := range n.Schema() {
		r.outs = append(r.outs, scalar{e: columnAt(i, f.Type)})
		r.names = append(r.names, f.Name)
	}
	return r
}

// subquery binds a query below the root. Its ORDER BY decides what LIMIT leaves, and nothing else.
func (b *binder) subquery(q *ast.SelectStmt) (*rel, error) {
	leave, err := b.with(q.WithClause)
	if err != nil {
		return nil, err
	}
	defer leave()
	o, err := b.ordered(q, false)
	if err != nil {
		return nil, err
	}
	return b.limited(o)
}

// limited cuts a query below the root.
func (b *binder) limited(o *ordering) (*rel, error) {
	if !o.cuts() {
		return &rel{in: o.in, outs: o.outs[:o.visible], names: o.names[:o.visible]}, nil
	}
	n, err := o.node(b)
	if err != nil {
		return nil, err
	}
	return relOf(visibleOnly(o.top(n))), nil
}

// arrayInput binds the query of ARRAY(...): its rows, and what orders them.
func (b *binder) arrayInput(q *ast.SelectStmt) (plan.Node, []plan.SortKey, error) {
	leave, err := b.with(q.WithClause)
	if err != nil {
		return nil, nil, err
	}
	defer leave()
	o, err := b.ordered(q, false)
	if err != nil {
		return nil, nil, err
	}
	n, err := o.node(b)
	if err == nil && o.cuts() {
		n = o.top(n)
	}
	return n, o.sort.Keys, err
}

// body binds a query without its WITH, ORDER BY and LIMIT.
func (b *binder) body(q *ast.SelectStmt) (*rel, error) {
	switch {
	case q.Op != ast.SETOP_NONE:
		return b.setOperation(q)
	case hasItems(q.ValuesLists):
		return b.values(q)
	}
	blk, err := b.block(q)
	if err != nil {
		return nil, err
	}
	r, err := b.finish(blk)
	if err != nil {
		return nil, err
	}
	return r.shown(blk), nil
}

// finish turns a block into a query: its grouping, window and set-returning functions, then
// DISTINCT, then EMIT ON WINDOW CLOSE.
func (b *binder) finish(blk *block) (*rel, error) {
	for i := range blk.outs { // what is over groups now is not what stood in the row
		blk.outs[i].fields = nil
	}
	r, err := b.grouped(blk)
	if err != nil {
		return nil, err
	}
	if r, err = b.linked(blk, r); err != nil {
		return nil, err
	}
	r = b.setRows(blk, b.windows(blk, r))
	switch {
	case blk.on != nil:
		r, err = b.firstRows(blk, r)
	case blk.distinct:
		var n plan.Node
		if n, err = b.project(r); err == nil {
			r = relOf(distinct(n))
		}
	}
	if err != nil || !blk.emit {
		return r, err
	}
	return b.emitRows(r)
}

// distinct groups by every column and computes nothing.
func distinct(n plan.Node) plan.Node {
	fields := n.Schema()
	out := &plan.Aggregate{Input: n, GroupBy: make([]int, len(fields))}
	for i, f := range fields {
		out.GroupBy[i] = i
		out.Names = append(out.Names, f.Name)
	}
	return out
}

func hasItems(l *ast.NodeList) bool { return l != nil && len(l.Items) > 0 }

func items(l *ast.NodeList) []ast.Node {
	if l == nil {
		return nil
	}
	return l.Items
}

// selectStatement binds a query as a statement.
func (b *binder) selectStatement(q *ast.SelectStmt) (Statement, error) {
	n, err := b.rootQuery(q)
	if err != nil {
		return nil, err
	}
	if n, err = b.finished(n); err != nil {
		return nil, err
	}
	st := &Select{Plan: n, AsOf: b.raw.Clauses.AsOf}
	for _, f := range n.Schema() {
		if !f.Hidden {
			st.Columns = append(st.Columns, f)
		}
	}
	return st, nil
}

// oneRow is the input of a query without FROM: a row of no columns.
func oneRow() plan.Node { return &plan.Values{Rows: [][]value.Datum{{}}} }

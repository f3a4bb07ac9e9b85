package bind

import (
	"slices"
	"strings"

	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/catalog"
	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/sql/parse"
	"weir/stream/value"
)

// versioned is a table on the right side of a temporal join. The join reads its history in its
// place: the match of a left row is the version that was valid at its time, and no match if the
// row had been deleted by then.
//
// What is frozen. Let W be the mark of the left time after a step at block time T, W <= T. A left
// row at ts looks at versions with weir_valid_from <= ts. Later steps write versions at T or later
// only, and rewrite none but those at T itself (catalog.History). With ts < W <= T none of them
// is at or before ts, so the match of a left row below W stays; at ts = W = T it may still change.
// That is the rule of Asof, the lesser of both marks, with block time as that of the versions: so
// EMIT ON WINDOW CLOSE over a temporal join goes by the left side's watermark.
type versioned struct {
	table *catalog.Relation
	// Positions in the rows of the right side, which has the columns of the table first.
	validFrom, deleted int
}

// versionedSide recognises a table on the right side of a temporal join, and makes the right side
// read its history; nil: another kind of join or relation.
func (b *binder) versionedSide(clause *parse.JoinClause, right ast.Node) (*versioned, error) {
	n, ok := right.(*ast.RangeVar)
	if !ok || clause.Asof || n.SchemaName == "" && b.findCTE(n.RelName) != nil {
		return nil, nil
	}
	r, err := b.relation(n)
	if err != nil || r.Kind != catalog.Table {
		return nil, err
	}
	h := b.cat.HistoryOf(r)
	if h == nil {
		e := b.errorf(clause.At, stateUnsupported, "FOR SYSTEM_TIME AS OF is not supported over "+
			"table %q, which keeps no history", r.Name)
		e.Hint = "Create the table WITH (history = true), or WITH SYSTEM VERSIONING."
		return nil, e
	}
	if b.histories == nil {
		b.histories = map[*ast.RangeVar]*catalog.Relation{}
	}
	b.histories[n] = h
	return &versioned{
		table: r, validFrom: len(r.Columns), deleted: len(r.Columns) + 1,
	}, nil
}

// versionScan reads a history as the table shows its columns, then, hidden, since when a version
// is valid and whether the row was deleted.
func versionScan(h *catalog.Relation) (node plan.Node, names []string) {
	s := scanOf(h)
	p := &plan.Project{Input: s}
	add := func(i int, hide bool) {
		p.Exprs = append(p.Exprs, columnAt(i, s.Fields[i].Type))
		p.Names = append(p.Names, s.Fields[i].Name)
		p.Hide = append(p.Hide, hide)
	}
	for i := catalog.NumHistoryColumns; i < len(s.Fields); i++ {
		add(i, false)
	}
	add(catalog.HistValidFrom, true)
	add(catalog.HistDeleted, true)
	return p, p.Names
}

// versionKeys takes the equalities with the primary key of a versioned table, all of whose columns
// there must be, as keys of the join, and returns the other conditions: they judge the version
// that was valid, and do not look for another one.
func (m *asofMatch) versionKeys(v *versioned, conds []expr.Expr, at int) ([]expr.Expr, error) {
	var rest []expr.Expr
	found := make([]bool, len(v.table.Columns))
	for _, c := range conds {
		l, r, ok := m.equality(c)
		if !ok {
			if m.b.hasSubquery(c) {
				return nil, m.b.unsupported(at, "a subquery in the condition of a temporal join is",
					"Compute it in a subquery in FROM and join that.")
			}
			rest = append(rest, c)
			continue
		}
		if col, ok := widened(r).(expr.Column); ok && slices.Contains(v.table.Key, m.rp[col.Index]) {
			found[m.rp[col.Index]] = true
			m.lk, m.rk = append(m.lk, m.place(l, true)), append(m.rk, m.place(r, false))
			continue
		}
		rest = append(rest, c)
	}
	var missing, key []string
	for _, k := range v.table.Key {
		key = append(key, v.table.Columns[k].Name)
		if !found[k] {
			missing = append(missing, v.table.Columns[k].Name)
		}
	}
	if len(missing) > 0 {
		e := m.b.errorf(at, stateUnsupported, "a temporal join that does not equate the whole "+
			"primary key of %q is not supported", v.table.Name)
		e.Detail = "No equality has " + strings.Join(missing, ", ") + "."
		e.Hint = "Write an equality with the left side for each column of the primary key (" +
			strings.Join(key, ", ") + ")."
		return nil, e
	}
	return rest, nil
}

// equality reads a condition as left side = right side.
func (m *asofMatch) equality(c expr.Expr) (l, r expr.Expr, ok bool) {
	call, ok := c.(*expr.Call)
	if !ok || !isEquality(call) {
		return nil, nil, false
	}
	l, r = call.Args[0], call.Args[1]
	if m.side(l) > 0 {
		l, r = r, l
	}
	return l, r, m.side(l) < 0 && m.side(r) > 0
}

// widened is what an integer was before a cast that keeps different values different.
func widened(e expr.Expr) expr.Expr {
	c, ok := e.(*expr.Call)
	if !ok || len(c.Args) != 1 || !strings.HasPrefix(string(c.Fn), "cast(") {
		return e
	}
	rank := map[value.Kind]int{value.Int2: 1, value.Int4: 2, value.Int8: 3}
	if from, to := rank[c.Args[0].Type().Kind], rank[c.T.Kind]; from > 0 && from < to {
		return c.Args[0]
	}
	return e
}

// valid keeps, of pairs with the version that an as-of join has found, those whose row existed and
// for which the other conditions hold. A LEFT join shows NULLs in the place of what does not stay.
func (m *asofMatch) valid(n *plan.Asof, v *versioned, conds []expr.Expr) plan.Node {
	width := len(n.Left.Schema())
	fields := n.Schema()
	deleted := columnAt(width+v.deleted, fields[width+v.deleted].Type)
	judged := []expr.Expr{asked("is_false", deleted)}
	for _, c := range conds {
		judged = append(judged, expr.Remap(c, func(i int) int {
			if m.lp[i] >= 0 {
				return m.lp[i]
			}
			return width + m.rp[i]
		}))
	}
	if !n.Outer {
		return filtered(n, judged)
	}
	p := picked(n, len(fields))
	for i := width; i < len(fields); i++ {
		p.Exprs[i] = &expr.Case{
			Whens: []expr.Expr{allOf(judged)}, Thens: []expr.Expr{p.Exprs[i]}, T: fields[i].Type,
		}
	}
	return p
}

// versionTimes are the times of a temporal join with a versioned table. A left time without a zone
// is one in UTC.
func (m *asofMatch) versionTimes(v *versioned, left scalar) error {
	from := columnAt(v.validFrom, value.Of(value.TimestampTZ))
	switch k := left.typ().Kind; k {
	case value.TimestampTZ:
		m.rt = v.validFrom
	case value.Timestamp:
		fn, err := expr.Cast(from.Type(), left.typ(), true)
		if err != nil {
			return m.b.at(m.clause.TimeAt, err)
		}
		m.rt = m.right.column(&expr.Call{Fn: fn, Args: []expr.Expr{from}, T: left.typ()})
	default:
		return m.b.errorf(m.clause.TimeAt, stateMismatch,
			"FOR SYSTEM_TIME AS OF needs a time of type timestamp or timestamptz, not %s", left.typ())
	}
	m.op, m.lt = plan.AsofGE, m.place(left.e, true)
	return nil
}

// blockTime is what PROCTIME() means on the left side of a join: the block time of its rows.
func (m *asofMatch) blockTime(s *joinSides) (scalar, error) {
	name := catalog.HiddenNames[catalog.HiddenTime]
	var found []column
	for _, c := range s.scope.cols[:s.left] {
		if c.name == name && c.hidden {
			found = append(found, c)
		}
	}
	if len(found) != 1 {
		e := m.b.errorf(m.clause.TimeAt, stateUnsupported,
			"FOR SYSTEM_TIME AS OF PROCTIME() is not supported here: the left side is not one stream")
		e.Hint = "Name a time of the left side: FOR SYSTEM_TIME AS OF s." + name +
			" is the block time of the rows of stream s."
		return scalar{}, e
	}
	return found[0].scalar(m.clause.TimeAt), nil
}

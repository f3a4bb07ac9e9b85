package bind

import (
	"strings"

	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/sql/parse"
	"weir/stream/value"
)

// asofOps are the comparisons of an as-of join, left to right.
var asofOps = map[string]plan.AsofOp{
	"ge": plan.AsofGE, "gt": plan.AsofGT, "le": plan.AsofLE, "lt": plan.AsofLT,
}

// swapped is the comparison with its operands exchanged.
var swapped = [...]plan.AsofOp{
	plan.AsofGE: plan.AsofLE, plan.AsofGT: plan.AsofLT, plan.AsofLE: plan.AsofGE,
	plan.AsofLT: plan.AsofGT,
}

// asofJoin binds a ASOF [LEFT] JOIN b ON a.k = b.k AND a.ts >= b.ts, and the temporal join
// a [LEFT] JOIN b FOR SYSTEM_TIME AS OF a.ts ON a.k = b.k.
func (b *binder) asofJoin(
	f *fromList, j *ast.JoinExpr, clause *parse.JoinClause, left *scope,
) (*scope, error) {
	if j.Jointype != ast.JOIN_INNER && j.Jointype != ast.JOIN_LEFT {
		return nil, b.unsupported(clause.At, "an as-of join other than INNER and LEFT is", "")
	}
	table, err := b.versionedSide(clause, j.Rarg)
	if err != nil {
		return nil, err
	}
	lf, rf := &fromList{space: f.space}, &fromList{space: f.space}
	leave := b.recursion.inside(outerSide)
	s, err := b.sides(lf, rf, j, left)
	leave()
	if err != nil {
		return nil, err
	}
	conds, err := b.joinConds(s, j)
	if err != nil {
		return nil, err
	}
	l, err := b.joined(lf)
	if err != nil {
		return nil, err
	}
	r, err := b.joined(rf)
	if err != nil {
		return nil, err
	}
	if len(b.readsOf(f.space, r.node)) > 0 {
		return nil, b.unsupported(clause.At, "LATERAL in an as-of join is", "")
	}
	m := &asofMatch{b: b, clause: clause}
	m.lp, m.rp = l.positions(f.space.width), r.positions(f.space.width)
	m.left, m.right = newSide(l.node), newSide(r.node)
	n, err := m.bind(s, j, conds, r.node, table)
	if err != nil {
		return nil, err
	}
	it := fromItem{node: n, at: j.Location(), cols: append([]int(nil), l.cols...)}
	for len(it.cols) < m.width {
		it.cols = append(it.cols, -1)
	}
	it.cols = append(it.cols, r.cols...)
	f.items = append(f.items, it)
	return s.scope, nil
}

// bind makes the join, and what judges its rows.
func (m *asofMatch) bind(
	s *joinSides, j *ast.JoinExpr, conds []expr.Expr, right plan.Node, table *versioned,
) (plan.Node, error) {
	at := m.clause.At
	if !parse.IsNil(j.Quals) {
		at = j.Quals.Location()
	}
	var err error
	if table != nil {
		conds, err = m.versionKeys(table, conds, at)
	} else {
		err = m.conditions(conds, at)
	}
	if err == nil && m.clause.Temporal() {
		err = m.versions(s, right, table)
	}
	if err != nil {
		return nil, err
	}
	n := &plan.Asof{
		Left: m.left.done(), Right: m.right.done(), LeftKeys: m.lk, RightKeys: m.rk,
		LeftTime: m.lt, RightTime: m.rt, Op: m.op, Outer: j.Jointype == ast.JOIN_LEFT,
	}
	m.width = len(n.Left.Schema())
	if table != nil {
		return m.valid(n, table, conds), nil
	}
	return n, nil
}

// asofMatch reads the condition of an as-of join.
type asofMatch struct {
	b           *binder
	clause      *parse.JoinClause
	lp, rp      []int // columns of the clause -> of a side
	left, right *keySide
	lk, rk      []int
	lt, rt      int
	op          plan.AsofOp
	timed       bool
	width       int // columns of the left side, keys that were computed included
}

// side reports which side an expression reads: -1 the left one, 1 the right one, 0 both or none.
func (m *asofMatch) side(e expr.Expr) int {
	out := 0
	for _, c := range expr.Columns(e) {
		side := 1
		if m.lp[c] >= 0 {
			side = -1
		}
		if out != 0 && side != out {
			return 0
		}
		out = side
	}
	if len(expr.Outers(e)) > 0 {
		return 0
	}
	return out
}

func (m *asofMatch) place(e expr.Expr, left bool) int {
	pos, side := m.rp, m.right
	if left {
		pos, side = m.lp, m.left
	}
	return side.column(expr.Remap(e, func(i int) int { return pos[i] }))
}

// conditions reads equalities, and the one comparison of times.
func (m *asofMatch) conditions(conds []expr.Expr, at int) error {
	for _, c := range conds {
		call, ok := c.(*expr.Call)
		if !ok || len(call.Args) != 2 || !sameKind(call.Args) {
			return m.malformed(at)
		}
		l, r := call.Args[0], call.Args[1]
		exchanged := m.side(l) > 0
		if exchanged {
			l, r = r, l
		}
		if m.side(l) >= 0 || m.side(r) <= 0 {
			return m.malformed(at)
		}
		name, _, _ := strings.Cut(string(call.Fn), "(")
		op, isOrder := asofOps[name]
		switch {
		case name == "eq":
			m.lk, m.rk = append(m.lk, m.place(l, true)), append(m.rk, m.place(r, false))
		case !isOrder || m.timed || m.clause.Temporal():
			return m.malformed(at)
		default:
			if exchanged {
				op = swapped[op]
			}
			m.op, m.lt, m.rt, m.timed = op, m.place(l, true), m.place(r, false), true
		}
	}
	if !m.timed && !m.clause.Temporal() {
		return m.malformed(at)
	}
	return nil
}

func (m *asofMatch) malformed(at int) error {
	if m.clause.Temporal() {
		return m.b.unsupported(at, "a temporal join on anything but equalities is",
			"Write ON a.k = b.k and put other conditions into WHERE.")
	}
	return m.b.unsupported(at, "this condition of an as-of join is",
		"Write equalities and one comparison of times: ON a.k = b.k AND a.ts >= b.ts.")
}

// versions finds the times of a temporal join: rows of a stream are versions, each valid from its
// time until the next of its key; those of a table are in its history.
func (m *asofMatch) versions(s *joinSides, right plan.Node, table *versioned) error {
	t, err := m.leftTime(s)
	if err != nil {
		return err
	}
	if table != nil {
		return m.versionTimes(table, t)
	}
	col := versionTime(right)
	if col < 0 {
		e := m.b.errorf(m.clause.At, stateUnsupported,
			"FOR SYSTEM_TIME AS OF is not supported over rows without a time of their own")
		e.Hint = "Use a table WITH (history = true), or a stream of versions and ASOF JOIN."
		return e
	}
	if k := right.Schema()[col].Type.Kind; k != t.typ().Kind {
		return m.b.errorf(m.clause.TimeAt, stateMismatch,
			"the times of a temporal join are of type %s and %s", t.typ(), right.Schema()[col].Type)
	}
	m.op, m.lt, m.rt = plan.AsofGE, m.place(t.e, true), col
	return nil
}

// leftTime is the time of the left side that FOR SYSTEM_TIME AS OF names.
func (m *asofMatch) leftTime(s *joinSides) (scalar, error) {
	if m.clause.Proctime {
		return m.blockTime(s)
	}
	ref := &ast.ColumnRef{Fields: &ast.NodeList{}}
	for _, part := range m.clause.Time {
		ref.Fields.Items = append(ref.Fields.Items, ast.NewString(part))
	}
	ref.SetLocation(m.clause.TimeAt)
	t, err := m.b.find(s.scope, ref)
	if err == nil && m.side(t.e) >= 0 {
		err = m.b.errorf(m.clause.TimeAt, stateBadReference,
			"FOR SYSTEM_TIME AS OF needs a time of the left side of the join")
	}
	return t, err
}

// versionTime is the one time column that carries a watermark, -1 if there is none or several.
func versionTime(n plan.Node) int {
	out := -1
	fields := n.Schema()
	for i, frozen := range plan.Derive(n).Frozen {
		k := fields[i].Type.Kind
		if !frozen || k != value.Timestamp && k != value.TimestampTZ {
			continue
		}
		if out >= 0 {
			return -1
		}
		out = i
	}
	return out
}

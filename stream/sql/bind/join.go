package bind

import (
	"slices"

	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/sql/parse"
	"weir/stream/value"
)

// fromJoin binds l JOIN r ON | USING, and NATURAL JOIN.
func (b *binder) fromJoin(f *fromList, j *ast.JoinExpr, left *scope) (*scope, error) {
	var sc *scope
	var err error
	switch clause := b.raw.Clauses.Joins[j.Location()]; {
	case clause != nil:
		sc, err = b.asofJoin(f, j, clause, left)
	case j.Jointype == ast.JOIN_INNER:
		sc, err = b.innerJoin(f, j, left)
	default:
		sc, err = b.outerJoin(f, j, left)
	}
	if err == nil && j.JoinUsingAlias != nil {
		err = b.usingAlias(sc, j)
	}
	if err != nil || j.Alias == nil {
		return sc, err
	}
	return b.renamed(sc, j)
}

// usingAlias names the columns of USING as those of a table of their own; the tables of the join
// keep their names. The columns are those that * shows first.
func (b *binder) usingAlias(sc *scope, j *ast.JoinExpr) error {
	name := j.JoinUsingAlias.AliasName
	if sc.has(name) {
		return b.errorf(j.Location(), stateDuplicateAlias,
			"table name %q specified more than once", name)
	}
	sc.tables = append(sc.tables, name)
	for _, i := range sc.star[:len(items(j.UsingClause))] {
		c := sc.cols[i]
		c.table, c.merged, c.joined = name, true, true
		sc.cols = append(sc.cols, c)
	}
	return nil
}

// renamed gives the result of a join the name of its alias.
func (b *binder) renamed(sc *scope, j *ast.JoinExpr) (*scope, error) {
	out := &scope{tables: []string{j.Alias.AliasName}, outer: sc.outer, space: sc.space}
	var names []string
	for i, k := range sc.star {
		c := sc.cols[k]
		c.table, c.merged, c.joined = j.Alias.AliasName, false, true
		out.cols = append(out.cols, c)
		out.star = append(out.star, i)
		names = append(names, c.name)
	}
	names, err := b.columnAliases(j.Alias.AliasName, names, j.Alias.ColNames, j.Location())
	for i := range out.cols {
		out.cols[i].name = names[i]
	}
	return out, err
}

// innerJoin adds both sides to the list.
func (b *binder) innerJoin(f *fromList, j *ast.JoinExpr, left *scope) (*scope, error) {
	sides, err := b.sides(f, f, j, left)
	if err != nil {
		return nil, err
	}
	conds, err := b.joinConds(sides, j)
	f.conds = append(f.conds, conds...)
	return sides.scope, err
}

// joinSides are the names of both sides of a join; those of the left side come first.
type joinSides struct {
	scope *scope
	left  int // columns of scope that are the left side's
	kind  ast.JoinType
	both  []mergedPair // columns of USING in a FULL join
}

// mergedPair are columns of scope, one of each side, that FULL JOIN USING makes one.
type mergedPair struct{ l, r int }

// sides binds both sides of a join into lists. Only INNER and LEFT let the right side see the
// left one.
func (b *binder) sides(lf, rf *fromList, j *ast.JoinExpr, left *scope) (*joinSides, error) {
	l, err := b.fromNode(lf, j.Larg, left)
	if err != nil {
		return nil, err
	}
	seen := left
	if j.Jointype == ast.JOIN_INNER || j.Jointype == ast.JOIN_LEFT {
		seen = concat(left, l)
	}
	r, err := b.fromNode(rf, j.Rarg, seen)
	if err != nil {
		return nil, err
	}
	sc, err := b.beside(l, r, j.Location())
	if err != nil {
		return nil, err
	}
	sc.outer = left.outer
	if j.Jointype == ast.JOIN_RIGHT || j.Jointype == ast.JOIN_FULL {
		optional(sc.cols[:len(l.cols)])
	}
	if j.Jointype == ast.JOIN_LEFT || j.Jointype == ast.JOIN_FULL {
		optional(sc.cols[len(l.cols):])
	}
	return &joinSides{scope: sc, left: len(l.cols), kind: j.Jointype}, nil
}

// joinConds binds the condition of a join.
func (b *binder) joinConds(s *joinSides, j *ast.JoinExpr) ([]expr.Expr, error) {
	if j.IsNatural || hasItems(j.UsingClause) {
		return b.using(s, j)
	}
	if parse.IsNil(j.Quals) {
		return nil, nil
	}
	cond, err := b.condition(j.Quals, &exprCtx{scope: s.scope, clause: "JOIN/ON"})
	if err != nil {
		return nil, err
	}
	return conjuncts(cond), nil
}

// using equates columns by name. Both sides' columns are one from here on: * shows them once and
// first, and the bare name means the one that is not NULL: the left one, of a RIGHT join the
// right one, of a FULL join either.
func (b *binder) using(s *joinSides, j *ast.JoinExpr) ([]expr.Expr, error) {
	sc := s.scope
	var first []int
	var conds []expr.Expr
	for _, u := range b.usingNames(j, sc, s.left) {
		l, err := b.usingColumn(sc, u, 0, s.left, "left")
		if err != nil {
			return nil, err
		}
		r, err := b.usingColumn(sc, u, s.left, len(sc.cols), "right")
		if err != nil {
			return nil, err
		}
		eq, err := b.call(u.at, "=", sc.cols[l].scalar(u.at), sc.cols[r].scalar(u.at))
		if err != nil {
			return nil, err
		}
		conds = append(conds, eq.e)
		switch s.kind {
		case ast.JOIN_FULL:
			s.both = append(s.both, mergedPair{l, r})
			sc.cols[l].merged, sc.cols[r].merged = true, true
		case ast.JOIN_RIGHT:
			sc.cols[l].merged = true
			first = append(first, r)
		default:
			sc.cols[r].merged = true
			first = append(first, l)
		}
		sc.star = slices.DeleteFunc(sc.star, func(i int) bool { return i == l || i == r })
	}
	sc.star = append(first, sc.star...)
	return conds, nil
}

type usingName struct {
	name string
	at   int
}

// usingNames are those of USING, or for NATURAL all that both sides show.
func (b *binder) usingNames(j *ast.JoinExpr, sc *scope, left int) []usingName {
	var out []usingName
	for _, n := range items(j.UsingClause) {
		if s, ok := n.(*ast.String); ok {
			out = append(out, usingName{s.SVal, s.Location()})
		}
	}
	if !j.IsNatural {
		return out
	}
	for _, l := range sc.star {
		for _, r := range sc.star {
			if l < left && r >= left && sc.cols[l].name == sc.cols[r].name {
				out = append(out, usingName{sc.cols[l].name, j.Location()})
				break
			}
		}
	}
	return out
}

// usingColumn finds a column of USING among cols[lo:hi].
func (b *binder) usingColumn(sc *scope, u usingName, lo, hi int, side string) (int, error) {
	found := -1
	for i := lo; i < hi; i++ {
		if sc.cols[i].name != u.name || sc.cols[i].merged {
			continue
		}
		if found >= 0 {
			return 0, b.errorf(u.at, stateAmbiguousColumn,
				"common column name %q appears more than once in %s table", u.name, side)
		}
		found = i
	}
	if found < 0 {
		return 0, b.errorf(u.at, stateNoColumn,
			"column %q specified in USING clause does not exist in %s table", u.name, side)
	}
	return found, nil
}

func (c column) scalar(at int) scalar { return scalar{e: columnAt(c.index, c.typ), at: at} }

func columnAt(i int, t value.Type) expr.Expr { return expr.Column{Index: i, T: t} }

// outerJoin binds LEFT, RIGHT and FULL JOIN: one item of the list. Its condition stays its own.
func (b *binder) outerJoin(f *fromList, j *ast.JoinExpr, left *scope) (*scope, error) {
	lf, rf := &fromList{space: f.space}, &fromList{space: f.space}
	leave := func() {}
	if j.Jointype != ast.JOIN_LEFT {
		leave = b.recursion.inside(outerSide)
	}
	s, err := b.outerSides(lf, rf, j, left)
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
	kind := plan.LeftJoin
	switch j.Jointype {
	case ast.JOIN_RIGHT:
		l, r = r, l
	case ast.JOIN_FULL:
		kind = plan.FullJoin
	}
	on := &outerOn{b: b, space: f.space, kind: kind, l: l, r: r, conds: conds, at: j.Location()}
	if err := on.run(); err != nil {
		return nil, err
	}
	var flat []expr.Expr
	for _, c := range on.conds {
		flat = append(flat, conjuncts(c)...)
	}
	it, err := b.joinItems(f.space, kind, on.l, on.r, flat)
	if err != nil {
		return nil, err
	}
	it.at = j.Location()
	b.mergeBoth(f, s, &it)
	f.items = append(f.items, it)
	return s.scope, nil
}

// outerSides binds the sides of an outer join, of which the right one may be all NULL.
func (b *binder) outerSides(
	lf, rf *fromList, j *ast.JoinExpr, left *scope,
) (*joinSides, error) {
	if j.Jointype != ast.JOIN_LEFT {
		return b.sides(lf, rf, j, left)
	}
	l, err := b.fromNode(lf, j.Larg, left)
	if err != nil {
		return nil, err
	}
	leave := b.recursion.inside(outerSide)
	r, err := b.fromNode(rf, j.Rarg, concat(left, l))
	leave()
	if err != nil {
		return nil, err
	}
	sc, err := b.beside(l, r, j.Location())
	if err != nil {
		return nil, err
	}
	sc.outer = left.outer
	optional(sc.cols[len(l.cols):])
	return &joinSides{scope: sc, left: len(l.cols), kind: j.Jointype}, nil
}

// mergeBoth computes the columns of FULL JOIN USING, which are those of either side.
func (b *binder) mergeBoth(f *fromList, s *joinSides, it *fromItem) {
	if len(s.both) == 0 {
		return
	}
	sc := s.scope
	pos := it.positions(f.space.width)
	var extra []expr.Expr
	var names []string
	var first []int
	for _, m := range s.both {
		l, r := sc.cols[m.l], sc.cols[m.r]
		first = append(first, len(sc.cols))
		e := coalesced(l, r, pos)
		sc.cols = append(sc.cols, column{name: l.name, typ: e.Type(), index: f.space.width})
		extra, names = append(extra, e), append(names, l.name)
		it.cols = append(it.cols, f.space.width)
		f.space.width++
	}
	sc.star = append(first, sc.star...)
	it.node = extended(it.node, extra, names, false)
}

// coalesced is the first of two columns that is not NULL, in their common type.
func coalesced(l, r column, pos []int) expr.Expr {
	le, re := columnAt(pos[l.index], l.typ), columnAt(pos[r.index], r.typ)
	t, err := expr.CommonType([]value.Type{l.typ, r.typ})
	if err != nil {
		t = l.typ
	}
	cast := func(e expr.Expr) expr.Expr {
		if e.Type().Kind == t.Kind {
			return e
		}
		fn, err := expr.Cast(e.Type(), t, true)
		if err != nil || fn == "" {
			return e
		}
		return &expr.Call{Fn: fn, Args: []expr.Expr{e}, T: t}
	}
	return &expr.Coalesce{Args: []expr.Expr{cast(le), cast(re)}, T: t}
}

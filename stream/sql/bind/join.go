package bind

import (
	"fmt"
	"slices"
	"strings"

	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/sql/parse"
	"weir/stream/value"
)

// fromJoin binds l JOIN r ON | USING, and NATURAL JOIN.
func (b *binder) fromJoin(f *fromList, j *ast.JoinExpr) (*scope, error) {
	if j.Jointype != ast.JOIN_INNER {
		return nil, b.unsupported(j.Location(), "outer joins are",
			"Use an inner join, and UNION ALL for the rows without a match.")
	}
	if j.Alias != nil || j.JoinUsingAlias != nil {
		return nil, b.unsupported(j.Location(), "an alias for a join is",
			"Name the tables instead, or write the join as a subquery in FROM.")
	}
	l, err := b.fromNode(f, j.Larg)
	if err != nil {
		return nil, err
	}
	r, err := b.fromNode(f, j.Rarg)
	if err != nil {
		return nil, err
	}
	sc, err := b.beside(l, r, j.Location())
	if err != nil {
		return nil, err
	}
	if j.IsNatural || hasItems(j.UsingClause) {
		return b.using(f, j, sc, len(l.cols))
	}
	if parse.IsNil(j.Quals) {
		return sc, nil
	}
	cond, err := b.condition(j.Quals, &exprCtx{scope: sc, clause: "JOIN/ON"})
	if err != nil {
		return nil, err
	}
	f.conds = append(f.conds, conjuncts(cond)...)
	return sc, nil
}

// using equates columns by name. Both sides' columns are one from here on: * shows them once and
// first, and the bare name means the left one.
func (b *binder) using(f *fromList, j *ast.JoinExpr, sc *scope, left int) (*scope, error) {
	var first []int
	for _, u := range b.usingNames(j, sc, left) {
		l, err := b.usingColumn(sc, u, 0, left, "left")
		if err != nil {
			return nil, err
		}
		r, err := b.usingColumn(sc, u, left, len(sc.cols), "right")
		if err != nil {
			return nil, err
		}
		eq, err := b.call(u.at, "=", sc.cols[l].scalar(u.at), sc.cols[r].scalar(u.at))
		if err != nil {
			return nil, err
		}
		f.conds = append(f.conds, eq.e)
		sc.cols[r].merged = true
		first = append(first, l)
		sc.star = slices.DeleteFunc(sc.star, func(i int) bool { return i == l || i == r })
	}
	sc.star = append(first, sc.star...)
	return sc, nil
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

// joining is a join tree under construction.
type joining struct {
	node plan.Node
	pos  []int // column of the FROM list -> column of node; -1: not there yet
}

// join builds a left-deep tree over the items of FROM, each next item the first one in order that
// an equality connects with those before. What no join uses becomes a filter above.
func (b *binder) join(f *fromList, sc *scope) (plan.Node, *scope, error) {
	t := joining{node: f.items[0].node, pos: make([]int, f.width)}
	for i := range t.pos {
		t.pos[i] = -1
	}
	t.place(f.items[0], 0)
	rest := f.items[1:]
	conds := f.conds
	for len(rest) > 0 {
		i, keys, other := b.nextItem(&t, rest, conds)
		if i < 0 {
			return nil, nil, b.unsupported(rest[0].at, "a join without an equality between its sides is",
				"Add a condition such as a.x = b.y that connects them.")
		}
		t.add(rest[i], keys)
		conds = other
		rest = slices.Delete(slices.Clone(rest), i, i+1)
	}
	at := func(i int) int { return t.pos[i] }
	for i, c := range conds {
		if i == 0 {
			conds = slices.Clone(conds)
		}
		conds[i] = expr.Remap(c, at)
	}
	return filtered(t.node, conds), sc.remapped(at), nil
}

// place notes where the columns of an item are.
func (t *joining) place(it fromItem, at int) {
	for i := range it.node.Schema() {
		t.pos[it.base+i] = at + i
	}
}

// keyPair is left = right, over the columns of the FROM list.
type keyPair struct{ left, right expr.Expr }

// nextItem finds the first item that conditions connect with the tree, and splits the conditions
// into its join keys and the others.
func (b *binder) nextItem(
	t *joining, rest []fromItem, conds []expr.Expr,
) (item int, keys []keyPair, other []expr.Expr) {
	for i, it := range rest {
		keys, other = nil, nil
		for _, c := range conds {
			if k, ok := t.key(it, c); ok {
				keys = append(keys, k)
			} else {
				other = append(other, c)
			}
		}
		if len(keys) > 0 {
			return i, keys, other
		}
	}
	return -1, nil, nil
}

// key reads a condition as an equality between the tree and an item.
func (t *joining) key(it fromItem, cond expr.Expr) (keyPair, bool) {
	c, ok := cond.(*expr.Call)
	if !ok || !strings.HasPrefix(string(c.Fn), "eq(") || len(c.Args) != 2 ||
		c.Args[0].Type().Kind != c.Args[1].Type().Kind {
		return keyPair{}, false
	}
	l, r := c.Args[0], c.Args[1]
	switch {
	case t.covers(l) && it.covers(r):
		return keyPair{l, r}, true
	case t.covers(r) && it.covers(l):
		return keyPair{r, l}, true
	}
	return keyPair{}, false
}

// covers reports whether e reads columns of the tree and no others.
func (t *joining) covers(e expr.Expr) bool {
	cols := expr.Columns(e)
	return len(cols) > 0 && !slices.ContainsFunc(cols, func(i int) bool { return t.pos[i] < 0 })
}

func (it fromItem) covers(e expr.Expr) bool {
	cols := expr.Columns(e)
	n := len(it.node.Schema())
	return len(cols) > 0 && cols[0] >= it.base && cols[len(cols)-1] < it.base+n
}

// add joins an item to the tree.
func (t *joining) add(it fromItem, keys []keyPair) {
	left, right := keySide{node: t.node}, keySide{node: it.node}
	j := &plan.Join{}
	for _, k := range keys {
		l := expr.Remap(k.left, func(i int) int { return t.pos[i] })
		r := expr.Shift(k.right, -it.base)
		j.LeftKeys = append(j.LeftKeys, left.column(l))
		j.RightKeys = append(j.RightKeys, right.column(r))
	}
	j.Left, j.Right = left.done(), right.done()
	t.place(it, len(j.Left.Schema()))
	t.node = j
}

// keySide is a side of a join whose keys may be expressions: those become hidden columns behind
// its own.
type keySide struct {
	node  plan.Node
	extra []expr.Expr
}

func (s *keySide) column(e expr.Expr) int {
	if c, ok := e.(expr.Column); ok {
		return c.Index
	}
	s.extra = append(s.extra, e)
	return len(s.node.Schema()) + len(s.extra) - 1
}

func (s *keySide) done() plan.Node {
	if len(s.extra) == 0 {
		return s.node
	}
	p := &plan.Project{Input: s.node}
	for i, f := range s.node.Schema() {
		p.Exprs = append(p.Exprs, columnAt(i, f.Type))
		p.Names = append(p.Names, f.Name)
		p.Hide = append(p.Hide, f.Hidden)
	}
	for i, e := range s.extra {
		p.Exprs = append(p.Exprs, e)
		p.Names = append(p.Names, fmt.Sprintf("key%d", i+1))
		p.Hide = append(p.Hide, true)
	}
	return p
}

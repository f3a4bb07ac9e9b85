package bind

import (
	"fmt"
	"slices"
	"strings"

	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/value"
)

// positions says where the columns of a clause are in an item; -1: not there.
func (it fromItem) positions(width int) []int {
	pos := make([]int, width)
	for i := range pos {
		pos[i] = -1
	}
	for i, c := range it.cols {
		if c >= 0 {
			pos[c] = i
		}
	}
	return pos
}

// joining is a join tree under construction.
type joining struct {
	b     *binder
	space *space
	item  fromItem
	pos   []int // column of the clause -> column of item; -1: not there yet
}

func (t *joining) set(it fromItem) {
	t.item, t.pos = it, it.positions(t.space.width)
}

// joined joins the items of a list, left-deep: each next item is the first one in order that an
// equality connects with those before, else the first one at all, whose rows meet all others.
// LATERAL items wait for what they read. Then come the conditions that no join used.
func (b *binder) joined(f *fromList) (fromItem, error) {
	if len(f.items) == 0 {
		f.items = []fromItem{{node: oneRow()}}
	}
	t := &joining{b: b, space: f.space}
	first := f.nextReady(b, nil, f.items)
	t.set(f.items[first])
	rest := slices.Delete(slices.Clone(f.items), first, first+1)
	conds := f.conds
	for len(rest) > 0 {
		i, keys, other := t.next(f, rest, conds)
		var err error
		if conds, err = t.add(rest[i], keys, other); err != nil {
			return fromItem{}, err
		}
		rest = slices.Delete(slices.Clone(rest), i, i+1)
	}
	l := t.linker()
	moved := make([]expr.Expr, len(conds))
	for i, c := range conds {
		moved[i] = expr.Remap(c, func(i int) int { return t.pos[i] })
	}
	if err := l.filter(moved); err != nil {
		return fromItem{}, err
	}
	out := t.item
	out.node = l.node
	return out, nil
}

// nextReady returns the first of rest that reads nothing of the list but what is placed.
func (f *fromList) nextReady(b *binder, placed []int, rest []fromItem) int {
	for i := range rest {
		if f.ready(b, placed, rest, i) {
			return i
		}
	}
	return 0
}

// ready reports whether item i of rest reads no column of the others in rest.
func (f *fromList) ready(b *binder, placed []int, rest []fromItem, i int) bool {
	for _, c := range b.readsOf(f.space, rest[i].node) {
		if c < len(placed) && placed[c] >= 0 {
			continue
		}
		if slices.ContainsFunc(rest, func(it fromItem) bool { return slices.Contains(it.cols, c) }) {
			return false
		}
	}
	return true
}

// linker joins subqueries to the tree as it is now.
func (t *joining) linker() *linker {
	pos := t.pos
	away := func(i int) bool { return i >= len(pos) || pos[i] < 0 }
	l := &linker{b: t.b, node: t.item.node, space: t.space}
	l.over = func(e expr.Expr) (expr.Expr, error) {
		if slices.ContainsFunc(expr.Columns(e), away) {
			return nil, nil
		}
		return expr.Remap(e, func(i int) int { return pos[i] }), nil
	}
	return l
}

// keyPair is left = right, over the columns of the FROM clause.
type keyPair struct{ left, right expr.Expr }

// next finds the first item that conditions connect with the tree, and splits the conditions into
// its join keys and the others.
func (t *joining) next(
	f *fromList, rest []fromItem, conds []expr.Expr,
) (item int, keys []keyPair, other []expr.Expr) {
	for i, it := range rest {
		if !f.ready(t.b, t.pos, rest, i) {
			continue
		}
		if len(t.b.readsOf(t.space, it.node)) > 0 { // LATERAL: it belongs beside what it reads
			return i, nil, conds
		}
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
	return f.nextReady(t.b, t.pos, rest), nil, conds
}

// key reads a condition as an equality between the tree and an item.
func (t *joining) key(it fromItem, cond expr.Expr) (keyPair, bool) {
	c, ok := cond.(*expr.Call)
	if !ok || !isEquality(c) || len(expr.Outers(c)) > 0 {
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

// isEquality reports whether a call compares two values of one type.
func isEquality(c *expr.Call) bool {
	return strings.HasPrefix(string(c.Fn), "eq(") && len(c.Args) == 2 && sameKind(c.Args)
}

func sameKind(args []expr.Expr) bool {
	x, y := args[0].Type(), args[1].Type()
	return x.Kind == y.Kind && x.Elem == y.Elem &&
		(x.Kind != value.Record || value.CheckComparable(x, y) == nil)
}

// covers reports whether e reads columns of the tree and no others.
func (t *joining) covers(e expr.Expr) bool {
	cols := expr.Columns(e)
	return len(cols) > 0 && !slices.ContainsFunc(cols, func(i int) bool { return t.pos[i] < 0 })
}

func (it fromItem) covers(e expr.Expr) bool {
	cols := expr.Columns(e)
	return len(cols) > 0 && !slices.ContainsFunc(cols, func(i int) bool {
		return !slices.Contains(it.cols, i)
	})
}

// add joins an item to the tree and returns the conditions that are left. Those over both that
// cannot fail go into the join.
func (t *joining) add(it fromItem, keys []keyPair, conds []expr.Expr) ([]expr.Expr, error) {
	if f, ok := it.node.(*plan.Flatten); ok && len(keys) == 0 && isOneRow(f.Input) {
		return conds, t.addLateral(it)
	}
	if len(t.b.readsOf(t.space, it.node)) > 0 {
		return conds, t.addLateral(it)
	}
	pos := it.positions(t.space.width)
	width := len(t.item.node.Schema())
	at := func(i int) int {
		if t.pos[i] >= 0 {
			return t.pos[i]
		}
		return width + pos[i]
	}
	var on, rest []expr.Expr
	for _, k := range keys {
		on = append(on, equal(expr.Remap(k.left, at), expr.Remap(k.right, at)))
	}
	for _, c := range conds {
		cols := expr.Columns(c)
		here := slices.ContainsFunc(cols, func(i int) bool { return t.pos[i] >= 0 }) &&
			slices.ContainsFunc(cols, func(i int) bool { return pos[i] >= 0 }) &&
			!slices.ContainsFunc(cols, func(i int) bool { return t.pos[i] < 0 && pos[i] < 0 })
		if here && !expr.CanFail(c) && len(expr.Outers(c)) == 0 {
			on = append(on, expr.Remap(c, at))
		} else {
			rest = append(rest, c)
		}
	}
	t.set(beside(t.item, it, plan.InnerJoin, on))
	return rest, nil
}

// beside is the join of two items on conditions over their columns side by side.
func beside(l, r fromItem, kind plan.JoinKind, on []expr.Expr) fromItem {
	j, base := pair(kind, l.node, r.node, on)
	out := fromItem{node: j, cols: slices.Clone(l.cols)}
	for len(out.cols) < base {
		out.cols = append(out.cols, -1)
	}
	out.cols = append(out.cols, r.cols...)
	for len(out.cols) < len(j.Schema()) {
		out.cols = append(out.cols, -1)
	}
	return out
}

// addLateral joins an item that reads columns of the tree.
func (t *joining) addLateral(it fromItem) error {
	out, err := t.lateral(it, false, nil)
	if err == nil {
		t.set(out)
	}
	return err
}

// joinItems joins the sides of an outer join; on is over the clause. With LATERAL, the right side
// reads columns of the left one.
func (b *binder) joinItems(
	s *space, kind plan.JoinKind, l, r fromItem, on []expr.Expr,
) (fromItem, error) {
	width := len(l.node.Schema())
	lp, rp := l.positions(s.width), r.positions(s.width)
	moved := make([]expr.Expr, len(on))
	for i, c := range on {
		moved[i] = expr.Remap(c, func(i int) int {
			if lp[i] >= 0 {
				return lp[i]
			}
			return width + rp[i]
		})
	}
	t := &joining{b: b, space: s}
	t.set(l)
	f, isSet := r.node.(*plan.Flatten)
	if kind == plan.LeftJoin && (len(b.readsOf(s, r.node)) > 0 || isSet && isOneRow(f.Input)) {
		return t.lateral(r, true, moved)
	}
	return beside(l, r, kind, moved), nil
}

// keySide is a side of a join whose keys may be expressions: those become hidden columns behind
// its own.
type keySide struct {
	node  plan.Node
	width int
	extra []expr.Expr
}

func newSide(n plan.Node) *keySide { return &keySide{node: n, width: len(n.Schema())} }

func (s *keySide) column(e expr.Expr) int {
	if c, ok := e.(expr.Column); ok {
		return c.Index
	}
	for i, x := range s.extra {
		if expr.Equal(x, e) {
			return s.width + i
		}
	}
	s.extra = append(s.extra, e)
	return s.width + len(s.extra) - 1
}

func (s *keySide) done() plan.Node {
	if len(s.extra) == 0 {
		return s.node
	}
	names := make([]string, len(s.extra))
	for i := range names {
		names[i] = fmt.Sprintf("key%d", i+1)
	}
	return extended(s.node, s.extra, names, true)
}

// extended computes expressions behind the columns of a node.
func extended(n plan.Node, extra []expr.Expr, names []string, hide bool) plan.Node {
	p := picked(n, len(n.Schema()))
	for i, e := range extra {
		p.Exprs = append(p.Exprs, e)
		p.Names = append(p.Names, names[i])
		p.Hide = append(p.Hide, hide)
	}
	return p
}

// picked keeps the first columns of a node.
func picked(n plan.Node, width int) *plan.Project {
	p := &plan.Project{Input: n}
	for i, f := range n.Schema()[:width] {
		p.Exprs = append(p.Exprs, columnAt(i, f.Type))
		p.Names = append(p.Names, f.Name)
		p.Hide = append(p.Hide, f.Hidden)
	}
	return p
}

// pair joins two nodes on conditions over their columns side by side: equalities between the
// sides are its keys, conditions on one side that change no other row are filters there, and the
// rest is judged by the pair. The left side keeps its columns; those of the right one begin at
// the column that is returned (of the pairs, not of a half join's output).
func pair(
	kind plan.JoinKind, left, right plan.Node, conds []expr.Expr,
) (j *plan.Join, base int) {
	width := len(left.Schema())
	var lf, rf, residual []expr.Expr
	var keys [][2]expr.Expr
	for _, c := range conds {
		k := pairKeys(c, width)
		cols := expr.Columns(c)
		safe := len(cols) > 0 && !expr.CanFail(c)
		switch {
		case isTrue(c):
		case k != nil:
			keys = append(keys, k...)
		case safe && cols[len(cols)-1] < width && (kind == plan.InnerJoin || kind == plan.SemiJoin):
			lf = append(lf, c)
		case safe && cols[0] >= width && kind != plan.FullJoin:
			rf = append(rf, expr.Shift(c, -width))
		default:
			residual = append(residual, c)
		}
	}
	l, r := newSide(filtered(left, lf)), newSide(filtered(right, rf))
	j = &plan.Join{Kind: kind}
	for _, k := range keys {
		j.LeftKeys = append(j.LeftKeys, l.column(k[0]))
		j.RightKeys = append(j.RightKeys, r.column(expr.Shift(k[1], -width)))
	}
	j.Left, j.Right = l.done(), r.done()
	base = len(j.Left.Schema())
	if len(residual) > 0 {
		j.Residual = expr.Remap(allOf(residual), func(i int) int {
			if i >= width {
				i += base - width
			}
			return i
		})
	}
	return j, base
}

// pairKeys reads a condition over two sides as equalities between them, left first; nil if it is
// none. IS NOT DISTINCT FROM, which NULL fulfils, is equality of two keys: whether there is a
// value, and the value or, without, one that stands for none.
func pairKeys(cond expr.Expr, width int) [][2]expr.Expr {
	c, ok := cond.(*expr.Call)
	nullSafe := ok && strings.HasPrefix(string(c.Fn), "is_not_distinct(")
	if !ok || !nullSafe && !isEquality(c) || len(c.Args) != 2 || !sameKind(c.Args) {
		return nil
	}
	l, r := c.Args[0], c.Args[1]
	if onSide(l, width, false) && onSide(r, width, true) {
		l, r = r, l
	} else if !onSide(l, width, true) || !onSide(r, width, false) {
		return nil
	}
	if !nullSafe {
		return [][2]expr.Expr{{l, r}}
	}
	zero, ok := zeroOf(l.Type())
	if !ok {
		return nil
	}
	value := func(e expr.Expr) expr.Expr {
		return &expr.Coalesce{Args: []expr.Expr{e, zero}, T: e.Type()}
	}
	return [][2]expr.Expr{{value(l), value(r)}, {isNull(l), isNull(r)}}
}

// onSide reports whether e reads columns of one side and nothing else.
func onSide(e expr.Expr, width int, left bool) bool {
	cols := expr.Columns(e)
	if len(cols) == 0 {
		return false
	}
	if left {
		return cols[len(cols)-1] < width
	}
	return cols[0] >= width
}

func isTrue(e expr.Expr) bool {
	c, ok := e.(expr.Const)
	return ok && !c.D.IsNull() && c.D.Bool()
}

// equal is a = b, of values of one kind.
func equal(a, b expr.Expr) expr.Expr { return compare("=", a, b) }

// compare applies an operator that is known to take its operands as they are.
func compare(op string, args ...expr.Expr) expr.Expr {
	types := make([]value.Type, len(args))
	for i, a := range args {
		types[i] = a.Type()
	}
	fn, _, t, err := expr.Resolve(op, types)
	if err != nil {
		return expr.Const{T: boolType}
	}
	return &expr.Call{Fn: fn, Args: args, T: t}
}

func isNull(e expr.Expr) expr.Expr { return asked("is_null", e) }

// zeroTexts are values of each kind that stand for NULL in a key.
var zeroTexts = map[value.Kind]string{
	value.Bool: "f", value.Int2: "0", value.Int4: "0", value.Int8: "0", value.Numeric: "0",
	value.Float4: "0", value.Float8: "0", value.Text: "", value.Bytea: "",
	value.Date: "2000-01-01", value.Time: "00:00", value.Timestamp: "2000-01-01",
	value.TimestampTZ: "2000-01-01Z", value.Interval: "0",
	value.UUID: "00000000-0000-0000-0000-000000000000", value.JSONB: "null", value.Array: "{}",
}

func zeroOf(t value.Type) (expr.Expr, bool) {
	if t.Kind == value.Record { // a row of NULLs is a value
		return expr.Const{D: value.NewRecord(make([]value.Datum, len(t.RecordFields()))), T: t}, true
	}
	d, err := value.Parse(zeroTexts[t.Kind], t)
	return expr.Const{D: d, T: t}, err == nil
}

package bind

import (
	"slices"
	"strings"

	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/value"
)

const temporalHint = "In a view, now() stands in WHERE as a bound on a time: " +
	"ts > now() - INTERVAL '1 hour'."

// viewTime is now() in the query of a view: only conditions may compare with it, which
// temporalFilters then takes out.
func (b *binder) viewTime(kind value.Kind, at int, c *exprCtx) (scalar, error) {
	if c.clause != "WHERE" && c.clause != "JOIN/ON" ||
		kind == value.Time {
		return scalar{}, b.unsupported(at, "now() in a materialized view is",
			temporalHint)
	}
	b.viewNows = append(b.viewNows, at)
	s, err := b.call(at, "now")
	if err != nil {
		return scalar{}, err
	}
	e, err := b.castTo(s, value.Of(kind), true)
	return scalar{e: e, at: at}, err
}

// temporalFilters turns the conditions of a block that read now() into temporal filters. first is
// the first of them, for messages.
func (b *binder) temporalFilters(n plan.Node, first int) (plan.Node, error) {
	old := n.Children()
	kids := make([]plan.Node, len(old))
	changed := false
	for i, c := range old {
		k, err := b.temporalFilters(c, first)
		if err != nil {
			return nil, err
		}
		kids[i], changed = k, changed || k != c
	}
	if changed {
		n = n.With(kids)
	}
	if !slices.ContainsFunc(n.Scalars(), readsNow) {
		return n, nil
	}
	var conds []expr.Expr
	switch f := n.(type) {
	case *plan.Filter:
		conds, n = conjuncts(f.Pred), f.Input
	case *plan.Join:
		if f.Kind != plan.InnerJoin {
			return nil, b.unsupported(first, "now() in the condition of this join is", temporalHint)
		}
		conds, n = conjuncts(f.Residual), f.WithScalars(nil)
	default:
		return nil, b.unsupported(first, "now() in a materialized view is", temporalHint)
	}
	return b.temporalOver(n, conds, first)
}

// temporalOver puts conditions over a node, those with now() as temporal filters.
func (b *binder) temporalOver(
	n plan.Node, conds []expr.Expr, first int,
) (plan.Node, error) {
	var rest, from, until []expr.Expr
	for _, c := range conds {
		if !readsNow(c) {
			rest = append(rest, c)
			continue
		}
		f, u, err := b.timeBounds(c, first)
		if err != nil {
			return nil, err
		}
		if f != nil {
			from = append(from, f)
		}
		if u != nil {
			until = append(until, u)
		}
	}
	n = filtered(n, rest)
	for len(from) > 0 || len(until) > 0 {
		var f, u expr.Expr
		if len(from) > 0 {
			f, from = from[0], from[1:]
		}
		if len(until) > 0 {
			u, until = until[0], until[1:]
		}
		n = temporalFilter(n, f, u)
	}
	return n, nil
}

func readsNow(e expr.Expr) bool {
	found := false
	expr.Walk(e, func(e expr.Expr) bool {
		if c, ok := e.(*expr.Call); ok && c.Fn == expr.NowFunc {
			found = true
		}
		return !found
	})
	return found
}

// temporalFilter keeps rows while from <= now() < until (nil: no bound), over bounds that it
// projects and drops again.
func temporalFilter(n plan.Node, from, until expr.Expr) plan.Node {
	fields := n.Schema()
	pre, post := &plan.Project{Input: n}, &plan.Project{}
	for i, f := range fields {
		pre.Exprs = append(pre.Exprs, columnAt(i, f.Type))
		pre.Names = append(pre.Names, f.Name)
		pre.Hide = append(pre.Hide, f.Hidden)
	}
	post.Exprs, post.Names = slices.Clone(pre.Exprs), slices.Clone(pre.Names)
	post.Hide = slices.Clone(pre.Hide)
	bound := func(e expr.Expr, name string) int {
		if e == nil {
			return -1
		}
		pre.Exprs, pre.Names = append(pre.Exprs, e), append(pre.Names, name)
		pre.Hide = append(pre.Hide, true)
		return len(pre.Exprs) - 1
	}
	t := &plan.TemporalFilter{Input: pre}
	t.From, t.Until = bound(from, "valid_from"), bound(until, "valid_until")
	post.Input = t
	return post
}

// comparison is left op right with now() on the left.
type comparison struct {
	left, right expr.Expr
	op          string
	step        value.IntervalValue // how long "=" holds
}

var (
	flipped = map[string]string{"lt": "gt", "le": "ge", "gt": "lt", "ge": "le", "eq": "eq"}
	negate  = map[string]string{"lt": "ge", "le": "gt", "gt": "le", "ge": "lt"}
)

// timeBounds solves a condition for now(): it holds while from <= now() < until.
func (b *binder) timeBounds(cond expr.Expr, at int) (from, until expr.Expr, err error) {
	c, ok := comparisonOf(cond)
	c.step = value.IntervalValue{Micros: 1}
	for ok && !isNow(c.left) {
		var err error
		if c, ok, err = b.unwindTime(c, at); err != nil {
			return nil, nil, err
		}
	}
	kind := value.Null
	if ok {
		kind = c.right.Type().Kind
	}
	if kind != value.TimestampTZ && kind != value.Timestamp {
		return nil, nil, b.unsupported(at, "this condition on now() in a materialized view is",
			temporalHint)
	}
	next, err := b.shifted(c.right, "+", c.step, at)
	if err != nil {
		return nil, nil, err
	}
	switch c.op {
	case "lt":
		return nil, c.right, nil
	case "le":
		return nil, next, nil
	case "ge":
		return c.right, nil, nil
	case "gt":
		return next, nil, nil
	}
	return c.right, next, nil
}

func isNow(e expr.Expr) bool {
	c, ok := e.(*expr.Call)
	return ok && c.Fn == expr.NowFunc
}

// comparisonOf reads a condition as a comparison with now() on one side.
func comparisonOf(e expr.Expr) (comparison, bool) {
	call, ok := e.(*expr.Call)
	if !ok {
		return comparison{}, false
	}
	op, _, _ := strings.Cut(string(call.Fn), "(")
	if op == "not" {
		c, ok := comparisonOf(call.Args[0])
		c.op = negate[c.op]
		return c, ok && c.op != ""
	}
	if flipped[op] == "" || len(call.Args) != 2 {
		return comparison{}, false
	}
	c := comparison{left: call.Args[0], right: call.Args[1], op: op}
	if readsNow(c.right) {
		c.left, c.right, c.op = c.right, c.left, flipped[op]
	}
	return c, !readsNow(c.right)
}

// unwindTime takes one step off the side of now(): a cast, a shift, or a difference.
func (b *binder) unwindTime(c comparison, at int) (comparison, bool, error) {
	call, ok := c.left.(*expr.Call)
	if !ok || len(call.Args) == 0 {
		return c, false, nil
	}
	op, _, _ := strings.Cut(string(call.Fn), "(")
	if op == "cast" { // between timestamp kinds, which are one instant in UTC; or to its day
		c.left = call.Args[0]
		if call.T.Kind == value.Date {
			return b.wholeDays(c, at)
		}
		return c, isTime(call.T), nil
	}
	if len(call.Args) != 2 || op != "add" && op != "sub" {
		return c, false, nil
	}
	x, y := call.Args[0], call.Args[1]
	if op == "add" && readsNow(y) {
		x, y = y, x
	}
	var err error
	if days, ok := y.(expr.Const); ok && days.D.Kind == value.Int4 { // current_date +- days
		inverse := map[string]string{"add": "-", "sub": "+"}[op]
		c.left = x
		c.right, err = b.shiftedDays(c.right, inverse, days, at)
		return c, err == nil, err
	}
	if span, ok := y.(expr.Const); ok && span.D.Kind == value.Interval { // now() +- span
		if span.D.V.Months != 0 {
			return c, false, b.unsupported(at,
				"now() with an interval of months in a materialized view is",
				"A month has no fixed length: count days, as in now() - INTERVAL '30 days'.")
		}
		inverse := map[string]string{"add": "-", "sub": "+"}[op]
		c.left = x
		c.right, err = b.shifted(c.right, inverse, span.D.V, at)
		return c, err == nil, err
	}
	// now() - ts, or ts - now(), compared with a span: intervals compare by their length.
	span, isConst := constantOf(c.right)
	if op != "sub" || !isConst || span.Kind != value.Interval {
		return c, false, nil
	}
	micros, fits := span.V.Span().Int64()
	if !fits {
		return c, false, nil
	}
	if length := (value.IntervalValue{Micros: micros}); readsNow(x) {
		c.left = x
		c.right, err = b.shifted(y, "+", length, at)
	} else {
		c.left, c.op = y, flipped[c.op]
		c.right, err = b.shifted(x, "-", length, at)
	}
	return c, err == nil, err
}

// wholeDays turns a condition on the day of now(), which is its midnight, into one on now(): the
// day is before e as long as now() is before the first midnight that is not before e.
func (b *binder) wholeDays(c comparison, at int) (comparison, bool, error) {
	day := value.IntervalValue{Days: 1}
	var err error
	if c.right.Type().Kind == value.Date {
		if c.right, err = b.castTo(scalar{e: c.right, at: at}, value.Of(value.TimestampTZ),
			true); err != nil {
			return c, false, err
		}
	} else if c.op == "eq" {
		return c, false, nil // true for midnights alone
	}
	if c.op == "eq" {
		c.step = day
		return c, true, nil
	}
	e := c.right
	if c.op == "lt" || c.op == "ge" {
		if e, err = b.shifted(e, "-", value.IntervalValue{Micros: 1}, at); err != nil {
			return c, false, err
		}
	}
	unit := scalar{e: expr.Const{D: value.NewText("day"), T: textType}, at: at}
	s, err := b.call(at, "date_trunc", unit, scalar{e: e, at: at})
	if err != nil {
		return c, false, err
	}
	c.right, err = b.shifted(s.e, "+", day, at)
	c.op = map[string]string{"lt": "lt", "le": "lt", "ge": "ge", "gt": "ge"}[c.op]
	return c, err == nil, err
}

// shiftedDays is e + days or e - days, for a date or a time.
func (b *binder) shiftedDays(e expr.Expr, op string, days expr.Const, at int) (expr.Expr, error) {
	if e.Type().Kind != value.Date {
		return b.shifted(e, op, value.IntervalValue{Days: int32(days.D.I)}, at)
	}
	s, err := b.call(at, op, scalar{e: e, at: at}, scalar{e: days, at: at})
	return s.e, err
}

// shifted is e + span or e - span.
func (b *binder) shifted(
	e expr.Expr, op string, span value.IntervalValue, at int,
) (expr.Expr, error) {
	d := value.Datum{Kind: value.Interval, V: span}
	s, err := b.call(at, op, scalar{e: e, at: at},
		scalar{e: expr.Const{D: d, T: value.Of(value.Interval)}, at: at})
	return s.e, err
}

// noNow refuses a finished plan of a view that still reads the time.
func (b *binder) noNow(n plan.Node) error {
	var fault error
	plan.Walk(n, func(n plan.Node) {
		if fault == nil && slices.ContainsFunc(n.Scalars(), readsNow) {
			at := 0
			if len(b.viewNows) > 0 {
				at = b.viewNows[0]
			}
			fault = b.unsupported(at, "now() in a materialized view is", temporalHint)
		}
	})
	return fault
}

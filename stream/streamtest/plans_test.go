package streamtest

import (
	"fmt"

	"pgregory.net/rapid"

	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/value"
)

// maxWidth bounds the columns of a random plan, maxJoins its joins: the oracle is quadratic.
const (
	maxWidth = 9
	maxJoins = 2
)

// planner draws plans over base relations and earlier views.
type planner struct {
	t     *rapid.T
	views []view
	joins int
}

func (p *planner) pick(n int, label string) int { return rapid.IntRange(0, n-1).Draw(p.t, label) }

// node draws a plan of at most depth operators above its scans. It always passes plan.Check.
func (p *planner) node(depth int) plan.Node {
	if depth == 0 {
		return p.scan()
	}
	if p.pick(12, "leaf") == 0 {
		return p.values()
	}
	if p.pick(5, "join?") == 0 && p.joins < maxJoins {
		p.joins++
		return p.pairing(depth)
	}
	in := p.node(depth - 1)
	if len(in.Schema()) > maxWidth {
		return p.project(in)
	}
	switch p.pick(10, "operator") {
	case 0:
		return &plan.Filter{Input: in, Pred: p.predicate(in)}
	case 1:
		return p.project(in)
	case 2:
		if n := p.window(in); n != nil {
			return n
		}
	case 3:
		if n := p.emit(in); n != nil {
			return n
		}
	case 5, 6:
		return p.ordered(in)
	case 4:
		other := &plan.Filter{Input: in, Pred: p.predicate(in)}
		return &plan.UnionAll{Inputs: []plan.Node{in, other}}
	case 7, 8:
		if n := p.timely(in); n != nil {
			return n
		}
	}
	if p.pick(3, "rare?") == 0 {
		return p.rareAggregate(in)
	}
	return p.aggregate(in)
}

func (p *planner) scan() plan.Node {
	switch i := p.pick(6+2*len(p.views), "relation"); {
	case i < 3:
		return scan(events)
	case i == 3:
		return scan(names)
	case i < 6:
		return scan(late - 4 + uint32(i))
	default:
		return p.views[(i-6)/2].scan()
	}
}

func (p *planner) values() plan.Node {
	return &plan.Values{
		Fields: []plan.Field{{Name: "k", Type: tText}, {Name: "v", Type: tInt}},
		Rows: [][]value.Datum{
			{value.NewText("a"), value.NewInt8(1)}, {value.NewText("b"), value.Datum{}},
		},
	}
}

func (p *planner) join(depth int) plan.Node {
	l, r := p.node(depth-1), p.node(depth-1)
	var pairs [][2]int
	for i, f := range l.Schema() {
		for k, g := range r.Schema() {
			if f.Type == g.Type {
				pairs = append(pairs, [2]int{i, k})
			}
		}
	}
	if len(pairs) == 0 {
		return l
	}
	n := &plan.Join{Left: l, Right: r}
	for range 1 + p.pick(2, "pairs") {
		at := pairs[p.pick(len(pairs), "pair")]
		n.LeftKeys, n.RightKeys = append(n.LeftKeys, at[0]), append(n.RightKeys, at[1])
	}
	if p.pick(3, "residual?") == 0 {
		n.Residual = p.predicate(n)
	}
	if len(n.Schema()) > maxWidth {
		return p.project(n)
	}
	return n
}

// columns returns the columns of a type.
func columns(n plan.Node, t value.Type) (out []int) {
	for i, f := range n.Schema() {
		if f.Type == t {
			out = append(out, i)
		}
	}
	return out
}

func (p *planner) window(in plan.Node) plan.Node {
	at := columns(in, tTS)
	if len(at) == 0 {
		return nil
	}
	n := &plan.Window{
		Input: in, TimeCol: at[p.pick(len(at), "time")], SizeMicros: 60 * second,
		SlideMicros: 60 * second, Kind: plan.WindowKind(1 + p.pick(3, "kind")),
	}
	if n.Kind != plan.Tumble {
		n.SlideMicros = 20 * second
	}
	n.OffsetMicros = int64(p.pick(2, "offset")) * 5 * second
	return n
}

func (p *planner) emit(in plan.Node) plan.Node {
	frozen := plan.Derive(in).Frozen
	for _, i := range columns(in, tTS) {
		if frozen[i] {
			return &plan.EmitOnClose{Input: in, WindowEnd: i}
		}
	}
	return nil
}

func (p *planner) aggregate(in plan.Node) plan.Node {
	n := &plan.Aggregate{Input: in}
	fields := in.Schema()
	frozen := plan.Derive(in).Frozen
	for i := range fields {
		if len(n.GroupBy) < 3 && p.pick(3, "group?") == 0 || frozen[i] && p.pick(3, "time?") > 0 {
			n.GroupBy = append(n.GroupBy, i)
		}
	}
	for range 1 + p.pick(3, "calls") {
		c := plan.Call(plan.AggFunc(1+p.pick(6, "function")), -1, tInt)
		c.Arg = p.pick(len(fields), "argument")
		switch t := fields[c.Arg].Type; {
		case c.Func == plan.CountStar:
			c.Arg = -1
		case c.Func == plan.Count:
		case c.Func == plan.Min || c.Func == plan.Max:
			if c.Type = t; t.Kind == value.Bytea || t.Kind == value.Bool {
				c.Func, c.Type = plan.Count, tInt
			}
		case t.Kind == value.Int4 && c.Func == plan.Sum:
		case t.Kind.IsInteger() || t.Kind == value.Numeric:
			c.Type = tNum
		default:
			c.Func, c.Type = plan.Count, tInt
		}
		if at := columns(in, value.Of(value.Bool)); len(at) > 0 && p.pick(2, "filter?") == 0 {
			c.Filter = at[0]
		}
		n.Calls = append(n.Calls, c)
	}
	return named(n)
}

// predicate draws a condition; some fail on some rows.
func (p *planner) predicate(in plan.Node) expr.Expr {
	c := col(in, p.pick(len(in.Schema()), "column"))
	if e := p.condition(c); e.Type().Kind == value.Bool {
		return e
	}
	return fn("is_not_null", c)
}

func (p *planner) condition(c expr.Expr) expr.Expr {
	switch t := c.Type(); {
	case p.pick(5, "null?") == 0:
		return fn("is_not_null", c)
	case t == tInt:
		return fn(">", fn("/", lit(value.NewInt8(10)), c), lit(value.NewInt8(2)))
	case t == tNum:
		return fn("<", c, lit(value.NewDecimal(value.DecimalFromInt64(20))))
	case t == tText && p.pick(3, "cast?") == 0:
		return fn("<", cast(c, tInt), lit(value.NewInt8(5)))
	case t == tText:
		return fn("<", c, lit(value.NewText("c")))
	case t == tTS:
		return fn(">", c, lit(value.NewTimestamp(60*second)))
	}
	return c
}

func (p *planner) project(in plan.Node) plan.Node {
	n := &plan.Project{Input: in}
	fields := in.Schema()
	for i := range fields {
		if len(n.Exprs) >= maxWidth-2 || p.pick(6, "drop?") == 0 && len(n.Exprs) > 0 {
			continue
		}
		n.Exprs = append(n.Exprs, p.scalar(in, i))
		n.Names = append(n.Names, fmt.Sprint("p", i))
	}
	return n
}

func (p *planner) scalar(in plan.Node, i int) expr.Expr {
	c := col(in, i)
	if p.pick(2, "plain?") == 0 {
		return c
	}
	interval := func(v value.IntervalValue) expr.Expr { return lit(value.NewInterval(v)) }
	switch form, t := p.pick(4, "form"), c.Type(); {
	case t == tInt && form == 0:
		return fn("+", c, lit(value.NewInt8(1<<62)))
	case t == tInt && form == 2:
		return cast(c, value.Of(value.Int4))
	case t == tNum && form == 0:
		return cast(c, value.Type{Kind: value.Numeric, Precision: 20, Scale: 3})
	case t == tNum && form == 1:
		return cast(c, value.Of(value.Float8))
	case t == tInt && form == 1:
		return fn(">", c, lit(value.NewInt8(2)))
	case t == tInt:
		return fn("/", lit(value.NewInt8(12)), c)
	case t == tNum:
		return fn("*", c, c)
	case t == tText:
		return fn("||", c, lit(value.NewText("x")))
	case t == tTS && form == 0:
		return fn("date_trunc", lit(value.NewText("minute")), c)
	case t == tTS && form == 1:
		return fn("+", c, interval(value.IntervalValue{Micros: 7 * second}))
	case t == tTS && form == 2:
		return fn("-", c, interval(value.IntervalValue{Months: 1}))
	case t == tTS:
		return cast(c, value.Of(value.Date))
	}
	return c
}

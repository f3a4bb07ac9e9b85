package streamtest

import (
	"fmt"

	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/value"
)

// ordered draws a TopN, an Over or a Flatten.
func (p *planner) ordered(in plan.Node) plan.Node {
	switch p.pick(5, "ordered") {
	case 0, 1:
		return p.topN(in)
	case 2:
		if n := p.flatten(in); n != nil {
			return n
		}
	}
	return p.over(in)
}

func (p *planner) partition(in plan.Node) (out []int) {
	frozen := plan.Derive(in).Frozen
	for i := range in.Schema() {
		if len(out) < 2 && (p.pick(4, "partition?") == 0 || frozen[i] && p.pick(4, "by time?") == 0) {
			out = append(out, i)
		}
	}
	return out
}

// sortKeys draws an order; a column that carries a mark is often the first.
func (p *planner) sortKeys(in plan.Node, most int) (out []plan.SortKey) {
	frozen := plan.Derive(in).Frozen
	for i := range frozen {
		if frozen[i] && len(out) == 0 && p.pick(3, "order by time?") > 0 {
			out = append(out, plan.SortKey{Col: i})
		}
	}
	for len(out) < most && p.pick(3, "key?") > 0 {
		k := plan.SortKey{Col: p.pick(len(in.Schema()), "sort column")}
		k.Desc, k.NullsFirst = p.pick(2, "desc") == 0, p.pick(2, "nulls") == 0
		out = append(out, k)
	}
	return out
}

func (p *planner) topN(in plan.Node) plan.Node {
	n := &plan.TopN{
		Input: in, PartitionBy: p.partition(in), Keys: p.sortKeys(in, 2),
		Kind: plan.RankKind(p.pick(3, "kind")), Limit: int64(p.pick(5, "limit")) - 1,
		Offset: int64(max(0, p.pick(4, "offset")-1)),
	}
	if p.pick(2, "numbered") == 0 {
		n.Numbered, n.Name = true, "number"
	}
	return n
}

// over draws window functions; offsets of lag and lead are columns or constants.
func (p *planner) over(in plan.Node) plan.Node {
	in = p.withConstants(in)
	n := &plan.Over{Input: in, PartitionBy: p.partition(in), Keys: p.sortKeys(in, 2)}
	for i := range 1 + p.pick(2, "calls") {
		n.Calls = append(n.Calls, p.overCall(n, plan.OverFunc(p.pick(12, "function"))))
		n.Names = append(n.Names, fmt.Sprint("w", i))
	}
	return n
}

// withConstants adds a constant integer to a narrow input.
func (p *planner) withConstants(in plan.Node) plan.Node {
	n := &plan.Project{Input: in}
	fields := in.Schema()
	if len(fields) >= maxWidth {
		return in
	}
	for i, f := range fields {
		n.Exprs = append(n.Exprs, expr.Column{Index: i, T: f.Type})
		n.Names = append(n.Names, f.Name)
	}
	c := value.NewInt8(int64(p.pick(5, "constant")) - 1)
	n.Exprs, n.Names = append(n.Exprs, lit(c)), append(n.Names, "constant")
	return n
}

func (p *planner) overCall(n *plan.Over, f plan.OverFunc) plan.OverCall {
	fields := n.Input.Schema()
	ints := columns(n.Input, tInt)
	c := plan.OverCall{Func: f, Type: tInt, Frame: plan.Frame{End: plan.Bound{Kind: plan.CurrentRow}}}
	arg := p.pick(len(fields), "value")
	switch f {
	case plan.OverAggregate:
		p.overAggregate(n, &c, arg)
	case plan.OverPercentRank, plan.OverCumeDist:
		c.Type = value.Of(value.Float8)
	case plan.OverLag, plan.OverLead:
		c.Args, c.Type = []int{arg}, fields[arg].Type
		if len(ints) > 0 && p.pick(3, "offset?") > 0 {
			c.Args = append(c.Args, ints[p.pick(2, "last?")*(len(ints)-1)])
			if same := columns(n.Input, c.Type); p.pick(2, "default?") == 0 {
				c.Args = append(c.Args, same[0])
			}
		}
	case plan.OverFirst, plan.OverLast:
		c.Args, c.Type = []int{arg}, fields[arg].Type
		c.Frame = p.frame(n)
	case plan.OverNtile, plan.OverNth:
		if len(ints) == 0 {
			c.Func = plan.OverRowNumber
			break
		}
		c.Args = []int{ints[p.pick(len(ints), "number")]}
		if c.Type = value.Of(value.Int4); f == plan.OverNth {
			c.Args, c.Type = []int{arg, c.Args[0]}, fields[arg].Type
			c.Frame = p.frame(n)
		}
	}
	return c
}

func (p *planner) overAggregate(n *plan.Over, c *plan.OverCall, arg int) {
	t := n.Input.Schema()[arg].Type
	c.Frame = p.frame(n)
	c.Call = plan.Call(plan.Count, arg, tInt)
	exact := t.Kind.IsInteger() || t.Kind == value.Numeric
	switch f := p.pick(6, "aggregate"); {
	case f == 0:
		c.Call = plan.Call(plan.CountStar, -1, tInt)
	case f < 3 && t.Kind != value.Bytea && t.Kind != value.Bool:
		c.Call = plan.Call(plan.Min+plan.AggFunc(f-1), arg, t)
	case f < 5 && exact:
		c.Call = plan.Call(plan.Sum, arg, tNum)
		if t.Kind == value.Int4 {
			c.Call.Type = tInt
		}
	case exact:
		c.Call = plan.Call(plan.Avg, arg, tNum)
	}
	if at := columns(n.Input, value.Of(value.Bool)); len(at) > 0 && p.pick(2, "filter?") == 0 {
		c.Call.Filter = at[0]
	}
	c.Type = c.Call.Type
}

func (p *planner) frame(n *plan.Over) plan.Frame {
	f := plan.Frame{End: plan.Bound{Kind: plan.CurrentRow}}
	if p.pick(4, "frame?") == 0 {
		return f
	}
	f.Mode = plan.FrameMode(p.pick(3, "mode"))
	if f.Mode == plan.FrameGroups && len(n.Keys) == 0 {
		f.Mode = plan.FrameRows
	}
	f.Start.Kind = plan.BoundKind(p.pick(4, "start"))
	f.End.Kind = f.Start.Kind + plan.BoundKind(p.pick(5-int(f.Start.Kind), "end"))
	if f.End.Kind == plan.UnboundedPreceding {
		f.End.Kind = plan.CurrentRow
	}
	f.Start, f.End = p.bound(n, f, f.Start), p.bound(n, f, f.End)
	f.Exclude = plan.FrameExclude(max(0, p.pick(6, "exclude")-2))
	return f
}

func (p *planner) bound(n *plan.Over, f plan.Frame, b plan.Bound) plan.Bound {
	if b.Kind != plan.Preceding && b.Kind != plan.Following {
		return b
	}
	small := int64(p.pick(4, "offset"))
	b.Offset = value.NewInt8(small)
	if f.Mode != plan.FrameRange {
		return b
	}
	k := value.Null
	if len(n.Keys) == 1 {
		k = n.Input.Schema()[n.Keys[0].Col].Type.Kind
	}
	switch {
	case k.IsInteger():
	case k == value.Numeric:
		b.Offset = value.NewDecimal(value.DecimalFromInt64(7 * small))
	case k == value.Float8:
		b.Offset = value.NewFloat(k, float64(7*small))
	case k == value.Timestamp || k == value.Date || k == value.Interval || k == value.Time:
		iv := value.IntervalValue{Micros: 50 * second * small}
		if p.pick(4, "months") == 0 {
			iv = value.IntervalValue{Months: int32(small)}
		}
		b.Offset = value.NewInterval(iv)
	default:
		return plan.Bound{Kind: plan.CurrentRow}
	}
	return b
}

// flatten counts from a constant to a column, or the other way.
func (p *planner) flatten(in plan.Node) plan.Node {
	ints := columns(in, tInt)
	if len(ints) == 0 || len(in.Schema()) > maxWidth-3 {
		return nil
	}
	c := col(in, ints[p.pick(len(ints), "argument")])
	n := &plan.Flatten{
		Input: in, Outer: p.pick(2, "outer") == 0,
		Fields: []plan.Field{{Name: "g", Type: tInt}},
	}
	// A great argument gives too many rows: an error. The step may fail too, or be 0.
	by := lit(value.NewInt8(int64(p.pick(2, "by"))))
	n.Calls = []plan.SetCall{{
		Fn: "generate_series(int8,int8,int8)", Width: 1,
		Args: []expr.Expr{fn("/", c, by), lit(value.NewInt8(3)), c},
	}}
	if p.pick(2, "in step") == 0 {
		n.Fields = append(n.Fields, plan.Field{Name: "h", Type: tInt})
		n.Calls = append(n.Calls, plan.SetCall{
			Fn: "generate_series(int8,int8)", Width: 1,
			Args: []expr.Expr{c, lit(value.NewInt8(int64(p.pick(4, "height"))))},
		})
	}
	if p.pick(2, "ordinality") == 0 {
		n.Ordinality = true
		n.Fields = append(n.Fields, plan.Field{Name: "ordinality", Type: tInt})
	}
	return n
}

package compile

import (
	"weir/stream/agg"
	"weir/stream/operator"
	"weir/stream/plan"
)

func (c *compiler) aggregate(op int, n *plan.Aggregate) (built, error) {
	in, err := c.node(n.Input)
	if err != nil {
		return in, err
	}
	timed := make([]bool, len(n.GroupBy)+len(n.Calls))
	first := -1
	for i, g := range n.GroupBy {
		timed[i] = in.timed[g]
		if timed[i] && first < 0 {
			first = i
		}
	}
	calls := make([]operator.Call, len(n.Calls))
	for i, call := range n.Calls {
		calls[i] = operator.Call{Call: AggCall(call), Name: n.Names[len(n.GroupBy)+i]}
	}
	appendOnly := plan.Derive(n.Input).AppendOnly
	a := operator.NewAggregate(op, in.types, n.GroupBy, first, appendOnly, calls)
	return c.add(a, 0, timed, in.at), nil
}

// AggCall is a call of a plan as the aggregate functions know it.
func AggCall(c plan.AggCall) agg.Call {
	out := agg.Call{
		Func: agg.Func(c.Func), Arg: c.Arg, Extra: c.Extra, Filter: c.Filter,
		Distinct: c.Distinct, Type: c.Type,
	}
	for _, k := range c.OrderBy {
		out.OrderBy = append(out.OrderBy, agg.Key(k))
	}
	return out
}

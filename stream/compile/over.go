package compile

import (
	"fmt"

	"weir/stream/operator"
	"weir/stream/plan"
)

func (c *compiler) over(op int, n *plan.Over) (built, error) {
	in, err := c.node(n.Input)
	if err != nil {
		return in, err
	}
	order, freed := ordering(in, n.Input, n.PartitionBy, n.Keys)
	spec := operator.OverSpec{Order: order, Freed: freed, Timed: -1}
	timed := make([]bool, len(in.types)+len(n.Calls))
	for _, p := range n.PartitionBy {
		timed[p] = in.timed[p]
	}
	if t := n.LooksBack(); t >= 0 && in.timed[t] {
		spec.Timed, timed[t] = t, true
	}
	for i, call := range n.Calls {
		oc, err := overCall(n, call)
		if err != nil {
			return in, err
		}
		oc.Name = n.Names[i]
		oc.Agg.Name = n.Names[i]
		spec.Calls = append(spec.Calls, oc)
	}
	o := operator.NewOver(op, spec)
	if o == nil {
		return in, &Unsupported{"this aggregate function is not supported with OVER"}
	}
	return c.add(o, 0, timed, in.at), nil
}

func overCall(n *plan.Over, call plan.OverCall) (operator.OverCall, error) {
	out := operator.OverCall{
		Func: operator.OverFunc(call.Func), Args: call.Args, Type: call.Type,
		Frame: operator.Frame{
			Mode:  operator.FrameMode(call.Frame.Mode),
			Start: frameBound(call.Frame.Start), End: frameBound(call.Frame.End),
			Exclude: operator.FrameExclude(call.Frame.Exclude),
		},
	}
	out.Shift, out.Shifts = n.Shift(call)
	if call.Func != plan.OverAggregate {
		return out, nil
	}
	a := call.Call
	if a.Distinct || len(a.OrderBy) > 0 {
		return out, &Unsupported{fmt.Sprintf("DISTINCT and ORDER BY in %s are not supported with OVER",
			a.Func)}
	}
	out.Agg = operator.Call{Call: AggCall(a)}
	return out, nil
}

func frameBound(b plan.Bound) operator.Bound {
	return operator.Bound{Kind: operator.BoundKind(b.Kind), Offset: b.Offset}
}

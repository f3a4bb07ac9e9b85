package compile

import (
	"weir/stream/expr"
	"weir/stream/operator"
	"weir/stream/plan"
)

func (c *compiler) flatten(op int, n *plan.Flatten) (built, error) {
	in, err := c.node(n.Input)
	if err != nil {
		return in, err
	}
	spec := operator.FlattenSpec{
		In: in.types, Fields: plan.Types(n.Fields), Ordinality: n.Ordinality,
		Outer: n.Outer,
	}
	for _, call := range n.Calls {
		set := operator.SetCall{Fn: call.Fn, Width: call.Width}
		for _, a := range call.Args {
			p, err := expr.Compile(a)
			if err != nil {
				return in, err
			}
			set.Args = append(set.Args, p)
		}
		spec.Calls = append(spec.Calls, set)
	}
	timed := append(append([]bool{}, in.timed...), make([]bool, len(n.Fields))...)
	return c.add(operator.NewFlatten(op, spec), 0, timed, in.at), nil
}

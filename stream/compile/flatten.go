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
		Fn: n.Fn, In: in.types, Fields: plan.Types(n.Fields), Ordinality: n.Ordinality,
		Outer: n.Outer,
	}
	for _, a := range n.Args {
		p, err := expr.Compile(a)
		if err != nil {
			return in, err
		}
		spec.Args = append(spec.Args, p)
	}
	timed := append(append([]bool{}, in.timed...), make([]bool, len(n.Fields))...)
	return c.add(operator.NewFlatten(op, spec), 0, timed, in.at), nil
}

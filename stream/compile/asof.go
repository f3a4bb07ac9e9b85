package compile

import (
	"weir/stream/operator"
	"weir/stream/plan"
)

func (c *compiler) asof(n *plan.Asof) (built, error) {
	l, err := c.node(n.Left)
	if err != nil {
		return l, err
	}
	r, err := c.node(n.Right)
	if err != nil {
		return r, err
	}
	spec := operator.AsofSpec{
		Left: l.types, Right: r.types, LeftKeys: n.LeftKeys, RightKeys: n.RightKeys,
		LeftTime: n.LeftTime, RightTime: n.RightTime,
		Future: n.Op == plan.AsofLE || n.Op == plan.AsofLT,
		Strict: n.Op == plan.AsofGT || n.Op == plan.AsofLT,
		Outer:  n.Outer,
		Timed:  l.timed[n.LeftTime] && r.timed[n.RightTime],
	}
	if n.Ties() {
		spec.Ties = plan.Visible(n.Right.Schema())
	}
	timed := make([]bool, len(l.types)+len(r.types))
	timed[n.LeftTime] = spec.Timed && !spec.Future
	return c.add(operator.NewAsof(spec), 0, timed, l.at, r.at), nil
}

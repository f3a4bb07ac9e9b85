package compile

import (
	"weir/stream/operator"
	"weir/stream/plan"
)

func (c *compiler) setOp(n *plan.SetOp) (built, error) {
	l, err := c.node(n.Left)
	if err != nil {
		return l, err
	}
	r, err := c.node(n.Right)
	if err != nil {
		return r, err
	}
	timed := make([]bool, len(l.types))
	for i := range timed {
		timed[i] = l.timed[i] && r.timed[i]
	}
	return c.add(operator.NewSetOp(n.Except, n.All, l.types, timed), 0, timed, l.at, r.at), nil
}

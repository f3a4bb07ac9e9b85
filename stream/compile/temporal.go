package compile

import (
	"weir/stream/operator"
	"weir/stream/plan"
)

func (c *compiler) temporal(n *plan.TemporalFilter) (built, error) {
	in, err := c.node(n.Input)
	if err != nil {
		return in, err
	}
	t := operator.NewTemporalFilter(n.From, n.Until, in.types)
	return c.add(t, 0, make([]bool, len(in.types)), in.at), nil
}

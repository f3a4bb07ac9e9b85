package compile

import (
	"weir/stream/operator"
	"weir/stream/plan"
)

func (c *compiler) lateness(n *plan.Lateness) (built, error) {
	onTime, err := c.node(n.OnTime)
	if err != nil {
		return onTime, err
	}
	late, err := c.node(n.Late)
	if err != nil {
		return late, err
	}
	timed := make([]bool, len(onTime.types))
	timed[n.TimeCol] = onTime.timed[n.TimeCol]
	l := operator.NewLateness(n.TimeCol, n.Micros, onTime.types)
	return c.add(l, 0, timed, onTime.at, late.at), nil
}

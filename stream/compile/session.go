package compile

import (
	"weir/stream/operator"
	"weir/stream/plan"
)

func (c *compiler) session(op int, n *plan.Session) (built, error) {
	in, err := c.node(n.Input)
	if err != nil {
		return in, err
	}
	width := len(in.types)
	timed := make([]bool, width+2)
	first := -1
	for i, col := range n.PartitionBy {
		timed[col] = in.timed[col]
		if in.timed[col] && first < 0 {
			first = i
		}
	}
	if in.timed[n.TimeCol] {
		timed[n.TimeCol], timed[width], timed[width+1] = true, true, true
	}
	s := operator.NewSession(op, n.PartitionBy, first, n.TimeCol, n.GapMicros,
		in.timed[n.TimeCol], in.types)
	return c.add(s, 0, timed, in.at), nil
}

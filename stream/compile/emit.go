package compile

import (
	"weir/stream/operator"
	"weir/stream/plan"
)

func (c *compiler) emit(n *plan.EmitOnClose) (built, error) {
	in, err := c.node(n.Input)
	if err != nil {
		return in, err
	}
	timed := make([]bool, len(in.types))
	timed[n.WindowEnd] = in.timed[n.WindowEnd]
	at := []int{in.at}
	if n.Lateness > 0 {
		clock, err := c.clock(n.Input)
		if err != nil {
			return clock, err
		}
		at = append(at, clock.at)
	}
	return c.add(operator.NewEmit(n.WindowEnd, in.types), 0, timed, at...), nil
}

// clock builds the operators of a plan that is built already once more, without rows, for what
// the marks are when no lateness is allowed. Sources are the plan's own.
func (c *compiler) clock(n plan.Node) (built, error) {
	inner := compiler{nodes: c.nodes, shared: map[string]built{}, rows: c}
	b, err := inner.node(plan.Clock(n))
	c.nodes = inner.nodes
	return b, err
}

func (c *compiler) scan(n *plan.Scan) built {
	types := plan.Types(n.Fields)
	timed := make([]bool, len(types))
	for _, col := range n.Frozen {
		timed[col] = true
	}
	if c.rows != nil {
		source, ok := c.rows.shared[string(plan.Encode(n))]
		if !ok {
			source = c.add(operator.NewSource(n.Relation, n.Columns, types), n.Relation, timed)
		}
		return c.add(operator.NewClock(types), 0, timed, source.at)
	}
	return c.add(operator.NewSource(n.Relation, n.Columns, types), n.Relation, timed)
}

package compile

import (
	"weir/stream/circuit"
	"weir/stream/operator"
	"weir/stream/plan"
	"weir/stream/state"
)

// frame is what a recursion is built in: the nodes of its body are the compiler's, those around
// it wait here.
type frame struct {
	outer []circuit.Node
	ports []int  // per input of the body: the node around it that feeds it
	mixed []bool // per input: whether a change of it may take and give rows at once
	// twoFaced are the parts of the plan whose changes do.
	twoFaced map[plan.Node]bool
}

// body runs a circuit whose sources are ports.
type body struct{ inside *circuit.Circuit }

// Step implements operator.Body.
func (b body) Step(
	ctx *operator.Context, source func(port uint32) operator.Delta,
) operator.Delta {
	out, work := b.inside.Step(ctx, source)
	ctx.Inner += work.Rows
	return out
}

// States implements operator.Body.
func (b body) States() []state.Operator { return b.inside.States() }

// recursive builds the step of a recursion as a circuit of its own, from Self up. Parts of the
// step that do not read Self are built around it, so that each is shared and keeps its marks, and
// their deltas enter through ports.
func (c *compiler) recursive(n *plan.Recursive) (built, error) {
	first, err := c.node(n.Init)
	if err != nil {
		return first, err
	}
	if c.frame != nil {
		return first, &Unsupported{"a recursion that reads another one cannot run"}
	}
	f := &frame{outer: c.nodes, twoFaced: map[plan.Node]bool{}}
	plan.Walk(n.Step, func(n plan.Node) {
		switch n := n.(type) {
		case *plan.Join:
			f.twoFaced[n.Right] = n.Kind == plan.LeftJoin
		case *plan.Asof:
			f.twoFaced[n.Right] = true
		}
	})
	c.nodes, c.frame = nil, f
	_, err = c.node(n.Step)
	inside := c.nodes
	c.nodes, c.frame = f.outer, nil
	if err != nil {
		return first, err
	}
	r := operator.NewRecursive(first.types, n.Distinct, plan.MaxRounds,
		body{circuit.New(inside)}, f.mixed)
	return c.add(r, 0, make([]bool, len(first.types)), append([]int{first.at}, f.ports...)...), nil
}

// port builds a part of a recursion's step that does not read Self, around the body.
func (c *compiler) port(n plan.Node) (built, error) {
	f, inside := c.frame, c.nodes
	c.nodes, c.frame = f.outer, nil
	b, err := c.node(n)
	f.outer, c.nodes, c.frame = c.nodes, inside, f
	if err != nil {
		return b, err
	}
	f.ports = append(f.ports, b.at)
	f.mixed = append(f.mixed, f.twoFaced[n])
	port := uint32(operator.SelfPort + len(f.ports))
	return c.add(operator.NewPort(b.types), port, make([]bool, len(b.types))), nil
}

func (c *compiler) self(n *plan.Self) (built, error) {
	types := plan.Types(n.Fields)
	port := operator.NewPort(types)
	return c.add(port, operator.SelfPort, make([]bool, len(types))), nil
}

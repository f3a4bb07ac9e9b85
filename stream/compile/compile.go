package compile

import (
	"fmt"

	"weir/stream/batch"
	"weir/stream/circuit"
	"weir/stream/expr"
	"weir/stream/operator"
	"weir/stream/plan"
	"weir/stream/value"
)

// Unsupported is the rejection of a plan that the engine cannot run; SQLSTATE 0A000.
type Unsupported struct{ Message string }

func (e *Unsupported) Error() string { return e.Message }

// SQLState returns 0A000.
func (e *Unsupported) SQLState() string { return value.StateUnsupported }

// Program is a compiled plan.
type Program struct {
	Circuit *circuit.Circuit
	Sort    *plan.Sort // of the root of a query; nil: none
	Fields  []plan.Field
	Inputs  []uint32 // relations that it reads, each once, in order of first appearance
}

// Compile builds a fresh circuit, with empty state, for a plan. Sort may stand at the root only.
func Compile(root plan.Node) (*Program, error) {
	p := &Program{Fields: root.Schema()}
	if s, ok := root.(*plan.Sort); ok {
		p.Sort, root = s, s.Input
	}
	c := compiler{shared: map[string]built{}}
	if _, err := c.node(root); err != nil {
		return nil, err
	}
	p.Circuit = circuit.New(c.nodes)
	for _, n := range c.nodes {
		if n.Relation != 0 && !contains(p.Inputs, n.Relation) {
			p.Inputs = append(p.Inputs, n.Relation)
		}
	}
	return p, nil
}

func contains(ids []uint32, id uint32) bool {
	for _, x := range ids {
		if x == id {
			return true
		}
	}
	return false
}

type compiler struct {
	nodes []circuit.Node
	op    int // number of the plan node last entered, in preorder
	// shared has what was built for each closed subtree, by its encoding: equal parts of a plan
	// run once, under the number of the first.
	shared map[string]built
	rows   *compiler // what this one builds a clock for, nil if it builds no clock
	frame  *frame    // the recursion whose body is built, nil if none is
}

// built is what a compiled subtree gives to its parent.
type built struct {
	at    int          // node number
	types []value.Type // columns
	timed []bool       // columns that can carry a mark
}

func (c *compiler) add(op operator.Operator, relation uint32, timed []bool, in ...int) built {
	c.nodes = append(c.nodes, circuit.Node{Op: op, In: in, Relation: relation})
	return built{len(c.nodes) - 1, op.Types(), timed}
}

// node builds a subtree, or finds it built already.
func (c *compiler) node(n plan.Node) (built, error) {
	if !plan.Closed(n) {
		return c.build(n)
	}
	if c.frame != nil {
		return c.port(n)
	}
	key := string(plan.Encode(n))
	if b, ok := c.shared[key]; ok {
		c.op += plan.Size(n)
		return b, nil
	}
	b, err := c.build(n)
	c.shared[key] = b
	return b, err
}

func (c *compiler) build(n plan.Node) (built, error) {
	c.op++
	op := c.op
	switch n := n.(type) {
	case *plan.Scan:
		return c.scan(n), nil
	case *plan.Filter:
		return c.filter(op, n)
	case *plan.Project:
		return c.project(op, n)
	case *plan.Window:
		return c.window(n)
	case *plan.Aggregate:
		return c.aggregate(op, n)
	case *plan.EmitOnClose:
		return c.emit(n)
	case *plan.Session:
		return c.session(op, n)
	case *plan.TemporalFilter:
		return c.temporal(n)
	case *plan.Lateness:
		return c.lateness(n)
	case *plan.Recursive:
		return c.recursive(n)
	case *plan.Self:
		return c.self(n)
	case *plan.Join:
		return c.join(op, n)
	case *plan.Asof:
		return c.asof(n)
	case *plan.SetOp:
		return c.setOp(n)
	case *plan.UnionAll:
		return c.union(n)
	case *plan.Match:
		return c.match(op, n)
	case *plan.TopN:
		return c.topN(n)
	case *plan.Over:
		return c.over(op, n)
	case *plan.Flatten:
		return c.flatten(op, n)
	case *plan.Values:
		types := plan.Types(n.Fields)
		rows := batch.FromRows(types, n.Rows, nil)
		return c.add(operator.NewValues(rows), 0, make([]bool, len(types))), nil
	}
	return built{}, &Unsupported{fmt.Sprintf("a plan with %T here cannot run", n)}
}

func (c *compiler) filter(op int, n *plan.Filter) (built, error) {
	in, err := c.node(n.Input)
	if err != nil {
		return in, err
	}
	pred, err := expr.Compile(n.Pred)
	if err != nil {
		return in, err
	}
	return c.add(operator.NewFilter(op, pred, in.types), 0, in.timed, in.at), nil
}

func (c *compiler) project(op int, n *plan.Project) (built, error) {
	in, err := c.node(n.Input)
	if err != nil {
		return in, err
	}
	carry, timed := make([]int, len(n.Exprs)), make([]bool, len(n.Exprs))
	for i, e := range n.Exprs {
		carry[i] = plan.Carries(e)
		timed[i] = carry[i] >= 0 && in.timed[carry[i]]
	}
	p, err := operator.NewProject(op, n.Exprs, n.Names, carry, len(in.types))
	if err != nil {
		return in, err
	}
	return c.add(p, 0, timed, in.at), nil
}

func (c *compiler) window(n *plan.Window) (built, error) {
	in, err := c.node(n.Input)
	if err != nil {
		return in, err
	}
	shape := operator.WindowShape{
		Size: n.SizeMicros, Slide: n.SlideMicros, Offset: n.OffsetMicros,
	}
	switch n.Kind {
	case plan.Tumble:
		shape.Kind = operator.Tumble
	case plan.Hop:
		shape.Kind = operator.Hop
	case plan.Cumulate:
		shape.Kind = operator.Cumulate
	default:
		return in, &Unsupported{"unknown window function"}
	}
	timed := append(append([]bool{}, in.timed...), in.timed[n.TimeCol], in.timed[n.TimeCol])
	return c.add(operator.NewAssign(shape, n.TimeCol, in.types), 0, timed, in.at), nil
}

func (c *compiler) union(n *plan.UnionAll) (built, error) {
	var at []int
	var out built
	for i, input := range n.Inputs {
		in, err := c.node(input)
		if err != nil {
			return in, err
		}
		at = append(at, in.at)
		if i == 0 {
			out = in
			out.timed = append([]bool{}, in.timed...)
		}
		for k := range out.timed {
			out.timed[k] = out.timed[k] && in.timed[k]
		}
	}
	return c.add(operator.NewUnion(out.types), 0, out.timed, at...), nil
}

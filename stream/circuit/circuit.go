package circuit

import (
	"fmt"
	"strings"

	"weir/internal/invariant"
	"weir/stream/operator"
	"weir/stream/state"
	"weir/stream/value"
)

// Node is one operator and the nodes that feed it.
type Node struct {
	Op operator.Operator
	In []int // numbers of earlier nodes; empty for sources and constants
	// Relation is the relation of a source, 0 for other nodes.
	Relation uint32
}

// Circuit is a graph of operators. The last node is the output.
type Circuit struct {
	Nodes []Node
	// Checked makes every step check the contracts of edges; a breach is a broken invariant.
	Checked bool
	// Observe, if set, is told what each node puts out, in order, as it does.
	Observe func(node int, out operator.Delta)
	marks   [][]int64 // per node: the marks of its last output, when checked
}

// New returns a circuit; checks are on in builds with expensive invariants.
func New(nodes []Node) *Circuit {
	for i, n := range nodes {
		for _, in := range n.In {
			invariant.Check(in < i, "circuit: node %d reads node %d", i, in)
		}
	}
	return &Circuit{Nodes: nodes, Checked: invariant.Expensive}
}

// Work counts the rows of one step.
type Work struct {
	In   int64 // left the sources
	Rows int64 // left any operator, sources included
}

// Step runs every operator once, in order. source gives the delta of a relation in its row
// space.
func (c *Circuit) Step(
	ctx *operator.Context, source func(relation uint32) operator.Delta,
) (operator.Delta, Work) {
	var w Work
	outs := make([]operator.Delta, len(c.Nodes))
	in := make([]operator.Delta, 0, 4)
	for i, n := range c.Nodes {
		in = in[:0]
		if n.Relation != 0 {
			in = append(in, source(n.Relation))
		}
		for _, k := range n.In {
			in = append(in, outs[k])
		}
		outs[i] = n.Op.Step(ctx, in)
		ctx.Bound(outs[i].Len())
		if c.Observe != nil {
			c.Observe(i, outs[i])
		}
		w.Rows += int64(outs[i].Len())
		if n.Relation != 0 {
			w.In += int64(outs[i].Len())
		}
		if c.Checked {
			c.check(i, outs[i])
		}
	}
	return outs[len(outs)-1], w
}

// Due reports whether time alone, now that it is now, moves rows of an operator.
func (c *Circuit) Due(now int64) bool {
	for _, n := range c.Nodes {
		if t, ok := n.Op.(operator.Timed); ok && t.Due(now) {
			return true
		}
	}
	return false
}

// check asserts the contract of node i's output edge.
func (c *Circuit) check(i int, d operator.Delta) {
	types := c.Nodes[i].Op.Types()
	if d.Rows != nil {
		d.Rows.Check()
		invariant.Check(d.Rows.Len > 0 && len(d.Rows.Cols) == len(types),
			"circuit: node %d gives %d rows of %d columns", i, d.Rows.Len, len(d.Rows.Cols))
		for k, col := range d.Rows.Cols {
			invariant.Check(col.Type == types[k], "circuit: column %d of node %d is %v, not %v",
				k, i, col.Type, types[k])
		}
	}
	if c.marks == nil {
		c.marks = make([][]int64, len(c.Nodes))
	}
	if d.Marks == nil {
		return
	}
	for k, last := range c.marks[i] {
		invariant.Check(d.Marks[k] >= last, "circuit: mark %d of node %d moved back", k, i)
	}
	c.marks[i] = d.Marks
}

// Types are the column types of the output.
func (c *Circuit) Types() []value.Type { return c.Nodes[len(c.Nodes)-1].Op.Types() }

// States are the states of all operators, in a fixed order.
func (c *Circuit) States() []state.Operator {
	var out []state.Operator
	for _, n := range c.Nodes {
		out = append(out, n.Op.States()...)
	}
	return out
}

// Accept makes the writes since the last Accept final.
func (c *Circuit) Accept() {
	for _, s := range c.States() {
		s.Accept()
	}
}

// Discard drops the writes since the last Accept.
func (c *Circuit) Discard() {
	for _, s := range c.States() {
		s.Discard()
	}
	c.marks = nil
}

// String draws the circuit as text, one node a line.
func (c *Circuit) String() string {
	var b strings.Builder
	for i, n := range c.Nodes {
		fmt.Fprintf(&b, "%d %s", i, n.label())
		for _, in := range n.In {
			fmt.Fprintf(&b, " <- %d", in)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// DOT draws the circuit in Graphviz's language.
func (c *Circuit) DOT() string {
	var b strings.Builder
	b.WriteString("digraph circuit {\n\trankdir=LR\n")
	for i, n := range c.Nodes {
		fmt.Fprintf(&b, "\tn%d [label=%q]\n", i, n.label())
		for _, in := range n.In {
			fmt.Fprintf(&b, "\tn%d -> n%d\n", in, i)
		}
	}
	b.WriteString("}\n")
	return b.String()
}

// Label is what a drawing says of a node.
func (n Node) Label() string { return n.label() }

func (n Node) label() string {
	if n.Relation != 0 {
		return fmt.Sprintf("%s %d", n.Op.Name(), n.Relation)
	}
	return n.Op.Name()
}

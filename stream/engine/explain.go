package engine

import (
	"weir/stream/circuit"
	"weir/stream/compile"
	"weir/stream/operator"
	"weir/stream/plan"
)

// Drawing is a circuit for people.
type Drawing struct {
	Nodes []DrawnNode
	// Marks are the watermarks of the output's columns, window.None for none; nil if there are
	// none at all.
	Marks []int64
}

// DrawnNode is one operator of a circuit.
type DrawnNode struct {
	Operator string
	Relation uint32 // of a source, else 0
	In       []int  // numbers of the nodes that feed it
	// Entries and Bytes are the size of its state.
	Entries, Bytes int
	// Rows and Nanos are what a run of a query counted: rows put out, and time taken.
	Rows, Nanos int64
}

// Draw compiles a plan and draws its circuit.
func Draw(p plan.Node) (*Drawing, error) {
	prog, err := compile.Compile(p)
	if err != nil {
		return nil, err
	}
	return draw(prog.Circuit), nil
}

func draw(c *circuit.Circuit) *Drawing {
	d := &Drawing{Nodes: make([]DrawnNode, len(c.Nodes))}
	for i, n := range c.Nodes {
		d.Nodes[i] = DrawnNode{Operator: n.Op.Name(), Relation: n.Relation, In: n.In}
		for _, s := range n.Op.States() {
			entries, bytes := s.Size()
			d.Nodes[i].Entries += entries
			d.Nodes[i].Bytes += bytes
		}
	}
	return d
}

// Running draws the circuit of a view with the size of its accepted state and its watermarks, nil
// if there is no such view.
func (e *Engine) Running(id uint32) *Drawing {
	r := e.rels[id]
	if r == nil || r.view == nil {
		return nil
	}
	d := draw(r.view.prog.Circuit)
	d.Marks = e.marks[id]
	return d
}

// Analyze is Query with a count of the rows and the time of each operator. clock gives
// nanoseconds; what it gives is no part of the answer.
func (e *Engine) Analyze(p plan.Node, env Env, clock func() int64) (*Rows, *Drawing, error) {
	var d *Drawing
	env.observe = func(c *circuit.Circuit) {
		d = draw(c)
		last := clock()
		c.Observe = func(node int, out operator.Delta) {
			now := clock()
			d.Nodes[node].Rows += int64(out.Len())
			d.Nodes[node].Nanos += now - last
			last = now
		}
	}
	rows, err := e.Query(p, env)
	return rows, d, err
}

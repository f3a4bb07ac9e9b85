package streamtest

import (
	"weir/stream/engine"
	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/value"
)

// timely draws an operator of time or a recursion, nil if the input has nothing for it.
func (p *planner) timely(in plan.Node) plan.Node {
	switch p.pick(7, "timely") {
	case 0, 1:
		return p.session(in)
	case 2, 3:
		return p.temporal(in)
	case 4:
		return p.lateness()
	case 5:
		if n, ok := p.emit(in).(*plan.EmitOnClose); ok {
			n.Lateness = second
			return n
		}
		return nil
	}
	return p.recursive()
}

func (p *planner) session(in plan.Node) plan.Node {
	at := columns(in, tTS)
	if len(at) == 0 {
		return nil
	}
	n := &plan.Session{
		Input: in, TimeCol: at[p.pick(len(at), "time")],
		GapMicros: int64(1+p.pick(60, "gap")) * second,
	}
	for range p.pick(3, "partitions") {
		n.PartitionBy = append(n.PartitionBy, p.pick(len(in.Schema()), "partition"))
	}
	return n
}

// temporal compares times, as they are or moved a bit, with now.
func (p *planner) temporal(in plan.Node) plan.Node {
	at := columns(in, tTS)
	if len(at) == 0 {
		return nil
	}
	n := &plan.TemporalFilter{Input: in, From: -1, Until: -1}
	which := p.pick(3, "bounds")
	if which != 0 {
		n.From = at[p.pick(len(at), "from")]
	}
	if which == 1 {
		return n
	}
	n.Until = at[p.pick(len(at), "until")]
	if p.pick(4, "move") > 0 {
		n.Input, n.Until = moved(in, n.Until, int64(1+p.pick(150, "by"))*second)
	}
	return n
}

// moved appends a column to a plan: another one, later by some microseconds.
func moved(in plan.Node, col int, by int64) (plan.Node, int) {
	n := &plan.Project{Input: in}
	for i, f := range in.Schema() {
		n.Exprs = append(n.Exprs, expr.Column{Index: i, T: f.Type})
		n.Names = append(n.Names, f.Name)
	}
	later := value.NewInterval(value.IntervalValue{Micros: by})
	n.Exprs = append(n.Exprs, fn("+", expr.Column{Index: col, T: tTS}, lit(later)))
	n.Names = append(n.Names, "bound")
	return n, len(n.Names) - 1
}

// lateness takes late rows back.
func (p *planner) lateness() plan.Node {
	return allow([]int64{100, 300}[p.pick(2, "lateness")] * second)
}

func allow(micros int64) *plan.Lateness {
	rows := scan(late)
	times := columns(rows, tTS)
	by := lit(value.NewInterval(value.IntervalValue{Micros: micros}))
	taken := &plan.Project{Input: &plan.Filter{
		Input: rows, Pred: fn(">=", col(rows, 0), fn("-", col(rows, times[len(times)-1]), by)),
	}}
	onTime := scan(events)
	for i, f := range onTime.Schema() {
		taken.Exprs = append(taken.Exprs, col(rows, i))
		taken.Names = append(taken.Names, f.Name)
	}
	return &plan.Lateness{OnTime: onTime, Late: taken, TimeCol: 0, Micros: micros}
}

// recursive draws the closure of a relation, which has cycles, or its paths of bounded length.
func (p *planner) recursive() plan.Node {
	edges := plan.Node(scan(names))
	switch p.pick(4, "edges") {
	case 0:
		edges = &plan.Filter{Input: edges, Pred: p.predicate(edges)}
	case 1:
		edges = &plan.UnionAll{Inputs: []plan.Node{edges, labels()}}
	}
	if p.pick(3, "bag?") == 0 {
		return paths(edges, int64(1+p.pick(4, "length")))
	}
	n := closure(edges)
	switch p.pick(5, "step") {
	case 0: // nodes that have no other side lead to themselves
		j := n.Step.(*plan.Project).Input.(*plan.Join)
		if j.Kind = plan.LeftJoin; engine.CanRun(n) != nil {
			j.Kind = plan.InnerJoin
		}
	case 1: // what leads to itself is left out
		n.Step = &plan.Filter{Input: n.Step, Pred: fn("<>", col(n.Step, 0), col(n.Step, 1))}
	case 2:
		n.Step = &plan.UnionAll{Inputs: []plan.Node{n.Step, labels()}}
	case 3: // and one step more
		n.Step = extend(n.Step, edges)
	}
	return n
}

// labels are pairs from the stream.
func labels() plan.Node {
	in := scan(events)
	return &plan.Project{
		Input: in, Names: []string{"k", "label"},
		Exprs: []expr.Expr{col(in, 1), &expr.Coalesce{
			Args: []expr.Expr{col(in, 1), lit(value.NewText("b"))}, T: tText,
		}},
	}
}

// extend follows the second column of a plan over an edge.
func extend(in, edges plan.Node) plan.Node {
	j := &plan.Join{Left: in, Right: edges, LeftKeys: []int{1}, RightKeys: []int{0}}
	width := len(in.Schema())
	out := &plan.Project{Input: j, Names: []string{"k", "label"}}
	pair := j.Pairs()
	out.Exprs = []expr.Expr{
		expr.Column{Index: 0, T: pair[0].Type},
		&expr.Coalesce{Args: []expr.Expr{
			expr.Column{Index: width + 1, T: tText}, expr.Column{Index: 1, T: tText},
		}, T: tText},
	}
	return out
}

// closure has the pairs of nodes between which there is a path.
func closure(edges plan.Node) *plan.Recursive {
	self := &plan.Self{Fields: edges.Schema()}
	return &plan.Recursive{Init: edges, Step: extend(self, edges), Distinct: true}
}

// paths has every path of at most so many edges, by its ends and its length.
func paths(edges plan.Node, most int64) *plan.Recursive {
	first := &plan.Project{
		Input: edges, Names: []string{"k", "label", "n"},
		Exprs: []expr.Expr{col(edges, 0), col(edges, 1), lit(value.NewInt8(1))},
	}
	self := &plan.Self{Fields: first.Schema()}
	short := &plan.Filter{
		Input: self, Pred: fn("<", col(self, 2), lit(value.NewInt8(most))),
	}
	j := &plan.Join{Left: short, Right: edges, LeftKeys: []int{1}, RightKeys: []int{0}}
	step := &plan.Project{
		Input: j, Names: first.Names,
		Exprs: []expr.Expr{
			col(self, 0),
			expr.Column{Index: 4, T: tText},
			fn("+", col(self, 2), lit(value.NewInt8(1))),
		},
	}
	return &plan.Recursive{Init: first, Step: step}
}

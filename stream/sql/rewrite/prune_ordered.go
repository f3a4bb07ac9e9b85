package rewrite

import (
	"weir/stream/expr"
	"weir/stream/plan"
)

// pruneTopN keeps the columns that break ties where it matters which of several rows passes.
func pruneTopN(n *plan.TopN, need []bool) (plan.Node, moved) {
	width := len(n.Input.Schema())
	below := append([]bool(nil), need[:width]...)
	markOrder(below, n.PartitionBy, n.Keys)
	if (n.Kind == plan.RowNumber || n.Offset > 0) && !breaksTies(n.Input, n.PartitionBy, n.Keys) {
		keepTies(below, n.Input)
	}
	in, m := prune(n.Input, below)
	c := *n
	c.Input, c.PartitionBy, c.Keys = in, m.ints(n.PartitionBy), m.keys(n.Keys)
	if !n.Numbered {
		return &c, m
	}
	if !need[width] {
		c.Numbered, c.Name = false, ""
		return &c, append(m, -1)
	}
	return &c, append(m, len(in.Schema()))
}

// pruneOver drops calls that nobody reads, and with the last of them the node.
func pruneOver(n *plan.Over, need []bool) (plan.Node, moved) {
	width := len(n.Input.Schema())
	below := append([]bool(nil), need[:width]...)
	c := *n
	c.Calls, c.Names = nil, nil
	ordered := false
	for i, call := range n.Calls {
		if !need[width+i] {
			continue
		}
		c.Calls, c.Names = append(c.Calls, call), append(c.Names, n.Names[i])
		overColumns(call, func(col int) { below[col] = true })
		ordered = ordered || ordersPeers(call)
	}
	gone := make(moved, len(n.Calls))
	if len(c.Calls) == 0 {
		in, m := prune(n.Input, below)
		for i := range gone {
			gone[i] = -1
		}
		return in, append(m, gone...)
	}
	markOrder(below, n.PartitionBy, n.Keys)
	if ordered && !breaksTies(n.Input, n.PartitionBy, n.Keys) {
		keepTies(below, n.Input)
	}
	in, m := prune(n.Input, below)
	c.Input, c.PartitionBy, c.Keys = in, m.ints(n.PartitionBy), m.keys(n.Keys)
	for i, call := range c.Calls {
		c.Calls[i] = call.Moved(func(col int) int { return m[col] })
	}
	next := len(in.Schema())
	for i := range gone {
		if gone[i] = -1; need[width+i] {
			gone[i] = next
			next++
		}
	}
	return &c, append(m, gone...)
}

// pruneFlatten keeps the functions' columns: they come and go together.
func pruneFlatten(n *plan.Flatten, need []bool) (plan.Node, moved) {
	width := len(n.Input.Schema())
	below := append([]bool(nil), need[:width]...)
	var args []expr.Expr
	for _, a := range n.Scalars() {
		want(below, a)
	}
	in, m := prune(n.Input, below)
	for _, a := range n.Scalars() {
		args = append(args, m.expr(a))
	}
	c := n.With([]plan.Node{in}).(*plan.Flatten).WithScalars(args)
	for i := range n.Fields {
		m = append(m, len(in.Schema())+i)
	}
	return c, m
}

func (m moved) keys(keys []plan.SortKey) []plan.SortKey {
	out := append([]plan.SortKey(nil), keys...)
	for i := range out {
		out[i].Col = m[out[i].Col]
	}
	return out
}

func markOrder(below []bool, partition []int, keys []plan.SortKey) {
	for _, c := range partition {
		below[c] = true
	}
	for _, k := range keys {
		below[k.Col] = true
	}
}

// breaksTies reports whether no two rows of a partition are equal in the order.
func breaksTies(in plan.Node, partition []int, keys []plan.SortKey) bool {
	key := plan.Derive(in).Key
	known := make([]bool, len(in.Schema()))
	markOrder(known, partition, keys)
	for _, c := range key {
		if !known[c] {
			return false
		}
	}
	return key != nil
}

// keepTies keeps the whole visible row, which breaks ties, and if a hidden column is read the rest
// too: rows that look alike go by their encoding.
func keepTies(below []bool, in plan.Node) {
	hidden := false
	fields := in.Schema()
	for i, f := range fields {
		hidden = hidden || f.Hidden && below[i]
	}
	for i, f := range fields {
		below[i] = below[i] || !f.Hidden || hidden
	}
}

// overColumns visits the columns that a call reads.
func overColumns(c plan.OverCall, visit func(col int)) {
	if c.Func == plan.OverAggregate {
		c.Call.Columns(visit)
		return
	}
	for _, a := range c.Args {
		visit(a)
	}
}

// ordersPeers reports whether the result of a call depends on the order of rows that are equal in
// the order of the window.
func ordersPeers(c plan.OverCall) bool {
	switch c.Func {
	case plan.OverRank, plan.OverDenseRank, plan.OverPercentRank, plan.OverCumeDist:
		return false
	case plan.OverAggregate:
		switch c.Call.Func {
		case plan.StringAgg, plan.ArrayAgg, plan.FirstValue, plan.LastValue, plan.JSONBAgg,
			plan.JSONBObjectAgg:
			return true
		}
		return c.Frame.Mode == plan.FrameRows
	}
	return true
}

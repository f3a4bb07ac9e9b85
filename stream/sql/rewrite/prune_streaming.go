package rewrite

import "weir/stream/plan"

// pruneStreaming prunes the nodes of streaming that pass columns through and look at few of them.
// ok is false for other nodes.
func pruneStreaming(n plan.Node, need []bool) (out plan.Node, m moved, ok bool) {
	switch n := n.(type) {
	case *plan.Session:
		out, m = pruneSession(n, need)
	case *plan.TemporalFilter:
		out, m = pruneTemporal(n, need)
	case *plan.Lateness:
		out, m = pruneLateness(n, need)
	default:
		return nil, nil, false
	}
	return out, m, true
}

func pruneSession(n *plan.Session, need []bool) (plan.Node, moved) {
	below := append([]bool(nil), need[:len(need)-2]...)
	below[n.TimeCol] = true
	for _, p := range n.PartitionBy {
		below[p] = true
	}
	in, m := prune(n.Input, below)
	c := *n
	c.Input, c.TimeCol, c.PartitionBy = in, m[n.TimeCol], m.ints(n.PartitionBy)
	start := len(in.Schema())
	return &c, append(m, start, start+1)
}

func pruneTemporal(n *plan.TemporalFilter, need []bool) (plan.Node, moved) {
	below := append([]bool(nil), need...)
	for _, b := range [...]int{n.From, n.Until} {
		if b >= 0 {
			below[b] = true
		}
	}
	in, m := prune(n.Input, below)
	c := *n
	c.Input = in
	for _, b := range [...]*int{&c.From, &c.Until} {
		if *b >= 0 {
			*b = m[*b]
		}
	}
	return &c, m
}

// pruneLateness gives both inputs the same columns.
func pruneLateness(n *plan.Lateness, need []bool) (plan.Node, moved) {
	below := append([]bool(nil), need...)
	below[n.TimeCol] = true
	onTime, om := prune(n.OnTime, below)
	late, lm := prune(n.Late, below)
	m := kept(below)
	c := *n
	c.OnTime, c.Late = exactly(onTime, om, below), exactly(late, lm, below)
	c.TimeCol = m[n.TimeCol]
	return &c, m
}

package rewrite

import "weir/stream/plan"

func pruneSession(n *plan.Session, need []bool) (plan.Node, moved) {
	below := append([]bool(nil), need[:len(need)-2]...)
	below[n.TimeCol] = true
	for _, c := range n.PartitionBy {
		below[c] = true
	}
	in, m := prune(n.Input, below)
	c := *n
	c.Input, c.TimeCol, c.PartitionBy = in, m[n.TimeCol], m.ints(n.PartitionBy)
	start := len(in.Schema())
	return &c, append(m, start, start+1)
}

func pruneTemporal(n *plan.TemporalFilter, need []bool) (plan.Node, moved) {
	below := append([]bool(nil), need...)
	for _, c := range [...]int{n.From, n.Until} {
		if c >= 0 {
			below[c] = true
		}
	}
	in, m := prune(n.Input, below)
	c := *n
	c.Input = in
	for _, p := range [...]*int{&c.From, &c.Until} {
		if *p >= 0 {
			*p = m[*p]
		}
	}
	return &c, m
}

// pruneLateness gives both inputs exactly the needed columns and the time.
func pruneLateness(n *plan.Lateness, need []bool) (plan.Node, moved) {
	stay := append([]bool(nil), need...)
	stay[n.TimeCol] = true
	m := kept(stay)
	return &plan.Lateness{
		OnTime: exactly(n.OnTime, stay), Late: exactly(n.Late, stay), TimeCol: m[n.TimeCol],
		Micros: n.Micros,
	}, m
}

package rewrite

import (
	"weir/stream/plan"
)

// pruneFlatten keeps what the function reads.
func pruneFlatten(n *plan.Flatten, need []bool) (plan.Node, moved) {
	width := len(n.Input.Schema())
	below := append([]bool(nil), need[:width]...)
	for _, e := range n.Args {
		want(below, e)
	}
	in, m := prune(n.Input, below)
	c := *n
	c.Input, c.Args = in, nil
	for _, e := range n.Args {
		c.Args = append(c.Args, m.expr(e))
	}
	base := len(in.Schema())
	for i := range n.Fields {
		m = append(m, base+i)
	}
	return &c, m
}

// pruneTopN keeps the whole visible row, which breaks ties.
func pruneTopN(n *plan.TopN, need []bool) (plan.Node, moved) {
	fields := n.Input.Schema()
	below := append([]bool(nil), need[:len(fields)]...)
	for i, f := range fields {
		below[i] = below[i] || !f.Hidden
	}
	for _, k := range n.Keys {
		below[k.Col] = true
	}
	for _, p := range n.PartitionBy {
		below[p] = true
	}
	in, m := prune(n.Input, below)
	c := *n
	c.Input, c.PartitionBy = in, m.ints(n.PartitionBy)
	c.Keys = append([]plan.SortKey(nil), n.Keys...)
	for i := range c.Keys {
		c.Keys[i].Col = m[c.Keys[i].Col]
	}
	if n.Numbered {
		m = append(m, len(in.Schema()))
	}
	return &c, m
}

// pruneAsof keeps keys and times, and the whole visible row of the right side, which breaks ties.
func pruneAsof(n *plan.Asof, need []bool) (plan.Node, moved) {
	left := len(n.Left.Schema())
	both := append([]bool(nil), need...)
	for i, k := range n.LeftKeys {
		both[k], both[left+n.RightKeys[i]] = true, true
	}
	both[n.LeftTime], both[left+n.RightTime] = true, true
	for i, f := range n.Right.Schema() {
		both[left+i] = both[left+i] || !f.Hidden
	}
	l, lm := prune(n.Left, both[:left])
	r, rm := prune(n.Right, both[left:])
	c := *n
	c.Left, c.Right, c.LeftTime, c.RightTime = l, r, lm[n.LeftTime], rm[n.RightTime]
	c.LeftKeys, c.RightKeys = lm.ints(n.LeftKeys), rm.ints(n.RightKeys)
	m, width := append(moved(nil), lm...), len(l.Schema())
	for _, i := range rm {
		if i >= 0 {
			i += width
		}
		m = append(m, i)
	}
	return &c, m
}

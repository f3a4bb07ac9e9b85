package rewrite

import (
	"weir/stream/plan"
)

// pruneAsof keeps keys and times, and the whole visible row of the right side where it breaks ties.
func pruneAsof(n *plan.Asof, need []bool) (plan.Node, moved) {
	left := len(n.Left.Schema())
	both := append([]bool(nil), need...)
	for i, k := range n.LeftKeys {
		both[k], both[left+n.RightKeys[i]] = true, true
	}
	both[n.LeftTime], both[left+n.RightTime] = true, true
	if n.Ties() {
		for i, f := range n.Right.Schema() {
			both[left+i] = both[left+i] || !f.Hidden
		}
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

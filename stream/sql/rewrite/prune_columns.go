package rewrite

import (
	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/value"
)

// pruneColumns drops columns that nobody reads, down to the scans. An expression that nobody
// reads is not evaluated and cannot fail.
func pruneColumns(n plan.Node) plan.Node {
	need := make([]bool, len(n.Schema()))
	for i := range need {
		need[i] = true
	}
	out, _ := prune(n, need)
	return out
}

// moved says where column i of the old output is in the new one; -1: gone. Columns keep their
// order; some that are not needed may stay.
type moved []int

// kept numbers the columns that stay.
func kept(stay []bool) moved {
	out := make(moved, len(stay))
	n := 0
	for i, s := range stay {
		out[i] = -1
		if s {
			out[i] = n
			n++
		}
	}
	return out
}

func (m moved) ints(list []int) []int {
	if list == nil {
		return nil
	}
	out := make([]int, len(list))
	for i, c := range list {
		out[i] = m[c]
	}
	return out
}

func (m moved) expr(e expr.Expr) expr.Expr {
	return expr.Remap(e, func(i int) int { return m[i] })
}

// want marks the columns of an expression.
func want(need []bool, e expr.Expr) {
	for _, i := range expr.Columns(e) {
		need[i] = true
	}
}

// prune returns a plan that yields at least the needed columns.
func prune(n plan.Node, need []bool) (plan.Node, moved) {
	switch n := n.(type) {
	case *plan.Scan:
		return pruneScan(n, need)
	case *plan.Filter:
		below := append([]bool(nil), need...)
		want(below, n.Pred)
		in, m := prune(n.Input, below)
		return &plan.Filter{Input: in, Pred: m.expr(n.Pred)}, m
	case *plan.Project:
		return pruneProject(n, need)
	case *plan.Window:
		width := len(need) - 2
		below := append([]bool(nil), need[:width]...)
		below[n.TimeCol] = true
		in, m := prune(n.Input, below)
		c := *n
		c.Input, c.TimeCol = in, m[n.TimeCol]
		start := len(in.Schema())
		return &c, append(m, start, start+1)
	case *plan.Aggregate:
		return pruneAggregate(n, need)
	case *plan.EmitOnClose:
		below := append([]bool(nil), need...)
		below[n.WindowEnd] = true
		in, m := prune(n.Input, below)
		c := *n
		c.Input, c.WindowEnd = in, m[n.WindowEnd]
		return &c, m
	case *plan.Session:
		return pruneSession(n, need)
	case *plan.TemporalFilter:
		return pruneTemporal(n, need)
	case *plan.Lateness:
		return pruneLateness(n, need)
	case *plan.Join:
		return pruneJoin(n, need)
	case *plan.UnionAll:
		if out, m, ok := pruneGroupings(n, need); ok {
			return out, m
		}
		return pruneUnion(n, need)
	case *plan.Values:
		return pruneValues(n, need)
	case *plan.Sort:
		return pruneSort(n, need)
	case *plan.TopN:
		return pruneTopN(n, need)
	case *plan.Over:
		return pruneOver(n, need)
	case *plan.Flatten:
		return pruneFlatten(n, need)
	case *plan.Asof:
		return pruneAsof(n, need)
	}
	return pruneInputs(n), kept(all(len(need)))
}

// pruneInputs leaves a node as it is, with every column of its inputs, and goes on below them.
func pruneInputs(n plan.Node) plan.Node {
	old := n.Children()
	kids := make([]plan.Node, len(old))
	for i, c := range old {
		kids[i] = wholly(c)
	}
	return n.With(kids)
}

// wholly prunes below a node and gives exactly its columns.
func wholly(n plan.Node) plan.Node {
	fields := n.Schema()
	p, m := prune(n, all(len(fields)))
	out := &plan.Project{Input: p}
	for i, f := range fields {
		out.Exprs = append(out.Exprs, expr.Column{Index: m[i], T: f.Type})
		out.Names = append(out.Names, f.Name)
		out.Hide = append(out.Hide, f.Hidden)
	}
	if picksAll(out) {
		return p
	}
	return out
}

func all(n int) []bool {
	out := make([]bool, n)
	for i := range out {
		out[i] = true
	}
	return out
}

// pruneScan keeps a column at least: rows are counted by their columns.
func pruneScan(n *plan.Scan, need []bool) (plan.Node, moved) {
	stay := append([]bool(nil), need...)
	some := false
	for _, s := range stay {
		some = some || s
	}
	if !some && len(stay) > 0 {
		stay[0] = true
	}
	m := kept(stay)
	c := *n
	c.Columns, c.Fields = nil, nil
	for i, s := range stay {
		if s {
			c.Columns = append(c.Columns, n.Columns[i])
			c.Fields = append(c.Fields, n.Fields[i])
		}
	}
	c.Key = m.ints(n.Key)
	for _, k := range c.Key {
		if k < 0 {
			c.Key = nil
			break
		}
	}
	c.Frozen = nil
	for _, col := range n.Frozen {
		if m[col] >= 0 {
			c.Frozen = append(c.Frozen, m[col])
		}
	}
	return &c, m
}

func pruneProject(n *plan.Project, need []bool) (plan.Node, moved) {
	below := make([]bool, len(n.Input.Schema()))
	for i, e := range n.Exprs {
		if need[i] {
			want(below, e)
		}
	}
	in, m := prune(n.Input, below)
	return keepExprs(n, need, in, m), kept(need)
}

// keepExprs is a projection of what is needed over a pruned input.
func keepExprs(n *plan.Project, need []bool, in plan.Node, m moved) *plan.Project {
	c := &plan.Project{Input: in}
	for i, e := range n.Exprs {
		if !need[i] {
			continue
		}
		c.Exprs = append(c.Exprs, m.expr(e))
		c.Names = append(c.Names, n.Names[i])
		if n.Hide != nil {
			c.Hide = append(c.Hide, n.Hide[i])
		}
	}
	return c
}

// pruneAggregate drops calls; grouping columns make the groups and stay.
func pruneAggregate(n *plan.Aggregate, need []bool) (plan.Node, moved) {
	stay := append([]bool(nil), need...)
	below := make([]bool, len(n.Input.Schema()))
	for i, g := range n.GroupBy {
		stay[i], below[g] = true, true
	}
	c := *n
	c.Calls, c.Names = nil, nil
	for i, name := range n.Names {
		if !stay[i] {
			continue
		}
		c.Names = append(c.Names, name)
		if i < len(n.GroupBy) {
			continue
		}
		call := n.Calls[i-len(n.GroupBy)]
		c.Calls = append(c.Calls, call)
		call.Columns(func(col int) { below[col] = true })
	}
	if len(c.Names) == 0 && len(n.Names) > 0 { // the one row of all rows needs something to say
		stay[0] = true
		return pruneAggregate(n, stay)
	}
	in, m := prune(n.Input, below)
	return remapAggregate(&c, in, func(i int) int { return m[i] }), kept(stay)
}

func pruneJoin(n *plan.Join, need []bool) (plan.Node, moved) {
	left := len(n.Left.Schema())
	both := make([]bool, left+len(n.Right.Schema()))
	copy(both, need)
	for i, k := range n.LeftKeys {
		both[k], both[left+n.RightKeys[i]] = true, true
	}
	if n.Residual != nil {
		want(both, n.Residual)
	}
	if n.Band != nil {
		both[n.Band.Left], both[left+n.Band.Right] = true, true
	}
	l, lm := prune(n.Left, both[:left])
	r, rm := prune(n.Right, both[left:])
	m := append(moved(nil), lm...)
	width := len(l.Schema())
	for _, i := range rm {
		if i >= 0 {
			i += width
		}
		m = append(m, i)
	}
	c := *n
	c.Left, c.Right = l, r
	c.LeftKeys, c.RightKeys = lm.ints(n.LeftKeys), rm.ints(n.RightKeys)
	if n.Residual != nil {
		c.Residual = m.expr(n.Residual)
	}
	if n.Band != nil {
		band := *n.Band
		band.Left, band.Right = lm[band.Left], rm[band.Right]
		c.Band = &band
	}
	return &c, m[:len(need)]
}

// pruneUnion gives every branch exactly the needed columns.
func pruneUnion(n *plan.UnionAll, need []bool) (plan.Node, moved) {
	m := kept(need)
	width := 0
	for _, s := range need {
		if s {
			width++
		}
	}
	if width == 0 {
		return n, kept(all(len(need)))
	}
	out := &plan.UnionAll{}
	for _, in := range n.Inputs {
		out.Inputs = append(out.Inputs, exactly(in, need))
	}
	return out, m
}

// exactly prunes a plan down to the needed columns, at least one, and no others.
func exactly(in plan.Node, need []bool) plan.Node {
	p, m := prune(in, need)
	fields := p.Schema()
	pick := &plan.Project{Input: p}
	for i, s := range need {
		if s {
			f := fields[m[i]]
			pick.Exprs = append(pick.Exprs, expr.Column{Index: m[i], T: f.Type})
			pick.Names = append(pick.Names, f.Name)
			pick.Hide = append(pick.Hide, f.Hidden)
		}
	}
	if len(fields) == len(pick.Exprs) {
		return p
	}
	return pick
}

func pruneValues(n *plan.Values, need []bool) (plan.Node, moved) {
	c := &plan.Values{}
	for i, f := range n.Fields {
		if need[i] {
			c.Fields = append(c.Fields, f)
		}
	}
	for _, row := range n.Rows {
		out := make([]value.Datum, 0, len(c.Fields))
		for i, d := range row {
			if need[i] {
				out = append(out, d)
			}
		}
		c.Rows = append(c.Rows, out)
	}
	return c, kept(need)
}

// pruneSort keeps the whole visible row, which breaks ties.
func pruneSort(n *plan.Sort, need []bool) (plan.Node, moved) {
	below := append([]bool(nil), need...)
	for i, f := range n.Input.Schema() {
		below[i] = below[i] || !f.Hidden
	}
	for _, k := range n.Keys {
		below[k.Col] = true
	}
	in, m := prune(n.Input, below)
	c := *n
	c.Input = in
	c.Keys = append([]plan.SortKey(nil), n.Keys...)
	for i := range c.Keys {
		c.Keys[i].Col = m[c.Keys[i].Col]
	}
	return &c, m
}

package rewrite

import (
	"slices"

	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/value"
)

// sharedPanes computes an aggregate over overlapping windows from panes, the tumbling windows of
// one step, of which each window is a row: a row of the input goes into one pane instead of into
// every window that holds it, and only the panes' results are put together.
//
//	Aggregate f by [window, k]          Aggregate merge(f) by [window, k]
//	  Window hop(size 10s, step 2s)       Window hop(pane, size 10s, step 2s)
//	    input                               Aggregate f by [pane, k]
//	                                          Window tumble(2s)
//	                                            input
//
// It applies when every call can be put together from parts. Parts of sums are so wide that they
// cannot overflow, so a group fails exactly when it did before.
func sharedPanes(n plan.Node) plan.Node {
	a, ok := n.(*plan.Aggregate)
	if !ok || len(a.GroupBy) == 0 {
		return n
	}
	p, ok := newPanes(a)
	if !ok {
		return n
	}
	for i, c := range a.Calls {
		if !p.split(c, a.Names[len(a.GroupBy)+i]) {
			return n
		}
	}
	return p.plan()
}

// panes is a plan with panes in the making.
type panes struct {
	a      *plan.Aggregate
	w      *plan.Window
	pre    *plan.Project // between the two, nil: none
	fields []plan.Field  // of the input of a
	inner  *plan.Aggregate
	outer  *plan.Aggregate
	outs   []expr.Expr // over outer: the columns of a
	avg    bool        // outs does more than pick columns
}

// newPanes finds the window under an aggregate, perhaps under a projection that leaves the columns
// of the window as they are, and makes the groups of both aggregates.
func newPanes(a *plan.Aggregate) (*panes, bool) {
	p := &panes{a: a, fields: a.Input.Schema(), inner: &plan.Aggregate{}, outer: &plan.Aggregate{}}
	below := a.Input
	if pre, ok := below.(*plan.Project); ok {
		p.pre, below = pre, pre.Input
	}
	w, ok := below.(*plan.Window)
	if !ok || w.Kind == plan.Tumble || w.SizeMicros == w.SlideMicros || overPanes(w) {
		return nil, false
	}
	p.w = w
	if p.pre != nil {
		for i, e := range p.pre.Exprs {
			if p.windowColumn(i) < 0 && slices.ContainsFunc(expr.Columns(e), p.ofWindow) {
				return nil, false
			}
		}
	}
	p.inner.GroupBy, p.inner.Names = []int{len(p.fields)}, []string{"pane"}
	for _, g := range a.GroupBy {
		if p.windowColumn(g) < 0 && !slices.Contains(p.inner.GroupBy, g) {
			p.inner.GroupBy = append(p.inner.GroupBy, g)
			p.inner.Names = append(p.inner.Names, p.fields[g].Name)
		}
	}
	return p, true
}

// ofWindow reports whether a column of the window's output is its start or end.
func (p *panes) ofWindow(col int) bool { return col >= len(p.w.Input.Schema()) }

// windowColumn says whether column i of the aggregate's input is the start (0) or end (1) of the
// window; -1: neither.
func (p *panes) windowColumn(i int) int {
	if p.pre != nil {
		c, ok := p.pre.Exprs[i].(expr.Column)
		if !ok {
			return -1
		}
		i = c.Index
	}
	return max(i-len(p.w.Input.Schema()), -1)
}

// overPanes reports whether the time of a window is the start of panes of its step.
func overPanes(w *plan.Window) bool {
	n, col := w.Input, w.TimeCol
	for {
		switch below := n.(type) {
		case *plan.Project:
			c, ok := below.Exprs[col].(expr.Column)
			if !ok {
				return false
			}
			n, col = below.Input, c.Index
		case *plan.Aggregate:
			if col >= len(below.GroupBy) {
				return false
			}
			n, col = below.Input, below.GroupBy[col]
		case *plan.Window:
			return below.Kind == plan.Tumble && below.SizeMicros == w.SlideMicros &&
				col == len(below.Input.Schema())
		default:
			return false
		}
	}
}

// split adds a call to both aggregates; it says no if the call cannot be put together from parts,
// or reads the window.
func (p *panes) split(c plan.AggCall, name string) bool {
	reads := false
	c.Columns(func(col int) { reads = reads || p.windowColumn(col) >= 0 })
	if reads || c.Distinct || len(c.OrderBy) > 0 {
		return false
	}
	switch c.Func {
	case plan.CountStar, plan.Count:
		p.add(c, name, plan.Sum, c.Type)
	case plan.Min, plan.Max, plan.BoolAnd, plan.BoolOr, plan.BitAnd, plan.BitOr, plan.BitXor:
		p.add(c, name, c.Func, c.Type)
	case plan.Sum, plan.Avg:
		wide, ok := wideSum(p.fields[c.Arg].Type)
		if !ok {
			return false
		}
		part := c
		part.Func, part.Type = plan.Sum, wide
		if c.Func == plan.Sum {
			p.add(part, name, plan.Sum, c.Type)
			break
		}
		p.addAverage(part, name)
	default:
		return false
	}
	return true
}

// wideSum is the type in which no sum of a pane can overflow: of 2^63 values.
func wideSum(t value.Type) (value.Type, bool) {
	wide := value.Type{Kind: value.Numeric, Precision: value.MaxPrecision, Scale: t.Scale}
	return wide, t.Kind.IsInteger() || t.Kind == value.Numeric && t.Precision > 0 && t.Precision <= 19
}

// add adds a part and how the parts are put together; the result is the next output.
func (p *panes) add(part plan.AggCall, name string, merge plan.AggFunc, t value.Type) {
	p.outs = append(p.outs, p.merged(part, name, merge, t))
}

// merged adds a part, and returns the parts put together as a column of the calls of outer.
func (p *panes) merged(part plan.AggCall, name string, merge plan.AggFunc, t value.Type) expr.Expr {
	at := len(p.inner.GroupBy) + len(p.inner.Calls)
	p.inner.Calls, p.inner.Names = append(p.inner.Calls, part), append(p.inner.Names, name)
	p.outer.Calls = append(p.outer.Calls, plan.Call(merge, at, t))
	p.outer.Names = append(p.outer.Names, name)
	return expr.Column{Index: len(p.a.GroupBy) + len(p.outer.Calls) - 1, T: t}
}

// addAverage adds sum and count, and divides as avg does. The sum is NULL where the count is 0.
func (p *panes) addAverage(part plan.AggCall, name string) {
	num := value.Of(value.Numeric)
	sum := p.merged(part, name, plan.Sum, num)
	part.Func, part.Type = plan.Count, value.Of(value.Int8)
	count := p.merged(part, name, plan.Sum, num)
	p.outs = append(p.outs, &expr.Call{
		Fn: "div(numeric,numeric)", Args: []expr.Expr{sum, count}, T: num,
	})
	p.avg = true
}

// plan puts the nodes together.
func (p *panes) plan() plan.Node {
	tumble := &plan.Window{
		Input: p.w.Input, Kind: plan.Tumble, TimeCol: p.w.TimeCol, SizeMicros: p.w.SlideMicros,
		SlideMicros: p.w.SlideMicros, OffsetMicros: p.w.OffsetMicros % p.w.SlideMicros,
	}
	p.inner.Input = p.paneInput(tumble)
	hop := *p.w
	hop.Input, hop.TimeCol = p.inner, 0
	p.outer.Input = &hop
	width := len(p.inner.Names)
	names := p.outer.Names
	p.outer.Names = slices.Clone(p.a.Names[:len(p.a.GroupBy)])
	for _, g := range p.a.GroupBy {
		at := slices.Index(p.inner.GroupBy, g)
		if c := p.windowColumn(g); c >= 0 {
			at = width + c
		}
		p.outer.GroupBy = append(p.outer.GroupBy, at)
	}
	p.outer.Names = append(p.outer.Names, names...)
	if !p.avg {
		return p.outer
	}
	out := &plan.Project{Input: p.outer, Names: p.a.Names}
	for i, g := range p.a.GroupBy {
		out.Exprs = append(out.Exprs, expr.Column{Index: i, T: p.fields[g].Type})
	}
	out.Exprs = append(out.Exprs, p.outs...)
	return out
}

// paneInput is the input of the inner aggregate: the columns of the old one, of which those of the
// window mean nothing now, and the start of the pane.
func (p *panes) paneInput(tumble *plan.Window) plan.Node {
	start := len(tumble.Input.Schema())
	pre := &plan.Project{Input: tumble}
	for i, f := range p.fields {
		e := expr.Expr(expr.Column{Index: i, T: f.Type})
		if p.pre != nil {
			e = p.pre.Exprs[i]
		}
		pre.Exprs, pre.Names = append(pre.Exprs, e), append(pre.Names, f.Name)
	}
	t := tumble.Schema()[start].Type
	pre.Exprs = append(pre.Exprs, expr.Column{Index: start, T: t})
	pre.Names = append(pre.Names, "pane")
	return pre
}

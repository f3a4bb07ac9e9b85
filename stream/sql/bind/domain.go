package bind

import (
	"errors"
	"fmt"

	"weir/stream/expr"
	"weir/stream/plan"
)

// errNotFlat is the refusal of a subquery that cannot be taken apart.
var errNotFlat = errors.New("subquery cannot be decorrelated")

// domain computes a subquery for all values that it reads at once: a plan with those values in
// front of its own columns, over the distinct ones that occur in node's rows.
func (l *linker) domain(n plan.Node) (*flat, error) {
	u := l.unnester(n)
	p := &plan.Project{Input: l.rows()}
	for i, id := range u.vars {
		v, err := l.value(id)
		if err != nil {
			return nil, err
		}
		if cols := expr.Columns(v); len(cols) > 0 && cols[len(cols)-1] >= len(p.Input.Schema()) {
			p.Input = l.node
		}
		p.Exprs = append(p.Exprs, v)
		p.Names = append(p.Names, fmt.Sprintf("domain%d", i+1))
	}
	if err := l.b.copy(p.Input); err != nil {
		return nil, err
	}
	d := &domain{unnester: u, values: distinct(p), width: len(u.vars)}
	node, err := d.apply(n)
	if err != nil {
		e := l.b.errorf(0, stateUnsupported, "this subquery over the row around it is not supported")
		e.Hint = "Join what the subquery reads in FROM and group the result."
		return nil, e
	}
	f := &flat{node: node, flag: -1}
	for i, id := range u.vars {
		v, col := p.Exprs[i], columnAt(i, p.Exprs[i].Type())
		f.preds = append(f.preds, compare("is_not_distinct", expr.Outer{ID: id, T: v.Type()}, col))
	}
	for i, field := range n.Schema() {
		f.outs = append(f.outs, columnAt(d.width+i, field.Type))
	}
	return f, nil
}

// domain pushes the values that a plan reads down to where it reads them.
type domain struct {
	*unnester
	values plan.Node // the distinct values
	width  int
}

// apply returns the plan for all values: their columns, then its own.
func (d *domain) apply(n plan.Node) (plan.Node, error) {
	if isOneRow(n) {
		return d.values, nil
	}
	if !d.depends(n) {
		j, _ := pair(plan.InnerJoin, d.values, n, nil)
		return j, nil
	}
	switch n := n.(type) {
	case *plan.Filter:
		return d.filter(n)
	case *plan.Join:
		return d.join(n)
	case *plan.Aggregate:
		return d.aggregate(n)
	case *plan.SetOp, *plan.UnionAll:
		kids := make([]plan.Node, len(n.Children()))
		for i, c := range n.Children() {
			var err error
			if kids[i], err = d.apply(c); err != nil {
				return nil, err
			}
		}
		return n.With(kids), nil
	case *plan.Recursive:
		return d.recursive(n)
	case *plan.Self:
		return &plan.Self{Fields: append(d.fields(), n.Fields...)}, nil
	case *plan.Asof:
		return d.asof(n)
	}
	if len(n.Children()) != 1 {
		return nil, errNotFlat
	}
	in, err := d.apply(n.Children()[0])
	if err != nil {
		return nil, err
	}
	return d.unary(n, in)
}

// fields are the columns of the values.
func (d *domain) fields() []plan.Field {
	return append([]plan.Field(nil), d.values.Schema()...)
}

// over puts an expression over a plan with the values in front.
func (d *domain) over(e expr.Expr) expr.Expr { return d.readAt(e, 0, d.moved) }

func (d *domain) all(list []expr.Expr) []expr.Expr {
	out := make([]expr.Expr, len(list))
	for i, e := range list {
		out[i] = d.over(e)
	}
	return out
}

// columns are those of the values, then more.
func (d *domain) columns(more []int) []int {
	out := make([]int, 0, d.width+len(more))
	for i := range d.width {
		out = append(out, i)
	}
	for _, c := range more {
		out = append(out, c+d.width)
	}
	return out
}

func (d *domain) moved(col int) int { return col + d.width }

func (d *domain) keys(list []plan.SortKey) []plan.SortKey {
	out := make([]plan.SortKey, len(list))
	for i, k := range list {
		k.Col += d.width
		out[i] = k
	}
	return out
}

// unary moves a node with one input over it with the values in front; rows of different values
// must not meet.
func (d *domain) unary(n, in plan.Node) (plan.Node, error) {
	switch n := n.(type) {
	case *plan.Project:
		p := picked(in, d.width)
		for i, e := range n.Exprs {
			p.Exprs, p.Names = append(p.Exprs, d.over(e)), append(p.Names, n.Names[i])
			p.Hide = append(p.Hide, n.Hide != nil && n.Hide[i])
		}
		return p, nil
	case *plan.TopN:
		c := *n
		c.Input, c.PartitionBy, c.Keys = in, d.columns(n.PartitionBy), d.keys(n.Keys)
		return &c, nil
	case *plan.Over:
		c := *n
		c.Input, c.PartitionBy, c.Keys = in, d.columns(n.PartitionBy), d.keys(n.Keys)
		c.Calls = make([]plan.OverCall, len(n.Calls))
		for i, call := range n.Calls {
			c.Calls[i] = call.Moved(d.moved)
		}
		return &c, nil
	case *plan.Flatten:
		c := n.With([]plan.Node{in}).(*plan.Flatten)
		return c.WithScalars(d.all(n.Scalars())), nil
	case *plan.Window:
		c := *n
		c.Input, c.TimeCol = in, n.TimeCol+d.width
		return &c, nil
	case *plan.Session:
		c := *n
		c.Input, c.TimeCol, c.PartitionBy = in, n.TimeCol+d.width, d.columns(n.PartitionBy)
		return &c, nil
	case *plan.TemporalFilter:
		c := *n
		c.Input = in
		for _, p := range []*int{&c.From, &c.Until} {
			if *p >= 0 {
				*p += d.width
			}
		}
		return &c, nil
	}
	return nil, errNotFlat
}

// filter meets the values with the rows on its condition where it is the first to read them.
func (d *domain) filter(n *plan.Filter) (plan.Node, error) {
	conds := d.all(conjuncts(n.Pred))
	if !d.depends(n.Input) {
		j, base := pair(plan.InnerJoin, d.values, n.Input, conds)
		return d.inOrder(j, n.Input.Schema(), base), nil
	}
	in, err := d.apply(n.Input)
	if err != nil {
		return nil, err
	}
	return filtered(in, conds), nil
}

// inOrder picks the values and the columns from base on.
func (d *domain) inOrder(n plan.Node, fields []plan.Field, base int) plan.Node {
	if base == d.width && len(n.Schema()) == d.width+len(fields) {
		return n
	}
	p := picked(n, d.width)
	appendColumns(p, fields, base)
	return p
}

// appendColumns picks columns from base on.
func appendColumns(p *plan.Project, fields []plan.Field, base int) {
	for i, f := range fields {
		p.Exprs = append(p.Exprs, columnAt(base+i, f.Type))
		p.Names = append(p.Names, f.Name)
		p.Hide = append(p.Hide, f.Hidden)
	}
}

// aggregate groups by the values too. Without GROUP BY, values without rows have a row as well.
func (d *domain) aggregate(n *plan.Aggregate) (plan.Node, error) {
	in, err := d.apply(n.Input)
	if err != nil {
		return nil, err
	}
	a := &plan.Aggregate{Input: in, GroupBy: d.columns(n.GroupBy)}
	for _, f := range d.fields() {
		a.Names = append(a.Names, f.Name)
	}
	a.Names = append(a.Names, n.Names...)
	for _, c := range n.Calls {
		a.Calls = append(a.Calls, c.Moved(d.moved))
	}
	if len(n.GroupBy) > 0 || len(n.Calls) == 0 {
		return a, nil
	}
	j, base := pair(plan.LeftJoin, d.values, a, d.same(d.width))
	p := picked(j, d.width)
	for i, c := range n.Calls {
		p.Exprs = append(p.Exprs, ofNothing(c, columnAt(base+d.width+i, c.Type)))
		p.Names, p.Hide = append(p.Names, n.Names[i]), append(p.Hide, false)
	}
	return p, nil
}

// same says that the values on both sides are the same; those of the right side begin at base.
func (d *domain) same(base int) []expr.Expr {
	var out []expr.Expr
	for i, f := range d.fields() {
		out = append(out, compare("is_not_distinct", columnAt(i, f.Type), columnAt(base+i, f.Type)))
	}
	return out
}

// join has the values on the sides that read them; where both do, they are the same. The left
// side of an outer join and of a half join has them always.
func (d *domain) join(n *plan.Join) (plan.Node, error) {
	ld, rd := d.depends(n.Left), d.depends(n.Right)
	if n.Kind == plan.FullJoin {
		rd = true
	}
	ld = ld || !rd || n.Kind != plan.InnerJoin
	left, right := n.Left, n.Right
	var err error
	if ld {
		if left, err = d.apply(left); err != nil {
			return nil, err
		}
	}
	if rd {
		if right, err = d.apply(right); err != nil {
			return nil, err
		}
	}
	// Columns: the left side's from lbase, the right side's from rbase, the values from values.
	lw, width := len(n.Left.Schema()), len(left.Schema())
	lbase, rbase, values := 0, width, width
	if ld {
		lbase, values = d.width, 0
	}
	if rd {
		rbase += d.width
	}
	var on []expr.Expr
	if ld && rd {
		on = d.same(width)
	}
	for _, c := range joinConditions(n) {
		on = append(on, d.readAt(c, values, func(i int) int {
			if i < lw {
				return lbase + i
			}
			return rbase + i - lw
		}))
	}
	j, base := pair(n.Kind, left, right, on)
	move := base - width // by keys that are behind the left side's columns
	p := &plan.Project{Input: j}
	if values >= width {
		values += move
	}
	appendColumns(p, d.fields(), values)
	if n.Kind == plan.FullJoin {
		for i, f := range d.fields() {
			args := []expr.Expr{columnAt(i, f.Type), columnAt(base+i, f.Type)}
			p.Exprs[i] = &expr.Coalesce{Args: args, T: f.Type}
		}
	}
	appendColumns(p, n.Left.Schema(), lbase)
	if !n.Kind.Half() {
		appendColumns(p, n.Right.Schema(), rbase+move)
	}
	return p, nil
}

// readAt moves the columns of an expression and reads the values from base on.
func (d *domain) readAt(e expr.Expr, base int, at func(int) int) expr.Expr {
	return expr.Rewrite(expr.Remap(e, at), func(e expr.Expr) expr.Expr {
		if o, ok := e.(expr.Outer); ok {
			for i, id := range d.vars {
				if id == o.ID {
					return columnAt(base+i, o.T)
				}
			}
		}
		return e
	})
}

// recursive has the values in every row that the recursion finds.
func (d *domain) recursive(n *plan.Recursive) (plan.Node, error) {
	init, err := d.apply(n.Init)
	if err != nil {
		return nil, err
	}
	in := *d
	in.unnester = &unnester{l: d.l, vars: d.vars, self: true, deps: map[plan.Node]bool{}}
	step, err := in.apply(n.Step)
	if err != nil {
		return nil, err
	}
	return &plan.Recursive{Init: init, Step: step, Distinct: n.Distinct}, nil
}

// asof has the values on its left side alone.
func (d *domain) asof(n *plan.Asof) (plan.Node, error) {
	if d.depends(n.Right) {
		return nil, errNotFlat
	}
	left, err := d.apply(n.Left)
	if err != nil {
		return nil, err
	}
	c := *n
	c.Left, c.LeftTime = left, n.LeftTime+d.width
	c.LeftKeys = make([]int, len(n.LeftKeys))
	for i, k := range n.LeftKeys {
		c.LeftKeys[i] = k + d.width
	}
	return &c, nil
}

package rewrite

import (
	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/value"
)

// top1OnMax replaces a join of rows with the maximum (or minimum) of their own group,
//
//	b JOIN (SELECT g, max(p) AS m FROM b GROUP BY g) x ON b.g = x.g AND b.p = x.m
//
// by the rows of rank 1 in each group: one operator and one state instead of three. Rows with a
// NULL in g or p match nothing in a join and are left out first.
func top1OnMax(n plan.Node) plan.Node {
	j, ok := n.(*plan.Join)
	if !ok || j.Kind != plan.InnerJoin || j.Residual != nil {
		return n
	}
	if top := ownMax(j.Left, j.Right, j.LeftKeys, j.RightKeys); top != nil {
		return top.project(j, 0, len(j.Left.Schema()))
	}
	if top := ownMax(j.Right, j.Left, j.RightKeys, j.LeftKeys); top != nil {
		return top.project(j, len(j.Left.Schema()), 0)
	}
	return n
}

// own is a relation that was joined with its own extremum.
type own struct {
	node plan.Node
	same []int // per column of the aggregate: the column of node that equals it
}

// ownMax builds the rows of rank 1 if agg aggregates the same rows and the keys join all of its
// columns with the columns that they come from; nil if not.
func ownMax(rows, agg plan.Node, rowKeys, aggKeys []int) *own {
	out, a := unpicked(agg)
	if a == nil || len(a.Calls) != 1 || len(aggKeys) != len(a.GroupBy)+1 {
		return nil
	}
	call := a.Calls[0]
	if call.Func != plan.Max && call.Func != plan.Min || call.Filter >= 0 {
		return nil
	}
	at := matchRows(rows, a.Input)
	if at == nil {
		return nil
	}
	from := make([]int, 0, len(a.GroupBy)+1) // per output of the aggregate: column of rows
	for _, c := range append(append([]int{}, a.GroupBy...), call.Arg) {
		if at[c] < 0 || inexact(a.Input.Schema()[c].Type) {
			return nil
		}
		from = append(from, at[c])
	}
	joined := make([]bool, len(from))
	for i, k := range aggKeys {
		c := out[k]
		if c < 0 || rowKeys[i] != from[c] {
			return nil
		}
		joined[c] = true
	}
	same := make([]int, len(out))
	for i, c := range out {
		if c < 0 {
			return nil
		}
		same[i] = from[c]
	}
	for _, ok := range joined {
		if !ok {
			return nil
		}
	}
	last := len(from) - 1
	return &own{rankOne(rows, from[:last], from[last], call.Func == plan.Max), same}
}

// unpicked is the aggregate below projections that only pick columns, and which of its outputs
// each column is.
func unpicked(n plan.Node) (out []int, a *plan.Aggregate) {
	out = make([]int, len(n.Schema()))
	for i := range out {
		out[i] = i
	}
	for {
		switch m := n.(type) {
		case *plan.Aggregate:
			return out, m
		case *plan.Project:
			for i, c := range out {
				col, ok := m.Exprs[c].(expr.Column)
				if !ok {
					return nil, nil
				}
				out[i] = col.Index
			}
			n = m.Input
		default:
			return nil, nil
		}
	}
}

// inexact reports whether equal values of a type can look different, so that a column cannot
// stand for another that equals it.
func inexact(t value.Type) bool {
	switch t.Kind {
	case value.Numeric:
		return t.Precision == 0
	case value.Interval, value.Float4, value.Float8, value.Array,
		value.Record:
		return true
	}
	return false
}

func rankOne(rows plan.Node, group []int, arg int, descending bool) plan.Node {
	fields := rows.Schema()
	var present []expr.Expr
	for _, c := range append(append([]int{}, group...), arg) {
		t := fields[c].Type
		fn, _, b, err := expr.Resolve("is_not_null", []value.Type{t})
		if err != nil {
			return nil
		}
		present = append(present, &expr.Call{
			Fn: fn, Args: []expr.Expr{expr.Column{Index: c, T: t}}, T: b,
		})
	}
	return &plan.TopN{
		Input: filtered(rows, present), PartitionBy: group, Kind: plan.Rank, Limit: 1,
		Keys: []plan.SortKey{{Col: arg, Desc: descending, NullsFirst: descending}},
	}
}

// project gives the columns of the join: those of the rows from column at on, those of the
// aggregate, which equal some of them, from column aggAt on.
func (o *own) project(j *plan.Join, at, aggAt int) plan.Node {
	if o.node == nil {
		return j
	}
	fields := j.Schema()
	p := &plan.Project{
		Input: o.node, Exprs: make([]expr.Expr, len(fields)), Names: make([]string, len(fields)),
		Hide: make([]bool, len(fields)),
	}
	set := func(i, col int) {
		p.Exprs[i] = expr.Column{Index: col, T: fields[i].Type}
		p.Names[i], p.Hide[i] = fields[i].Name, fields[i].Hidden
	}
	for c := range len(o.node.Schema()) {
		set(at+c, c)
	}
	for c, col := range o.same {
		set(aggAt+c, col)
	}
	return p
}

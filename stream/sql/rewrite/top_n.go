package rewrite

import (
	"math"
	"strings"

	"weir/stream/expr"
	"weir/stream/plan"
)

// topN replaces row_number, rank or dense_rank over a window whose result a condition bounds by
// the operator that keeps the first rows: a plan with rn <= 3 then holds three rows of a partition
// ready and not all of them numbered. Conditions beside the bounds stay above.
func topN(n plan.Node) plan.Node {
	f, ok := n.(*plan.Filter)
	if !ok {
		return n
	}
	o, ok := f.Input.(*plan.Over)
	if !ok || len(o.Calls) != 1 {
		return n
	}
	kinds := map[plan.OverFunc]plan.RankKind{
		plan.OverRowNumber: plan.RowNumber, plan.OverRank: plan.Rank,
		plan.OverDenseRank: plan.DenseRank,
	}
	kind, ok := kinds[o.Calls[0].Func]
	if !ok {
		return n
	}
	b := rankBounds{col: len(o.Schema()) - 1, least: 1, most: math.MaxInt64}
	var stay []expr.Expr
	for _, c := range conjuncts(f.Pred) {
		if !b.take(c, kind == plan.RowNumber) {
			stay = append(stay, c)
		}
	}
	if b.most == math.MaxInt64 && b.least == 1 {
		return n
	}
	top := &plan.TopN{
		Input: o.Input, PartitionBy: o.PartitionBy, Keys: o.Keys, Kind: kind, Limit: -1,
		Offset: b.least - 1, Numbered: true, Name: o.Names[0],
	}
	if b.most < math.MaxInt64 {
		top.Limit = max(b.most-top.Offset, 0)
	}
	return filtered(top, stay)
}

// rankBounds collects bounds of a number: least..most.
type rankBounds struct {
	col         int
	least, most int64
}

// take takes a condition in if it is a bound, or two, and nothing else. A lower bound can be
// taken only if every row has a number of its own (rows).
func (b *rankBounds) take(c expr.Expr, rows bool) bool {
	op, v, ok := b.comparison(c)
	if !ok {
		return false
	}
	switch op {
	case "lt":
		b.most = min(b.most, max(v, math.MinInt64+1)-1)
	case "le":
		b.most = min(b.most, v)
	case "eq":
		b.most = min(b.most, v)
		if !rows && v > 1 { // the bound holds, but the condition says more
			return false
		}
		b.least = max(b.least, v)
	case "gt", "ge":
		if op == "gt" && v < math.MaxInt64 {
			v++
		} else if op == "gt" {
			return false
		}
		if !rows && v > 1 {
			return false
		}
		b.least = max(b.least, v)
	default:
		return false
	}
	return true
}

// comparison reads a comparison of the number with a constant, the number on the left.
func (b *rankBounds) comparison(e expr.Expr) (op string, v int64, ok bool) {
	call, ok := e.(*expr.Call)
	if !ok || len(call.Args) != 2 {
		return "", 0, false
	}
	op, _, _ = strings.Cut(string(call.Fn), "(")
	left, right := call.Args[0], call.Args[1]
	if _, ok := left.(expr.Const); ok {
		left, right = right, left
		if turned := map[string]string{"lt": "gt", "le": "ge", "gt": "lt", "ge": "le"}[op]; turned != "" {
			op = turned
		}
	}
	col, isCol := left.(expr.Column)
	k, isConst := right.(expr.Const)
	if !isCol || !isConst || col.Index != b.col || !k.D.Kind.IsInteger() {
		return "", 0, false
	}
	return op, k.D.I, true
}

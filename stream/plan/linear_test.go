package plan_test

import (
	"testing"

	"weir/stream/expr"
	"weir/stream/plan"
)

// TestRecursionIsLinear tells apart the steps in which more rows only add rows from the others.
func TestRecursionIsLinear(t *testing.T) {
	self := &plan.Self{Fields: scan().Fields}
	join := func(kind plan.JoinKind, l, r plan.Node) plan.Node {
		j := &plan.Join{Left: l, Right: r, Kind: kind, LeftKeys: []int{0}, RightKeys: []int{0}}
		if kind.Half() {
			return j
		}
		return pickFour(j)
	}
	distinct := &plan.Aggregate{
		Input: self, GroupBy: []int{0, 1, 2, 3}, Names: []string{"k", "v", "ts", "ok"},
	}
	for name, c := range map[string]struct {
		step plan.Node
		ok   bool
	}{
		"itself":          {self, true},
		"inner left":      {join(plan.InnerJoin, self, scan()), true},
		"inner right":     {join(plan.InnerJoin, scan(), self), true},
		"outer, kept":     {join(plan.LeftJoin, self, scan()), true},
		"outer, nullable": {join(plan.LeftJoin, scan(), self), false},
		"full":            {join(plan.FullJoin, self, scan()), false},
		"not in others":   {join(plan.AntiJoin, self, scan()), true},
		"others not in":   {join(plan.AntiJoin, scan(), self), false},
		"others in":       {join(plan.SemiJoin, scan(), self), false},
		"twice":           {join(plan.InnerJoin, self, self), false},
		"never":           {scan(), false},
		"distinct":        {distinct, false},
		"all but":         {&plan.SetOp{Left: self, Right: scan(), Except: true, All: true}, false},
		"by time":         {&plan.TemporalFilter{Input: self, From: 2, Until: -1}, false},
		"union":           {&plan.UnionAll{Inputs: []plan.Node{scan(), self}}, true},
	} {
		err := plan.Check(&plan.Recursive{Init: scan(), Step: c.step, Distinct: true})
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// pickFour has the first four columns of a plan.
func pickFour(n plan.Node) plan.Node {
	p := &plan.Project{Input: n}
	for i, f := range n.Schema()[:4] {
		p.Exprs = append(p.Exprs, expr.Column{Index: i, T: f.Type})
		p.Names = append(p.Names, f.Name)
	}
	return p
}

// TestWatermarksOfAScan refuses columns that are out of order, out of range or no times.
func TestWatermarksOfAScan(t *testing.T) {
	for _, frozen := range [][]int{{2, 2}, {4}, {0}} {
		s := scan()
		s.Frozen = frozen
		if plan.Check(s) == nil {
			t.Errorf("watermarks on columns %v are accepted", frozen)
		}
	}
}

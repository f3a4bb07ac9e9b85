package rewrite

import (
	"bytes"

	"weir/stream/expr"
	"weir/stream/plan"
)

// matchRows returns, for each column of b, the column of a that holds the same values, -1: none;
// nil unless the two plans have the same rows, each as often, but for their columns.
func matchRows(a, b plan.Node) []int {
	if p, ok := b.(*plan.Project); ok {
		if q, ok := a.(*plan.Project); ok {
			return matchProjects(q, p)
		}
		return throughPicks(p, matchRows(a, p.Input))
	}
	switch a := a.(type) {
	case *plan.Project:
		in := matchRows(a.Input, b)
		return outOf(a, in)
	case *plan.Scan:
		if b, ok := b.(*plan.Scan); ok {
			return matchScans(a, b)
		}
	case *plan.Filter:
		if b, ok := b.(*plan.Filter); ok {
			in := matchRows(a.Input, b.Input)
			if in != nil && sameExpr(b.Pred, in, a.Pred) {
				return in
			}
		}
		return nil
	case *plan.Window:
		if b, ok := b.(*plan.Window); ok {
			return matchWindows(a, b)
		}
	}
	if bytes.Equal(plan.Encode(a), plan.Encode(b)) {
		out := make([]int, len(b.Schema()))
		for i := range out {
			out[i] = i
		}
		return out
	}
	return nil
}

func matchScans(a, b *plan.Scan) []int {
	if a.Relation != b.Relation || a.Version != b.Version {
		return nil
	}
	out := make([]int, len(b.Columns))
	for i, c := range b.Columns {
		out[i] = -1
		for k, d := range a.Columns {
			if d == c {
				out[i] = k
			}
		}
	}
	return out
}

func matchWindows(a, b *plan.Window) []int {
	in := matchRows(a.Input, b.Input)
	if in == nil || in[b.TimeCol] != a.TimeCol || a.Kind != b.Kind ||
		a.SizeMicros != b.SizeMicros || a.SlideMicros != b.SlideMicros ||
		a.OffsetMicros != b.OffsetMicros {
		return nil
	}
	width := len(a.Input.Schema())
	return append(append([]int{}, in...), width, width+1)
}

// matchProjects finds the expressions of b among those of a. Rows that fail in either must fail in
// both, so what can fail in one must stand in the other.
func matchProjects(a, b *plan.Project) []int {
	in := matchRows(a.Input, b.Input)
	if in == nil {
		return nil
	}
	out := make([]int, len(b.Exprs))
	found := make([]bool, len(a.Exprs))
	for i, e := range b.Exprs {
		out[i] = -1
		for k, f := range a.Exprs {
			if sameExpr(e, in, f) {
				out[i], found[k] = k, true
			}
		}
		if out[i] < 0 && expr.CanFail(e) {
			return nil
		}
	}
	for k, f := range a.Exprs {
		if !found[k] && expr.CanFail(f) {
			return nil
		}
	}
	return out
}

// throughPicks follows the columns of a projection; what it computes has no column elsewhere.
func throughPicks(p *plan.Project, in []int) []int {
	if in == nil {
		return nil
	}
	out := make([]int, len(p.Exprs))
	for i, e := range p.Exprs {
		out[i] = -1
		if c, ok := e.(expr.Column); ok {
			out[i] = in[c.Index]
		} else if expr.CanFail(e) {
			return nil
		}
	}
	return out
}

// outOf finds columns below a projection among its outputs.
func outOf(p *plan.Project, in []int) []int {
	if in == nil {
		return nil
	}
	at := make([]int, len(p.Input.Schema()))
	for i := range at {
		at[i] = -1
	}
	for k, e := range p.Exprs {
		if c, ok := e.(expr.Column); ok {
			at[c.Index] = k
		} else if expr.CanFail(e) {
			return nil
		}
	}
	out := make([]int, len(in))
	for i, c := range in {
		if out[i] = -1; c >= 0 {
			out[i] = at[c]
		}
	}
	return out
}

// sameExpr reports whether e, over columns that lie at in, is f.
func sameExpr(e expr.Expr, in []int, f expr.Expr) bool {
	for _, c := range expr.Columns(e) {
		if in[c] < 0 {
			return false
		}
	}
	return expr.Equal(expr.Remap(e, func(i int) int { return in[i] }), f)
}

package oracle

import (
	"slices"

	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/value"
	"weir/stream/window"
)

// join judges every pair of rows.
func (e *evaluator) join(op int, n *plan.Join) ([]Row, []int64) {
	left, lm := e.node(n.Left)
	right, rm := e.node(n.Right)
	marks := joinMarks(n, lm, rm)[:len(n.Schema())]
	left, right = Consolidate(left), Consolidate(right)
	var out []Row
	met := make([]bool, len(right)) // right rows with a match
	for _, l := range left {
		some := false
		for k, r := range right {
			if !e.pairs(op, n, l, r) {
				continue
			}
			some, met[k] = true, true
			if !n.Kind.Half() {
				vals := append(slices.Clone(l.Vals), r.Vals...)
				out = append(out, Row{vals, l.Weight * r.Weight})
			}
		}
		switch {
		case n.Kind == plan.SemiJoin && some, n.Kind == plan.AntiJoin && !some:
			out = append(out, l)
		case (n.Kind == plan.LeftJoin || n.Kind == plan.FullJoin) && !some:
			out = append(out, Row{append(slices.Clone(l.Vals), make([]value.Datum, len(rm))...), l.Weight})
		}
	}
	for k, r := range right {
		if n.Kind == plan.FullJoin && !met[k] {
			out = append(out, Row{append(make([]value.Datum, len(lm)), r.Vals...), r.Weight})
		}
	}
	return out, marks
}

// pairs reports whether two rows match: their keys are equal, they lie within the band, and the
// residual condition is true.
func (e *evaluator) pairs(op int, n *plan.Join, l, r Row) bool {
	if !sameKeys(l, r, n.LeftKeys, n.RightKeys) {
		return false
	}
	if b := n.Band; b != nil {
		x, y := l.Vals[b.Left], r.Vals[b.Right]
		if x.IsNull() || y.IsNull() {
			return false
		}
		gap := value.Int128FromInt64(x.I).Sub(value.Int128FromInt64(y.I))
		if b.Low != plan.NoLow && gap.Cmp(value.Int128FromInt64(b.Low)) < 0 ||
			b.High != plan.NoHigh && gap.Cmp(value.Int128FromInt64(b.High)) > 0 {
			return false
		}
	}
	if n.Residual == nil {
		return true
	}
	vals := append(slices.Clone(l.Vals), r.Vals...)
	d, err := expr.EvalRow(n.Residual, vals, e.in.Env)
	if err != nil {
		e.fail(op, "on", err.SQLState, Row{vals, l.Weight * r.Weight})
	}
	return err == nil && d.Bool()
}

func sameKeys(l, r Row, lk, rk []int) bool {
	for i := range lk {
		x, y := l.Vals[lk[i]], r.Vals[rk[i]]
		if x.IsNull() || y.IsNull() || !value.Equal(x, y) {
			return false
		}
	}
	return true
}

// joinMarks are the marks of a pair's columns: of keys that carry one on both sides the lesser,
// of the columns of a band as far as the band reaches.
func joinMarks(n *plan.Join, lm, rm []int64) []int64 {
	marks := none(len(lm) + len(rm))
	lf, rf := plan.Derive(n.Left).Frozen, plan.Derive(n.Right).Frozen
	raise := func(c int, w int64) { marks[c] = max(marks[c], w) }
	for i, l := range n.LeftKeys {
		if r := n.RightKeys[i]; lf[l] && rf[r] {
			w := min(lm[l], rm[r])
			raise(l, w)
			raise(len(lm)+r, w)
		}
	}
	b := n.Band
	if b == nil || lm[b.Left] == window.None || rm[b.Right] == window.None {
		return marks
	}
	l, r := lm[b.Left], rm[b.Right]
	if b.Low != plan.NoLow {
		raise(b.Left, min(l, r+b.Low))
	}
	if b.High != plan.NoHigh {
		raise(len(lm)+b.Right, min(r, l-b.High))
	}
	return marks
}

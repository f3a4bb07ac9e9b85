package verify

import (
	"errors"
	"fmt"
	"slices"

	"weir/stream/expr"
	"weir/stream/oracle"
	"weir/stream/plan"
	"weir/stream/value"
)

// Answer is what a plan gives over proven rows.
type Answer struct {
	Columns []plan.Field // the visible ones
	Rows    [][]value.Datum
}

// Versions of what this verifier evaluates: the plan codec and the function library.
const (
	PlanCodec = plan.CodecVersion
	Functions = expr.LibraryVersion
)

// evaluate runs a plan over rows by relation id with the naive evaluator, orders and cuts the
// result. A scalar error anywhere fails the query, as it does at the node.
func evaluate(n plan.Node, rows map[uint32][]oracle.Row) (
	a *Answer, err error,
) {
	cut := &plan.Sort{Limit: -1}
	if s, ok := n.(*plan.Sort); ok {
		cut, n = s, s.Input
	}
	defer func() {
		switch r := recover().(type) {
		case nil:
		case oracle.TooManyRounds:
			a, err = nil, r
		default:
			panic(r)
		}
	}()
	if readsClock(n) {
		return nil, errors.New("it reads the clock, whose value is not proven")
	}
	got, failed := oracle.Eval(n, oracle.Input{Rows: rows})
	if failed > 0 {
		return nil, fmt.Errorf("%d rows raise an error", failed)
	}
	fields := n.Schema()
	visible := plan.Visible(fields)
	slices.SortStableFunc(got, func(a, b oracle.Row) int {
		return compareRows(cut.Keys, visible, a.Vals, b.Vals)
	})
	out, err := expand(got, visible, cut.Offset, cut.Limit)
	if err != nil {
		return nil, err
	}
	a = &Answer{Rows: out}
	for _, i := range visible {
		a.Columns = append(a.Columns, fields[i])
	}
	return a, nil
}

// compareRows orders by the sort keys, ties by the whole visible row; rows that are still equal
// differ in hidden columns only and keep the order of their encodings.
func compareRows(keys []plan.SortKey, visible []int, a, b []value.Datum) int {
	for _, k := range keys {
		x, y := a[k.Col], b[k.Col]
		c := value.CompareNulls(x, y, k.NullsFirst)
		if k.Desc && !x.IsNull() && !y.IsNull() {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	for _, i := range visible {
		if c := value.CompareNulls(a[i], b[i], false); c != 0 {
			return c
		}
	}
	return 0
}

// expand repeats rows by weight, skips offset and keeps limit of them (< 0: all).
func expand(rows []oracle.Row, visible []int, offset, limit int64) (
	out [][]value.Datum, err error,
) {
	for _, r := range rows {
		w := r.Weight
		skip := min(w, offset)
		offset, w = offset-skip, w-skip
		if limit >= 0 {
			w = min(w, limit-int64(len(out)))
		}
		for range w {
			if len(out) == MaxAnswer {
				return nil, fmt.Errorf("the answer has more than %d rows", MaxAnswer)
			}
			shown := make([]value.Datum, len(visible))
			for i, c := range visible {
				shown[i] = r.Vals[c]
			}
			out = append(out, shown)
		}
	}
	return out, nil
}

// readsClock reports whether an expression of the plan calls now(), or a filter compares with it.
func readsClock(n plan.Node) bool {
	_, found := n.(*plan.TemporalFilter)
	for _, e := range n.Scalars() {
		expr.Walk(e, func(e expr.Expr) bool {
			c, ok := e.(*expr.Call)
			found = found || ok && c.Fn == expr.NowFunc
			return !found
		})
	}
	return found || slices.ContainsFunc(n.Children(), readsClock)
}

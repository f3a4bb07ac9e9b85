package oracle

import (
	"slices"

	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/value"
)

// flatten calls the set-returning functions for every row.
func (e *evaluator) flatten(op int, n *plan.Flatten) (out []Row, marks []int64) {
	rows, m := e.node(n.Input)
	marks = append(slices.Clone(m), none(len(n.Fields))...)
	for _, r := range rows {
		made, fn, err := e.sets(n, r.Vals)
		if err != nil {
			e.fail(op, string(fn), err.SQLState, r)
			continue
		}
		if len(made) == 0 && n.Outer {
			made = [][]value.Datum{make([]value.Datum, len(n.Fields))}
		}
		for _, extra := range made {
			out = append(out, Row{append(slices.Clone(r.Vals), extra...), r.Weight})
		}
	}
	return out, marks
}

// sets are the rows of all calls side by side, or the function that failed and why.
func (e *evaluator) sets(
	n *plan.Flatten, row []value.Datum,
) (out [][]value.Datum, fn expr.SetFunc, err *value.Error) {
	args := make([][]value.Datum, len(n.Calls))
	for i, c := range n.Calls {
		for _, a := range c.Args {
			d, err := expr.EvalRow(a, row, e.in.Env)
			if err != nil {
				return nil, c.Fn, err
			}
			args[i] = append(args[i], d)
		}
	}
	from := 0
	for i, c := range n.Calls {
		k := 0
		err := expr.EvalSet(c.Fn, args[i], func(r []value.Datum) {
			if k == len(out) {
				out = append(out, make([]value.Datum, len(n.Fields)))
			}
			copy(out[k][from:], r)
			k++
		})
		if err != nil {
			return nil, c.Fn, err
		}
		from += c.Width
	}
	for k := range out {
		if n.Ordinality {
			out[k][from] = value.NewInt8(int64(k) + 1)
		}
	}
	return out, "", nil
}

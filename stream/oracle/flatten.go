package oracle

import (
	"slices"

	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/value"
)

// flatten calls the set-returning function for every row.
func (e *evaluator) flatten(op int, n *plan.Flatten) (out []Row, marks []int64) {
	rows, m := e.node(n.Input)
	marks = append(slices.Clone(m), none(len(n.Fields))...)
next:
	for _, r := range rows {
		args := make([]value.Datum, len(n.Args))
		for i, a := range n.Args {
			d, err := expr.EvalRow(a, r.Vals, e.in.Env)
			if err != nil {
				e.fail(op, string(n.Fn), err.SQLState, r)
				continue next
			}
			args[i] = d
		}
		var made [][]value.Datum
		err := expr.EvalSet(n.Fn, args, func(r []value.Datum) { made = append(made, r) })
		if err != nil {
			e.fail(op, string(n.Fn), err.SQLState, r)
			continue
		}
		if len(made) == 0 && n.Outer {
			vals := append(slices.Clone(r.Vals), make([]value.Datum, len(n.Fields))...)
			out = append(out, Row{vals, r.Weight})
		}
		for k, extra := range made {
			vals := append(slices.Clone(r.Vals), extra...)
			if n.Ordinality {
				vals = append(vals, value.NewInt8(int64(k)+1))
			}
			out = append(out, Row{vals, r.Weight})
		}
	}
	return out, marks
}

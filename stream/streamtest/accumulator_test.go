package streamtest

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	functions "weir/stream/agg"
	"weir/stream/compile"
	"weir/stream/operator"
	"weir/stream/oracle"
	"weir/stream/plan"
	"weir/stream/value"
	"weir/stream/value/valuetest"
)

// drawTable draws rows of a few columns of any kinds, the first boolean.
func drawTable(t *rapid.T) *plan.Values {
	v := &plan.Values{}
	types := []value.Type{value.Of(value.Bool), value.Of(value.Float8)}
	for range 3 {
		types = append(types, valuetest.Type(t, "type"))
	}
	for i, ty := range types {
		v.Fields = append(v.Fields, plan.Field{Name: fmt.Sprint("c", i), Type: ty})
	}
	for range rapid.IntRange(0, 9).Draw(t, "rows") {
		v.Rows = append(v.Rows, valuetest.Row(t, types, "row"))
	}
	return v
}

// answerOf is what the oracle has for one call over constant rows: the value or the SQLSTATE.
func answerOf(n *plan.Aggregate) string {
	made := oracle.EvalView(n, nil, oracle.Input{})
	if len(made.Errors) > 0 {
		return made.Errors[0].Vals[2].S
	}
	rows, _ := oracle.Eval(n, oracle.Input{})
	return show(rows[0].Vals)
}

// TestAccumulatorsEqualOracle puts rows of all kinds in and out of an accumulator, one at a time
// and in any order: it gives what the oracle makes of those that are in, and so does the operator.
func TestAccumulatorsEqualOracle(t *testing.T) {
	check(t, 20, func(t *rapid.T) {
		table := drawTable(t)
		p := planner{t: t}
		c, ok := p.call(table)
		if !ok {
			return
		}
		n := named(&plan.Aggregate{Input: table, Calls: []plan.AggCall{c}})
		if err := plan.Check(n); err != nil {
			t.Fatal(err)
		}
		types := plan.Types(table.Fields)
		cols := valuetest.Columns(types, table.Rows)
		a := functions.NewAccumulator(compile.AggCall(c), types)
		if rapid.Bool().Draw(t, "reset") && len(table.Rows) > 0 {
			a.Add(cols, 0)
			a.Reset()
		}
		order := rapid.Permutation(rangeOf(len(table.Rows))).Draw(t, "order")
		for k, i := range order {
			a.AddTimes(cols, i, 2)
			a.Remove(cols, i)
			if rapid.IntRange(0, 3).Draw(t, "store") == 0 {
				b := a.Append(nil)
				a = functions.NewAccumulator(compile.AggCall(c), types)
				if rest := a.Load(b); len(rest) > 0 || !bytes.Equal(a.Append(nil), b) {
					t.Fatalf("%x is not canonical", b)
				}
			}
			if j := order[rapid.IntRange(0, k).Draw(t, "again")]; rapid.Bool().Draw(t, "out and in") {
				a.Remove(cols, j)
				_, _ = a.Result()
				a.Add(cols, j)
			}
		}
		got := ""
		if d, err := a.Result(); err != nil {
			got = err.SQLState
		} else {
			got = show([]value.Datum{d})
		}
		if want := answerOf(n); got != want {
			t.Fatalf("%s%s\naccumulator %s\noracle      %s", plan.Print(n), lines(rowsOf(table)), got,
				want)
		}
		if op := operate(n); op != got {
			t.Fatalf("%s%s\naccumulator %s\noperator    %s", plan.Print(n), lines(rowsOf(table)), got,
				op)
		}
	})
}

func rangeOf(n int) (out []int) {
	for i := range n {
		out = append(out, i)
	}
	return out
}

func rowsOf(v *plan.Values) (out []oracle.Row) {
	for _, r := range v.Rows {
		out = append(out, oracle.Row{Vals: slices.Clone(r), Weight: 1})
	}
	return out
}

// operate runs the plan in one step.
func operate(n plan.Node) string {
	prog, err := compile.Compile(n)
	must(err)
	ctx := &operator.Context{Errors: operator.NewErrors()}
	out, _ := prog.Circuit.Step(ctx, func(uint32) operator.Delta { return operator.Delta{} })
	if errs := ctx.Errors.Rows(); errs != nil {
		return errs.Cols[2].Datum(0).S
	}
	rows, _ := out.Rows.Rows()
	return show(rows[0])
}

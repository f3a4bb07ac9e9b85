package streamtest

import (
	"testing"

	"weir/stream/plan"
	"weir/stream/value"
)

// numbers are numerics that are equal but look different, and two that have no sum.
func numbers(vals ...value.Decimal) *plan.Values {
	v := &plan.Values{Fields: []plan.Field{{Name: "n", Type: tNum}}}
	for _, d := range vals {
		v.Rows = append(v.Rows, []value.Datum{value.NewDecimal(d)})
	}
	return v
}

// TestWindowsOfEqualNumbers: min and max over a frame give one of the values as it was, the same
// one that a group gives, and avg does not fail because the sum has too many digits.
func TestWindowsOfEqualNumbers(t *testing.T) {
	one := value.Decimal{Coef: value.Int128FromInt64(100), Scale: 2}
	short := value.DecimalFromInt64(1)
	for _, in := range []*plan.Values{
		numbers(one, short), numbers(short, one), numbers(huge(), huge()), numbers(one, huge()),
	} {
		for _, f := range []plan.AggFunc{plan.Min, plan.Max, plan.Avg} {
			n := &plan.Over{Input: in, Names: []string{"w"}, Calls: []plan.OverCall{{
				Func: plan.OverAggregate, Call: plan.Call(f, 0, tNum), Type: tNum,
				Frame: plan.Frame{
					Start: plan.Bound{Kind: plan.UnboundedPreceding},
					End:   plan.Bound{Kind: plan.UnboundedFollowing},
				},
			}}}
			tableSteps(t, n, nil)
		}
	}
}

// TestKeysOfEqualArrays: arrays of equal elements that look different are one key.
func TestKeysOfEqualArrays(t *testing.T) {
	elem := value.Of(value.Interval)
	array := func(v value.IntervalValue) []value.Datum {
		return []value.Datum{value.NewArray(elem, []value.Datum{value.NewInterval(v)})}
	}
	in := &plan.Values{
		Fields: []plan.Field{{Name: "a", Type: value.Type{Kind: value.Array, Elem: value.Interval}}},
		Rows: [][]value.Datum{
			array(value.IntervalValue{Months: 2}), array(value.IntervalValue{Days: 60}),
		},
	}
	tableSteps(t, in, nil)
	tableSteps(t, agg(in, 0), nil)
	tableSteps(t, &plan.SetOp{Left: in, Right: in}, nil)
}

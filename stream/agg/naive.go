package agg

import "weir/stream/value"

// Naive computes a function of at most one argument over values of type arg with weights. Values
// of CountStar may be NULL.
func Naive(f Func, arg value.Type, vals []value.Datum, weights []int64) (
	value.Datum, *value.Error,
) {
	c := Call{Func: f, Arg: 0, Extra: -1, Filter: -1, Type: value.Of(value.Int8)}
	if f == CountStar {
		c.Arg, arg = -1, c.Type
	} else {
		r, err := Resolve(f.String(), []value.Type{arg}, f == Mode)
		if err != nil {
			return value.Datum{}, err
		}
		c.Type = r.Type
	}
	a := NewAccumulator(c, []value.Type{arg})
	if f == CountStar {
		for _, w := range weights {
			a.AddTimes(nil, 0, w)
		}
		return a.Result()
	}
	col := []*value.Vec{value.FromDatums(arg, vals...)}
	for i, w := range weights {
		a.AddTimes(col, i, w)
	}
	return a.Result()
}

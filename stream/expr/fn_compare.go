package expr

import (
	"bytes"

	"weir/stream/value"
)

// compareFunctions are the six comparisons, IS [NOT] DISTINCT FROM, greatest and least of every
// kind.
func compareFunctions() []*function {
	var fs []*function
	ops := []struct {
		name string
		ok   [3]bool // for a below, equal to, above b
	}{
		{"eq", [3]bool{false, true, false}},
		{"ne", [3]bool{true, false, true}},
		{"lt", [3]bool{true, false, false}},
		{"le", [3]bool{true, true, false}},
		{"gt", [3]bool{false, false, true}},
		{"ge", [3]bool{false, true, true}},
	}
	for _, k := range allKinds() {
		for _, op := range ops {
			fs = append(fs, comparison(op.name, k, op.ok))
		}
		fs = append(fs, distinctTest("is_distinct", k, true),
			distinctTest("is_not_distinct", k, false),
			extreme("greatest", k, 1), extreme("least", k, -1))
	}
	return fs
}

func comparison(name string, k value.Kind, ok [3]bool) *function {
	f := define(name, value.Bool, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
		return value.NewBool(ok[value.Compare(a[0], a[1])+1]), nil
	}, k, k).safe().matching()
	var truth [3]int64
	for i, v := range ok {
		if v {
			truth[i] = 1
		}
	}
	switch k.Class() {
	case value.ClassInt:
		f.kernel = compareInts(name, truth)
	case value.ClassDecimal:
		f.kernel = func(c *kernelCall) {
			a, b := c.args[0], c.args[1]
			for i := range c.rows {
				x, y := a.vec.Decs[i&a.mask], b.vec.Decs[i&b.mask]
				c.out.Ints[i] = truth[x.Cmp(y)+1]
			}
		}
	case value.ClassBytes:
		if k >= value.JSONB {
			return f
		}
		f.kernel = func(c *kernelCall) {
			a, b := c.args[0], c.args[1]
			for i := range c.rows {
				r := bytes.Compare(a.vec.Text(i&a.mask), b.vec.Text(i&b.mask))
				c.out.Ints[i] = truth[r+1]
			}
		}
	}
	return f
}

// compareInts spells out the two hottest shapes; the rest goes through the truth table.
func compareInts(name string, truth [3]int64) kernel {
	switch name {
	case "eq":
		return func(c *kernelCall) {
			a, b := c.args[0], c.args[1]
			x, y, out := a.vec.Ints, b.vec.Ints, c.out.Ints
			for i := range out {
				if x[i&a.mask] == y[i&b.mask] {
					out[i] = 1
				}
			}
		}
	case "lt":
		return func(c *kernelCall) {
			a, b := c.args[0], c.args[1]
			x, y, out := a.vec.Ints, b.vec.Ints, c.out.Ints
			for i := range out {
				if x[i&a.mask] < y[i&b.mask] {
					out[i] = 1
				}
			}
		}
	}
	return func(c *kernelCall) {
		a, b := c.args[0], c.args[1]
		x, y, out := a.vec.Ints, b.vec.Ints, c.out.Ints
		for i := range out {
			p, q := x[i&a.mask], y[i&b.mask]
			r := 1
			if p < q {
				r = 0
			} else if p > q {
				r = 2
			}
			out[i] = truth[r]
		}
	}
}

func distinctTest(name string, k value.Kind, want bool) *function {
	return define(name, value.Bool, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
		return value.NewBool(value.Equal(a[0], a[1]) != want), nil
	}, k, k).callable().safe().matching()
}

// extreme is GREATEST (sign 1) or LEAST (-1): NULLs are ignored, the first of equals wins.
func extreme(name string, k value.Kind, sign int) *function {
	return define(name, k, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
		best := value.NullDatum
		for _, d := range a {
			if !d.IsNull() && (best.IsNull() || value.Compare(d, best) == sign) {
				best = d
			}
		}
		return best, nil
	}, k).callable().repeating().safe()
}

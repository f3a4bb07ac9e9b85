package expr

import "weir/stream/value"

// boolFunctions are NOT and the IS tests.
func boolFunctions() []*function {
	b := value.Bool
	not := define("not", b, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
		return value.NewBool(!a[0].Bool()), nil
	}, b).safe().fast(func(c *kernelCall) {
		o := c.args[0]
		for i := range c.rows {
			c.out.Ints[i] = 1 ^ o.vec.Ints[i&o.mask]
		}
	})
	fs := []*function{not}
	test := func(name string, is func(d value.Datum) bool) {
		fs = append(fs, define(name, b, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			return value.NewBool(is(a[0])), nil
		}, b).callable().safe())
	}
	test("is_true", func(d value.Datum) bool { return d.Bool() })
	test("is_not_true", func(d value.Datum) bool { return !d.Bool() })
	test("is_false", func(d value.Datum) bool { return !d.IsNull() && !d.Bool() })
	test("is_not_false", func(d value.Datum) bool { return d.IsNull() || d.Bool() })
	test("is_unknown", func(d value.Datum) bool { return d.IsNull() })
	test("is_not_unknown", func(d value.Datum) bool { return !d.IsNull() })
	for _, k := range allKinds() {
		fs = append(fs, nullTest("is_null", k, true), nullTest("is_not_null", k, false))
	}
	return fs
}

func nullTest(name string, k value.Kind, want bool) *function {
	return define(name, value.Bool, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
		return value.NewBool(a[0].IsNull() == want), nil
	}, k).callable().safe().fast(func(c *kernelCall) {
		for i := range c.rows {
			if c.args[0].isNull(i) == want {
				c.out.Ints[i] = 1
			}
		}
	})
}

package expr

import (
	"math"
	"math/bits"

	"weir/stream/value"
)

// intOp computes one integer result; ok is false beyond 64 bits.
type intOp func(a, b int64) (r int64, ok bool)

func addInt(a, b int64) (int64, bool) {
	r := a + b
	return r, (a^r)&(b^r) >= 0
}

func subInt(a, b int64) (int64, bool) {
	r := a - b
	return r, (a^b)&(a^r) >= 0
}

func mulInt(a, b int64) (int64, bool) {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	h := int64(hi)
	if a < 0 {
		h -= b
	}
	if b < 0 {
		h -= a
	}
	return int64(lo), h == int64(lo)>>63
}

// divInt truncates toward zero; b is not 0.
func divInt(a, b int64) (int64, bool) {
	if a == math.MinInt64 && b == -1 {
		return 0, false
	}
	return a / b, true
}

func modInt(a, b int64) (int64, bool) {
	if b == -1 {
		return 0, true
	}
	return a % b, true
}

// integerFunctions are the operators and functions of int2, int4 and int8.
func integerFunctions() []*function {
	var fs []*function
	for _, k := range []value.Kind{value.Int2, value.Int4, value.Int8} {
		fs = append(fs,
			intBinary("add", k, addInt, addKernel(k)),
			intBinary("sub", k, subInt, subKernel(k)),
			intBinary("mul", k, mulInt, nil),
			intDivision("div", k, divInt),
			intDivision("mod", k, modInt),
			intUnary("neg", k, func(a int64) (int64, bool) { return subInt(0, a) }),
			intUnary("pos", k, func(a int64) (int64, bool) { return a, true }).safe(),
			intUnary("abs", k, func(a int64) (int64, bool) {
				if a < 0 {
					return subInt(0, a)
				}
				return a, true
			}),
		)
	}
	return fs
}

// intResult range-checks for the kind.
func intResult(k value.Kind, v int64, ok bool) (value.Datum, *value.Error) {
	lo, hi := k.IntRange()
	if !ok || v < lo || v > hi {
		return value.NullDatum, value.IntRangeError(k)
	}
	return value.NewInt(k, v), nil
}

func intBinary(name string, k value.Kind, op intOp, fast kernel) *function {
	f := define(name, k, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
		v, ok := op(a[0].I, a[1].I)
		return intResult(k, v, ok)
	}, k, k)
	if fast == nil {
		fast = intKernel(k, op)
	}
	return f.fast(fast)
}

func intKernel(k value.Kind, op intOp) kernel {
	lo, hi := k.IntRange()
	return func(c *kernelCall) {
		a, b := c.args[0], c.args[1]
		x, y, out := a.vec.Ints, b.vec.Ints, c.out.Ints
		for i := range out {
			v, ok := op(x[i&a.mask], y[i&b.mask])
			out[i] = v
			if !ok || v < lo || v > hi {
				c.fail(i, value.IntRangeError(k))
			}
		}
	}
}

func addKernel(k value.Kind) kernel {
	lo, hi := k.IntRange()
	return func(c *kernelCall) {
		a, b := c.args[0], c.args[1]
		x, y, out := a.vec.Ints, b.vec.Ints, c.out.Ints
		for i := range out {
			p, q := x[i&a.mask], y[i&b.mask]
			v := p + q
			out[i] = v
			if (p^v)&(q^v) < 0 || v < lo || v > hi {
				c.fail(i, value.IntRangeError(k))
			}
		}
	}
}

func subKernel(k value.Kind) kernel {
	lo, hi := k.IntRange()
	return func(c *kernelCall) {
		a, b := c.args[0], c.args[1]
		x, y, out := a.vec.Ints, b.vec.Ints, c.out.Ints
		for i := range out {
			p, q := x[i&a.mask], y[i&b.mask]
			v := p - q
			out[i] = v
			if (p^q)&(p^v) < 0 || v < lo || v > hi {
				c.fail(i, value.IntRangeError(k))
			}
		}
	}
}

func intDivision(name string, k value.Kind, op intOp) *function {
	lo, hi := k.IntRange()
	return define(name, k, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
		if a[1].I == 0 {
			return value.NullDatum, value.ErrDivisionByZero
		}
		v, ok := op(a[0].I, a[1].I)
		return intResult(k, v, ok)
	}, k, k).fast(func(c *kernelCall) {
		a, b := c.args[0], c.args[1]
		x, y, out := a.vec.Ints, b.vec.Ints, c.out.Ints
		for i := range out {
			q := y[i&b.mask]
			if q == 0 {
				c.fail(i, value.ErrDivisionByZero) // ignored where the row is NULL
				continue
			}
			v, ok := op(x[i&a.mask], q)
			out[i] = v
			if !ok || v < lo || v > hi {
				c.fail(i, value.IntRangeError(k))
			}
		}
	})
}

func intUnary(name string, k value.Kind, op func(a int64) (int64, bool)) *function {
	lo, hi := k.IntRange()
	return define(name, k, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
		v, ok := op(a[0].I)
		return intResult(k, v, ok)
	}, k).fast(func(c *kernelCall) {
		o := c.args[0]
		for i := range c.out.Ints {
			v, ok := op(o.vec.Ints[i&o.mask])
			c.out.Ints[i] = v
			if !ok || v < lo || v > hi {
				c.fail(i, value.IntRangeError(k))
			}
		}
	})
}

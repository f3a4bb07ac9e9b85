package agg

import (
	"encoding/binary"
	"math"
	"math/big"
	"math/bits"
	"slices"

	"weir/stream/value"
)

// squares is the state of stddev and variance over integers and numerics: for each display scale
// how many values there are, their sum and the sum of their squares, exactly.
type squares struct {
	parts []squarePart // ascending scale, no empty part
}

type squarePart struct {
	scale        uint8
	count        int64
	sum, squared limbs
}

func (s *squares) reset() { s.parts = s.parts[:0] }

// at returns the part of a scale; parts that are made anew take the memory of old ones.
func (s *squares) at(scale uint8) *squarePart {
	at, ok := slices.BinarySearchFunc(s.parts, scale,
		func(q squarePart, scale uint8) int { return int(q.scale) - int(scale) })
	if ok {
		return &s.parts[at]
	}
	n := len(s.parts)
	s.parts = slices.Grow(s.parts, 1)[:n+1]
	free := s.parts[n]
	copy(s.parts[at+1:], s.parts[at:n])
	free.scale, free.count = scale, 0
	free.sum.reset()
	free.squared.reset()
	s.parts[at] = free
	return &s.parts[at]
}

// settle takes a part out that has become empty.
func (s *squares) settle(p *squarePart) {
	if p.count != 0 || p.sum.sign() != 0 || p.squared.sign() != 0 {
		return
	}
	n := len(s.parts)
	for i := range s.parts {
		if &s.parts[i] == p {
			empty := *p
			copy(s.parts[i:], s.parts[i+1:])
			s.parts[n-1] = empty
			s.parts = s.parts[:n-1]
			return
		}
	}
}

func (s *squares) add(arg, _ *value.Vec, i int, w int64) {
	if arg.Decs == nil {
		x := arg.Ints[i]
		p := s.at(0)
		p.add(x < 0, [2]uint64{magnitude(x), 0}, w)
		s.settle(p)
		return
	}
	d := arg.Decs[i]
	a := d.Coef
	if a.Hi < 0 {
		a = a.Neg()
	}
	p := s.at(d.Scale)
	p.add(d.Coef.Hi < 0, [2]uint64{a.Lo, uint64(a.Hi)}, w)
	s.settle(p)
}

// add adds a number +-m, w times.
func (p *squarePart) add(neg bool, m [2]uint64, w int64) {
	p.count += w
	f := magnitude(w)
	p.sum.addProduct(neg != (w < 0), times([4]uint64{m[0], m[1]}, f), 0)
	p.squared.addProduct(w < 0, times(square(m), f), 0)
}

// square is m*m.
func square(m [2]uint64) (z [4]uint64) {
	h0, l0 := bits.Mul64(m[0], m[0])
	z[0], z[1] = l0, h0
	if m[1] == 0 {
		return z
	}
	h2, l2 := bits.Mul64(m[1], m[1])
	z[2], z[3] = l2, h2
	h1, l1 := bits.Mul64(m[0], m[1])
	for range 2 { // the product of the two words counts twice
		var c uint64
		z[1], c = bits.Add64(z[1], l1, 0)
		z[2], c = bits.Add64(z[2], h1, c)
		z[3] += c
	}
	return z
}

func (s *squares) merge(o *squares) {
	for i := range o.parts {
		q := &o.parts[i]
		p := s.at(q.scale)
		p.count += q.count
		p.sum.merge(&q.sum)
		p.squared.merge(&q.squared)
		s.settle(p)
	}
}

func (s *squares) append(dst []byte) []byte {
	dst = append(dst, byte(len(s.parts)))
	for i := range s.parts {
		p := &s.parts[i]
		dst = binary.AppendVarint(append(dst, p.scale), p.count)
		dst = p.squared.append(p.sum.append(dst))
	}
	return dst
}

func (s *squares) load(b []byte) []byte {
	n := b[0]
	b = b[1:]
	for range n {
		p := s.at(b[0])
		p.count, b = cutVarint(b[1:])
		b = p.squared.load(p.sum.load(b))
	}
	return b
}

// result follows numeric_stddev_internal of PostgreSQL's numeric.c: the variance is a quotient at
// the scale that a division has, its root is taken at that scale; either is cut to 38 digits.
func (s *squares) result(f Func, _ value.Type) (value.Datum, *value.Error) {
	n, scale := int64(0), 0
	for i := range s.parts {
		n, scale = n+s.parts[i].count, int(s.parts[i].scale)
	}
	sample := f == StddevSamp || f == VarSamp
	if n == 0 || sample && n == 1 {
		return value.Datum{}, nil
	}
	if d, ok := s.small(f, n, sample); ok {
		return d, nil
	}
	sum, squared := new(big.Int), new(big.Int)
	for i := range s.parts {
		p := &s.parts[i]
		up := pow10(scale - int(p.scale))
		sum.Add(sum, new(big.Int).Mul(p.sum.big(), up))
		squared.Add(squared, up.Mul(up, up).Mul(up, p.squared.big()))
	}
	count, less := big.NewInt(n), big.NewInt(n)
	if sample {
		less = big.NewInt(n - 1)
	}
	num := squared.Mul(squared, count)
	num.Sub(num, sum.Mul(sum, sum))
	if num.Sign() <= 0 {
		return value.NewDecimal(value.Decimal{}), nil
	}
	den := count.Mul(count, less)
	at := quotientScale(num, 2*scale, den)
	if f == VarPop || f == VarSamp {
		return fit(at, func(to int) *big.Int { return divide(num, 2*scale, den, to) })
	}
	variance := divide(num, 2*scale, den, at)
	return fit(at, func(to int) *big.Int { return root(variance, at, to) })
}

// small is result for values of one scale whose sums are short, which nearly all are: the same
// steps in fixed memory.
func (s *squares) small(f Func, n int64, sample bool) (value.Datum, bool) {
	if len(s.parts) != 1 || n > math.MaxInt32 {
		return value.Datum{}, false
	}
	p := &s.parts[0]
	sum, ok1 := p.sum.int128()
	squared, ok2 := p.squared.int128()
	x, ok3 := sum.Int64()
	if scale := 2 * int(p.scale); !ok1 || !ok2 || !ok3 || scale > value.MaxPrecision {
		return value.Datum{}, false
	}
	num := value.Int256{}.AddMul(squared, n)
	num = num.Add(value.Int256FromInt128(value.MulInt64(x, x)).Neg())
	if num.Sign() == 0 {
		return value.NewDecimal(value.Decimal{}), true
	}
	less := n
	if sample {
		less = n - 1
	}
	d, err := num.Decimal(2 * int(p.scale))
	if err != nil || int(d.Scale) != 2*int(p.scale) {
		return value.Datum{}, false
	}
	q, err := d.Div(value.DecimalFromInt64(n * less))
	if err != nil || q.Scale == value.MaxPrecision || digitsOf(q) == value.MaxPrecision {
		return value.Datum{}, false // perhaps cut
	}
	if f == VarPop || f == VarSamp {
		return value.NewDecimal(q), true
	}
	at := int(q.Scale)
	r, err := fit(at, func(to int) *big.Int {
		return root(bigOf(value.Int256FromInt128(q.Coef)), at, to)
	})
	return r, err == nil
}

func digitsOf(d value.Decimal) int {
	var buf [40]byte
	digits, _ := d.AppendDigits(buf[:0])
	return len(digits)
}

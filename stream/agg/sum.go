package agg

import (
	"encoding/binary"
	"math/big"
	"slices"

	"weir/stream/value"
)

// exact is the state of sum and avg over integers and numeric(p,s): the number of values and their
// total in units of the scale, in 64 bits while it fits.
type exact struct {
	scale  uint8
	counts []int64
	small  []int64
	wide   []value.Int256
	count  int64
	total  value.Int256
}

func newExact(t value.Type) *exact {
	l := &exact{}
	if t.Kind == value.Numeric {
		l.scale = t.Scale
	}
	return l
}

// Reset implements Linear.
func (l *exact) Reset(groups int) {
	l.counts, l.small = zeroed(l.counts, groups), zeroed(l.small, groups)
	l.wide = zeroed(l.wide, groups)
}

// Add implements Linear.
func (l *exact) Add(in *Input) {
	if in.Filter == nil && in.Weights == nil && !in.Arg.HasNulls() && in.Arg.Ints != nil {
		for i, g := range in.Of {
			l.counts[g]++
			l.addInt(g, in.Arg.Ints[i], 1)
		}
		return
	}
	for i, g := range in.Of {
		if in.takes(i) {
			l.AddRow(in.Arg, nil, i, in.weight(i), g)
		}
	}
}

// AddRow implements Linear.
func (l *exact) AddRow(arg, _ *value.Vec, i int, w int64, g int32) {
	l.counts[g] += w
	if arg.Decs == nil {
		l.addInt(g, arg.Ints[i], w)
	} else if v, ok := arg.Decs[i].Coef.Int64(); ok {
		l.addInt(g, v, w)
	} else {
		l.wide[g] = l.wide[g].AddMul(arg.Decs[i].Coef, w)
	}
}

// addInt adds x*w, in 64 bits while that is exact.
func (l *exact) addInt(g int32, x, w int64) {
	if w == 1 {
		s := l.small[g]
		if z := s + x; (z > s) == (x > 0) {
			l.small[g] = z
			return
		}
	}
	l.wide[g] = l.wide[g].AddMul(value.Int128FromInt64(x), w)
}

// Load implements Linear.
func (l *exact) Load(b []byte) []byte {
	l.count, l.total = 0, value.Int256{}
	if b == nil {
		return nil
	}
	l.count, b = cutVarint(b)
	l.total, b = cutInt256(b)
	return b
}

// Merge implements Linear.
func (l *exact) Merge(g int32) {
	l.count += l.counts[g]
	l.total = l.total.Add(l.wide[g].AddMul(value.Int128FromInt64(l.small[g]), 1))
}

// Append implements Linear.
func (l *exact) Append(dst []byte) []byte {
	return appendInt256(binary.AppendVarint(dst, l.count), l.total)
}

// Result implements Linear.
func (l *exact) Result(f Func, t value.Type) (value.Datum, *value.Error) {
	return SumResult(f, t, l.count, l.total, int(l.scale))
}

// total is the state of sum and avg over numerics without a modifier: how many values there are,
// and their exact sum for each display scale that occurs, so that a retraction also takes back
// the scale that it brought.
type total struct {
	count int64
	parts []part // ascending scale, no empty part
}

type part struct {
	scale uint8
	count int64
	total value.Int256
}

func (s *total) reset() { s.count, s.parts = 0, s.parts[:0] }

func (s *total) add(arg, _ *value.Vec, i int, w int64) {
	d := &arg.Decs[i]
	s.count += w
	s.addPart(part{d.Scale, w, value.Int256{}.AddMul(d.Coef, w)})
}

func (s *total) merge(o *total) {
	s.count += o.count
	for _, p := range o.parts {
		s.addPart(p)
	}
}

func (s *total) addPart(p part) {
	at, ok := slices.BinarySearchFunc(s.parts, p.scale,
		func(q part, scale uint8) int { return int(q.scale) - int(scale) })
	if !ok {
		s.parts = slices.Insert(s.parts, at, part{scale: p.scale})
	}
	q := &s.parts[at]
	q.count += p.count
	q.total = q.total.Add(p.total)
	if q.count == 0 && q.total.Sign() == 0 {
		s.parts = slices.Delete(s.parts, at, at+1)
	}
}

// append writes the number of parts, and per part scale, count and total.
func (s *total) append(dst []byte) []byte {
	dst = append(dst, byte(len(s.parts)))
	for i := range s.parts {
		p := &s.parts[i]
		dst = binary.AppendVarint(append(dst, p.scale), p.count)
		dst = appendInt256(dst, p.total)
	}
	return dst
}

func (s *total) load(b []byte) []byte {
	parts := int(b[0])
	b = b[1:]
	for range parts {
		p := part{scale: b[0]}
		p.count, b = cutVarint(b[1:])
		p.total, b = cutInt256(b)
		s.parts = append(s.parts, p)
		s.count += p.count
	}
	return b
}

func (s *total) result(f Func, t value.Type) (value.Datum, *value.Error) {
	all, scale, ok := s.sum()
	if !ok && f != Count && s.count != 0 {
		return value.Datum{}, value.ErrNumericRange
	}
	return SumResult(f, t, s.count, all, scale)
}

// sum is the whole sum at the greatest scale that occurs; not ok if it is beyond every numeric.
func (s *total) sum() (all value.Int256, scale int, ok bool) {
	if len(s.parts) == 0 {
		return all, 0, true
	}
	scale = int(s.parts[len(s.parts)-1].scale)
	for i := range s.parts {
		p := &s.parts[i]
		up, fits := p.total.MulPow10(scale - int(p.scale))
		if !fits {
			return all, scale, false
		}
		all = all.Add(up)
	}
	return all, scale, true
}

// SumResult is the result of count, sum or avg of n numbers with the given total, in units of
// 10^-scale, as type t. An avg does not fail because the sum alone is more than a numeric holds.
func SumResult(f Func, t value.Type, n int64, total value.Int256, scale int) (
	value.Datum, *value.Error,
) {
	switch {
	case f == Count:
		return value.NewInt8(n), nil
	case n == 0:
		return value.Datum{}, nil
	case f == Sum && t.Kind == value.Int8:
		v, ok := total.Int64()
		if !ok {
			return value.Datum{}, value.ErrInt8Range
		}
		return value.NewInt8(v), nil
	}
	d, err := total.Decimal(scale)
	if f == Avg {
		if err != nil || int(d.Scale) != scale { // the sum alone is more than a numeric holds
			all, count := bigOf(total), big.NewInt(n)
			return fit(quotientScale(all, scale, count), func(at int) *big.Int {
				return divide(all, scale, count, at)
			})
		}
		d, err = d.Div(value.DecimalFromInt64(n))
	}
	if err != nil {
		return value.Datum{}, err
	}
	return value.NewDecimal(d), nil
}

func bigOf(v value.Int256) *big.Int {
	neg := v.Sign() < 0
	if neg {
		v = v.Neg()
	}
	var raw [32]byte
	for i, w := range v {
		binary.BigEndian.PutUint64(raw[24-8*i:], w)
	}
	b := new(big.Int).SetBytes(raw[:])
	if neg {
		b.Neg(b)
	}
	return b
}

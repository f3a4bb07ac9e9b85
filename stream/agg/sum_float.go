package agg

import (
	"encoding/binary"

	"weir/stream/value"
)

// floatTotal is the state of sum and avg over floats: the sum is exact, so that neither the order
// of rows nor what came and went shows in it.
type floatTotal struct {
	count int64
	odd   specials
	sum   limbs
}

func (s *floatTotal) reset() {
	s.count = 0
	s.odd.reset()
	s.sum.reset()
}

func (s *floatTotal) add(arg, _ *value.Vec, i int, w int64) {
	s.count += w
	if x := arg.Floats[i]; !s.odd.add(x, w) {
		s.sum.addFloat(x, w)
	}
}

func (s *floatTotal) merge(o *floatTotal) {
	s.count += o.count
	s.odd.merge(&o.odd)
	s.sum.merge(&o.sum)
}

func (s *floatTotal) append(dst []byte) []byte {
	return s.sum.append(s.odd.append(binary.AppendVarint(dst, s.count)))
}

func (s *floatTotal) load(b []byte) []byte {
	s.count, b = cutVarint(b)
	return s.sum.load(s.odd.load(b))
}

// result rounds the sum once; avg then divides once.
func (s *floatTotal) result(f Func, t value.Type) (value.Datum, *value.Error) {
	switch {
	case f == Count:
		return value.NewInt8(s.count), nil
	case s.count == 0:
		return value.Datum{}, nil
	case s.odd.any():
		return value.NewFloat(t.Kind, s.odd.sum()), nil
	}
	to := double
	if t.Kind == value.Float4 {
		to = single
	}
	x, ok := s.sum.float(to)
	if !ok {
		return value.Datum{}, value.ErrFloatOverflow
	}
	if f == Avg {
		x = float64(x / float64(s.count))
	}
	return value.NewFloat(t.Kind, x), nil
}

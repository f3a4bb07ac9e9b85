package agg

import (
	"encoding/binary"
	"math"
	"math/big"

	"weir/stream/value"
)

// pairs is the state of covar_pop, covar_samp and corr: exact sums over rows in which both y (the
// first argument) and x are there.
type pairs struct {
	count, oddY, oddX int64 // odd: values that are not finite
	y, x              limbs
	yy, xx, xy        limbs
}

func (s *pairs) sums() [5]*limbs { return [5]*limbs{&s.y, &s.x, &s.yy, &s.xx, &s.xy} }

func (s *pairs) reset() {
	s.count, s.oddY, s.oddX = 0, 0, 0
	for _, l := range s.sums() {
		l.reset()
	}
}

// add adds each value where it is finite, so that a constant beside a NaN is still seen as one.
func (s *pairs) add(arg, extra *value.Vec, i int, w int64) {
	y, x := arg.Floats[i], extra.Floats[i]
	s.count += w
	if finite(y) {
		s.y.addFloat(y, w)
		s.yy.addFloats(y, y, w)
	} else {
		s.oddY += w
	}
	if finite(x) {
		s.x.addFloat(x, w)
		s.xx.addFloats(x, x, w)
	} else {
		s.oddX += w
	}
	if finite(x) && finite(y) {
		s.xy.addFloats(x, y, w)
	}
}

func (s *pairs) merge(o *pairs) {
	s.count, s.oddY, s.oddX = s.count+o.count, s.oddY+o.oddY, s.oddX+o.oddX
	from := o.sums()
	for i, l := range s.sums() {
		l.merge(from[i])
	}
}

func (s *pairs) append(dst []byte) []byte {
	dst = binary.AppendVarint(dst, s.count)
	dst = binary.AppendVarint(binary.AppendVarint(dst, s.oddY), s.oddX)
	for _, l := range s.sums() {
		dst = l.append(dst)
	}
	return dst
}

func (s *pairs) load(b []byte) []byte {
	s.count, b = cutVarint(b)
	s.oddY, b = cutVarint(b)
	s.oddX, b = cutVarint(b)
	for _, l := range s.sums() {
		b = l.load(b)
	}
	return b
}

func (s *pairs) result(f Func, t value.Type) (value.Datum, *value.Error) {
	switch {
	case s.count == 0, f == CovarSamp && s.count == 1:
		return value.Datum{}, nil
	case f == Corr:
		return s.corr(t)
	case s.oddX != 0 || s.oddY != 0:
		return value.NewFloat(t.Kind, math.NaN()), nil
	}
	x, err := ratio(spread(s.count, &s.y, &s.x, &s.xy), -productZero,
		pairsOf(s.count, f == CovarSamp))
	if err != nil {
		return value.Datum{}, err
	}
	return value.NewFloat(t.Kind, x), nil
}

// corr is the root of cxy^2 / (cxx * cyy), rounded once before the root and once by it; NULL if
// one side does not vary.
func (s *pairs) corr(t value.Type) (value.Datum, *value.Error) {
	cyy, cxx := spread(s.count, &s.y, &s.y, &s.yy), spread(s.count, &s.x, &s.x, &s.xx)
	switch {
	case s.oddY == 0 && cyy.Sign() == 0, s.oddX == 0 && cxx.Sign() == 0:
		return value.Datum{}, nil
	case s.oddX != 0 || s.oddY != 0:
		return value.NewFloat(t.Kind, math.NaN()), nil
	}
	cxy := spread(s.count, &s.y, &s.x, &s.xy)
	r, err := ratio(new(big.Int).Mul(cxy, cxy), 0, cxx.Mul(cxx, cyy))
	if err != nil {
		return value.Datum{}, err
	}
	r = math.Sqrt(r)
	if cxy.Sign() < 0 {
		r = -r
	}
	return value.NewFloat(t.Kind, r), nil
}

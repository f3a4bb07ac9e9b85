package agg

import (
	"encoding/binary"

	"weir/stream/value"
)

// verdicts is the state of bool_and and bool_or: how many values there are, and how many are true.
type verdicts struct{ count, trues int64 }

func (s *verdicts) reset() { *s = verdicts{} }

func (s *verdicts) add(arg, _ *value.Vec, i int, w int64) {
	s.count += w
	s.trues += arg.Ints[i] * w
}

func (s *verdicts) merge(o *verdicts) { s.count, s.trues = s.count+o.count, s.trues+o.trues }

func (s *verdicts) append(dst []byte) []byte {
	return binary.AppendVarint(binary.AppendVarint(dst, s.count), s.trues)
}

func (s *verdicts) load(b []byte) []byte {
	s.count, b = cutVarint(b)
	s.trues, b = cutVarint(b)
	return b
}

func (s *verdicts) result(f Func, _ value.Type) (value.Datum, *value.Error) {
	switch {
	case s.count == 0:
		return value.Datum{}, nil
	case f == BoolAnd:
		return value.NewBool(s.trues == s.count), nil
	}
	return value.NewBool(s.trues != 0), nil
}

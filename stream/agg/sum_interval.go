package agg

import (
	"encoding/binary"

	"weir/stream/value"
)

// spanTotal is the state of sum and avg over intervals: a total per part.
type spanTotal struct {
	count                int64
	months, days, micros value.Int256
}

func (s *spanTotal) reset() { *s = spanTotal{} }

func (s *spanTotal) add(arg, _ *value.Vec, i int, w int64) {
	v := arg.Ivs[i]
	s.count += w
	s.months = s.months.AddMul(value.Int128FromInt64(int64(v.Months)), w)
	s.days = s.days.AddMul(value.Int128FromInt64(int64(v.Days)), w)
	s.micros = s.micros.AddMul(value.Int128FromInt64(v.Micros), w)
}

func (s *spanTotal) merge(o *spanTotal) {
	s.count += o.count
	s.months, s.days = s.months.Add(o.months), s.days.Add(o.days)
	s.micros = s.micros.Add(o.micros)
}

func (s *spanTotal) append(dst []byte) []byte {
	dst = appendInt256(binary.AppendVarint(dst, s.count), s.months)
	return appendInt256(appendInt256(dst, s.days), s.micros)
}

func (s *spanTotal) load(b []byte) []byte {
	s.count, b = cutVarint(b)
	s.months, b = cutInt256(b)
	s.days, b = cutInt256(b)
	s.micros, b = cutInt256(b)
	return b
}

func (s *spanTotal) result(f Func, _ value.Type) (value.Datum, *value.Error) {
	switch {
	case f == Count:
		return value.NewInt8(s.count), nil
	case s.count == 0:
		return value.Datum{}, nil
	}
	months, ok1 := s.months.Int64()
	days, ok2 := s.days.Int64()
	micros, ok3 := s.micros.Int64()
	v := value.IntervalValue{Months: int32(months), Days: int32(days), Micros: micros}
	if !ok1 || !ok2 || !ok3 || int64(v.Months) != months || int64(v.Days) != days {
		return value.Datum{}, value.ErrIntervalRange
	}
	if f == Avg {
		var err *value.Error
		if v, err = v.Div(float64(s.count)); err != nil {
			return value.Datum{}, err
		}
	}
	return value.NewInterval(v), nil
}

package agg

import (
	"fmt"
	"math"

	"weir/stream/value"
)

// fractionOf returns the fraction that a percentile asks for; ok is false if it is NULL. It is the
// same in all rows of a group, as PostgreSQL demands; else the first row's counts.
func fractionOf(cols []*value.Vec) (p float64, ok bool, err *value.Error) {
	if cols[1].IsNull(0) {
		return 0, false, nil
	}
	p = cols[1].Floats[0]
	if p < 0 || p > 1 || p != p {
		return 0, false, &value.Error{
			SQLState: value.StateOutOfRange,
			Msg:      fmt.Sprintf("percentile value %g is not between 0 and 1", p),
		}
	}
	return p, true, nil
}

func sumOf(weights []int64) (n int64) {
	for _, w := range weights {
		n += w
	}
	return n
}

// rowAt returns the row that holds position at, counted from 0.
func rowAt(weights []int64, at int64) int {
	for i, w := range weights {
		if at -= w; at < 0 {
			return i
		}
	}
	return len(weights) - 1
}

// percentileDisc is the first value whose position is at or beyond the fraction.
func percentileDisc(_ Call, cols []*value.Vec, weights []int64) (value.Datum, *value.Error) {
	if len(weights) == 0 {
		return value.Datum{}, nil
	}
	p, ok, err := fractionOf(cols)
	if !ok {
		return value.Datum{}, err
	}
	at := int64(math.Ceil(float64(p * float64(sumOf(weights)))))
	return cols[0].Datum(rowAt(weights, max(at-1, 0))), nil
}

// percentileCont interpolates between the two values beside the fraction.
func percentileCont(c Call, cols []*value.Vec, weights []int64) (value.Datum, *value.Error) {
	if len(weights) == 0 {
		return value.Datum{}, nil
	}
	p, ok, err := fractionOf(cols)
	if !ok {
		return value.Datum{}, err
	}
	place := float64(p * float64(sumOf(weights)-1))
	first, second := math.Floor(place), math.Ceil(place)
	lo := cols[0].Datum(rowAt(weights, int64(first)))
	if first == second {
		return lo, nil
	}
	hi := cols[0].Datum(rowAt(weights, int64(second)))
	return between(c.Type.Kind, lo, hi, float64(place-first))
}

// between goes a part of the way from lo to hi.
func between(k value.Kind, lo, hi value.Datum, part float64) (value.Datum, *value.Error) {
	if k != value.Interval {
		return value.NewFloat(k, float64(lo.F+float64(part*float64(hi.F-lo.F)))), nil
	}
	way, err := hi.V.Sub(lo.V)
	if err == nil {
		way, err = way.Mul(part)
	}
	if err == nil {
		way, err = way.Add(lo.V)
	}
	if err != nil {
		return value.Datum{}, err
	}
	return value.NewInterval(way), nil
}

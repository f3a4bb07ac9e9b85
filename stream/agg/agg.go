package agg

import "weir/stream/value"

// Func is an aggregate function. The numbers are frozen and those of plans.
type Func uint8

// The aggregate functions.
const (
	CountStar Func = 1
	Count     Func = 2
	Sum       Func = 3
	Min       Func = 4
	Max       Func = 5
	Avg       Func = 6
)

// ResultType returns the type of f over an argument of type arg (ignored by CountStar). The
// error is 42883, or 0A000 for sums of floats.
func ResultType(f Func, arg value.Type) (value.Type, *value.Error) {
	k := arg.Kind
	switch f {
	case CountStar, Count:
		return value.Of(value.Int8), nil
	case Min, Max:
		if k.Valid() && k != value.Bool && k != value.UUID && k != value.JSONB &&
			k != value.Bytea {
			return arg, nil
		}
	case Sum, Avg:
		switch {
		case f == Sum && (k == value.Int2 || k == value.Int4):
			return value.Of(value.Int8), nil
		case k.IsInteger() || k == value.Numeric:
			return value.Of(value.Numeric), nil
		case k == value.Float4 || k == value.Float8:
			return value.Type{}, value.Errorf(value.StateUnsupported,
				"sum and avg of %s are not supported", arg)
		}
	}
	return value.Type{}, value.Errorf(value.StateUndefined,
		"aggregate %d does not exist for type %s", f, arg)
}

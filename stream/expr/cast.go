package expr

import "weir/stream/value"

// castContext says who asks for a cast; each allows all that the one before allows.
type castContext uint8

const (
	implicitCast   castContext = 1 // expressions
	assignmentCast castContext = 2 // INSERT, UPDATE
	explicitCast   castContext = 3 // CAST(... AS ...)
)

const castName = "cast"

func castID(from, to shape) Func {
	return Func(castName + "(" + shapeName(from) + "):" + shapeName(to))
}

// castRules is pg_cast without the casts to and from text: the least context that may use it.
var castRules = map[[2]value.Kind]castContext{
	{value.Int2, value.Int4}: implicitCast, {value.Int2, value.Int8}: implicitCast,
	{value.Int2, value.Numeric}: implicitCast, {value.Int2, value.Float4}: implicitCast,
	{value.Int2, value.Float8}: implicitCast, {value.Int4, value.Int8}: implicitCast,
	{value.Int4, value.Numeric}: implicitCast, {value.Int4, value.Float4}: implicitCast,
	{value.Int4, value.Float8}: implicitCast, {value.Int8, value.Numeric}: implicitCast,
	{value.Int8, value.Float4}: implicitCast, {value.Int8, value.Float8}: implicitCast,
	{value.Numeric, value.Float4}: implicitCast, {value.Numeric, value.Float8}: implicitCast,
	{value.Float4, value.Float8}: implicitCast,

	{value.Int4, value.Int2}: assignmentCast, {value.Int8, value.Int2}: assignmentCast,
	{value.Int8, value.Int4}: assignmentCast, {value.Numeric, value.Int2}: assignmentCast,
	{value.Numeric, value.Int4}: assignmentCast, {value.Numeric, value.Int8}: assignmentCast,
	{value.Float4, value.Int2}: assignmentCast, {value.Float4, value.Int4}: assignmentCast,
	{value.Float4, value.Int8}: assignmentCast, {value.Float4, value.Numeric}: assignmentCast,
	{value.Float8, value.Int2}: assignmentCast, {value.Float8, value.Int4}: assignmentCast,
	{value.Float8, value.Int8}: assignmentCast, {value.Float8, value.Numeric}: assignmentCast,
	{value.Float8, value.Float4}: assignmentCast,

	{value.JSONB, value.Bool}: explicitCast, {value.JSONB, value.Int2}: explicitCast,
	{value.JSONB, value.Int4}: explicitCast, {value.JSONB, value.Int8}: explicitCast,
	{value.JSONB, value.Numeric}: explicitCast, {value.JSONB, value.Float4}: explicitCast,
	{value.JSONB, value.Float8}: explicitCast,

	{value.Int4, value.Bool}: explicitCast, {value.Bool, value.Int4}: explicitCast,

	{value.Date, value.Timestamp}: implicitCast, {value.Date, value.TimestampTZ}: implicitCast,
	{value.Timestamp, value.TimestampTZ}: implicitCast,
	{value.Timestamp, value.Date}:        assignmentCast,
	{value.Timestamp, value.Time}:        assignmentCast,
	{value.TimestampTZ, value.Date}:      assignmentCast,
	{value.TimestampTZ, value.Time}:      assignmentCast,
	{value.TimestampTZ, value.Timestamp}: assignmentCast,
	{value.Time, value.Interval}:         implicitCast,
	{value.Interval, value.Time}:         assignmentCast,
}

// castable reports whether a value of kind from may be cast to kind to.
func castable(from, to shape, c castContext) bool {
	switch {
	case from == to || from == value.Null:
		return true
	case isArray(from) && isArray(to):
		return castable(elemOf(from), elemOf(to), c)
	case to == value.Text:
		return c >= assignmentCast
	case from == value.Text:
		return c >= explicitCast
	}
	need, ok := castRules[[2]value.Kind{from, to}]
	return ok && c >= need
}

// ImplicitlyCastable reports whether expressions cast from to to by themselves.
func ImplicitlyCastable(from, to value.Type) bool {
	return castable(shapeOf(from), shapeOf(to), implicitCast)
}

// Cast returns the function that casts from to to: one argument, and its Call's T must be to,
// whose modifier it applies. It is "" when the value is already right. Not explicit means the
// rules of assignment (INSERT, UPDATE). The error is a *value.Error with 42846 or 42804.
// An untyped literal (kind Null) is read with value.Parse instead, and NULL is typed in place.
func Cast(from, to value.Type, explicit bool) (Func, error) {
	have, want := shapeOf(from), shapeOf(to)
	if have == want && (to.Precision == 0 || from == to) || have == value.Null {
		return "", nil
	}
	c := assignmentCast
	if explicit {
		c = explicitCast
	}
	if castable(have, want, c) || have == want {
		if library.byID[castID(have, want)] == nil {
			return "", value.Errorf(value.StateUnsupported,
				"cast of type %s to %s is not supported", from, to)
		}
		return castID(have, want), nil
	}
	if explicit {
		return "", value.Errorf(value.StateCannotCoerce, "cannot cast type %s to %s", from, to)
	}
	return "", value.Errorf(value.StateMismatch, "a value of type %s cannot be assigned to %s",
		from, to)
}

// CommonType is the result type of CASE, COALESCE, UNION, VALUES and GREATEST over arguments of
// these types (PostgreSQL's select_common_type); untyped literals take the type of the others,
// all untyped means text. A modifier survives only when all typed arguments share it.
func CommonType(types []value.Type) (value.Type, error) {
	best := value.Type{}
	for _, t := range types {
		switch {
		case t.Kind == value.Null || t == best:
		case t.Kind == value.Record && best.Kind == value.Record:
			common, err := commonRecord(best, t)
			if err != nil {
				return value.Type{}, err
			}
			best = common
		case best.Kind == value.Null:
			best = t
		case shapeOf(t) == shapeOf(best):
			best = plainType(shapeOf(t))
		case category(shapeOf(t)) != category(shapeOf(best)):
			return value.Type{}, value.Errorf(value.StateMismatch,
				"types %s and %s cannot be matched", best, t)
		case !isPreferred(best.Kind) && castable(shapeOf(best), shapeOf(t), implicitCast) &&
			!castable(shapeOf(t), shapeOf(best), implicitCast):
			best = plainType(shapeOf(t))
		default:
			best = plainType(shapeOf(best))
		}
	}
	if best.Kind == value.Null {
		return value.Of(value.Text), nil
	}
	for _, t := range types {
		if !castable(shapeOf(t), shapeOf(best), implicitCast) {
			return value.Type{}, value.Errorf(value.StateCannotCoerce,
				"could not convert type %s to %s", t, best)
		}
	}
	return best, nil
}

// commonRecord is the common type of two records: that of each pair of fields, with the names of
// the first.
func commonRecord(t, u value.Type) (value.Type, error) {
	if common, ok := value.CommonRecord(t, u); ok {
		return common, nil
	}
	x, y := t.RecordFields(), u.RecordFields()
	if len(x) != len(y) {
		return value.Type{}, value.Errorf(value.StateMismatch,
			"records of %d and %d fields cannot be matched", len(x), len(y))
	}
	for i := range x {
		common, err := CommonType([]value.Type{x[i].Type, y[i].Type})
		if err != nil {
			return value.Type{}, err
		}
		x[i].Type = common
	}
	common, err := value.RecordOf(x)
	if err != nil {
		return value.Type{}, err
	}
	return common, nil
}

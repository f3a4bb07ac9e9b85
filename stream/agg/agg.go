package agg

import (
	"weir/stream/value"
)

// Func is an aggregate function. The numbers are frozen and those of plans.
type Func uint8

// The aggregate functions.
const (
	CountStar      Func = 1
	Count          Func = 2
	Sum            Func = 3
	Min            Func = 4
	Max            Func = 5
	Avg            Func = 6
	BoolAnd        Func = 7
	BoolOr         Func = 8
	BitAnd         Func = 9
	BitOr          Func = 10
	BitXor         Func = 11
	StddevPop      Func = 12
	StddevSamp     Func = 13
	VarPop         Func = 14
	VarSamp        Func = 15
	StringAgg      Func = 16
	ArrayAgg       Func = 17
	FirstValue     Func = 18
	LastValue      Func = 19
	PercentileCont Func = 20
	PercentileDisc Func = 21
	Mode           Func = 22
	SingleValue    Func = 23
	JSONBAgg       Func = 24
	JSONBObjectAgg Func = 25
	CovarPop       Func = 26
	CovarSamp      Func = 27
	Corr           Func = 28

	lastFunc = Corr
)

// Key is one ORDER BY key of a call.
type Key struct {
	Col        int
	Desc       bool
	NullsFirst bool
}

// Call is one aggregate over the columns of an input; -1 is no column.
type Call struct {
	Func     Func
	Arg      int // -1: count(*)
	Extra    int // second argument
	Filter   int // boolean column of FILTER
	Distinct bool
	// OrderBy is ORDER BY inside the call. Ties, and calls without it, go by the order of keys of
	// the arguments, ascending with NULLs last, then by their row encoding.
	OrderBy []Key
	Type    value.Type // of the result
}

// Family is how a function is kept up to date.
type Family uint8

// The families.
const (
	// Additive functions are functions of sums over rows: a retraction subtracts.
	Additive Family = iota
	// Extreme functions are the first or the last row in an order.
	Extreme
	// Ordered functions read all rows of a group in an order.
	Ordered
)

// function is what is known of an aggregate function.
type function struct {
	name   string
	family Family
	// nulls: rows whose argument is NULL take part.
	nulls bool
	// once: DISTINCT changes nothing.
	once bool
	// state says which functions share a state, and of which kind; Additive only.
	state stateKind
	// fold computes the result from the rows in order; Ordered only.
	fold Fold
}

// Fold computes an ordered function from the rows of a group: columns of the arguments, in order,
// and a weight for each, all above 0, or 0 for repetitions that a DISTINCT call leaves out; the
// first is never one.
type Fold func(c Call, cols []*value.Vec, weights []int64) (value.Datum, *value.Error)

// functions are all functions.
func (f Func) def() function {
	switch f {
	case CountStar:
		return function{name: "count", nulls: true, state: counting}
	case Count:
		return function{name: "count", state: counting}
	case Sum:
		return function{name: "sum", state: summing}
	case Avg:
		return function{name: "avg", state: summing}
	case Min:
		return function{name: "min", family: Extreme, once: true}
	case Max:
		return function{name: "max", family: Extreme, once: true}
	case FirstValue:
		return function{name: "first_value", family: Extreme, nulls: true, once: true}
	case LastValue:
		return function{name: "last_value", family: Extreme, nulls: true, once: true}
	case BoolAnd:
		return function{name: "bool_and", once: true, state: judging}
	case BoolOr:
		return function{name: "bool_or", once: true, state: judging}
	case BitAnd:
		return function{name: "bit_and", once: true, state: bitwise}
	case BitOr:
		return function{name: "bit_or", once: true, state: bitwise}
	case BitXor:
		return function{name: "bit_xor", state: bitwise}
	}
	return f.rarer()
}

// rarer is def for the other functions.
func (f Func) rarer() function {
	switch f {
	case StddevPop:
		return function{name: "stddev_pop", state: squaring}
	case StddevSamp:
		return function{name: "stddev_samp", state: squaring}
	case VarPop:
		return function{name: "var_pop", state: squaring}
	case VarSamp:
		return function{name: "var_samp", state: squaring}
	case CovarPop:
		return function{name: "covar_pop", state: pairing}
	case CovarSamp:
		return function{name: "covar_samp", state: pairing}
	case Corr:
		return function{name: "corr", state: pairing}
	case StringAgg:
		return function{name: "string_agg", family: Ordered, fold: stringAgg}
	case ArrayAgg:
		return function{name: "array_agg", family: Ordered, nulls: true, fold: arrayAgg}
	case PercentileCont:
		return function{name: "percentile_cont", family: Ordered, fold: percentileCont}
	case PercentileDisc:
		return function{name: "percentile_disc", family: Ordered, fold: percentileDisc}
	case Mode:
		return function{name: "mode", family: Ordered, fold: mode}
	case SingleValue:
		return function{name: "single_value", family: Ordered, nulls: true, fold: singleValue}
	case JSONBAgg:
		return function{name: "jsonb_agg", family: Ordered, nulls: true, fold: jsonbAgg}
	case JSONBObjectAgg:
		return function{
			name: "jsonb_object_agg", family: Ordered, nulls: true, fold: jsonbObjectAgg,
		}
	}
	return function{}
}

// Valid reports whether f is a function.
func (f Func) Valid() bool { return f.def().name != "" }

// String returns the SQL name.
func (f Func) String() string {
	if !f.Valid() {
		return "?"
	}
	return f.def().name
}

// Family is how f is kept up to date.
func (f Func) Family() Family { return f.def().family }

// Fold computes an ordered function.
func (f Func) Fold() Fold { return f.def().fold }

// Last reports whether an extreme function takes the last row of its order.
func (f Func) Last() bool { return f == Max || f == LastValue }

// DistinctMatters reports whether the call has to see each value once.
func (c Call) DistinctMatters() bool {
	return c.Distinct && c.Arg >= 0 && !c.Func.def().once
}

// SumsRows reports whether the call is count(*) over all rows of the group.
func (c Call) SumsRows() bool { return c.Func == CountStar && c.Filter < 0 }

// Variable reports whether equal values of a type can have different representations: 1.0 and
// 1.00, 0 and -0, '1 month' and '30 days'.
func Variable(t value.Type) bool {
	switch t.Kind {
	case value.Numeric:
		return t.Precision == 0
	case value.Interval, value.Float4, value.Float8:
		return true
	case value.Record:
		for f := range t.EachField() {
			if Variable(f.Type) {
				return true
			}
		}
	case value.Array:
		return Variable(value.Type{Kind: t.Elem, Precision: t.Precision, Scale: t.Scale})
	}
	return false
}

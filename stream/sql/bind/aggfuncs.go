package bind

import (
	"strings"

	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/value"
)

// aggOverload is one way to call an aggregate function. Kind Null among args takes any type; a
// result of kind Null is the type of the first argument, arrayResult an array of it.
type aggOverload struct {
	fn      plan.AggFunc
	args    []value.Kind
	result  value.Kind
	array   bool // the result is an array of the first argument's type
	ordered bool // WITHIN GROUP: the last of args is what it orders by
}

// anyKind stands for any type in a list of arguments.
const anyKind = value.Null

// aggregateFuncs are the aggregate functions with PostgreSQL's names; where several overloads can
// take the arguments by implicit casts, an earlier one is preferred.
var aggregateFuncs = aggregateTable()

func aggregateTable() map[string][]aggOverload {
	t := map[string][]aggOverload{
		"count": {{fn: plan.Count, args: kinds(anyKind), result: value.Int8}},
		"string_agg": {
			{fn: plan.StringAgg, args: kinds(value.Text, value.Text), result: value.Text},
			{fn: plan.StringAgg, args: kinds(value.Bytea, value.Bytea), result: value.Bytea},
		},
		"array_agg":   {{fn: plan.ArrayAgg, args: kinds(anyKind), array: true}},
		"first_value": {{fn: plan.FirstValue, args: kinds(anyKind)}},
		"last_value":  {{fn: plan.LastValue, args: kinds(anyKind)}},
		"jsonb_agg":   {{fn: plan.JSONBAgg, args: kinds(anyKind), result: value.JSONB}},
		"jsonb_object_agg": {
			{fn: plan.JSONBObjectAgg, args: kinds(anyKind, anyKind), result: value.JSONB},
		},
		"mode": {{fn: plan.Mode, args: kinds(anyKind), ordered: true}},
		"percentile_cont": {
			within(plan.PercentileCont, value.Float8), within(plan.PercentileCont, value.Interval),
		},
		"percentile_disc": {within(plan.PercentileDisc, anyKind)},
	}
	//weir:unordered each name is set on its own
	for name, fn := range map[string]plan.AggFunc{
		"bool_and": plan.BoolAnd, "every": plan.BoolAnd, "bool_or": plan.BoolOr,
	} {
		t[name] = []aggOverload{{fn: fn, args: kinds(value.Bool), result: value.Bool}}
	}
	//weir:unordered each name is set on its own
	for name, fn := range map[string]plan.AggFunc{
		"corr": plan.Corr, "covar_pop": plan.CovarPop, "covar_samp": plan.CovarSamp,
	} {
		t[name] = []aggOverload{
			{fn: fn, args: kinds(value.Float8, value.Float8), result: value.Float8},
		}
	}
	addNumericAggregates(t)
	return t
}

// addNumericAggregates adds those with an overload for each kind of number.
func addNumericAggregates(t map[string][]aggOverload) {
	add := func(name string, fn plan.AggFunc, arg, result value.Kind) {
		t[name] = append(t[name], aggOverload{fn: fn, args: kinds(arg), result: result})
	}
	whole := kinds(value.Int2, value.Int4, value.Int8)
	//weir:unordered each name is set on its own
	for name, fn := range map[string]plan.AggFunc{
		"bit_and": plan.BitAnd, "bit_or": plan.BitOr, "bit_xor": plan.BitXor,
	} {
		for _, k := range whole {
			add(name, fn, k, k)
		}
	}
	//weir:unordered each name is set on its own
	for name, fn := range map[string]plan.AggFunc{
		"stddev": plan.StddevSamp, "stddev_samp": plan.StddevSamp, "stddev_pop": plan.StddevPop,
		"variance": plan.VarSamp, "var_samp": plan.VarSamp, "var_pop": plan.VarPop,
		"avg": plan.Avg,
	} {
		for _, k := range append(whole, value.Numeric) {
			add(name, fn, k, value.Numeric)
		}
		add(name, fn, value.Float4, value.Float8)
		add(name, fn, value.Float8, value.Float8)
	}
	add("avg", plan.Avg, value.Interval, value.Interval)
	for _, s := range [...][2]value.Kind{
		{value.Int2, value.Int8},
		{value.Int4, value.Int8},
		{value.Int8, value.Numeric},
		{value.Numeric, value.Numeric},
		{value.Float4, value.Float4},
		{value.Float8, value.Float8},
		{value.Interval, value.Interval},
	} {
		add("sum", plan.Sum, s[0], s[1])
	}
	for _, k := range kinds(value.Text, value.Int2, value.Int4, value.Int8, value.Numeric,
		value.Float4, value.Float8, value.Date, value.Time, value.Timestamp, value.TimestampTZ,
		value.Interval, value.Array) {
		add("min", plan.Min, k, anyKind)
		add("max", plan.Max, k, anyKind)
	}
}

func kinds(list ...value.Kind) []value.Kind { return list }

// within is an ordered-set aggregate with a fraction.
func within(fn plan.AggFunc, ordered value.Kind) aggOverload {
	return aggOverload{
		fn: fn, args: kinds(value.Float8, ordered), result: ordered, ordered: true,
	}
}

// aggregateNamed reports whether an aggregate function goes by a name.
func aggregateNamed(name string) bool { return aggregateFuncs[plainAggregate(name)] != nil }

// needsGroup reports whether a function is called WITHIN GROUP.
func needsGroup(name string) bool {
	list := aggregateFuncs[plainAggregate(name)]
	return len(list) > 0 && list[0].ordered
}

// plainAggregate is the function that a name stands for: approximate counts are exact here.
func plainAggregate(name string) string {
	if name == approxCount {
		return "count"
	}
	return name
}

const approxCount = "approx_count_distinct"

// aggSignature is what an aggregate function does for arguments of given types.
type aggSignature struct {
	fn     plan.AggFunc
	casts  []value.Type // what each argument must be cast to
	result value.Type
}

// resolveAggregate picks the overload of a function for arguments; those of kind Null are
// literals without a type. Under WITHIN GROUP the ordered argument comes last. The error is
// 42883, or 42725 if only literals were given.
func resolveAggregate(name string, args []value.Type) (aggSignature, *value.Error) {
	name = plainAggregate(name)
	var best *aggOverload
	exact, found := -1, 0
	for i := range aggregateFuncs[name] {
		o := &aggregateFuncs[name][i]
		n := o.matches(args)
		if n >= 0 {
			found++
		}
		if n > exact {
			best, exact = o, n
		}
	}
	switch {
	case best == nil:
		return aggSignature{}, value.Errorf("42883", "function %s does not exist",
			callText(name, args))
	case exact == 0 && found > 1 && !wantsText(best) && allUntyped(args):
		return aggSignature{}, value.Errorf("42725", "function %s is not unique",
			callText(name, args))
	}
	return best.over(args)
}

// matches counts the arguments that are just right; -1: the overload cannot take them.
func (o *aggOverload) matches(args []value.Type) int {
	if len(args) != len(o.args) {
		return -1
	}
	n := 0
	for i, a := range args {
		switch want := o.args[i]; {
		case want == anyKind || a.Kind == want:
			n++
		case a.Kind != value.Null && !expr.ImplicitlyCastable(a, value.Of(want)):
			return -1
		}
	}
	return n
}

func (o *aggOverload) over(args []value.Type) (aggSignature, *value.Error) {
	sig := aggSignature{fn: o.fn, casts: make([]value.Type, len(args))}
	for i, a := range args {
		sig.casts[i] = a
		switch want := o.args[i]; {
		case want == anyKind && a.Kind == value.Null:
			sig.casts[i] = textType
		case want != anyKind && a.Kind != want:
			sig.casts[i] = value.Of(want)
		}
	}
	like := 0 // the argument whose type an open result takes
	if o.ordered {
		like = len(args) - 1
	}
	switch {
	case o.array && sig.casts[like].Kind == value.Array:
		return sig, value.Errorf(stateUnsupported,
			"arrays of more than one dimension are not supported")
	case o.array && sig.casts[like].Kind == value.Record:
		return sig, value.Errorf(stateUnsupported, "arrays of rows are not supported")
	case o.array:
		sig.result = value.ArrayOf(sig.casts[like])
	case o.result == anyKind:
		sig.result = sig.casts[like]
	default:
		sig.result = value.Of(o.result)
	}
	return sig, nil
}

func wantsText(o *aggOverload) bool { return o.args[0] == value.Text }

func allUntyped(args []value.Type) bool {
	for _, a := range args {
		if a.Kind != value.Null {
			return false
		}
	}
	return true
}

// callText writes a call for messages.
func callText(name string, args []value.Type) string {
	list := make([]string, len(args))
	for i, a := range args {
		list[i] = a.String()
	}
	return name + "(" + strings.Join(list, ", ") + ")"
}

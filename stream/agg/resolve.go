package agg

import (
	"slices"
	"strings"

	"weir/stream/value"
)

// Resolved is an aggregate function for given arguments.
type Resolved struct {
	Func Func
	// Args are the types that the arguments are to be converted to, in the order in which they
	// were given; mostly their own.
	Args []value.Type
	// Arg and Extra are the positions in Args of what Call.Arg and Call.Extra have, -1: none.
	Arg, Extra int
	Type       value.Type // of the result
}

// signature is one form of a function. Of wants, KindAny takes every type, KindOrdered every type
// that min and max take.
type signature struct {
	fn     Func
	wants  []value.Kind
	result value.Kind // Null: the type of the argument
}

// Wildcards of signatures, outside of all kinds.
const (
	kindAny     value.Kind = 200 + iota
	kindOrdered            // what min and max take
)

const (
	i2, i4, i8 = value.Int2, value.Int4, value.Int8
	num        = value.Numeric
	f4, f8     = value.Float4, value.Float8
	iv         = value.Interval
)

// signatures returns the forms of a function by its SQL name, in the order in which they are tried.
// Results are those of PostgreSQL 15.
func signatures(name string) []signature {
	one := func(f Func, pairs ...value.Kind) (out []signature) {
		for i := 0; i < len(pairs); i += 2 {
			out = append(out, signature{f, pairs[i : i+1], pairs[i+1]})
		}
		return out
	}
	deviation := func(f Func) []signature {
		return one(f, i2, num, i4, num, i8, num, num, num, f4, f8, f8, f8)
	}
	same := value.Null
	switch name {
	case "count":
		return append(one(Count, kindAny, i8), signature{CountStar, nil, i8})
	case "sum":
		return one(Sum, i2, i8, i4, i8, i8, num, num, num, f4, f4, f8, f8, iv, iv)
	case "avg":
		return one(Avg, i2, num, i4, num, i8, num, num, num, f4, f8, f8, f8, iv, iv)
	case "min":
		return one(Min, kindOrdered, same)
	case "max":
		return one(Max, kindOrdered, same)
	case "bool_and", "every":
		return one(BoolAnd, value.Bool, value.Bool)
	case "bool_or":
		return one(BoolOr, value.Bool, value.Bool)
	case "bit_and":
		return one(BitAnd, i2, i2, i4, i4, i8, i8)
	case "bit_or":
		return one(BitOr, i2, i2, i4, i4, i8, i8)
	case "bit_xor":
		return one(BitXor, i2, i2, i4, i4, i8, i8)
	case "stddev_pop":
		return deviation(StddevPop)
	case "stddev_samp", "stddev":
		return deviation(StddevSamp)
	case "var_pop":
		return deviation(VarPop)
	case "var_samp", "variance":
		return deviation(VarSamp)
	case "array_agg":
		return one(ArrayAgg, kindAny, value.Array)
	case "first_value":
		return one(FirstValue, kindAny, same)
	case "last_value":
		return one(LastValue, kindAny, same)
	case "single_value":
		return one(SingleValue, kindAny, same)
	case "jsonb_agg":
		return one(JSONBAgg, kindAny, value.JSONB)
	}
	return pairSignatures(name)
}

// pairSignatures are those of functions of two arguments.
func pairSignatures(name string) []signature {
	text, bytea := value.Text, value.Bytea
	floats := []value.Kind{f8, f8}
	switch name {
	case "string_agg":
		return []signature{
			{StringAgg, []value.Kind{text, text}, text},
			{StringAgg, []value.Kind{bytea, bytea}, bytea},
		}
	case "jsonb_object_agg":
		return []signature{{JSONBObjectAgg, []value.Kind{kindAny, kindAny}, value.JSONB}}
	case "covar_pop":
		return []signature{{CovarPop, floats, f8}}
	case "covar_samp":
		return []signature{{CovarSamp, floats, f8}}
	case "corr":
		return []signature{{Corr, floats, f8}}
	}
	return nil
}

// withinGroup returns the forms of a function that is called WITHIN GROUP: the direct arguments
// come first, then the one that is ordered.
func withinGroup(name string) []signature {
	switch name {
	case "percentile_cont":
		return []signature{
			{PercentileCont, []value.Kind{f8, f8}, f8},
			{PercentileCont, []value.Kind{f8, iv}, iv},
		}
	case "percentile_disc":
		return []signature{{PercentileDisc, []value.Kind{f8, kindAny}, value.Null}}
	case "mode":
		return []signature{{Mode, []value.Kind{kindAny}, value.Null}}
	}
	return nil
}

// IsName reports whether an aggregate function goes by that SQL name.
func IsName(name string) bool {
	return len(signatures(name)) > 0 || len(withinGroup(name)) > 0
}

// NeedsGroup reports whether a function is called WITHIN GROUP.
func NeedsGroup(name string) bool { return len(withinGroup(name)) > 0 }

// Resolve finds the function that a call means: by exact types, else by types that the arguments
// convert to implicitly. An argument of type Null is an untyped literal. Under withinGroup the
// ordered argument comes last. Errors: 42883, 42725 if several forms take untyped arguments,
// 42809 for WITHIN GROUP where there is none and the other way round, 0A000.
func Resolve(name string, args []value.Type, within bool) (Resolved, *value.Error) {
	forms := signatures(name)
	if within {
		if forms = withinGroup(name); forms == nil && IsName(name) {
			return Resolved{}, &value.Error{
				SQLState: stateWrongObject,
				Msg:      name + " is not an ordered-set aggregate, so it cannot have WITHIN GROUP",
			}
		}
	} else if NeedsGroup(name) {
		return Resolved{}, &value.Error{
			SQLState: stateWrongObject,
			Msg:      "WITHIN GROUP is required for ordered-set aggregate " + name,
		}
	}
	for _, fits := range []func(value.Type, value.Kind) bool{same, untyped, implicit} {
		var found []signature
		for _, s := range forms {
			if s.takes(args, fits) {
				found = append(found, s)
			}
		}
		if len(found) > 1 && !slices.Contains(found[0].wants, value.Text) {
			return Resolved{}, &value.Error{
				SQLState: value.StateAmbiguous,
				Msg:      "function " + called(name, args) + " is not unique",
			}
		}
		if len(found) > 0 { // of several the one for text, which untyped literals prefer
			return found[0].resolve(args, within)
		}
	}
	return Resolved{}, &value.Error{
		SQLState: value.StateUndefined, Msg: "function " + called(name, args) + " does not exist",
	}
}

const stateWrongObject = "42809" // wrong_object_type

// called writes a function with the types of its arguments.
func called(name string, args []value.Type) string {
	list := make([]string, len(args))
	for i, a := range args {
		list[i] = value.Of(a.Kind).String()
	}
	return name + "(" + strings.Join(list, ", ") + ")"
}

func (s signature) takes(args []value.Type, fits func(value.Type, value.Kind) bool) bool {
	if len(args) != len(s.wants) {
		return false
	}
	for i, a := range args {
		if !fits(a, s.wants[i]) {
			return false
		}
	}
	return true
}

// same: the argument has the type.
func same(a value.Type, want value.Kind) bool {
	switch want {
	case kindAny:
		return true
	case kindOrdered:
		return a.Kind != value.Bool && a.Kind != value.UUID && a.Kind != value.JSONB &&
			a.Kind != value.Bytea && a.Kind != value.Record
	}
	return a.Kind == want
}

// untyped: it has the type, or none yet.
func untyped(a value.Type, want value.Kind) bool { return a.Kind == value.Null || same(a, want) }

// implicit: it converts to the type without a cast.
func implicit(a value.Type, want value.Kind) bool {
	switch {
	case untyped(a, want):
		return true
	case want == f8:
		return a.Kind.IsNumber()
	case want == iv:
		return a.Kind == value.Time
	}
	return false
}

// resolve makes the result for arguments that fit.
func (s signature) resolve(args []value.Type, within bool) (Resolved, *value.Error) {
	r := Resolved{Func: s.fn, Args: slices.Clone(args), Arg: -1, Extra: -1, Type: value.Of(s.result)}
	for i, want := range s.wants {
		switch {
		case want < kindAny && args[i].Kind != want:
			r.Args[i] = value.Of(want)
		case args[i].Kind == value.Null:
			r.Args[i] = value.Of(value.Text)
		}
	}
	if len(args) > 0 {
		r.Arg = 0
	}
	if len(args) > 1 {
		r.Extra = 1
	}
	if within && len(args) > 1 {
		r.Arg, r.Extra = 1, 0
	}
	if s.result == value.Null {
		r.Type = r.Args[r.Arg]
	}
	return s.nested(r)
}

// nested judges arrays among the arguments, and makes the type of an array that comes out.
func (s signature) nested(r Resolved) (Resolved, *value.Error) {
	arrays := slices.ContainsFunc(r.Args, func(t value.Type) bool { return t.Kind >= value.Array })
	switch {
	case s.fn == ArrayAgg:
		if arrays {
			return r, value.Errorf(value.StateUnsupported, "arrays have one dimension")
		}
		e := r.Args[0]
		r.Type = value.Type{
			Kind: value.Array, Elem: e.Kind, Precision: e.Precision, Scale: e.Scale,
		}
	case arrays && (s.fn == JSONBAgg || s.fn == JSONBObjectAgg):
		return r, value.Errorf(value.StateUnsupported, "%s of arrays is not supported", s.fn)
	case s.fn == JSONBObjectAgg && r.Args[0].Kind == value.JSONB:
		return r, value.Errorf(value.StateBadParameter,
			"key value must be scalar, not array, composite, or json")
	}
	return r, nil
}

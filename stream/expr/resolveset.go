package expr

import (
	"slices"

	"weir/stream/value"
)

// IsSet reports whether a name is that of a set-returning function.
func IsSet(name string) bool {
	return len(setsNamed(name)) > 0
}

// setsNamed returns the overloads of a name, in the order of their ids.
func setsNamed(name string) []*setFunction {
	var ids []SetFunc
	//weir:unordered the ids are sorted below
	for id, f := range setLibrary {
		if f.name == name {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	out := make([]*setFunction, len(ids))
	for i, id := range ids {
		out[i] = setLibrary[id]
	}
	return out
}

// ResolveSet picks the overload of a set-returning function for argument types, as Resolve does
// for scalar ones: an exact match, else the one candidate that implicit casts reach with the most
// exact matches. casts has the type that each argument must be cast to, columns what the function
// gives then. The error is a *value.Error: 42883 or 42725.
func ResolveSet(
	name string, args []value.Type,
) (fn SetFunc, casts []value.Type, columns []SetColumn, err error) {
	top, tied := -1, false
	var best *setFunction
	for _, f := range setsNamed(name) {
		exact, ok := f.reach(args)
		switch {
		case !ok || exact < top:
		case exact == top:
			tied = true
		default:
			best, top, tied = f, exact, false
		}
	}
	if best == nil || tied {
		state := value.StateUndefined
		if tied {
			state = value.StateAmbiguous
		}
		return "", nil, nil, describe(&value.Error{SQLState: state}, name, args, false)
	}
	casts = make([]value.Type, len(args))
	for i, k := range best.args {
		if casts[i] = value.Of(k); args[i].Kind == k {
			casts[i] = args[i]
		}
	}
	return best.id(), casts, best.columns(casts), nil
}

// reach counts the arguments that match exactly; ok: implicit casts reach the others.
func (f *setFunction) reach(args []value.Type) (exact int, ok bool) {
	if len(args) != len(f.args) {
		return 0, false
	}
	for i, t := range args {
		switch {
		case t.Kind == f.args[i]:
			exact++
		case t.Kind != value.Null && !castable(t.Kind, f.args[i], implicitCast):
			return 0, false
		}
	}
	return exact, true
}

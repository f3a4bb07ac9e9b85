package expr

import (
	"maps"
	"slices"

	"weir/stream/value"
)

// SetFunc names one overload of a set-returning function for ever, as Func does for scalar ones.
type SetFunc string

// MaxSetRows bounds the rows that one call of a set-returning function gives; else 54000.
const MaxSetRows = 100_000

// setFunction is one overload. A NULL argument gives no rows, unless it is nullable.
type setFunction struct {
	name string
	args []shape
	// nullable: called with NULLs.
	nullable bool
	// columns gives the columns of the result for argument types that match args.
	columns func(args []value.Type) []SetColumn
	// rows calls emit for each row, in order; the slice is emit's to keep.
	rows func(args []value.Datum, emit func([]value.Datum)) *value.Error
}

// SetColumn is one column that a set-returning function gives.
type SetColumn struct {
	Name string
	Type value.Type
}

func (f *setFunction) id() SetFunc {
	return SetFunc((&function{name: f.name, args: f.args}).id(f.args))
}

// setLibrary is an immutable constant.
var setLibrary = newSetTable(
	seriesFunctions(), moreSeries(), arraySetFunctions(), regexSets(), jsonSets(), jsonPathSets(),
)

type setTable struct {
	byID map[SetFunc]*setFunction
	// scalars are the same names and arguments as functions, for Resolve's rules.
	scalars *table
}

func newSetTable(families ...[]*setFunction) *setTable {
	t := &setTable{byID: map[SetFunc]*setFunction{}}
	var shadows []*function
	for _, fs := range families {
		for _, f := range fs {
			t.byID[f.id()] = f
			shadow := define(f.name, value.Bool, nil, f.args...)
			shadow.alike = true
			shadows = append(shadows, shadow)
		}
	}
	t.scalars = newTable(shadows)
	return t
}

// IsSet reports whether name is that of a set-returning function.
func IsSet(name string) bool { return len(setLibrary.scalars.byName[name]) > 0 }

// ResolveSet picks the overload of a set-returning function, as Resolve does. columns are those
// that it gives.
func ResolveSet(name string, args []value.Type) (
	fn SetFunc, casts []value.Type, columns []SetColumn, err error,
) {
	kinds := make([]shape, len(args))
	for i, t := range args {
		kinds[i] = shapeOf(t)
	}
	f, e := setLibrary.scalars.choose(name, kinds, false)
	if e != nil {
		return "", nil, nil, describe(e, name, args, false)
	}
	casts = make([]value.Type, len(args))
	for i := range args {
		if casts[i] = plainType(f.arg(i)); kinds[i] == f.arg(i) {
			casts[i] = args[i]
		}
	}
	fn = SetFunc(f.id(f.args))
	return fn, casts, setLibrary.byID[fn].columns(casts), nil
}

// SetFunctions returns every SetFunc in ascending order: for documentation and tests.
func SetFunctions() []SetFunc { return slices.Sorted(maps.Keys(setLibrary.byID)) }

// CheckSet reports whether a set-returning function takes arguments of these types and gives
// columns of those.
func CheckSet(fn SetFunc, args, columns []value.Type) error {
	f := setLibrary.byID[fn]
	if f == nil || len(args) != len(f.args) {
		return malformed("no set-returning function %s of %d arguments", fn, len(args))
	}
	for i, k := range f.args {
		if shapeOf(args[i]) != k {
			return malformed("argument %d of %s is %v", i, fn, args[i])
		}
	}
	want := f.columns(args)
	if len(want) != len(columns) {
		return malformed("%s gives %d columns, not %d", fn, len(want), len(columns))
	}
	for i, c := range want {
		if c.Type != columns[i] {
			return malformed("column %d of %s is %v, not %v", i, fn, c.Type, columns[i])
		}
	}
	return nil
}

// EvalSet calls a set-returning function and emits its rows in order. More than MaxSetRows are an
// error, and no row of a call that fails counts.
func EvalSet(fn SetFunc, args []value.Datum, emit func([]value.Datum)) *value.Error {
	f := setLibrary.byID[fn]
	for _, a := range args {
		if a.IsNull() && !f.nullable {
			return nil
		}
	}
	return f.rows(args, emit)
}

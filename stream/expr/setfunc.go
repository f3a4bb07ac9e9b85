package expr

import (
	"weir/stream/value"
)

// SetFunc names one overload of a set-returning function for ever, as Func does for scalar ones.
type SetFunc string

// MaxSetRows bounds the rows that one call of a set-returning function gives; else 54000.
const MaxSetRows = 100_000

// setFunction is one overload. A NULL argument gives no rows.
type setFunction struct {
	name string
	args []value.Kind
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
var setLibrary = newSetTable(seriesFunctions())

func newSetTable(families ...[]*setFunction) map[SetFunc]*setFunction {
	t := map[SetFunc]*setFunction{}
	for _, fs := range families {
		for _, f := range fs {
			t[f.id()] = f
		}
	}
	return t
}

// CheckSet reports whether a set-returning function takes arguments of these types and gives
// columns of those.
func CheckSet(fn SetFunc, args, columns []value.Type) error {
	f := setLibrary[fn]
	if f == nil || len(args) != len(f.args) {
		return malformed("no set-returning function %s of %d arguments", fn, len(args))
	}
	for i, k := range f.args {
		if args[i].Kind != k {
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
	for _, a := range args {
		if a.IsNull() {
			return nil
		}
	}
	return setLibrary[fn].rows(args, emit)
}

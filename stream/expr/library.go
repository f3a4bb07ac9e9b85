package expr

import (
	"slices"
	"strings"

	"weir/internal/invariant"
	"weir/stream/regex"
	"weir/stream/value"
)

// LibraryVersion is the version of the function library that plans are bound to. It grows when
// a function's result changes for some input.
const LibraryVersion = 0

// MaxArgs is the largest number of arguments of one call, And, Or, Case or Coalesce.
const MaxArgs = 100

// ctx is what a scalar function sees beside its arguments.
type ctx struct {
	env Env
	t   value.Type     // result type, whose modifier casts apply
	in  []value.Type   // types of the arguments, of functions that are typed
	re  *regex.Matcher // the last one of this call, kept from row to row
	// format is the last format of times of this call, taken apart, with its text.
	format     []timePart
	formatText string
}

// scalar computes one value. Strict functions never see NULL.
type scalar func(x *ctx, a []value.Datum) (value.Datum, *value.Error)

// function is one overload of the library.
type function struct {
	name string
	args []shape
	ret  shape
	// variadic: the last of args may repeat.
	variadic bool
	// anyKind: arguments from the last of args on may have any kind.
	anyKind bool
	// nullable: called with NULLs; otherwise a NULL argument makes the result NULL.
	nullable bool
	// hidden: found by Func, not by Resolve.
	hidden bool
	// total: never raises an error.
	total bool
	// alike: arrays are not cast to fit, as PostgreSQL's anyarray demands.
	alike bool
	// needsTypes: called with the types of its arguments.
	needsTypes bool
	scalar     scalar
	kernel     kernel // nil: the scalar in a loop
	// appender computes a function of byte columns, see runAppender; nil: none.
	appender appender
	// prepare specialises the scalar to arguments that are constant, nil where they are not;
	// its result, or nil, stands for scalar in a compiled program.
	prepare func(consts []*value.Datum) scalar
}

// id returns the Func that names f applied to kinds.
func (f *function) id(kinds []shape) Func {
	if f.name == castName {
		return castID(kinds[0], f.ret)
	}
	var b strings.Builder
	b.WriteString(f.name)
	b.WriteByte('(')
	for i, k := range kinds {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(shapeName(k))
	}
	b.WriteByte(')')
	return Func(b.String())
}

// accepts reports whether f takes exactly kinds.
func (f *function) accepts(kinds []shape) bool {
	if !f.variadic {
		return slices.Equal(f.args, kinds)
	}
	if len(kinds) < len(f.args) || len(kinds) > MaxArgs {
		return false
	}
	for i, k := range kinds {
		if f.arg(i) != k && !(f.takesAny(i) && validShape(k)) {
			return false
		}
	}
	return true
}

// takesAny reports whether argument i may have any kind.
func (f *function) takesAny(i int) bool { return f.anyKind && i >= len(f.args)-1 }

// arg returns the kind of argument i.
func (f *function) arg(i int) shape { return f.args[min(i, len(f.args)-1)] }

// table is the library, built once and never changed.
type table struct {
	byID   map[Func]*function
	byName map[string][]*function
}

// library is an immutable constant.
var library = newTable(
	boolFunctions(), compareFunctions(), integerFunctions(), numericFunctions(),
	floatFunctions(), clockFunctions(), castFunctions(),
	textCastFunctions(), floatCastFunctions(), timeCastFunctions(),
	jsonCastFunctions(),
	timeFunctions(), intervalFunctions(), calendarFunctions(),
	regexOperators(), regexFunctions(), regexPositions(), textMore(), textFormats(), byteaMore(),
	digestFunctions(), encodings(), quoteFunctions(),
	rowFunctions(), jsonAccess(), jsonChanges(), jsonBuilders(), jsonPathFunctions(),
	mathFunctions(), angleFunctions(), bucketsOf(), bitFunctions(),
	timeMore(), timeFormats(), numberFormats(), countFunctions(),
	arrayFunctions(), arraySearches(), arrayTexts(), arrayCasts(),
	textFunctions(), textBuilders(), likeFunctions(),
)

func newTable(families ...[]*function) *table {
	t := &table{byID: map[Func]*function{}, byName: map[string][]*function{}}
	for _, fs := range families {
		for _, f := range fs {
			id := f.id(f.args)
			invariant.Check(t.byID[id] == nil, "function %s is defined twice", id)
			t.byID[id] = f
			if !f.hidden {
				t.byName[f.name] = append(t.byName[f.name], f)
			}
		}
	}
	return t
}

// find returns the overload that fn names, with the kinds of its arguments.
func (t *table) find(fn Func) (*function, []shape) {
	if f := t.byID[fn]; f != nil {
		return f, f.args
	}
	name, rest, ok := strings.Cut(string(fn), "(")
	list, ok2 := strings.CutSuffix(rest, ")")
	if !ok || !ok2 || len(fn) > 16*MaxArgs {
		return nil, nil
	}
	var kinds []shape
	for part := range strings.SplitSeq(list, ",") {
		k, ok := shapeByName(part)
		if !ok {
			return nil, nil
		}
		kinds = append(kinds, k)
	}
	if f := t.overArray(name, kinds); f != nil {
		return f, kinds
	}
	for _, f := range t.byName[name] {
		if f.variadic && f.accepts(kinds) && f.id(kinds) == fn {
			return f, kinds
		}
	}
	return nil, nil
}

// Lookup reports the argument and result types of fn, without modifiers; ok is false for an
// unknown function.
func Lookup(fn Func) (args []value.Type, ret value.Type, ok bool) {
	f, shapes := library.find(fn)
	if f == nil {
		return nil, value.Type{}, false
	}
	for _, s := range shapes {
		args = append(args, plainType(s))
	}
	return args, plainType(f.ret), true
}

// Functions returns every Func of the library in ascending order, variadic ones in their
// shortest form: for documentation and tests.
func Functions() []Func {
	var out []Func
	//weir:unordered the result is sorted below
	for id := range library.byID {
		out = append(out, id)
	}
	slices.Sort(out)
	return out
}

// define is shorthand for tables of functions.
func define(name string, ret shape, fn scalar, args ...shape) *function {
	return &function{name: name, args: args, ret: ret, scalar: fn}
}

// fast attaches a kernel.
func (f *function) fast(k kernel) *function {
	f.kernel = k
	return f
}

// callable marks f as called with NULLs.
func (f *function) callable() *function {
	f.nullable = true
	return f
}

// repeating marks the last argument as variadic.
func (f *function) repeating() *function {
	f.variadic = true
	return f
}

// wild marks the last argument as variadic and of any kind.
func (f *function) wild() *function {
	f.anyKind = true
	return f.repeating()
}

// matching marks f as taking arrays of just the kinds that it names.
func (f *function) matching() *function {
	f.alike = true
	return f
}

// prepared lets f make use of constant arguments once a program.
func (f *function) prepared(fn func(consts []*value.Datum) scalar) *function {
	f.prepare = fn
	return f
}

// building attaches an appender.
func (f *function) building(a appender) *function {
	f.appender = a
	return f
}

// typed makes f see the types of its arguments.
func (f *function) typed() *function {
	f.needsTypes = true
	return f
}

// safe marks f as never raising an error.
func (f *function) safe() *function {
	f.total = true
	return f
}

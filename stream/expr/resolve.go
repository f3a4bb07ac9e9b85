package expr

import (
	"strings"

	"weir/stream/value"
)

// operatorNames maps operators to names of the library; unary ones carry a prefix.
var operatorNames = map[string]string{
	"+": "add", "-": "sub", "*": "mul", "/": "div", "%": "mod", "||": "concat_op",
	"=": "eq", "<>": "ne", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge",
	"~~": "like", "!~~": "not_like", "~~*": "ilike", "!~~*": "not_ilike", "^@": "starts_with",
	"unary +": "pos", "unary -": "neg", "@": "abs", "^": "power", "|/": "sqrt", "||/": "cbrt",
	"&": "bit_and_op", "|": "bit_or_op", "#": "bit_xor_op", "unary ~": "bit_not_op",
	"<<": "shift_left", ">>": "shift_right",
	"~": "textregexeq", "~*": "texticregexeq", "!~": "textregexne", "!~*": "texticregexne",
	"->": "jsonb_object_field", "->>": "jsonb_object_field_text", "#>": "jsonb_path_get",
	"#>>": "jsonb_path_get_text", "?": "jsonb_exists", "?|": "jsonb_exists_any",
	"?&": "jsonb_exists_all", "#-": "jsonb_delete_path",
	"@?": "jsonb_path_exists_opr", "@@": "jsonb_path_match_opr",
	"@>": "contains", "<@": "contained", "&&": "overlap",
	"ARRAY[]": "array", "[]": "array_get", "[:]": "array_slice",
}

// aliases maps other spellings of functions to names of the library.
var aliases = map[string]string{
	"char_length": "length", "character_length": "length", "substr": "substring",
	"strpos": "position", "ceiling": "ceil", "current_timestamp": "now",
	"transaction_timestamp": "now", "div": "quotient", "pow": "power",
}

// operatorOnly are names of the library that SQL spells as operators and not as functions.
var operatorOnly = map[string]bool{
	"add": true, "sub": true, "mul": true, "concat_op": true, "eq": true, "ne": true, "lt": true,
	"le": true, "gt": true, "ge": true, "neg": true, "pos": true, "quotient": true,
	"contains": true, "contained": true, "overlap": true, "array": true, "array_get": true,
	"bit_and_op": true, "bit_or_op": true, "bit_xor_op": true, "bit_not_op": true,
	"shift_left": true, "shift_right": true, "array_slice": true,
	"jsonb_path_get": true, "jsonb_path_get_text": true,
}

// Resolve picks the overload of an operator or function for argument types, as PostgreSQL does
// (chapter 10 of its manual): an exact match, else the candidate that implicit casts reach with
// the most exact matches, then the most preferred types. Kind Null stands for an untyped literal
// ('...' or NULL).
//
// name is an operator ("+", "||", "~~"; "-" with one argument is negation), a function in lower
// case ("date_trunc"), or one of the forms that grammar spells out: "not", "is_null",
// "is_not_null", "is_true", "is_not_true", "is_false", "is_not_false", "is_unknown",
// "is_not_unknown", "is_distinct", "is_not_distinct", "extract", "position" (string first),
// "substring", "overlay", "btrim", "ltrim", "rtrim", "greatest", "least", or for arrays "ARRAY[]"
// (the elements), "[]" (array, subscript) and "[:]" (array, first, last).
//
// casts has the type that each argument must be cast to (with Cast, or by reading an untyped
// literal), result the type of the call. The error is a *value.Error: 42883 or 42725.
func Resolve(
	name string, args []value.Type,
) (fn Func, casts []value.Type, result value.Type, err error) {
	kinds := make([]shape, len(args))
	for i, t := range args {
		kinds[i] = shapeOf(t)
	}
	lib, isOp := libraryName(name, len(args))
	f, e := library.choose(lib, kinds, isOp)
	if e != nil {
		return "", nil, value.Type{}, describe(e, name, args, isOp)
	}
	want := make([]shape, len(args))
	casts = make([]value.Type, len(args))
	for i := range args {
		want[i] = f.arg(i)
		if f.takesAny(i) && args[i].Kind != value.Null {
			want[i] = kinds[i]
		}
		casts[i] = plainType(want[i])
		if kinds[i] == want[i] {
			casts[i] = args[i]
		}
	}
	if len(f.args) > 0 && f.args[0] == value.Record {
		if err := recordsAlike(casts, args); err != nil {
			return "", nil, value.Type{}, err
		}
	}
	return f.id(want), casts, resultType(f, casts), nil
}

// recordsAlike gives NULLs among the records of a call the type of the others, and refuses those
// whose fields differ, which cannot be compared.
func recordsAlike(casts, args []value.Type) error {
	var first *value.Type
	for i := range casts {
		switch {
		case args[i].Kind != value.Record:
		case first == nil:
			first = &casts[i]
		default:
			if err := value.CheckComparable(*first, casts[i]); err != nil {
				return err
			}
		}
	}
	for i := range casts {
		if casts[i].Kind == value.Record && first != nil && args[i].Kind == value.Null {
			casts[i] = *first
		}
	}
	return nil
}

func libraryName(name string, n int) (lib string, isOp bool) {
	if n == 1 && (name == "-" || name == "+" || name == "~") {
		return operatorNames["unary "+name], true
	}
	if lib, ok := operatorNames[name]; ok {
		return lib, true
	}
	if lib, ok := aliases[name]; ok {
		return lib, false
	}
	if operatorOnly[name] {
		return "", false
	}
	return name, false
}

// resultType is the kind that f returns; functions that pick one of their arguments keep a
// modifier that all of them share.
func resultType(f *function, args []value.Type) value.Type {
	if isArray(f.ret) && f.name == "array" && len(args) > 0 && allEqual(args) {
		return value.ArrayOf(args[0])
	}
	if f.name != "greatest" && f.name != "least" && f.name != "pos" {
		return plainType(f.ret)
	}
	if !allEqual(args) {
		return plainType(f.ret)
	}
	return args[0]
}

func allEqual(types []value.Type) bool {
	for _, t := range types {
		if t != types[0] {
			return false
		}
	}
	return true
}

// choose finds the overload, or returns the bare SQLSTATE of the failure.
func (t *table) choose(name string, kinds []shape, isOp bool) (*function, *value.Error) {
	all := t.byName[name]
	for _, f := range all {
		if f.accepts(kinds) {
			return f, nil
		}
	}
	if name == "concat_op" {
		return chooseConcat(all, kinds)
	}
	if isOp && len(kinds) == 2 { // one untyped operand takes the type of the other
		same := [2]shape{kinds[0], kinds[1]}
		if same[0] == value.Null {
			same[0] = same[1]
		} else if same[1] == value.Null {
			same[1] = same[0]
		}
		for _, f := range all {
			if f.accepts(same[:]) {
				return f, nil
			}
		}
	}
	cands := reachable(all, kinds)
	if len(cands) == 0 {
		return nil, &value.Error{SQLState: value.StateUndefined}
	}
	if len(cands) > 1 {
		cands = narrow(cands, kinds)
	}
	if len(cands) != 1 {
		return nil, &value.Error{SQLState: value.StateAmbiguous}
	}
	return cands[0], nil
}

// chooseConcat: || takes any type but an array beside a text, written as text, two bytea, two
// jsonb, and arrays beside arrays or elements, cast to a common type of elements.
func chooseConcat(all []*function, kinds []shape) (*function, *value.Error) {
	if len(kinds) == 2 && (isArray(kinds[0]) || isArray(kinds[1])) {
		return chooseArrayConcat(all, kinds)
	}
	want := value.Null
	if len(kinds) == 2 {
		x, y := kinds[0], kinds[1]
		if x == value.Null {
			x, y = y, x
		}
		switch {
		case y == value.Null && (x == value.Bytea || x == value.JSONB):
			want = x
		case y == value.Null || x == value.Text || y == value.Text:
			want = value.Text
		}
	}
	for _, f := range all {
		if f.accepts([]shape{want, want}) {
			return f, nil
		}
	}
	return nil, &value.Error{SQLState: value.StateUndefined}
}

// chooseArrayConcat: an untyped operand is an array.
func chooseArrayConcat(all []*function, kinds []shape) (*function, *value.Error) {
	var elems []value.Type
	want := [2]shape{}
	for i, k := range kinds {
		switch {
		case isArray(k):
			want[i] = arrayBit
			elems = append(elems, value.Of(elemOf(k)))
		case k == value.Null:
			want[i] = arrayBit
		default:
			elems = append(elems, value.Of(k))
		}
	}
	common, err := CommonType(elems)
	if err != nil {
		return nil, &value.Error{SQLState: value.StateUndefined}
	}
	for i := range want {
		want[i] |= common.Kind
	}
	for _, f := range all {
		if f.accepts(want[:]) {
			return f, nil
		}
	}
	return nil, &value.Error{SQLState: value.StateUndefined}
}

// reachable keeps the candidates whose arguments implicit casts reach.
func reachable(all []*function, kinds []shape) []*function {
	var out []*function
	for _, f := range all {
		if len(kinds) != len(f.args) && !(f.variadic && len(kinds) >= len(f.args)) ||
			len(kinds) > MaxArgs {
			continue
		}
		ok := true
		for i, k := range kinds {
			ok = ok && (k == value.Null || k == f.arg(i) || f.takesAny(i) ||
				castable(k, f.arg(i), implicitCast) && !(f.alike && isArray(k)))
		}
		if ok {
			out = append(out, f)
		}
	}
	return out
}

// best keeps the candidates with the highest score.
func best(cands []*function, score func(*function) int) []*function {
	var out []*function
	top := -1
	for _, f := range cands {
		switch s := score(f); {
		case s > top:
			out, top = append(out[:0:0], f), s
		case s == top:
			out = append(out, f)
		}
	}
	return out
}

// narrow is func_select_candidate of PostgreSQL's parse_func.c.
func narrow(cands []*function, kinds []shape) []*function {
	count := func(f *function, ok func(have, want shape) bool) int {
		n := 0
		for i, k := range kinds {
			if k != value.Null && ok(k, f.arg(i)) {
				n++
			}
		}
		return n
	}
	exact := func(have, want shape) bool { return have == want }
	preferred := func(have, want shape) bool { return have == want || isPreferred(want) }
	cands = best(cands, func(f *function) int { return count(f, exact) })
	if len(cands) > 1 {
		cands = best(cands, func(f *function) int { return count(f, preferred) })
	}
	if len(cands) > 1 {
		cands = narrowUntyped(cands, kinds)
	}
	if len(cands) > 1 {
		cands = narrowSame(cands, kinds)
	}
	return cands
}

// narrowUntyped decides untyped arguments by category: text where a candidate takes it, else
// the category that all candidates share, and its preferred type where one takes that.
func narrowUntyped(cands []*function, kinds []shape) []*function {
	for i, k := range kinds {
		if k != value.Null {
			continue
		}
		cat := category(cands[0].arg(i))
		shared := true
		for _, f := range cands {
			shared = shared && category(f.arg(i)) == cat
			if category(f.arg(i)) == 'S' {
				cat, shared = 'S', true
				break
			}
		}
		if !shared {
			return cands
		}
		kept := best(cands, func(f *function) int {
			switch {
			case category(f.arg(i)) != cat:
				return 0
			case isPreferred(f.arg(i)):
				return 2
			}
			return 1
		})
		cands = kept
	}
	return cands
}

// narrowSame tries untyped arguments as the one type that all typed arguments share.
func narrowSame(cands []*function, kinds []shape) []*function {
	known := value.Null
	for _, k := range kinds {
		if k != value.Null && known != value.Null && k != known {
			return cands
		}
		if k != value.Null {
			known = k
		}
	}
	var out []*function
	for _, f := range cands {
		ok := known != value.Null
		for i := range kinds {
			ok = ok && (f.arg(i) == known || castable(known, f.arg(i), implicitCast))
		}
		if ok {
			out = append(out, f)
		}
	}
	if len(out) == 1 {
		return out
	}
	return cands
}

// category is PostgreSQL's type category.
func category(k shape) byte {
	if isArray(k) {
		return 'A'
	}
	switch k {
	case value.Record:
		return 'P'
	case value.Bool:
		return 'B'
	case value.Int2, value.Int4, value.Int8, value.Numeric, value.Float4, value.Float8:
		return 'N'
	case value.Text:
		return 'S'
	case value.Date, value.Time, value.Timestamp, value.TimestampTZ:
		return 'D'
	case value.Interval:
		return 'T'
	}
	return 'U'
}

// isPreferred reports the preferred type of its category.
func isPreferred(k shape) bool {
	switch k {
	case value.Bool, value.Float8, value.Text, value.TimestampTZ, value.Interval:
		return true
	}
	return false
}

// describe gives the failure PostgreSQL's words.
func describe(e *value.Error, name string, args []value.Type, isOp bool) *value.Error {
	names := make([]string, len(args))
	for i, t := range args {
		names[i] = t.String()
	}
	what, verb := "function ", " does not exist"
	call := name + "(" + strings.Join(names, ", ") + ")"
	if isOp {
		what = "operator "
		call = strings.Join(append(names[:len(names)-1:len(names)-1], name, names[len(names)-1]), " ")
	}
	what += call
	if e.SQLState == value.StateAmbiguous {
		verb = " is not unique"
	}
	return &value.Error{SQLState: e.SQLState, Msg: what + verb}
}

// Symbol returns the operator that SQL spells a function of the library with, "" if there is none.
func Symbol(name string) string { return infix[name] }

package expr

import (
	"slices"

	"weir/stream/value"
)

// MaxDepth bounds the nesting of an expression: one level per form, the leaves included.
const MaxDepth = 128

// Check reports whether e is well-formed: known forms and functions, argument and result types
// that fit, column indexes and types within input (nil: not checked), nesting within MaxDepth.
// Its errors are *value.Error.
func Check(e Expr, input []value.Type) error {
	if err := check(e, input, MaxDepth); err != nil {
		return err
	}
	return nil
}

func malformed(format string, args ...any) *value.Error {
	return value.Errorf(value.StateMismatch, "malformed expression: "+format, args...)
}

func check(e Expr, input []value.Type, depth int) *value.Error {
	if depth == 0 {
		return value.Errorf(value.StateTooDeep, "expression nests deeper than %d", MaxDepth)
	}
	if e == nil {
		return malformed("missing operand")
	}
	if err := checkType(e.Type()); err != nil {
		return err
	}
	for _, c := range Children(e) {
		if err := check(c, input, depth-1); err != nil {
			return err
		}
	}
	switch e := e.(type) {
	case Column:
		if input != nil && (e.Index >= len(input) || input[e.Index] != e.T) || e.Index < 0 {
			return malformed("column %d of type %s", e.Index, e.T)
		}
	case Outer:
		return malformed("value %d from around it", e.ID)
	case Const:
		return checkConst(e)
	case *Call:
		return checkCall(e)
	case *And:
		return checkArgs(e.Args, value.Bool)
	case *Or:
		return checkArgs(e.Args, value.Bool)
	case *Case:
		return checkCase(e)
	case *Coalesce:
		if err := sameFields(e.Args, e.T); err != nil {
			return err
		}
		return checkArgs(e.Args, shapeOf(e.T))
	case *Row:
		return checkRow(e)
	case *Field:
		return checkField(e)
	}
	return nil
}

func checkType(t value.Type) *value.Error {
	if t.Validate() != nil {
		return malformed("type %s", t)
	}
	return nil
}

func checkArgs(args []Expr, k shape) *value.Error {
	if len(args) == 0 || len(args) > MaxArgs {
		return malformed("%d operands", len(args))
	}
	for _, a := range args {
		if shapeOf(a.Type()) != k {
			return malformed("operand of type %s, not %s", a.Type(), plainType(k))
		}
	}
	return nil
}

func checkConst(e Const) *value.Error {
	if !e.D.IsNull() && (e.D.Kind != e.T.Kind ||
		e.T.Kind == value.Array && value.ArrayElem(e.D) != e.T.Elem ||
		e.T.Kind == value.Record && !value.ValidRecord(e.T, []byte(e.D.S))) {
		return malformed("constant of kind %s under type %s", e.D.Kind, e.T)
	}
	return nil
}

func checkCall(e *Call) *value.Error {
	f, kinds := library.find(e.Fn)
	if f == nil {
		return value.Errorf(value.StateUndefined, "function %s does not exist", e.Fn)
	}
	if f.ret != shapeOf(e.T) || len(kinds) != len(e.Args) {
		return malformed("%s with %d arguments to %s", e.Fn, len(e.Args), e.T)
	}
	for i, a := range e.Args {
		if shapeOf(a.Type()) != kinds[i] {
			return malformed("argument %d of %s has type %s", i, e.Fn, a.Type())
		}
	}
	if len(f.args) > 0 && f.args[0] == value.Record {
		return sameFields(e.Args, e.Args[0].Type())
	}
	return nil
}

func checkCase(e *Case) *value.Error {
	if len(e.Whens) != len(e.Thens) {
		return malformed("CASE with %d WHEN and %d THEN", len(e.Whens), len(e.Thens))
	}
	if err := checkArgs(e.Whens, value.Bool); err != nil {
		return err
	}
	if err := checkArgs(e.Thens, shapeOf(e.T)); err != nil {
		return err
	}
	if err := sameFields(append(slices.Clone(e.Thens), orNull(e.Else, e.T)), e.T); err != nil {
		return err
	}
	if e.Else != nil && shapeOf(e.Else.Type()) != shapeOf(e.T) {
		return malformed("ELSE of type %s in CASE of type %s", e.Else.Type(), e.T)
	}
	return nil
}

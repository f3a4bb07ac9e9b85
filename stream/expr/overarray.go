package expr

import (
	"strings"

	"weir/stream/value"
)

// Prefixes of the functions that apply an operator to an array: "any.eq(int4,int4[])" is
// x = ANY (a), the disjunction of "eq(int4,int4)" over the elements, "all.eq" the conjunction.
const (
	anyPrefix = "any."
	allPrefix = "all."
)

// ResolveArray picks the function for x op ANY (array), or ALL: an operator from the type of x
// and that of the elements to boolean. casts has the types that x and the array are cast to.
func ResolveArray(
	op string, all bool, x, array value.Type,
) (fn Func, casts []value.Type, err error) {
	if array.Kind != value.Array && array.Kind != value.Null {
		return "", nil, &value.Error{
			SQLState: "42809", Msg: "op ANY/ALL (array) requires array on right side",
		}
	}
	elem := value.Type{}
	if array.Kind == value.Array {
		elem = array.ElemType()
	}
	base, casts, result, err := Resolve(op, []value.Type{x, elem})
	if err != nil {
		return "", nil, err
	}
	if result.Kind != value.Bool {
		return "", nil, &value.Error{
			SQLState: "42809", Msg: "op ANY/ALL (array) requires operator to yield boolean",
		}
	}
	if isArray(shapeOf(casts[1])) {
		return "", nil, value.Errorf(value.StateUnsupported,
			"arrays of more than one dimension are not supported")
	}
	prefix := anyPrefix
	if all {
		prefix = allPrefix
	}
	name, _, _ := strings.Cut(string(base), "(")
	casts[1] = value.ArrayOf(casts[1])
	id := (&function{name: prefix + name}).id([]shape{shapeOf(casts[0]), shapeOf(casts[1])})
	return id, casts, nil
}

// overArray makes the function that applies an operator of the library to an array.
func (t *table) overArray(name string, shapes []shape) *function {
	op, any := strings.CutPrefix(name, anyPrefix)
	if !any {
		var all bool
		if op, all = strings.CutPrefix(name, allPrefix); !all {
			return nil
		}
	}
	if len(shapes) != 2 || !isArray(shapes[1]) || isArray(shapes[0]) {
		return nil
	}
	base := t.byID[(&function{name: op}).id([]shape{shapes[0], elemOf(shapes[1])})]
	if base == nil || base.ret != value.Bool || base.nullable {
		return nil
	}
	f := define(name, value.Bool, overScalar(base.scalar, any), shapes...)
	f.total = base.total
	return f.callable().prepared(func(consts []*value.Datum) scalar {
		if consts[1] == nil {
			return nil
		}
		elems := value.ArrayElems(*consts[1])
		return func(x *ctx, a []value.Datum) (value.Datum, *value.Error) {
			return overElems(x, base.scalar, any, a[0], elems)
		}
	})
}

func overScalar(op scalar, any bool) scalar {
	return func(x *ctx, a []value.Datum) (value.Datum, *value.Error) {
		if a[1].IsNull() {
			return value.NullDatum, nil
		}
		return overElems(x, op, any, a[0], value.ArrayElems(a[1]))
	}
}

// overElems decides at the first element that does, in order. No elements decide even for NULL.
func overElems(
	x *ctx, op scalar, any bool, v value.Datum, elems []value.Datum,
) (value.Datum, *value.Error) {
	if len(elems) == 0 {
		return value.NewBool(!any), nil
	}
	if v.IsNull() {
		return value.NullDatum, nil
	}
	unknown := false
	args := []value.Datum{v, {}}
	for _, e := range elems {
		if e.IsNull() {
			unknown = true
			continue
		}
		args[1] = e
		r, err := op(x, args)
		if err != nil {
			return value.NullDatum, err
		}
		if r.IsNull() {
			unknown = true
		} else if r.Bool() == any {
			return r, nil
		}
	}
	if unknown {
		return value.NullDatum, nil
	}
	return value.NewBool(!any), nil
}

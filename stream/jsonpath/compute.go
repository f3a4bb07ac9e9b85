package jsonpath

import (
	"math"

	"weir/stream/value"
)

// sequence evaluates an operand; in lax mode its arrays are unwrapped.
func (e *eval) sequence(n *node, j value.JSON, unwrap bool) ([]value.JSON, result) {
	seq := &items{}
	if res := e.run(n, j, seq); res == failed || !unwrap || !e.lax {
		return seq.list, res
	}
	var out []value.JSON
	for _, v := range seq.list {
		if v.Kind == value.JSONArray {
			if !e.step(len(v.Elems)) {
				return nil, failed
			}
			out = append(out, v.Elems...)
		} else {
			out = append(out, v)
		}
	}
	return out, found
}

// single is the only item of an operand, if that is a number.
func single(list []value.JSON) (value.Decimal, bool) {
	if len(list) != 1 || list[0].Kind != value.JSONNumber {
		return value.Decimal{}, false
	}
	return list[0].Num, true
}

func (e *eval) binary(n *node, j value.JSON, out *items) result {
	left, res := e.sequence(n.args[0], j, true)
	if res == failed {
		return failed
	}
	right, res := e.sequence(n.args[1], j, true)
	if res == failed {
		return failed
	}
	a, ok := single(left)
	if !ok {
		return e.fail(stateSingleton,
			"left operand of jsonpath operator "+n.name+" is not a single numeric value")
	}
	b, ok := single(right)
	if !ok {
		return e.fail(stateSingleton,
			"right operand of jsonpath operator "+n.name+" is not a single numeric value")
	}
	var d value.Decimal
	var err *value.Error
	switch n.name {
	case "+":
		d, err = a.Add(b)
	case "-":
		d, err = a.Sub(b)
	case "*":
		d, err = a.Mul(b)
	case "/":
		d, err = a.Div(b)
	case "%":
		d, err = a.Mod(b)
	}
	if err != nil {
		e.err = err
		return failed
	}
	return e.next(n, numberItem(d), out)
}

func (e *eval) unary(n *node, j value.JSON, out *items) result {
	seq, res := e.sequence(n.args[0], j, true)
	if res == failed {
		return failed
	}
	asked := out == nil && n.next == nil
	res = none
	for _, v := range seq {
		if v.Kind != value.JSONNumber {
			if asked {
				continue
			}
			return e.fail(stateNoNumber,
				"operand of unary jsonpath operator "+n.name+" is not a numeric value")
		}
		if asked {
			return found
		}
		if n.name == "-" {
			v.Num = v.Num.Neg()
		}
		switch e.next(n, v, out) {
		case failed:
			return failed
		case found:
			if out == nil {
				return found
			}
			res = found
		}
	}
	return res
}

// typeNames are the results of type(), by kind.
var typeNames = [...]string{
	value.JSONNull: "null", value.JSONString: "string", value.JSONNumber: "number",
	value.JSONBool: "boolean", value.JSONArray: "array", value.JSONObject: "object",
}

func (e *eval) method(n *node, j value.JSON, out *items, unwrap bool) result {
	switch n.name {
	case "type":
		return e.next(n, value.JSON{Kind: value.JSONString, Str: typeNames[j.Kind]}, out)
	case "size":
		size := 1
		switch {
		case j.Kind == value.JSONArray:
			size = len(j.Elems)
		case !e.lax:
			return e.structural(stateNoArray,
				"jsonpath item method .size() can only be applied to an array")
		}
		return e.next(n, numberItem(value.DecimalFromInt64(int64(size))), out)
	}
	if unwrap && j.Kind == value.JSONArray {
		return e.unwrapped(n, j, out)
	}
	switch n.name {
	case "keyvalue":
		return e.keyValue(n, j, out)
	case "double":
		return e.double(n, j, out)
	}
	if j.Kind != value.JSONNumber {
		return e.fail(stateNotNumeric,
			"jsonpath item method ."+n.name+"() can only be applied to a numeric value")
	}
	d, err := j.Num.Abs(), (*value.Error)(nil)
	switch n.name {
	case "floor":
		d, err = j.Num.Floor()
	case "ceiling":
		d, err = j.Num.Ceil()
	}
	if err != nil {
		e.err = err
		return failed
	}
	return e.next(n, numberItem(d), out)
}

func (e *eval) double(n *node, j value.JSON, out *items) result {
	switch j.Kind {
	case value.JSONNumber:
		if math.IsInf(j.Num.Float(), 0) {
			return e.fail(stateNotNumeric, "numeric argument of jsonpath item method .double() is out "+
				"of range for type double precision")
		}
		return e.next(n, j, out)
	case value.JSONString:
		d, err := value.Parse(j.Str, value.Of(value.Float8))
		if err != nil || math.IsInf(d.F, 0) || d.F != d.F {
			return e.fail(stateNotNumeric, "string argument of jsonpath item method .double() is not "+
				"a valid representation of a double precision number")
		}
		num, err := value.DecimalFromFloat(value.Float8, d.F)
		if err != nil {
			e.err = err
			return failed
		}
		return e.next(n, numberItem(num), out)
	}
	return e.fail(stateNotNumeric,
		"jsonpath item method .double() can only be applied to a string or numeric value")
}

// keyValue gives {"id", "key", "value"} for each member. The id numbers the objects of a call.
func (e *eval) keyValue(n *node, j value.JSON, out *items) result {
	if j.Kind != value.JSONObject {
		return e.fail(stateNoObject,
			"jsonpath item method .keyvalue() can only be applied to an object")
	}
	id := numberItem(value.DecimalFromInt64(e.objects))
	e.objects++
	res := none
	for i, k := range j.Keys {
		if !e.step(1) {
			return failed
		}
		item := value.NewJSONObject([]string{"id", "key", "value"}, []value.JSON{
			id, {Kind: value.JSONString, Str: k}, j.Elems[i],
		})
		res = e.next(n, item, out)
		if res == failed || res == found && out == nil {
			return res
		}
	}
	return res
}

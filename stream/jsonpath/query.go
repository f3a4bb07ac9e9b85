package jsonpath

import (
	"weir/stream/regex"
	"weir/stream/value"
)

// Errors of evaluation.
const (
	stateSubscript  = "22033" // invalid_sql_json_subscript
	stateNotNumeric = "22036" // non_numeric_sql_json_item
	stateSingleton  = "22038" // singleton_sql_json_item_required
	stateNoArray    = "22039" // sql_json_array_not_found
	stateNoMember   = "2203A" // sql_json_member_not_found
	stateNoNumber   = "2203B" // sql_json_number_not_found
	stateNoObject   = "2203C" // sql_json_object_not_found
	stateNoVariable = "42704" // undefined_object
)

// result is what an item leads to: at least one item, none, or an error, which is in eval.err.
type result uint8

const (
	none result = iota
	found
	failed
)

// eval is one evaluation. Source: jsonpath_exec.c of PostgreSQL.
type eval struct {
	root, vars value.JSON
	current    value.JSON // @
	size       int        // of the innermost array that is subscripted
	lax        bool
	ignore     bool // structural errors
	steps      int
	re         *regex.Matcher // the last one
	objects    int64          // that keyvalue() met
	err        *value.Error   // the last error
	fatal      *value.Error   // an error that silence does not cover
}

// items collects items; nil asks only whether there is one.
type items struct{ list []value.JSON }

func (x *items) add(j value.JSON) {
	if x != nil {
		x.list = append(x.list, j)
	}
}

// Query returns the items of a path. vars is an object, or null if every variable is null. If it
// fails, list has those found before; fatal reports that
// the error holds even if errors are to be ignored.
func (p *Path) Query(root, vars value.JSON) (list []value.JSON, fatal bool, err *value.Error) {
	e, err := p.start(root, vars)
	if err != nil {
		return nil, true, err
	}
	out := &items{}
	e.run(p.root, root, out)
	return out.list, e.fatal != nil, e.failure()
}

// Exists reports whether a path has items; fatal is as for Query.
func (p *Path) Exists(root, vars value.JSON) (ok, fatal bool, err *value.Error) {
	e, err := p.start(root, vars)
	if err != nil {
		return false, true, err
	}
	if !p.strict {
		ok = e.run(p.root, root, nil) == found
		return ok, e.fatal != nil, e.failure()
	}
	out := &items{}
	e.run(p.root, root, out)
	return len(out.list) > 0, e.fatal != nil, e.failure()
}

func (p *Path) start(root, vars value.JSON) (*eval, *value.Error) {
	if vars.Kind != value.JSONObject && vars.Kind != value.JSONNull {
		return nil, &value.Error{
			SQLState: value.StateBadParameter, Msg: `"vars" argument is not an object`,
		}
	}
	return &eval{root: root, vars: vars, current: root, lax: !p.strict, ignore: !p.strict}, nil
}

func (e *eval) failure() *value.Error {
	if e.fatal != nil {
		return e.fatal
	}
	return e.err
}

// fail records an error.
func (e *eval) fail(state, msg string) result {
	e.err = &value.Error{SQLState: state, Msg: msg}
	return failed
}

// structural records an error of strict mode.
func (e *eval) structural(state, msg string) result {
	if e.ignore {
		return none
	}
	return e.fail(state, msg)
}

// abort records an error that nothing ignores.
func (e *eval) abort(err *value.Error) result {
	if e.fatal == nil {
		e.fatal = err
	}
	return failed
}

// step counts n steps; false if there were too many.
func (e *eval) step(n int) bool {
	if e.steps += n; e.steps > MaxSteps {
		e.abort(value.Errorf(value.StateTooLarge, "a path takes more than %d steps", MaxSteps))
		return false
	}
	return true
}

// run applies a node and its steps to an item.
func (e *eval) run(n *node, j value.JSON, out *items) result { return e.apply(n, j, out, e.lax) }

// next applies the step behind n, or takes the item.
func (e *eval) next(n *node, j value.JSON, out *items) result {
	if n.next != nil {
		return e.run(n.next, j, out)
	}
	out.add(j)
	return found
}

// apply is executeItemOptUnwrapTarget.
func (e *eval) apply(n *node, j value.JSON, out *items, unwrap bool) result {
	if !e.step(1) {
		return failed
	}
	isArray := j.Kind == value.JSONArray
	switch n.kind {
	case kLiteral:
		return e.next(n, n.item, out)
	case kVariable:
		v, ok := e.vars.Member(n.name)
		if !ok && e.vars.Kind == value.JSONObject {
			return e.abort(value.Errorf(stateNoVariable, "could not find jsonpath variable %q", n.name))
		}
		return e.next(n, v, out)
	case kRoot:
		return e.next(n, e.root, out)
	case kCurrent:
		return e.next(n, e.current, out)
	case kLast:
		return e.next(n, numberItem(value.DecimalFromInt64(int64(e.size-1))), out)
	case kBinary:
		return e.binary(n, j, out)
	case kUnary:
		return e.unary(n, j, out)
	case kMember:
		return e.member(n, j, out, unwrap)
	case kAnyMember:
		switch {
		case j.Kind == value.JSONObject:
			return e.each(n.next, j, out, level{at: 1, from: 1, to: 1, unwrap: e.lax})
		case unwrap && isArray:
			return e.unwrapped(n, j, out)
		}
		return e.structural(stateNoObject,
			"jsonpath wildcard member accessor can only be applied to an object")
	case kAnyArray:
		switch {
		case isArray:
			return e.each(n.next, j, out, level{at: 1, from: 1, to: 1, unwrap: e.lax})
		case e.lax:
			return e.next(n, j, out)
		}
		return e.structural(stateNoArray,
			"jsonpath wildcard array accessor can only be applied to an array")
	case kIndex:
		return e.index(n, j, out)
	case kAnyLevel:
		return e.anyLevel(n, j, out)
	case kFilter:
		return e.filter(n, j, out, unwrap)
	case kMethod:
		return e.method(n, j, out, unwrap)
	}
	b := e.truth(n, j)
	if e.fatal != nil {
		return failed
	}
	return e.next(n, truthItem(b), out)
}

func (e *eval) member(n *node, j value.JSON, out *items, unwrap bool) result {
	switch j.Kind {
	case value.JSONObject:
		if v, ok := j.Member(n.name); ok {
			return e.next(n, v, out)
		}
		return e.structural(stateNoMember, "JSON object does not contain key \""+n.name+`"`)
	case value.JSONArray:
		if unwrap {
			return e.unwrapped(n, j, out)
		}
	}
	return e.structural(stateNoMember,
		"jsonpath member accessor can only be applied to an object")
}

// unwrapped applies n to the elements of an array.
func (e *eval) unwrapped(n *node, j value.JSON, out *items) result {
	return e.each(n, j, out, level{at: 1, from: 1, to: 1})
}

// level is where .** stands, and what it looks for.
type level struct {
	at, from, to   int
	ignore, unwrap bool
}

// each applies a node, or takes the items if there is none, to members and elements at levels.
// Source: executeAnyItem.
func (e *eval) each(n *node, j value.JSON, out *items, l level) result {
	res := none
	if l.at > l.to {
		return res
	}
	for _, v := range j.Elems {
		if !e.step(1) {
			return failed
		}
		inner := v.Kind >= value.JSONArray
		if l.at >= l.from || l.from == anyLast && l.to == anyLast && !inner {
			switch {
			case n != nil:
				saved := e.ignore
				e.ignore = e.ignore || l.ignore
				res = e.apply(n, v, out, l.unwrap)
				e.ignore = saved
				if res == failed || res == found && out == nil {
					return res
				}
			case out == nil:
				return found
			default:
				out.add(v)
			}
		}
		if l.at < l.to && inner {
			deeper := l
			deeper.at++
			res = e.each(n, v, out, deeper)
			if res == failed || res == found && out == nil {
				return res
			}
		}
	}
	return res
}

func (e *eval) anyLevel(n *node, j value.JSON, out *items) result {
	res := none
	if n.from == 0 {
		saved := e.ignore
		e.ignore = true
		res = e.next(n, j, out)
		e.ignore = saved
		if res == failed || res == found && out == nil {
			return res
		}
	}
	if j.Kind >= value.JSONArray {
		return e.each(n.next, j, out, level{
			at: 1, from: n.from, to: n.to, ignore: true, unwrap: e.lax,
		})
	}
	return res
}

func (e *eval) filter(n *node, j value.JSON, out *items, unwrap bool) result {
	if unwrap && j.Kind == value.JSONArray {
		return e.unwrapped(n, j, out)
	}
	saved := e.current
	e.current = j
	ok := e.truth(n.args[0], j)
	e.current = saved
	if e.fatal != nil {
		return failed
	}
	if ok != isTrue {
		return none
	}
	return e.next(n, j, out)
}

// index is [a, b to c].
func (e *eval) index(n *node, j value.JSON, out *items) result {
	isArray := j.Kind == value.JSONArray
	if !isArray && !e.lax {
		return e.structural(stateNoArray, "jsonpath array accessor can only be applied to an array")
	}
	elems := []value.JSON{j}
	if isArray {
		elems = j.Elems
	}
	saved := e.size
	defer func() { e.size = saved }()
	res := none
	for i := 0; i < len(n.args); i += 2 {
		e.size = len(elems)
		from, ok := e.position(n.args[i], j)
		to := from
		if ok && n.args[i+1] != nil {
			to, ok = e.position(n.args[i+1], j)
		}
		if !ok {
			return failed
		}
		if !e.ignore && (from < 0 || from > to || to >= int64(len(elems))) {
			return e.fail(stateSubscript, "jsonpath array subscript is out of bounds")
		}
		res = none
		for k := max(from, 0); k <= min(to, int64(len(elems)-1)); k++ {
			if !e.step(1) {
				return failed
			}
			res = e.next(n, elems[k], out)
			if res == failed || res == found && out == nil {
				return res
			}
		}
	}
	return res
}

// position evaluates a subscript.
func (e *eval) position(n *node, j value.JSON) (int64, bool) {
	seq := &items{}
	if e.run(n, j, seq) == failed {
		return 0, false
	}
	if len(seq.list) != 1 || seq.list[0].Kind != value.JSONNumber {
		e.fail(stateSubscript, "jsonpath array subscript is not a single numeric value")
		return 0, false
	}
	d, err := seq.list[0].Num.Trunc(0)
	v, ok := d.Int64()
	if err != nil || !ok || v != int64(int32(v)) {
		e.fail(stateSubscript, "jsonpath array subscript is out of integer range")
		return 0, false
	}
	return v, true
}

func numberItem(d value.Decimal) value.JSON {
	return value.JSON{Kind: value.JSONNumber, Num: d}
}

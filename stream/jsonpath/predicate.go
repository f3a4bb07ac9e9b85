package jsonpath

import (
	"cmp"
	"strings"

	"weir/stream/regex"
	"weir/stream/value"
)

// truth is the value of a predicate.
type truth uint8

const (
	isFalse truth = iota
	isTrue
	isUnknown
)

func truthOf(b bool) truth {
	if b {
		return isTrue
	}
	return isFalse
}

func truthItem(t truth) value.JSON {
	if t == isUnknown {
		return value.JSON{}
	}
	return value.JSON{Kind: value.JSONBool, Bool: t == isTrue}
}

// truth evaluates a predicate. Errors of its operands make it unknown, but for fatal ones. Source:
// executeBoolItem.
func (e *eval) truth(n *node, j value.JSON) truth {
	switch n.kind {
	case kAnd:
		a := e.truth(n.args[0], j)
		if a == isFalse {
			return a
		}
		if b := e.truth(n.args[1], j); b != isTrue {
			return b
		}
		return a
	case kOr:
		a := e.truth(n.args[0], j)
		if a == isTrue {
			return a
		}
		if b := e.truth(n.args[1], j); b != isFalse {
			return b
		}
		return a
	case kNot:
		switch e.truth(n.args[0], j) {
		case isTrue:
			return isFalse
		case isFalse:
			return isTrue
		}
		return isUnknown
	case kUnknown:
		return truthOf(e.truth(n.args[0], j) == isUnknown)
	case kExists:
		return e.exists(n.args[0], j)
	}
	return e.pairs(n, j)
}

func (e *eval) exists(n *node, j value.JSON) truth {
	saved := e.err
	defer func() { e.err = saved }()
	var res result
	if e.lax {
		res = e.run(n, j, nil)
	} else {
		seq := &items{}
		if res = e.run(n, j, seq); res != failed {
			res = none
			if len(seq.list) > 0 {
				res = found
			}
		}
	}
	if res == failed {
		return isUnknown
	}
	return truthOf(res == found)
}

// pairs compares each item on the left with each on the right. Source: executePredicate.
func (e *eval) pairs(n *node, j value.JSON) truth {
	saved := e.err
	defer func() { e.err = saved }()
	left, res := e.sequence(n.args[0], j, true)
	if res == failed {
		return isUnknown
	}
	right := []value.JSON{{}}
	if len(n.args) > 1 {
		if right, res = e.sequence(n.args[1], j, n.kind == kCompare); res == failed {
			return isUnknown
		}
	}
	ok, unknown := false, false
	for _, a := range left {
		for _, b := range right {
			if !e.step(1) {
				return isUnknown
			}
			switch e.pair(n, a, b) {
			case isUnknown:
				if !e.lax {
					return isUnknown
				}
				unknown = true
			case isTrue:
				if e.lax {
					return isTrue
				}
				ok = true
			}
		}
	}
	switch {
	case ok:
		return isTrue
	case unknown:
		return isUnknown
	}
	return isFalse
}

func (e *eval) pair(n *node, a, b value.JSON) truth {
	switch n.kind {
	case kStarts:
		if a.Kind != value.JSONString || b.Kind != value.JSONString {
			return isUnknown
		}
		return truthOf(strings.HasPrefix(a.Str, b.Str))
	case kRegex:
		if a.Kind != value.JSONString {
			return isUnknown
		}
		m := e.matcher(n.re)
		ok, err := m.Match(a.Str)
		if !e.step(m.Steps() / 8) {
			return isUnknown
		}
		if err != nil {
			e.abort(err)
			return isUnknown
		}
		return truthOf(ok)
	}
	return compare(n.name, a, b)
}

// matcher returns the matcher of a pattern, the one before if it is the same.
func (e *eval) matcher(re *regex.Regexp) *regex.Matcher {
	if e.re == nil || e.re.Regexp() != re {
		e.re = re.Matcher()
		e.step(1000) // as making one is no cheaper
	}
	return e.re
}

// compare is compareItems.
func compare(op string, a, b value.JSON) truth {
	composite := func(k value.JSONKind) bool { return k >= value.JSONArray }
	if a.Kind != b.Kind && !(composite(a.Kind) && composite(b.Kind)) {
		if a.Kind == value.JSONNull || b.Kind == value.JSONNull {
			return truthOf(op == "!=")
		}
		return isUnknown
	}
	order := 0
	switch a.Kind {
	case value.JSONNull:
	case value.JSONBool:
		order = cmp.Compare(truthOf(a.Bool), truthOf(b.Bool))
	case value.JSONNumber:
		order = a.Num.Cmp(b.Num)
	case value.JSONString:
		order = strings.Compare(a.Str, b.Str)
	default:
		return isUnknown
	}
	switch op {
	case "==":
		return truthOf(order == 0)
	case "!=":
		return truthOf(order != 0)
	case "<":
		return truthOf(order < 0)
	case "<=":
		return truthOf(order <= 0)
	case ">":
		return truthOf(order > 0)
	}
	return truthOf(order >= 0)
}

package expr

import (
	"slices"
	"strconv"
	"strings"

	"weir/stream/value"
)

// jsonResult makes a jsonb of bounded size and depth.
func jsonResult(j value.JSON) (value.Datum, *value.Error) {
	d, err := value.NewJSON(j)
	if err == nil && len(d.S) > MaxTextResult {
		return value.NullDatum, errTextResult
	}
	return d, err
}

// rawJSON makes a jsonb of the tree of a part of one.
func rawJSON(j value.JSON) value.Datum {
	return value.Datum{Kind: value.JSONB, S: string(j.AppendText(nil))}
}

// jsonElement returns element i of an array; negative ones count from the end.
func jsonElement(j value.JSON, i int64) (value.JSON, bool) {
	if i < 0 {
		i += int64(len(j.Elems))
	}
	if j.Kind != value.JSONArray || i < 0 || i >= int64(len(j.Elems)) {
		return value.JSON{}, false
	}
	return j.Elems[i], true
}

// jsonIndex reads a step of a path as the place in an array.
func jsonIndex(s string) (int64, bool) {
	s = strings.TrimLeft(s, " \t\n\r\v\f")
	i, err := strconv.ParseInt(s, 10, 32)
	return i, err == nil
}

// jsonStep follows one step of a path.
func jsonStep(j value.JSON, step string) (value.JSON, bool) {
	if j.Kind == value.JSONArray {
		i, ok := jsonIndex(step)
		if !ok {
			return value.JSON{}, false
		}
		return jsonElement(j, i)
	}
	return j.Member(step)
}

// jsonFollow follows a path of texts; a NULL step leads nowhere.
func jsonFollow(j value.JSON, path []value.Datum) (value.JSON, bool) {
	for _, p := range path {
		ok := !p.IsNull()
		if ok {
			j, ok = jsonStep(j, p.S)
		}
		if !ok {
			return value.JSON{}, false
		}
	}
	return j, true
}

// jsonText is a member as text: a string without its quotes, null as NULL.
func jsonText(j value.JSON) value.Datum {
	switch j.Kind {
	case value.JSONNull:
		return value.NullDatum
	case value.JSONString:
		return value.NewText(j.Str)
	}
	return value.NewText(string(j.AppendText(nil)))
}

// jsonAs gives a member as jsonb or as text.
func jsonAs(j value.JSON, ok, asText bool) (value.Datum, *value.Error) {
	switch {
	case !ok:
		return value.NullDatum, nil
	case asText:
		return jsonText(j), nil
	}
	return rawJSON(j), nil
}

// jsonOf makes the JSON of a value, as to_jsonb does.
func jsonOf(d value.Datum) value.JSON {
	switch d.Kind {
	case value.Null:
		return value.JSON{}
	case value.Bool:
		return value.JSON{Kind: value.JSONBool, Bool: d.Bool()}
	case value.Int2, value.Int4, value.Int8:
		return value.JSON{Kind: value.JSONNumber, Num: value.DecimalFromInt64(d.I)}
	case value.Numeric:
		return value.JSON{Kind: value.JSONNumber, Num: d.D}
	case value.Float4, value.Float8:
		if n, err := value.ParseDecimal(value.Format(d)); err == nil {
			return value.JSON{Kind: value.JSONNumber, Num: n}
		}
	case value.JSONB:
		return value.ReadJSON(d.S)
	case value.Array:
		j := value.JSON{Kind: value.JSONArray}
		for _, e := range value.ArrayElems(d) {
			j.Elems = append(j.Elems, jsonOf(e))
		}
		return j
	case value.Timestamp, value.TimestampTZ:
		s := strings.Replace(value.Format(d), " ", "T", 1)
		if d.Kind == value.TimestampTZ {
			if rest, bc := strings.CutSuffix(s, " BC"); bc {
				s = rest + ":00 BC"
			} else {
				s += ":00"
			}
		}
		return value.JSON{Kind: value.JSONString, Str: s}
	}
	return value.JSON{Kind: value.JSONString, Str: value.Format(d)}
}

// jsonContains is @>: every member of b is in a; arrays contain in any order, and a document that
// is an array contains a scalar that it has.
func jsonContains(a, b value.JSON, top bool) bool {
	if a.Kind != b.Kind {
		if top && a.Kind == value.JSONArray && b.Kind < value.JSONArray {
			return jsonHas(a, b)
		}
		return false
	}
	switch a.Kind {
	case value.JSONObject:
		for i, k := range b.Keys {
			v, ok := a.Member(k)
			if !ok || !jsonContains(v, b.Elems[i], false) {
				return false
			}
		}
		return true
	case value.JSONArray:
		for _, e := range b.Elems {
			if !jsonHas(a, e) {
				return false
			}
		}
		return true
	}
	return jsonEqual(a, b)
}

// jsonHas reports whether an element of a contains e.
func jsonHas(a, e value.JSON) bool {
	return slices.ContainsFunc(a.Elems, func(x value.JSON) bool {
		return jsonContains(x, e, false)
	})
}

func jsonEqual(a, b value.JSON) bool {
	return string(a.AppendText(nil)) == string(b.AppendText(nil))
}

// jsonExists is ?: a key of an object, a string of an array, or the string that it is.
func jsonExists(j value.JSON, key string) bool {
	switch j.Kind {
	case value.JSONObject:
		_, ok := j.Member(key)
		return ok
	case value.JSONArray:
		return slices.ContainsFunc(j.Elems, func(e value.JSON) bool {
			return e.Kind == value.JSONString && e.Str == key
		})
	}
	return j.Kind == value.JSONString && j.Str == key
}

// jsonWithout returns j without the members that drop names.
func jsonWithout(j value.JSON, drop func(i int) bool) value.JSON {
	out := value.JSON{Kind: j.Kind}
	for i, e := range j.Elems {
		if drop(i) {
			continue
		}
		if j.Kind == value.JSONObject {
			out.Keys = append(out.Keys, j.Keys[i])
		}
		out.Elems = append(out.Elems, e)
	}
	return out
}

// pathChange says what setPath does at the end of a path.
type pathChange uint8

const (
	pathSet    pathChange = iota // replace, or create if create is set
	pathDelete                   // remove
	pathInsert                   // insert into an array, create in an object
)

// pathEdit is a change at a path.
type pathEdit struct {
	change pathChange
	path   []value.Datum
	with   value.JSON
	create bool // of pathSet
	after  bool // of pathInsert
}

// apply returns j changed; level is how many steps have been taken. Source: setPath of
// PostgreSQL's jsonfuncs.c.
func (p *pathEdit) apply(j value.JSON, level int) (value.JSON, *value.Error) {
	if p.path[level].IsNull() {
		return j, value.Errorf("22004", "path element at position %d is null", level+1)
	}
	step := p.path[level].S
	last := level == len(p.path)-1
	switch j.Kind {
	case value.JSONObject:
		return p.applyObject(j, level, step, last)
	case value.JSONArray:
		return p.applyArray(j, level, step, last)
	}
	return j, nil
}

func (p *pathEdit) applyObject(
	j value.JSON, level int, step string, last bool,
) (value.JSON, *value.Error) {
	i, ok := slices.BinarySearchFunc(j.Keys, step, value.CompareJSONKeys)
	switch {
	case !ok && last && (p.change == pathInsert || p.change == pathSet && p.create):
		keys := append(slices.Clone(j.Keys), step)
		return value.NewJSONObject(keys, append(slices.Clone(j.Elems), p.with)), nil
	case !ok:
		return j, nil
	case last && p.change == pathDelete:
		return jsonWithout(j, func(n int) bool { return n == i }), nil
	case last && p.change == pathInsert:
		return j, &value.Error{
			SQLState: value.StateBadParameter, Msg: "cannot replace existing key",
		}
	}
	return p.replace(j, i, level, last)
}

func (p *pathEdit) applyArray(
	j value.JSON, level int, step string, last bool,
) (value.JSON, *value.Error) {
	i, ok := jsonIndex(step)
	if !ok {
		return j, value.Errorf(value.StateBadText, "path element at position %d is not an integer: %q",
			level+1, step)
	}
	n := int64(len(j.Elems))
	before := false // the place lies before the first element
	if i < 0 {
		if i += n; i < 0 {
			before = true
		}
	}
	if i >= n || before {
		if !last || p.change == pathDelete || p.change == pathSet && !p.create {
			return j, nil
		}
		if before {
			return insertElem(j, 0, p.with), nil
		}
		return insertElem(j, int(n), p.with), nil
	}
	switch {
	case last && p.change == pathDelete:
		return jsonWithout(j, func(k int) bool { return int64(k) == i }), nil
	case last && p.change == pathInsert && p.after:
		return insertElem(j, int(i)+1, p.with), nil
	case last && p.change == pathInsert:
		return insertElem(j, int(i), p.with), nil
	}
	return p.replace(j, int(i), level, last)
}

func insertElem(j value.JSON, i int, e value.JSON) value.JSON {
	return value.JSON{Kind: j.Kind, Elems: slices.Insert(slices.Clone(j.Elems), i, e)}
}

func (p *pathEdit) replace(
	j value.JSON, i, level int, last bool,
) (value.JSON, *value.Error) {
	e := p.with
	if !last {
		var err *value.Error
		if e, err = p.apply(j.Elems[i], level+1); err != nil {
			return j, err
		}
	}
	out := value.JSON{Kind: j.Kind, Keys: j.Keys, Elems: slices.Clone(j.Elems)}
	out.Elems[i] = e
	return out, nil
}

package expr

import (
	"slices"
	"strings"

	"weir/stream/value"
)

// jsonAccess are the operators and functions that find parts of a jsonb.
func jsonAccess() []*function {
	j, t, i4, ta := value.JSONB, value.Text, value.Int4, arrayOf(value.Text)
	var fs []*function
	for _, f := range []struct {
		member, path, extract string
		ret                   shape
	}{
		{"jsonb_object_field", "jsonb_path_get", "jsonb_extract_path", j},
		{"jsonb_object_field_text", "jsonb_path_get_text", "jsonb_extract_path_text", t},
	} {
		asText := f.ret == t
		follow := func(a []value.Datum, path []value.Datum) (value.Datum, *value.Error) {
			found, ok := jsonFollow(value.ReadJSON(a[0].S), path)
			return jsonAs(found, ok, asText)
		}
		fs = append(fs,
			define(f.member, f.ret, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
				found, ok := value.ReadJSON(a[0].S).Member(a[1].S)
				return jsonAs(found, ok, asText)
			}, j, t).safe().building(jsonField(asText)),
			define(f.member, f.ret, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
				tree := value.ReadJSON(a[0].S)
				if tree.Kind < value.JSONArray { // a scalar document is an array of itself
					return jsonAs(tree, a[1].I == 0 || a[1].I == -1, asText)
				}
				found, ok := jsonElement(tree, a[1].I)
				return jsonAs(found, ok, asText)
			}, j, i4).safe(),
			define(f.path, f.ret, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
				return follow(a, value.ArrayElems(a[1]))
			}, j, ta).safe(),
			define(f.extract, f.ret, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
				return follow(a, a[1:])
			}, j, t).repeating().safe())
	}
	return append(fs, jsonTests()...)
}

// jsonField finds a member without a tree of the rest.
func jsonField(asText bool) appender {
	return func(_ *ctx, dst []byte, args []operand, i int) ([]byte, *value.Error) {
		raw := value.JSONMember(args[0].text(i), args[1].text(i))
		switch {
		case raw == nil:
			return nil, nil
		case !asText:
			return append(dst, raw...), nil
		case raw[0] == '"':
			return append(dst, value.ReadJSON(string(raw)).Str...), nil
		case raw[0] == 'n':
			return nil, nil
		}
		return append(dst, raw...), nil
	}
}

// jsonTests answer with a boolean.
func jsonTests() []*function {
	j, t, b := value.JSONB, value.Text, value.Bool
	contains := func(a, b value.Datum) (value.Datum, *value.Error) {
		return value.NewBool(jsonContains(value.ReadJSON(a.S), value.ReadJSON(b.S), true)), nil
	}
	anyKey := func(name string, want bool) *function {
		return define(name, b, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			tree := value.ReadJSON(a[0].S)
			for _, k := range value.ArrayElems(a[1]) {
				if !k.IsNull() && jsonExists(tree, k.S) == want {
					return value.NewBool(want), nil
				}
			}
			return value.NewBool(!want), nil
		}, j, arrayOf(t)).safe()
	}
	return []*function{
		define("contains", b, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			return contains(a[0], a[1])
		}, j, j).safe(),
		define("contained", b, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			return contains(a[1], a[0])
		}, j, j).safe(),
		define("jsonb_exists", b, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			return value.NewBool(jsonExists(value.ReadJSON(a[0].S), a[1].S)), nil
		}, j, t).safe(),
		anyKey("jsonb_exists_any", true), anyKey("jsonb_exists_all", false),
	}
}

// badJSON is the refusal of a jsonb of the wrong kind.
func badJSON(msg string) *value.Error {
	return &value.Error{SQLState: value.StateBadParameter, Msg: msg}
}

// jsonChanges are the operators and functions that make a jsonb of others.
func jsonChanges() []*function {
	j, t, i4, ta := value.JSONB, value.Text, value.Int4, arrayOf(value.Text)
	fs := []*function{
		define("concat_op", j, concatJSON, j, j),
		define("sub", j, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			return deleteKeys(a[0], a[1:])
		}, j, t),
		define("sub", j, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			return deleteKeys(a[0], value.ArrayElems(a[1]))
		}, j, ta),
		define("sub", j, deleteElement, j, i4),
		define("jsonb_delete_path", j, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			return editJSON(a[0], "delete", &pathEdit{change: pathDelete, path: value.ArrayElems(a[1])})
		}, j, ta),
		define("jsonb_strip_nulls", j, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			return jsonResult(stripNulls(value.ReadJSON(a[0].S)))
		}, j),
		define("jsonb_pretty", t, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			return textResult(string(appendPretty(nil, value.ReadJSON(a[0].S), 0)))
		}, j),
		define("jsonb_typeof", t, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			return value.NewText(jsonTypeName(value.ReadJSON(a[0].S))), nil
		}, j).safe(),
		define("jsonb_array_length", i4, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			tree := value.ReadJSON(a[0].S)
			if tree.Kind == value.JSONObject {
				return value.NullDatum, badJSON("cannot get array length of a non-array")
			}
			if tree.Kind != value.JSONArray {
				return value.NullDatum, badJSON("cannot get array length of a scalar")
			}
			return value.NewInt4(int32(len(tree.Elems))), nil
		}, j),
	}
	for _, more := range [][]shape{nil, {value.Bool}} {
		fs = append(fs,
			define("jsonb_set", j, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
				create := len(a) < 4 || a[3].Bool()
				return editJSON(a[0], "set", &pathEdit{
					change: pathSet, path: value.ArrayElems(a[1]), with: value.ReadJSON(a[2].S),
					create: create,
				})
			}, append([]shape{j, ta, j}, more...)...),
			define("jsonb_insert", j, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
				after := len(a) == 4 && a[3].Bool()
				return editJSON(a[0], "set", &pathEdit{
					change: pathInsert, path: value.ArrayElems(a[1]), with: value.ReadJSON(a[2].S),
					after: after,
				})
			}, append([]shape{j, ta, j}, more...)...))
	}
	return fs
}

func jsonTypeName(j value.JSON) string {
	if j.Kind == value.JSONNumber {
		return "number"
	}
	return jsonKindNames[j.Kind]
}

// concatJSON joins two objects or, as arrays, anything else.
func concatJSON(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
	x, y := value.ReadJSON(a[0].S), value.ReadJSON(a[1].S)
	if x.Kind == value.JSONObject && y.Kind == value.JSONObject {
		return jsonResult(value.NewJSONObject(append(x.Keys, y.Keys...), append(x.Elems, y.Elems...)))
	}
	list := func(j value.JSON) []value.JSON {
		if j.Kind == value.JSONArray {
			return j.Elems
		}
		return []value.JSON{j}
	}
	return jsonResult(value.JSON{Kind: value.JSONArray, Elems: append(list(x), list(y)...)})
}

// deleteKeys removes keys of an object and strings of an array.
func deleteKeys(d value.Datum, keys []value.Datum) (value.Datum, *value.Error) {
	j := value.ReadJSON(d.S)
	if j.Kind < value.JSONArray {
		return value.NullDatum, badJSON("cannot delete from scalar")
	}
	named := func(s string) bool {
		return slices.ContainsFunc(keys, func(k value.Datum) bool { return !k.IsNull() && k.S == s })
	}
	return jsonResult(jsonWithout(j, func(i int) bool {
		if j.Kind == value.JSONObject {
			return named(j.Keys[i])
		}
		return j.Elems[i].Kind == value.JSONString && named(j.Elems[i].Str)
	}))
}

func deleteElement(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
	j := value.ReadJSON(a[0].S)
	switch {
	case j.Kind < value.JSONArray:
		return value.NullDatum, badJSON("cannot delete from scalar")
	case j.Kind == value.JSONObject:
		return value.NullDatum, badJSON("cannot delete from object using integer index")
	}
	at := a[1].I
	if at < 0 {
		at += int64(len(j.Elems))
	}
	return jsonResult(jsonWithout(j, func(i int) bool { return int64(i) == at }))
}

// editJSON applies a change at a path; verb names it in errors.
func editJSON(d value.Datum, verb string, p *pathEdit) (value.Datum, *value.Error) {
	j := value.ReadJSON(d.S)
	if j.Kind < value.JSONArray {
		if verb == "set" {
			return value.NullDatum, badJSON("cannot set path in scalar")
		}
		return value.NullDatum, badJSON("cannot delete path in scalar")
	}
	if len(p.path) == 0 || len(j.Elems) == 0 && !(p.create || p.change == pathInsert) {
		return d, nil
	}
	j, err := p.apply(j, 0)
	if err != nil {
		return value.NullDatum, err
	}
	return jsonResult(j)
}

func stripNulls(j value.JSON) value.JSON {
	out := j
	if j.Kind == value.JSONObject {
		out = jsonWithout(j, func(i int) bool { return j.Elems[i].Kind == value.JSONNull })
	}
	out.Elems = slices.Clone(out.Elems)
	for i, e := range out.Elems {
		out.Elems[i] = stripNulls(e)
	}
	return out
}

// appendPretty indents by four spaces.
func appendPretty(dst []byte, j value.JSON, level int) []byte {
	if j.Kind < value.JSONArray {
		return j.AppendText(dst)
	}
	brackets := "[]"
	if j.Kind == value.JSONObject {
		brackets = "{}"
	}
	dst = append(dst, brackets[0])
	indent := func(level int) {
		dst = append(append(dst, '\n'), strings.Repeat("    ", level)...)
	}
	for i, e := range j.Elems {
		if len(dst) > 2*MaxTextResult {
			break // refused anyway
		}
		if i > 0 {
			dst = append(dst, ',')
		}
		indent(level + 1)
		if j.Kind == value.JSONObject {
			dst = value.JSON{Kind: value.JSONString, Str: j.Keys[i]}.AppendText(dst)
			dst = append(dst, ": "...)
		}
		dst = appendPretty(dst, e, level+1)
	}
	indent(level)
	return append(dst, brackets[1])
}

package expr

import "weir/stream/value"

// jsonBuilders make jsonb of other values.
func jsonBuilders() []*function {
	j, t := value.JSONB, value.Text
	fs := []*function{
		define("jsonb_build_array", j, buildArray).callable(),
		define("jsonb_build_array", j, buildArray, t).callable().wild(),
		define("jsonb_build_object", j, buildObject).callable(),
		define("jsonb_build_object", j, buildObject, t).callable().wild(),
		define("jsonb_object", j, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			return pairsObject(value.ArrayElems(a[0]))
		}, arrayOf(t)),
		define("jsonb_object", j, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			keys, vals := value.ArrayElems(a[0]), value.ArrayElems(a[1])
			if len(keys) != len(vals) {
				return value.NullDatum, &value.Error{
					SQLState: "2202E", Msg: "mismatched array dimensions",
				}
			}
			var pairs []value.Datum
			for i := range keys {
				pairs = append(pairs, keys[i], vals[i])
			}
			return pairsObject(pairs)
		}, arrayOf(t), arrayOf(t)),
	}
	for _, k := range allShapes() {
		fs = append(fs, define("to_jsonb", j, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			return jsonResult(jsonOf(a[0]))
		}, k))
	}
	return fs
}

func buildArray(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
	out := value.JSON{Kind: value.JSONArray}
	for _, d := range a {
		out.Elems = append(out.Elems, jsonOf(d))
	}
	return jsonResult(out)
}

func buildObject(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
	if len(a)%2 != 0 {
		return value.NullDatum, badJSON("argument list must have even number of elements")
	}
	var keys []string
	var elems []value.JSON
	for i := 0; i < len(a); i += 2 {
		if a[i].IsNull() {
			return value.NullDatum, value.Errorf(value.StateBadParameter,
				"argument %d: key must not be null", i+1)
		}
		if k := jsonOf(a[i]).Kind; k >= value.JSONArray {
			return value.NullDatum, badJSON("key value must be scalar, not array, composite, or json")
		}
		key := textOf(a[i])
		if a[i].Kind == value.JSONB {
			return value.NullDatum, badJSON("key value must be scalar, not array, composite, or json")
		}
		if a[i].Kind == value.Timestamp || a[i].Kind == value.TimestampTZ {
			key = jsonOf(a[i]).Str
		}
		keys, elems = append(keys, key), append(elems, jsonOf(a[i+1]))
	}
	return jsonResult(value.NewJSONObject(keys, elems))
}

// pairsObject makes an object of texts: key, value, key, value, ...
func pairsObject(pairs []value.Datum) (value.Datum, *value.Error) {
	if len(pairs)%2 != 0 {
		return value.NullDatum, &value.Error{
			SQLState: "2202E", Msg: "array must have even number of elements",
		}
	}
	var keys []string
	var elems []value.JSON
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i].IsNull() {
			return value.NullDatum, &value.Error{
				SQLState: "22004", Msg: "null value not allowed for object key",
			}
		}
		keys, elems = append(keys, pairs[i].S), append(elems, jsonOf(pairs[i+1]))
	}
	return jsonResult(value.NewJSONObject(keys, elems))
}

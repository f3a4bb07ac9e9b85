package expr

import "weir/stream/value"

// jsonSets are the set-returning functions of jsonb.
func jsonSets() []*setFunction {
	j, t := value.JSONB, value.Text
	var fs []*setFunction
	for _, asText := range []bool{false, true} {
		suffix, ret := "", j
		if asText {
			suffix, ret = "_text", t
		}
		fs = append(fs, &setFunction{
			name: "jsonb_array_elements" + suffix, args: []shape{j},
			columns: oneColumn("value", value.Of(ret)),
			rows: func(a []value.Datum, emit func([]value.Datum)) *value.Error {
				return emitElements(a[0], asText, emit)
			},
		}, &setFunction{
			name: "jsonb_each" + suffix, args: []shape{j},
			columns: func([]value.Type) []SetColumn {
				return []SetColumn{{"key", value.Of(t)}, {"value", value.Of(ret)}}
			},
			rows: func(a []value.Datum, emit func([]value.Datum)) *value.Error {
				tree := value.ReadJSON(a[0].S)
				if tree.Kind != value.JSONObject {
					return badJSON("cannot call jsonb_each" + suffix + " on a non-object")
				}
				for i, k := range tree.Keys {
					d, _ := jsonAs(tree.Elems[i], true, asText)
					emit([]value.Datum{value.NewText(k), d})
				}
				return nil
			},
		})
	}
	return append(fs, &setFunction{
		name: "jsonb_object_keys", args: []shape{j},
		columns: oneColumn("jsonb_object_keys", value.Of(t)),
		rows: func(a []value.Datum, emit func([]value.Datum)) *value.Error {
			tree := value.ReadJSON(a[0].S)
			switch {
			case tree.Kind == value.JSONArray:
				return badJSON("cannot call jsonb_object_keys on an array")
			case tree.Kind != value.JSONObject:
				return badJSON("cannot call jsonb_object_keys on a scalar")
			}
			for _, k := range tree.Keys {
				emit([]value.Datum{value.NewText(k)})
			}
			return nil
		},
	})
}

func emitElements(d value.Datum, asText bool, emit func([]value.Datum)) *value.Error {
	tree := value.ReadJSON(d.S)
	switch {
	case tree.Kind == value.JSONObject:
		return badJSON("cannot extract elements from an object")
	case tree.Kind != value.JSONArray:
		return badJSON("cannot extract elements from a scalar")
	}
	for _, e := range tree.Elems {
		d, _ := jsonAs(e, true, asText)
		emit([]value.Datum{d})
	}
	return nil
}

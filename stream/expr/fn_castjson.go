package expr

import "weir/stream/value"

// jsonCastFunctions cast jsonb to the kinds that its scalars have. A jsonb null is no boolean
// and no number.
func jsonCastFunctions() []*function {
	var m castMaker
	m.add(value.JSONB, value.Bool, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
		j := value.ReadJSON(a[0].S)
		if j.Kind != value.JSONBool {
			return value.NullDatum, jsonCastError(j, value.Bool)
		}
		return value.NewBool(j.Bool), nil
	})
	for _, k := range []shape{
		value.Int2, value.Int4, value.Int8, value.Numeric, value.Float4, value.Float8,
	} {
		m.add(value.JSONB, k, func(x *ctx, a []value.Datum) (value.Datum, *value.Error) {
			j := value.ReadJSON(a[0].S)
			if j.Kind != value.JSONNumber {
				return value.NullDatum, jsonCastError(j, k)
			}
			return numberAs(k, x.t, j.Num)
		})
	}
	return m.fs
}

// numberAs makes a number of kind k, with the modifier of t if it is a numeric.
func numberAs(k shape, t value.Type, d value.Decimal) (value.Datum, *value.Error) {
	switch {
	case k.IsInteger():
		v, ok := d.Int64()
		return intResult(k, v, ok)
	case k == value.Float4:
		return value.NewFloat(k, d.Float32()), nil
	case k == value.Float8:
		return value.NewFloat(k, d.Float()), nil
	}
	d, err := d.Rescale(t.Precision, t.Scale)
	return value.NewDecimal(d), err
}

var jsonKindNames = map[value.JSONKind]string{
	value.JSONNull: "null", value.JSONString: "string", value.JSONNumber: "numeric",
	value.JSONBool: "boolean", value.JSONArray: "array", value.JSONObject: "object",
}

func jsonCastError(j value.JSON, to shape) *value.Error {
	return value.Errorf(value.StateBadParameter, "cannot cast jsonb %s to type %s",
		jsonKindNames[j.Kind], value.Of(to))
}

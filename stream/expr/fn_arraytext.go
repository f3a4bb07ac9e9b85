package expr

import (
	"strings"

	"weir/stream/value"
)

// arrayTexts are the functions between arrays and texts.
func arrayTexts() []*function {
	t := value.Text
	fs := []*function{
		define("string_to_array", arrayOf(t), splitScalar, t, t).callable(),
		define("string_to_array", arrayOf(t), splitScalar, t, t, t).callable(),
	}
	for _, k := range scalarKinds() {
		fs = append(fs,
			define("array_to_string", t, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
				return arrayToString(a[0], a[1].S, nil)
			}, arrayOf(k), t).matching(),
			define("array_to_string", t, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
				if a[0].IsNull() || a[1].IsNull() {
					return value.NullDatum, nil
				}
				if a[2].IsNull() {
					return arrayToString(a[0], a[1].S, nil)
				}
				return arrayToString(a[0], a[1].S, &a[2].S)
			}, arrayOf(k), t, t).callable().matching())
	}
	return fs
}

// arrayToString joins the output forms of the elements; NULLs are left out, or written as null.
func arrayToString(d value.Datum, sep string, null *string) (value.Datum, *value.Error) {
	var b []byte
	first := true
	for _, e := range value.ArrayElems(d) {
		if e.IsNull() && null == nil {
			continue
		}
		if !first {
			b = append(b, sep...)
		}
		first = false
		if e.IsNull() {
			b = append(b, *null...)
		} else {
			b = value.AppendText(b, e)
		}
		if len(b) > MaxTextResult {
			return value.NullDatum, errTextResult
		}
	}
	return value.NewText(string(b)), nil
}

func splitScalar(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
	if a[0].IsNull() {
		return value.NullDatum, nil
	}
	elems, err := splitText(a)
	if err != nil {
		return value.NullDatum, err
	}
	return arrayResult(value.Text, elems)
}

// splitText is string_to_array and string_to_table: a text, the separator (NULL: every
// character) and perhaps the text that means NULL.
func splitText(a []value.Datum) ([]value.Datum, *value.Error) {
	if a[0].S == "" {
		return nil, nil
	}
	var parts []string
	switch {
	case a[1].IsNull():
		for s := a[0].S; s != ""; {
			n := runeLen(s)
			parts = append(parts, s[:n])
			s = s[n:]
		}
	case a[1].S == "":
		parts = []string{a[0].S}
	default:
		parts = strings.Split(a[0].S, a[1].S)
	}
	if len(parts) > value.MaxArrayLen {
		return nil, value.ErrArrayTooLong
	}
	elems := make([]value.Datum, len(parts))
	for i, p := range parts {
		if len(a) < 3 || a[2].IsNull() || a[2].S != p {
			elems[i] = value.NewText(p)
		}
	}
	return elems, nil
}

// arrayCasts cast arrays element by element, wherever the elements can be cast.
func arrayCasts() []*function {
	elems := map[[2]shape]scalar{}
	for _, fs := range [][]*function{
		castFunctions(), textCastFunctions(), floatCastFunctions(), timeCastFunctions(),
		jsonCastFunctions(),
	} {
		for _, f := range fs {
			elems[[2]shape{f.args[0], f.ret}] = f.scalar
		}
	}
	var m castMaker
	for _, from := range scalarKinds() {
		for _, to := range scalarKinds() {
			if op := elems[[2]shape{from, to}]; op != nil {
				m.add(arrayOf(from), arrayOf(to), castElems(op, to))
			}
		}
	}
	return m.fs
}

func castElems(op scalar, to shape) scalar {
	return func(x *ctx, a []value.Datum) (value.Datum, *value.Error) {
		sub := &ctx{env: x.env, t: x.t.ElemType()}
		elems := value.ArrayElems(a[0])
		for i, e := range elems {
			if e.IsNull() {
				continue
			}
			d, err := op(sub, []value.Datum{e})
			if err != nil {
				return value.NullDatum, err
			}
			elems[i] = d
		}
		return arrayResult(to, elems)
	}
}

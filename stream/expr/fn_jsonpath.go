package expr

import (
	"weir/stream/jsonpath"
	"weir/stream/value"
)

// pathCall is a call of a function of paths: document, path, variables and silence.
type pathCall struct {
	path   *jsonpath.Path
	root   value.JSON
	vars   value.JSON
	silent bool
}

// pathScalar computes a function of a path.
type pathScalar func(c pathCall) (value.Datum, *value.Error)

// newPathCall takes arguments apart; silent is for those that do not say.
func newPathCall(p *jsonpath.Path, a []value.Datum, silent bool) pathCall {
	c := pathCall{path: p, root: value.ReadJSON(a[0].S), silent: silent}
	if !silent { // the operators, which have no variables, take them for null
		c.vars = value.JSON{Kind: value.JSONObject}
	}
	if len(a) > 2 {
		if c.vars = value.ReadJSON(a[2].S); c.vars.Kind == value.JSONNull {
			c.vars.Kind = value.JSONBool // no object: refused
		}
	}
	if len(a) > 3 {
		c.silent = a[3].I != 0
	}
	return c
}

// query returns the items of a path, without error if the call is silent.
func (c pathCall) query() ([]value.JSON, *value.Error) {
	list, fatal, err := c.path.Query(c.root, c.vars)
	if c.silent && !fatal {
		err = nil
	}
	return list, err
}

// pathFunction defines a function of a path; a constant path is read once a program.
func pathFunction(
	name string, ret shape, silent bool, fn pathScalar, args ...shape,
) *function {
	f := define(name, ret, func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
		p, err := jsonpath.Parse(a[1].S)
		if err != nil {
			return value.NullDatum, err
		}
		return fn(newPathCall(p, a, silent))
	}, args...)
	return f.prepared(func(consts []*value.Datum) scalar {
		if consts[1] == nil {
			return nil
		}
		p, err := jsonpath.Parse(consts[1].S)
		return func(_ *ctx, a []value.Datum) (value.Datum, *value.Error) {
			if err != nil {
				return value.NullDatum, err
			}
			return fn(newPathCall(p, a, silent))
		}
	})
}

// jsonPathFunctions are the scalar functions of SQL/JSON paths. A path is a text.
func jsonPathFunctions() []*function {
	j, t, b := value.JSONB, value.Text, value.Bool
	fs := []*function{
		pathFunction("jsonb_path_exists_opr", b, true, pathExists, j, t),
		pathFunction("jsonb_path_match_opr", b, true, pathMatch, j, t),
	}
	for _, args := range [][]shape{{j, t}, {j, t, j}, {j, t, j, b}} {
		fs = append(fs,
			pathFunction("jsonb_path_exists", b, false, pathExists, args...),
			pathFunction("jsonb_path_match", b, false, pathMatch, args...),
			pathFunction("jsonb_path_query_array", j, false, pathArray, args...),
			pathFunction("jsonb_path_query_first", j, false, pathFirst, args...))
	}
	return fs
}

func pathExists(c pathCall) (value.Datum, *value.Error) {
	ok, fatal, err := c.path.Exists(c.root, c.vars)
	if err == nil {
		return value.NewBool(ok), nil
	}
	if c.silent && !fatal {
		err = nil
	}
	return value.NullDatum, err
}

func pathMatch(c pathCall) (value.Datum, *value.Error) {
	list, err := c.query()
	if err != nil {
		return value.NullDatum, err
	}
	if len(list) == 1 {
		switch list[0].Kind {
		case value.JSONBool:
			return value.NewBool(list[0].Bool), nil
		case value.JSONNull:
			return value.NullDatum, nil
		}
	}
	if c.silent {
		return value.NullDatum, nil
	}
	return value.NullDatum, &value.Error{
		SQLState: "22038", Msg: "single boolean result is expected",
	}
}

func pathArray(c pathCall) (value.Datum, *value.Error) {
	list, err := c.query()
	if err != nil {
		return value.NullDatum, err
	}
	return pathResult(value.JSON{Kind: value.JSONArray, Elems: list})
}

func pathFirst(c pathCall) (value.Datum, *value.Error) {
	list, err := c.query()
	if err != nil || len(list) == 0 {
		return value.NullDatum, err
	}
	return pathResult(list[0])
}

// pathResult makes a jsonb of at most MaxTextResult bytes.
func pathResult(j value.JSON) (value.Datum, *value.Error) {
	size := 0
	for _, e := range j.Elems { // before a text of many copies is built
		if size += len(e.AppendText(nil)); size > MaxTextResult {
			return value.NullDatum, value.ErrRequestedTooLong
		}
	}
	d, err := value.NewJSON(j)
	if err == nil && len(d.S) > MaxTextResult {
		return value.NullDatum, value.ErrRequestedTooLong
	}
	return d, err
}

// jsonPathSets is jsonb_path_query.
func jsonPathSets() []*setFunction {
	j, t, b := value.JSONB, value.Text, value.Bool
	var fs []*setFunction
	for _, args := range [][]shape{{j, t}, {j, t, j}, {j, t, j, b}} {
		fs = append(fs, &setFunction{
			name: "jsonb_path_query", args: args,
			columns: oneColumn("jsonb_path_query", value.Of(j)),
			rows: func(a []value.Datum, emit func([]value.Datum)) *value.Error {
				p, err := jsonpath.Parse(a[1].S)
				if err != nil {
					return err
				}
				list, err := newPathCall(p, a, false).query()
				if err != nil {
					return err
				}
				if len(list) > MaxSetRows {
					return errSetRows
				}
				for _, item := range list {
					d, err := pathResult(item)
					if err != nil {
						return err
					}
					emit([]value.Datum{d})
				}
				return nil
			},
		})
	}
	return fs
}

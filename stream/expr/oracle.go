package expr

import "weir/stream/value"

// EvalRow evaluates e for one row: the naive evaluator of the oracle and of verifiers. It shares
// nothing with Program but the scalar functions. e must be well-formed (see Check).
func EvalRow(e Expr, row []value.Datum, env Env) (value.Datum, *value.Error) {
	switch e := e.(type) {
	case Column:
		return row[e.Index], nil
	case Const:
		return e.D, nil
	case *Call:
		return evalCall(e, row, env)
	case *And:
		return evalAnd(e, row, env)
	case *Or:
		return evalOr(e, row, env)
	case *Case:
		return evalCase(e, row, env)
	case *Coalesce:
		return evalCoalesce(e, row, env)
	case *Row:
		return evalRowForm(e, row, env)
	case *Field:
		return evalField(e, row, env)
	}
	return value.NullDatum, value.Errorf(value.StateUnsupported, "unknown expression %T", e)
}

func evalCall(e *Call, row []value.Datum, env Env) (value.Datum, *value.Error) {
	args := make([]value.Datum, len(e.Args))
	anyNull := false
	for i, a := range e.Args {
		d, err := EvalRow(a, row, env)
		if err != nil {
			return value.NullDatum, err
		}
		args[i] = d
		anyNull = anyNull || d.IsNull()
	}
	f, _ := library.find(e.Fn)
	if anyNull && !f.nullable {
		return value.NullDatum, nil
	}
	d, err := f.scalar(&ctx{env: env, t: e.T, in: f.typesOf(e.Args)}, args)
	if err != nil {
		return value.NullDatum, err
	}
	return d, nil
}

func evalAnd(e *And, row []value.Datum, env Env) (value.Datum, *value.Error) {
	unknown := false
	for _, a := range e.Args {
		d, err := EvalRow(a, row, env)
		if err != nil {
			return value.NullDatum, err
		}
		if d.IsNull() {
			unknown = true
		} else if !d.Bool() {
			return value.NewBool(false), nil
		}
	}
	if unknown {
		return value.NullDatum, nil
	}
	return value.NewBool(true), nil
}

func evalOr(e *Or, row []value.Datum, env Env) (value.Datum, *value.Error) {
	unknown := false
	for _, a := range e.Args {
		d, err := EvalRow(a, row, env)
		if err != nil {
			return value.NullDatum, err
		}
		if d.IsNull() {
			unknown = true
		} else if d.Bool() {
			return value.NewBool(true), nil
		}
	}
	if unknown {
		return value.NullDatum, nil
	}
	return value.NewBool(false), nil
}

func evalCase(e *Case, row []value.Datum, env Env) (value.Datum, *value.Error) {
	for i, w := range e.Whens {
		d, err := EvalRow(w, row, env)
		if err != nil {
			return value.NullDatum, err
		}
		if d.Bool() {
			return EvalRow(e.Thens[i], row, env)
		}
	}
	if e.Else == nil {
		return value.NullDatum, nil
	}
	return EvalRow(e.Else, row, env)
}

func evalCoalesce(e *Coalesce, row []value.Datum, env Env) (value.Datum, *value.Error) {
	for _, a := range e.Args {
		d, err := EvalRow(a, row, env)
		if err != nil || !d.IsNull() {
			return d, err
		}
	}
	return value.NullDatum, nil
}

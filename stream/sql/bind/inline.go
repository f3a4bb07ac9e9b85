package bind

import (
	"weir/internal/invariant"
	"weir/stream/catalog"
	"weir/stream/expr"
	"weir/stream/value"
)

// userCall calls a function of the library, or takes over the body of one from the catalog. The
// library comes first, as pg_catalog does in PostgreSQL.
func (b *binder) userCall(at int, name string, args []scalar, c *exprCtx) (scalar, error) {
	list := b.cat.Functions(name)
	s, err := b.call(at, name, args...)
	if err == nil || len(list) == 0 || b.asError(err).SQLState != "42883" {
		return s, err
	}
	f, ferr := b.overload(at, list, args)
	if ferr != nil {
		return scalar{}, ferr
	}
	if f == nil {
		return scalar{}, err
	}
	return b.inline(at, f, args, c)
}

// overload picks the function whose parameters take the arguments: by their types exactly, an
// untyped literal being text, else the only one that they convert to; nil if there is none.
func (b *binder) overload(at int, list []*catalog.Function, args []scalar) (
	*catalog.Function, error,
) {
	var fits *catalog.Function
	several := false
	for _, f := range list {
		if len(f.Args) != len(args) {
			continue
		}
		exact, ok := true, true
		for i, a := range args {
			t := f.Args[i].Type
			same := value.Of(a.typ().Kind) == t
			exact = exact && (same || a.untyped() && t.Kind == value.Text)
			ok = ok && (same || a.untyped() || expr.ImplicitlyCastable(a.typ(), t))
		}
		if exact {
			return f, nil
		}
		if ok {
			several = several || fits != nil
			fits = f
		}
	}
	if several {
		e := b.errorf(at, "42725", "function %s is not unique", fits.Name)
		e.Hint = "Could not choose a best candidate function. " +
			"You might need to add explicit type casts."
		return nil, e
	}
	return fits, nil
}

// inline puts arguments into the body of a function. An argument that the body reads twice is
// evaluated twice, which costs and changes nothing; MaxRepeated bounds it.
func (b *binder) inline(at int, f *catalog.Function, args []scalar, c *exprCtx) (scalar, error) {
	if d := b.function; d != nil && b.cat.SameFunction(d) == f {
		return scalar{}, b.unsupported(at, "a function that calls itself is", "")
	}
	body, rest, err := expr.DecodeExpr(f.Body)
	invariant.Check(err == nil && len(rest) == 0, "the body of function %d does not decode: %v",
		f.ID, err)
	b.called = true
	with := make([]expr.Expr, len(args))
	var nulls []expr.Expr
	for i, a := range args {
		if with[i], err = b.implicit(a, f.Args[i].Type); err != nil {
			return scalar{}, err
		}
		if f.Strict {
			isNull, err := b.call(at, "is_null", scalar{e: with[i], at: a.at})
			if err != nil {
				return scalar{}, err
			}
			nulls = append(nulls, isNull.e)
		}
	}
	if err := b.countUses(at, body, with, f.Strict); err != nil {
		return scalar{}, err
	}
	if readsNow(body) {
		if _, err := b.blockTime(value.TimestampTZ, at, c); err != nil {
			return scalar{}, err
		}
	}
	out := expr.Substitute(body, with)
	if len(nulls) > 0 {
		out = &expr.Case{
			Whens: []expr.Expr{anyOf(nulls)}, Thens: []expr.Expr{expr.Const{T: f.Result}},
			Else: out, T: f.Result,
		}
	}
	return scalar{e: out, at: at}, nil
}

// countUses accounts for what the body and its repeated arguments add to the statement.
func (b *binder) countUses(at int, body expr.Expr, with []expr.Expr, strict bool) error {
	uses := make([]int, len(with))
	walkWhile(body, func(e expr.Expr) bool {
		if col, ok := e.(expr.Column); ok {
			uses[col.Index]++
		}
		return true
	})
	if err := b.repeat(scalar{e: body, at: at}); err != nil {
		return err
	}
	for i, n := range uses {
		if strict {
			n++
		}
		for range n - 1 {
			if err := b.repeat(scalar{e: with[i], at: at}); err != nil {
				return err
			}
		}
	}
	return nil
}

package bind

import (
	"math"

	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/expr"
	"weir/stream/sql/parse"
	"weir/stream/value"
)

// array binds ARRAY[a, b, ...]; to is the type that a cast around it asks for, nil if none does.
func (b *binder) array(e *ast.ArrayExpr, to *value.Type, c *exprCtx) (scalar, error) {
	at := e.Location()
	items, err := b.exprs(e.Elements, c)
	if err != nil {
		return scalar{}, err
	}
	for _, s := range items {
		if s.typ().Kind == value.Array {
			return scalar{}, b.unsupported(s.at, "arrays of more than one dimension are", "Use jsonb.")
		}
		if s.typ().Kind == value.Record {
			return scalar{}, b.unsupported(s.at, "arrays of rows are", "Use jsonb.")
		}
	}
	if len(items) == 0 && to == nil {
		e := b.errorf(at, "42P18", "cannot determine type of empty array")
		e.Hint = "Explicitly cast to the desired type, for example ARRAY[]::integer[]."
		return scalar{}, e
	}
	var elems []expr.Expr
	var t value.Type
	if to != nil {
		t = to.ElemType()
		elems = make([]expr.Expr, len(items))
		for i, s := range items {
			if s, err = b.asType(s, t); err != nil {
				return scalar{}, err
			}
			if elems[i], err = b.castTo(s, t, true); err != nil {
				return scalar{}, err
			}
		}
	} else if elems, t, err = b.unify(items, at); err != nil {
		return scalar{}, err
	}
	return b.arrayOf(elems, t, at)
}

// arrayOf makes an array of elements of type t: a literal if all of them are.
func (b *binder) arrayOf(elems []expr.Expr, t value.Type, at int) (scalar, error) {
	ds := make([]value.Datum, len(elems))
	constant := true
	for i, e := range elems {
		k, ok := e.(expr.Const)
		constant = constant && ok
		ds[i] = k.D
	}
	if constant && len(ds) <= value.MaxArrayLen {
		return scalar{e: expr.Const{D: value.NewArray(t, ds), T: value.ArrayOf(t)}, at: at}, nil
	}
	var out *scalar
	for lo := 0; lo < len(elems); lo += expr.MaxArgs {
		var part []scalar
		for _, e := range elems[lo:min(lo+expr.MaxArgs, len(elems))] {
			part = append(part, scalar{e: e, at: at})
		}
		s, err := b.call(at, "ARRAY[]", part...)
		if err == nil && out != nil {
			s, err = b.call(at, "||", *out, s)
		}
		if err != nil {
			return scalar{}, err
		}
		out = &s
	}
	return *out, nil
}

// indirection binds a[i], a[i:j], the subscripts of jsonb and the fields of records.
func (b *binder) indirection(e *ast.A_Indirection, c *exprCtx) (scalar, error) {
	if s, ok, err := b.setField(e, c); ok {
		return s, err
	}
	return b.indirected(e.Arg, e.Indirection.Items, placeOf(e), c)
}

// placeOf is where an indirection begins, which the grammar does not say.
func placeOf(e *ast.A_Indirection) int {
	if at := e.Location(); at > 0 {
		return at
	}
	return e.Arg.Location()
}

// indirected binds what subscripts and names of fields take out of a value, one after the other.
func (b *binder) indirected(
	arg ast.Node, path []ast.Node, at int, c *exprCtx,
) (scalar, error) {
	s, err := b.expr(arg, c)
	for _, n := range path {
		if err != nil {
			return scalar{}, err
		}
		if name, ok := n.(*ast.String); ok {
			s, err = b.field(s, name.SVal, at)
			continue
		}
		idx, ok := n.(*ast.A_Indices)
		if !ok {
			return scalar{}, b.noExpansion(at)
		}
		switch s.typ().Kind {
		case value.Array:
			s, err = b.subscript(s, idx, at, c)
		case value.JSONB:
			s, err = b.jsonSubscript(s, idx, at, c)
		default:
			return scalar{}, b.errorf(at, stateMismatch,
				"cannot subscript type %s because it does not support subscripting", s.typ())
		}
	}
	return s, err
}

// subscript binds one subscript or slice of an array. The ends of a slice that are left out are
// the array's.
func (b *binder) subscript(
	s scalar, idx *ast.A_Indices, at int, c *exprCtx,
) (scalar, error) {
	bound := func(n ast.Node, missing int32) (scalar, error) {
		if parse.IsNil(n) {
			return scalar{e: expr.Const{D: value.NewInt4(missing), T: int4Type}, at: at}, nil
		}
		i, err := b.expr(n, c)
		if err != nil {
			return i, err
		}
		if i, err = b.asType(i, int4Type); err != nil {
			return i, err
		}
		e, err := b.assign(i, int4Type)
		return scalar{e: e, at: i.at}, err
	}
	hi, err := bound(idx.Uidx, math.MaxInt32)
	if err != nil {
		return scalar{}, err
	}
	if !idx.IsSlice {
		out, err := b.call(at, "[]", s, hi)
		return b.withModifier(out, s), err
	}
	lo, err := bound(idx.Lidx, 1)
	if err != nil {
		return scalar{}, err
	}
	return b.call(at, "[:]", s, lo, hi)
}

// withModifier gives an element the modifier of its array's type.
func (b *binder) withModifier(out, array scalar) scalar {
	if call, ok := out.e.(*expr.Call); ok && array.typ().Precision > 0 {
		out.e = &expr.Call{Fn: call.Fn, Args: call.Args, T: array.typ().ElemType()}
	}
	return out
}

// overArray binds x op ANY (array) and x op ALL (array).
func (b *binder) overArray(e *ast.A_Expr, c *exprCtx) (scalar, error) {
	l, r, err := b.operands(e, c)
	if err != nil {
		return scalar{}, err
	}
	fn, casts, err := expr.ResolveArray(lastPart(e.Name), e.Kind == ast.AEXPR_OP_ALL, l.typ(),
		r.typ())
	if err != nil {
		return scalar{}, b.at(e.Location(), err)
	}
	x, err := b.implicit(l, casts[0])
	if err != nil {
		return scalar{}, err
	}
	list, err := b.implicit(r, casts[1])
	if err != nil {
		return scalar{}, err
	}
	call := &expr.Call{Fn: fn, Args: []expr.Expr{x, list}, T: boolType}
	return scalar{e: call, at: e.Location()}, nil
}

// subscripted separates the subscripts that the grammar puts among the parts of a column's name;
// nil if there are none.
func subscripted(ref *ast.ColumnRef) *ast.A_Indirection {
	for i, f := range ref.Fields.Items {
		if _, ok := f.(*ast.A_Indices); ok {
			base := ast.NewColumnRef(ref.Fields.Items[:i]...)
			base.SetLocation(ref.Location())
			rest := ast.NewNodeList(ref.Fields.Items[i:]...)
			return ast.NewA_Indirection(base, rest, ref.Location())
		}
	}
	return nil
}

package bind

import (
	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/expr"
	"weir/stream/value"
)

// typeCast binds CAST(x AS t), x::t and t 'literal'.
func (b *binder) typeCast(e *ast.TypeCast, c *exprCtx) (scalar, error) {
	if isRecordName(e.TypeName) {
		return b.recordCast(e, c)
	}
	t, err := b.typeName(e.TypeName)
	if err != nil {
		return scalar{}, err
	}
	if list, ok := e.Arg.(*ast.ArrayExpr); ok && t.Kind == value.Array {
		return b.array(list, &t, c)
	}
	s, err := b.expr(e.Arg, c)
	if err != nil {
		return scalar{}, err
	}
	if t.Kind == value.Interval && s.untyped() && s.param == 0 {
		if s, err = b.withUnit(s, e.TypeName); err != nil {
			return scalar{}, err
		}
	}
	if s.untyped() {
		return b.asType(s, t)
	}
	out, err := b.castTo(s, t, true)
	if err != nil {
		return scalar{}, err
	}
	if s.typ() != t {
		s.at = e.Location()
	}
	return scalar{e: out, at: s.at}, nil
}

// recordCast binds x::record, which a record is already.
func (b *binder) recordCast(e *ast.TypeCast, c *exprCtx) (scalar, error) {
	s, err := b.expr(e.Arg, c)
	if err != nil || s.typ().Kind == value.Record {
		return s, err
	}
	if k, ok := s.e.(expr.Const); ok && s.untyped() && k.D.IsNull() {
		return s, nil
	}
	if s.untyped() {
		return scalar{}, b.errorf(s.at, stateUnsupported,
			"input of anonymous composite types is not implemented")
	}
	return scalar{}, b.errorf(s.at, value.StateCannotCoerce,
		"cannot cast type %s to record", s.typ())
}

// withUnit writes the unit of INTERVAL '5' MINUTE into the literal.
func (b *binder) withUnit(s scalar, t *ast.TypeName) (scalar, error) {
	mods, err := b.typmods(t)
	if err != nil {
		return scalar{}, err
	}
	unit, ok := intervalField(mods)
	if !ok {
		return scalar{}, b.unsupported(t.Location(), "interval field ranges are",
			"Write the units into the literal: INTERVAL '1 day 2 hours'.")
	}
	k, isConst := s.e.(expr.Const)
	if unit == "" || !isConst || k.D.IsNull() {
		return s, nil
	}
	s.e = expr.Const{D: value.NewText(k.D.S + " " + unit)}
	return s, nil
}

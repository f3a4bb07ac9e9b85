package bind

import (
	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/expr"
	"weir/stream/value"
)

// param binds $n.
func (b *binder) param(p *ast.ParamRef) (scalar, error) {
	at := p.Location()
	if f := b.function; f != nil && p.Number >= 1 && p.Number <= len(f.Args) {
		return scalar{e: expr.Column{Index: p.Number - 1, T: f.Args[p.Number-1].Type}, at: at}, nil
	}
	if p.Number < 1 || b.function != nil {
		return scalar{}, b.errorf(at, stateNoParameter, "there is no parameter $%d", p.Number)
	}
	if p.Number > MaxParams {
		return scalar{}, b.errorf(at, stateProgramLimit, "a statement has at most %d parameters",
			MaxParams)
	}
	for len(b.params) < p.Number {
		b.params = append(b.params, value.Type{})
	}
	t := b.params[p.Number-1]
	if t.Kind == value.Null {
		return scalar{e: expr.Const{}, param: p.Number, at: at}, nil
	}
	e, err := b.typedParam(p.Number, t, at)
	return scalar{e: e, at: at}, err
}

// typedParam is parameter n as a constant of its type, which is t unless it was known before.
func (b *binder) typedParam(n int, t value.Type, at int) (expr.Expr, error) {
	if known := b.params[n-1]; known.Kind != value.Null {
		c, err := b.paramConst(n, known, at)
		if err != nil {
			return nil, err
		}
		return b.castTo(scalar{e: c, at: at}, t, true)
	}
	if t.Kind == value.Record {
		return nil, b.unsupported(at, "a parameter of type record is", "Give it a type: $1::text.")
	}
	t = value.Type{Kind: t.Kind, Elem: t.Elem} // a parameter has no modifier
	b.params[n-1] = t
	return b.paramConst(n, t, at)
}

func (b *binder) paramConst(n int, t value.Type, at int) (expr.Expr, error) {
	c := expr.Const{T: t}
	if b.opts.Args == nil {
		return c, nil
	}
	if n > len(b.opts.Args) {
		return nil, b.errorf(at, stateNoParameter, "there is no parameter $%d", n)
	}
	c.D = b.opts.Args[n-1]
	if !c.D.IsNull() && c.D.Kind != t.Kind {
		return nil, b.errorf(at, stateMismatch, "parameter $%d is of type %s but was given %s", n, t,
			value.Type{Kind: c.D.Kind})
	}
	return c, nil
}

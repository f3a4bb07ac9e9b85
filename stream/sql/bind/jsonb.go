package bind

import (
	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/value"
)

// jsonSubscript binds j['key'] and j[2]: the member, NULL if there is none.
func (b *binder) jsonSubscript(
	s scalar, idx *ast.A_Indices, at int, c *exprCtx,
) (scalar, error) {
	if idx.IsSlice {
		return scalar{}, b.errorf(at, stateMismatch, "jsonb subscript does not support slices")
	}
	i, err := b.expr(idx.Uidx, c)
	if err != nil {
		return scalar{}, err
	}
	if i.untyped() {
		if i, err = b.asType(i, textType); err != nil {
			return scalar{}, err
		}
	}
	switch i.typ().Kind {
	case value.Text:
	case value.Int2, value.Int4:
		e, err := b.castTo(i, textType, true)
		if err != nil {
			return scalar{}, err
		}
		i.e = e
	default:
		return scalar{}, b.errorf(i.at, stateMismatch,
			"subscript type %s is not supported: it must be integer or text", i.typ())
	}
	path, err := b.call(at, "ARRAY[]", i)
	if err != nil {
		return scalar{}, err
	}
	return b.call(at, "#>", s, path)
}

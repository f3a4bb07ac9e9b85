package detcheck

import (
	"go/ast"
	"go/token"
	"go/types"
)

// rangeOver reports loops over maps and channels. Iterators are judged where they are made.
func (c *checker) rangeOver(n *ast.RangeStmt) {
	t := c.pass.TypesInfo.TypeOf(n.X)
	if t == nil {
		return
	}
	switch {
	case hasTerm(t, isMap):
		c.report(n.Pos(), unordered, "range over a map")
	case hasTerm(t, isChan):
		c.report(n.Pos(), goroutine, "range over a channel")
	}
}

func (c *checker) receive(n *ast.UnaryExpr) {
	if n.Op == token.ARROW {
		c.report(n.Pos(), goroutine, "a receive from a channel")
	}
}

func isMap(t types.Type) bool {
	_, ok := t.Underlying().(*types.Map)
	return ok
}

func isChan(t types.Type) bool {
	_, ok := t.Underlying().(*types.Chan)
	return ok
}

// hasTerm reports whether is holds for t or, if t is a type parameter, for a type that its
// constraint names.
func hasTerm(t types.Type, is func(types.Type) bool) bool {
	p, ok := types.Unalias(t).(*types.TypeParam)
	if !ok {
		return is(t)
	}
	return constraintHas(p.Constraint(), is)
}

// constraintHas walks the unions that a constraint is made of.
func constraintHas(t types.Type, is func(types.Type) bool) bool {
	switch u := t.Underlying().(type) {
	case *types.Interface:
		for i := range u.NumEmbeddeds() {
			if constraintHas(u.EmbeddedType(i), is) {
				return true
			}
		}
		return false
	case *types.Union:
		for i := range u.Len() {
			if constraintHas(u.Term(i).Type(), is) {
				return true
			}
		}
		return false
	default:
		return is(t)
	}
}

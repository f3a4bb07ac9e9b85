package rewrite

import (
	"slices"

	"weir/stream/expr"
	"weir/stream/plan"
	"weir/stream/value"
)

// foldConstants evaluates what is constant in the expressions of a node. What fails stays: it is
// to fail when a row reaches it.
func foldConstants(n plan.Node) plan.Node {
	old := n.Scalars()
	if len(old) == 0 {
		return n
	}
	es := make([]expr.Expr, len(old))
	for i, e := range old {
		es[i] = expr.Rewrite(e, fold)
	}
	return n.WithScalars(es)
}

// fold folds one form over operands that are folded already.
func fold(e expr.Expr) expr.Expr {
	switch e := e.(type) {
	case *expr.Call:
		return foldCall(e)
	case *expr.And:
		return foldLogic(e.Args, false, func(a []expr.Expr) expr.Expr { return &expr.And{Args: a} })
	case *expr.Or:
		return foldLogic(e.Args, true, func(a []expr.Expr) expr.Expr { return &expr.Or{Args: a} })
	case *expr.Case:
		return foldCase(e)
	}
	return e
}

func foldCall(e *expr.Call) expr.Expr {
	if e.Fn == expr.NowFunc {
		return e
	}
	for _, a := range e.Args {
		if _, ok := a.(expr.Const); !ok {
			return e
		}
	}
	d, err := expr.EvalRow(e, nil, expr.Env{})
	if err != nil {
		return e
	}
	return expr.Const{D: d, T: e.T}
}

// foldLogic folds AND (decisive: false) and OR (true): operands that decide nothing go, and so do
// those to the right of one that decides, which are never evaluated. Those to its left stay if
// they can fail.
func foldLogic(
	args []expr.Expr, decisive bool, join func([]expr.Expr) expr.Expr,
) expr.Expr {
	var out []expr.Expr
	for _, a := range args {
		c, ok := a.(expr.Const)
		if !ok || c.D.IsNull() {
			out = append(out, a)
			continue
		}
		if c.D.Bool() == decisive {
			if !slices.ContainsFunc(out, expr.CanFail) {
				return a
			}
			out = append(out, a)
			break
		}
	}
	switch {
	case len(out) == 0:
		return expr.Const{D: value.NewBool(!decisive), T: value.Of(value.Bool)}
	case len(out) == 1:
		return out[0]
	case len(out) == len(args):
		return join(args)
	}
	return join(out)
}

// foldCase drops branches that are never taken and those behind one that always is.
func foldCase(e *expr.Case) expr.Expr {
	out := &expr.Case{T: e.T, Else: e.Else}
	for i, w := range e.Whens {
		c, ok := w.(expr.Const)
		switch {
		case ok && !c.D.Bool(): // false or NULL
			continue
		case ok:
			out.Else = e.Thens[i]
		default:
			out.Whens, out.Thens = append(out.Whens, w), append(out.Thens, e.Thens[i])
			continue
		}
		break
	}
	if len(out.Whens) > 0 {
		return out
	}
	if out.Else == nil {
		return expr.Const{T: e.T}
	}
	if out.Else.Type() == e.T {
		return out.Else
	}
	return e
}

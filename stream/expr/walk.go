package expr

import "slices"

// Children returns the operands of e, left to right (CASE: when, then, when, then, ..., else).
func Children(e Expr) []Expr {
	switch e := e.(type) {
	case *Call:
		return e.Args
	case *And:
		return e.Args
	case *Or:
		return e.Args
	case *Coalesce:
		return e.Args
	case *Row:
		return e.Args
	case *Field:
		return []Expr{e.Arg}
	case *Case:
		out := make([]Expr, 0, 2*len(e.Whens)+1)
		for i := range min(len(e.Whens), len(e.Thens)) {
			out = append(out, e.Whens[i], e.Thens[i])
		}
		if e.Else != nil {
			out = append(out, e.Else)
		}
		return out
	}
	return nil
}

// Walk visits e and everything below it, parents first, until visit returns false for a subtree.
func Walk(e Expr, visit func(Expr) bool) {
	if !visit(e) {
		return
	}
	for _, c := range Children(e) {
		Walk(c, visit)
	}
}

// Rewrite returns e with every node replaced by f of it, operands first; a field of what has
// become a row that is spelled out is its operand then. Unchanged subtrees are shared. f must keep
// types.
func Rewrite(e Expr, f func(Expr) Expr) Expr {
	old := Children(e)
	kids := make([]Expr, len(old))
	changed := false
	for i, c := range old {
		kids[i] = Rewrite(c, f)
		changed = changed || kids[i] != c
	}
	if changed {
		e = withChildren(e, kids)
	}
	e = f(e)
	if field, ok := e.(*Field); ok { // not before f, which has seen the operand
		return NewField(field.Arg, field.Index)
	}
	return e
}

func withChildren(e Expr, kids []Expr) Expr {
	switch e := e.(type) {
	case *Call:
		return &Call{Fn: e.Fn, Args: kids, T: e.T}
	case *And:
		return &And{Args: kids}
	case *Or:
		return &Or{Args: kids}
	case *Coalesce:
		return &Coalesce{Args: kids, T: e.T}
	case *Row:
		return &Row{Args: kids, T: e.T}
	case *Field:
		return &Field{Arg: kids[0], Index: e.Index, T: e.T}
	case *Case:
		z := &Case{T: e.T}
		for i := range e.Whens {
			z.Whens = append(z.Whens, kids[2*i])
			z.Thens = append(z.Thens, kids[2*i+1])
		}
		if e.Else != nil {
			z.Else = kids[len(kids)-1]
		}
		return z
	}
	return e
}

// Shift returns e with every column index moved by delta.
func Shift(e Expr, delta int) Expr {
	return Remap(e, func(i int) int { return i + delta })
}

// Remap returns e with every column index i replaced by to(i).
func Remap(e Expr, to func(i int) int) Expr {
	return Rewrite(e, func(e Expr) Expr {
		if c, ok := e.(Column); ok {
			return Column{Index: to(c.Index), T: c.T}
		}
		return e
	})
}

// Columns returns the indexes of the columns that e reads, ascending, each once.
func Columns(e Expr) []int {
	var out []int
	Walk(e, func(e Expr) bool {
		if c, ok := e.(Column); ok {
			out = append(out, c.Index)
		}
		return true
	})
	slices.Sort(out)
	return slices.Compact(out)
}

// Substitute returns e with column i replaced by with[i], of the same type: e over the input of
// a projection.
func Substitute(e Expr, with []Expr) Expr {
	return Rewrite(e, func(e Expr) Expr {
		if c, ok := e.(Column); ok {
			return with[c.Index]
		}
		return e
	})
}

// Equal reports whether a and b are the same tree.
func Equal(a, b Expr) bool {
	return a == b || string(AppendExpr(nil, a)) == string(AppendExpr(nil, b))
}

// IsConst reports whether e reads no column and no clock, so that it has one value for ever.
func IsConst(e Expr) bool {
	constant := true
	Walk(e, func(e Expr) bool {
		switch e := e.(type) {
		case Column, Outer:
			constant = false
		case *Call:
			constant = constant && e.Fn != NowFunc
		}
		return constant
	})
	return constant
}

// CanFail reports whether evaluating e may raise a scalar error: it says no only for columns,
// constants and forms over comparisons and tests of such.
func CanFail(e Expr) bool {
	fails := false
	Walk(e, func(e Expr) bool {
		switch e := e.(type) {
		case *Call:
			f, _ := library.find(e.Fn)
			fails = fails || f == nil || !f.total
		case *Row: // may grow too large
			fails = true
		}
		return !fails
	})
	return fails
}

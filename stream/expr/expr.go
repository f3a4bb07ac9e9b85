package expr

import "weir/stream/value"

// Expr is a typed scalar expression over the columns of one input. The forms are Column, Const,
// Call, Case, Coalesce, And, Or, Row and Field; everything else (operators, casts, functions) is a
// Call of a function of the library. Trees are immutable.
type Expr interface {
	// Type is the type of the result.
	Type() value.Type
	isExpr()
}

// Column is input column Index.
type Column struct {
	Index int
	T     value.Type
}

// Const is a literal; D may be NULL.
type Const struct {
	D value.Datum
	T value.Type
}

// Func names one overload of the function library for ever: a plan stores it. Names are
// "<name>(<kind>,...)" such as "add(int4,int4)", "cast(text):int4", "date_trunc(text,timestamp)".
type Func string

// Call applies a strict or non-strict library function.
type Call struct {
	Fn   Func
	Args []Expr
	T    value.Type
}

// And and Or follow SQL's three-valued logic. An error of one operand is an error of the whole
// unless an operand to its left already decides, so that the result does not depend on the plan.
type (
	And struct{ Args []Expr }
	Or  struct{ Args []Expr }
)

// Case is CASE WHEN Whens[i] THEN Thens[i] ... ELSE Else END; branches that are not taken are
// not evaluated, so they cannot fail. COALESCE and NULLIF are written with it by the binder, or
// with Coalesce where the argument would be repeated.
type Case struct {
	Whens, Thens []Expr
	Else         Expr // nil: NULL
	T            value.Type
}

// Coalesce is the first argument that is not NULL; later ones are not evaluated.
type Coalesce struct {
	Args []Expr
	T    value.Type
}

// Type implements Expr.
func (e Column) Type() value.Type { return e.T }

// Type implements Expr.
func (e Const) Type() value.Type { return e.T }

// Type implements Expr.
func (e *Call) Type() value.Type { return e.T }

// Type implements Expr.
func (e *And) Type() value.Type { return value.Type{Kind: value.Bool} }

// Type implements Expr.
func (e *Or) Type() value.Type { return value.Type{Kind: value.Bool} }

// Type implements Expr.
func (e *Case) Type() value.Type { return e.T }

// Type implements Expr.
func (e *Coalesce) Type() value.Type { return e.T }

func (Column) isExpr()    {}
func (Const) isExpr()     {}
func (*Call) isExpr()     {}
func (*And) isExpr()      {}
func (*Or) isExpr()       {}
func (*Case) isExpr()     {}
func (*Coalesce) isExpr() {}

package bind

import (
	"slices"

	"weir/stream/expr"
	"weir/stream/value"
)

// scalar is a bound expression. Untyped ones ('...', NULL, a parameter whose type is not known
// yet) have a Const of kind Null's type and take a type from where they stand.
type scalar struct {
	e     expr.Expr
	param int // 1-based number of an untyped parameter; 0: none
	at    int // byte offset

	isDefault bool // the word DEFAULT in a VALUES list of INSERT

	// fields are those of a record that is spelled out where it stands: ROW(a, b), a row of FROM.
	fields []scalar
}

func (s scalar) typ() value.Type { return s.e.Type() }
func (s scalar) untyped() bool   { return s.e.Type().Kind == value.Null }

var (
	boolType  = value.Type{Kind: value.Bool}
	textType  = value.Type{Kind: value.Text}
	int8Type  = value.Type{Kind: value.Int8}
	int4Type  = value.Type{Kind: value.Int4}
	untypedNo = value.Type{}
)

// asType gives an untyped scalar a type: a literal is read by the type's input function, NULL and
// parameters are typed in place. Typed scalars stay as they are.
func (b *binder) asType(s scalar, t value.Type) (scalar, error) {
	if !s.untyped() {
		return s, nil
	}
	if s.param > 0 {
		e, err := b.typedParam(s.param, t, s.at)
		return scalar{e: e, at: s.at}, err
	}
	c, ok := s.e.(expr.Const)
	if !ok || c.D.IsNull() {
		return scalar{e: expr.Const{T: t}, at: s.at}, nil
	}
	if t.Kind == value.Text {
		return scalar{e: expr.Const{D: c.D, T: t}, at: s.at}, nil
	}
	d, err := parseDatum(c.D.S, t)
	if err != nil {
		return scalar{}, b.at(s.at, err)
	}
	return scalar{e: expr.Const{D: d, T: t}, at: s.at}, nil
}

// parseDatum reads a literal with the input function of a type.
func parseDatum(text string, t value.Type) (value.Datum, error) {
	d, err := value.Parse(text, t)
	if err != nil {
		return value.Datum{}, err
	}
	return d, nil
}

// implicit converts a scalar to the type that an overload or a common type asks for.
func (b *binder) implicit(s scalar, t value.Type) (expr.Expr, error) {
	if s.untyped() {
		s, err := b.asType(s, t)
		return s.e, err
	}
	return b.castTo(s, t, true)
}

// assign converts a scalar to the type of the column that it is stored in.
func (b *binder) assign(s scalar, t value.Type) (expr.Expr, error) {
	if s.untyped() {
		s, err := b.asType(s, t)
		return s.e, err
	}
	return b.castTo(s, t, false)
}

// castTo casts a typed scalar, explicitly or by the rules of assignment.
func (b *binder) castTo(s scalar, t value.Type, explicit bool) (expr.Expr, error) {
	if s.typ() == t {
		return s.e, nil
	}
	if t.Kind == value.Record && s.typ().Kind == value.Record &&
		value.CheckComparable(s.typ(), t) != nil {
		return b.castRecord(s, t)
	}
	fn, err := expr.Cast(s.typ(), t, explicit)
	if err != nil {
		return nil, b.at(s.at, err)
	}
	if fn == "" {
		if c, ok := s.e.(expr.Const); ok {
			return expr.Const{D: c.D, T: t}, nil
		}
		// Values of the type with a modifier are values of the type without it; a node that
		// changes nothing says so.
		return &expr.Coalesce{Args: []expr.Expr{s.e}, T: t}, nil
	}
	return &expr.Call{Fn: fn, Args: []expr.Expr{s.e}, T: t}, nil
}

// settled gives an untyped scalar the type text, as PostgreSQL does with what is left untyped.
func (b *binder) settled(s scalar) (scalar, error) { return b.asType(s, textType) }

// call applies an operator or function.
func (b *binder) call(at int, name string, args ...scalar) (scalar, error) {
	args, err := b.rowArgs(name, args)
	if err != nil {
		return scalar{}, err
	}
	types := make([]value.Type, len(args))
	for i, a := range args {
		types[i] = a.typ()
	}
	fn, casts, result, err := expr.Resolve(name, types)
	if err != nil {
		e := b.asError(err)
		e.Position = b.raw.Position(at)
		if e.SQLState == "42883" && e.Hint == "" {
			e.Hint = "No operator or function matches the given name and argument types. " +
				"You might need to add explicit type casts."
		}
		return scalar{}, e
	}
	out := make([]expr.Expr, len(args))
	for i, a := range args {
		if out[i], err = b.implicit(a, casts[i]); err != nil {
			return scalar{}, err
		}
	}
	return scalar{e: &expr.Call{Fn: fn, Args: out, T: result}, at: at}, nil
}

// rowArgs prepares records for a function that takes them.
func (b *binder) rowArgs(name string, args []scalar) ([]scalar, error) {
	if !slices.ContainsFunc(args, func(s scalar) bool { return s.typ().Kind == value.Record }) {
		return args, nil
	}
	if name == "jsonb_build_array" || name == "jsonb_build_object" {
		return b.asJSON(args)
	}
	return b.aligned(args)
}

// boolean converts a scalar to a condition.
func (b *binder) boolean(s scalar, clause string) (expr.Expr, error) {
	s, err := b.asType(s, boolType)
	if err != nil {
		return nil, err
	}
	if s.typ().Kind != value.Bool {
		return nil, b.errorf(s.at, stateMismatch, "argument of %s must be type boolean, not type %s",
			clause, s.typ())
	}
	if len(setsIn(s.e)) > 0 {
		return nil, b.errorf(s.at, stateMismatch, "argument of %s must not return a set", clause)
	}
	return s.e, nil
}

// unify gives scalars their common type, as CASE, COALESCE, UNION and VALUES do.
func (b *binder) unify(list []scalar, at int) ([]expr.Expr, value.Type, error) {
	list, err := b.aligned(list)
	if err != nil {
		return nil, value.Type{}, err
	}
	types := make([]value.Type, len(list))
	for i, s := range list {
		types[i] = s.typ()
	}
	t, err := expr.CommonType(types)
	if err != nil {
		return nil, t, b.at(at, err)
	}
	out := make([]expr.Expr, len(list))
	for i, s := range list {
		if out[i], err = b.implicit(s, t); err != nil {
			return nil, t, err
		}
	}
	return out, t, nil
}

// repeat accounts for an operand that a rewriting uses again.
func (b *binder) repeat(s scalar) error {
	if b.repeated += sizeOf(s.e, MaxRepeated); b.repeated > MaxRepeated {
		return b.errorf(s.at, stateTooComplex,
			"the statement repeats more than %d parts of expressions", MaxRepeated)
	}
	return nil
}

// sizeOf counts the nodes of an expression, up to a limit.
func sizeOf(e expr.Expr, limit int) int {
	n := 0
	walkWhile(e, func(expr.Expr) bool {
		n++
		return n <= limit
	})
	return n
}

// walkWhile visits an expression, parents first, while visit says so.
func walkWhile(e expr.Expr, visit func(expr.Expr) bool) bool {
	if !visit(e) {
		return false
	}
	for _, c := range children(e) {
		if !walkWhile(c, visit) {
			return false
		}
	}
	return true
}

// children are the operands of an expression.
func children(e expr.Expr) []expr.Expr {
	switch e := e.(type) {
	case *expr.Call:
		return e.Args
	case *expr.And:
		return e.Args
	case *expr.Or:
		return e.Args
	case *expr.Coalesce:
		return e.Args
	case *expr.Row:
		return e.Args
	case *expr.Field:
		return []expr.Expr{e.Arg}
	case *expr.Case:
		out := make([]expr.Expr, 0, 2*len(e.Whens)+1)
		out = append(append(out, e.Whens...), e.Thens...)
		if e.Else != nil {
			out = append(out, e.Else)
		}
		return out
	default:
		return nil
	}
}

// allOf and anyOf join conditions; more than one node may hold are nested, which evaluates alike.
func allOf(list []expr.Expr) expr.Expr {
	return chunked(list, func(args []expr.Expr) expr.Expr { return &expr.And{Args: args} })
}

func anyOf(list []expr.Expr) expr.Expr {
	return chunked(list, func(args []expr.Expr) expr.Expr { return &expr.Or{Args: args} })
}

func chunked(list []expr.Expr, join func([]expr.Expr) expr.Expr) expr.Expr {
	for len(list) > expr.MaxArgs {
		var next []expr.Expr
		for i := 0; i < len(list); i += expr.MaxArgs {
			part := list[i:min(i+expr.MaxArgs, len(list))]
			if len(part) == 1 {
				next = append(next, part[0])
			} else {
				next = append(next, join(part))
			}
		}
		list = next
	}
	if len(list) == 1 {
		return list[0]
	}
	return join(list)
}

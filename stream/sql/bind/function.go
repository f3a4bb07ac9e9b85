package bind

import (
	"strings"

	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/expr"
	"weir/stream/value"
)

// funcCall binds a function or an aggregate.
func (b *binder) funcCall(f *ast.FuncCall, c *exprCtx) (scalar, error) {
	parts, _ := nameParts(f.Funcname)
	name := parts[len(parts)-1]
	at := f.Location()
	if len(parts) > 2 || len(parts) == 2 && parts[0] != "pg_catalog" {
		return scalar{}, b.errorf(at, "42883", "function %s does not exist", strings.Join(parts, "."))
	}
	if c.match != nil {
		if s, ok, err := c.match.call(f); ok {
			return s, err
		}
	}
	if f.Over != nil {
		return b.overCall(f, name, c)
	}
	if aggregateNamed(name) {
		return b.aggregate(f, name, c)
	}
	if _, ok := windowRules[name]; ok {
		return scalar{}, b.errorf(at, stateWrongObject,
			"window function %s requires an OVER clause", name)
	}
	if f.AggStar || f.AggDistinct || f.AggFilter != nil || f.AggWithinGroup ||
		f.AggOrder != nil && len(f.AggOrder.Items) > 0 {
		return scalar{}, b.errorf(at, stateWrongObject, "%s is not an aggregate function", name)
	}
	if f.FuncVariadic {
		return scalar{}, b.unsupported(at, "VARIADIC is", "")
	}
	switch name {
	case "now", "transaction_timestamp", "statement_timestamp", "current_timestamp":
		if f.Args == nil || len(f.Args.Items) == 0 {
			return b.blockTime(value.TimestampTZ, at, c)
		}
	case "clock_timestamp", "timeofday", "random", "gen_random_uuid", "setseed":
		return scalar{}, b.unsupported(at, name+"() is", "Every validator must get the same value.")
	case "timezone":
		return b.atTimeZone(f, c)
	case "tumble", "hop", "cumulate", "session":
		return scalar{}, b.errorf(at, stateWrongObject,
			"%s is a table function: it stands in FROM", strings.ToUpper(name))
	}
	list, err := b.positional(f, name)
	if err != nil {
		return scalar{}, err
	}
	args, err := b.exprs(list, c)
	if err != nil {
		return scalar{}, err
	}
	if name == "age" && len(args) == 1 {
		return b.ageOf(args[0], c)
	}
	return b.userCall(at, name, args, c)
}

// ageOf binds age(x): from today, at midnight.
func (b *binder) ageOf(x scalar, c *exprCtx) (scalar, error) {
	today, err := b.blockTime(value.Date, x.at, c)
	if err != nil {
		return scalar{}, err
	}
	kind := value.Timestamp
	if x.typ().Kind == value.TimestampTZ || x.untyped() || x.typ().Kind == value.Date {
		kind = value.TimestampTZ
	}
	e, err := b.castTo(today, value.Of(kind), true)
	if err != nil {
		return scalar{}, err
	}
	return b.call(x.at, "age", scalar{e: e, at: x.at}, x)
}

// exprString lets EXTRACT's field, which the grammar gives as a bare string, bind as a literal.
func exprString(n ast.Node) ast.Node {
	if s, ok := n.(*ast.String); ok {
		return ast.NewA_Const(ast.NewString(s.SVal), s.Location())
	}
	return n
}

// valueFunction binds CURRENT_TIMESTAMP and its relatives.
func (b *binder) valueFunction(f *ast.SQLValueFunction, c *exprCtx) (scalar, error) {
	kind := value.TimestampTZ
	switch f.Op {
	case ast.SVFOP_CURRENT_TIMESTAMP:
	case ast.SVFOP_CURRENT_DATE:
		kind = value.Date
	case ast.SVFOP_LOCALTIMESTAMP:
		kind = value.Timestamp
	case ast.SVFOP_LOCALTIME:
		kind = value.Time
	default:
		return scalar{}, b.unsupported(f.Location(), "this function of time or session is", "")
	}
	return b.blockTime(kind, f.Location(), c)
}

// blockTime is now(), cast to a kind.
func (b *binder) blockTime(kind value.Kind, at int, c *exprCtx) (scalar, error) {
	if b.inView {
		return b.viewTime(kind, at, c)
	}
	if c.noTime {
		return scalar{}, b.unsupported(at, "now() in "+c.clause+" is", "")
	}
	b.now = true
	s, err := b.call(at, "now")
	if err != nil {
		return scalar{}, err
	}
	e, err := b.castTo(s, value.Type{Kind: kind}, true)
	return scalar{e: e, at: at}, err
}

// atTimeZone binds x AT TIME ZONE. In UTC it changes the type alone, so that watermarks pass.
func (b *binder) atTimeZone(f *ast.FuncCall, c *exprCtx) (scalar, error) {
	args, err := b.exprs(f.Args, c)
	if err != nil {
		return scalar{}, err
	}
	if len(args) != 2 {
		return b.call(f.Location(), "timezone", args...)
	}
	zone, ok := args[0].e.(expr.Const)
	name := strings.ToUpper(zone.D.S)
	s, err := b.zoned(args[1])
	if err != nil {
		return scalar{}, err
	}
	if !ok || zone.D.Kind != value.Text || name != "UTC" && name != "GMT" && name != "Z" {
		return b.call(f.Location(), "timezone", args[0], s)
	}
	to := value.Timestamp
	if s.typ().Kind == value.Timestamp {
		to = value.TimestampTZ
	}
	e, err := b.castTo(s, value.Type{Kind: to}, true)
	return scalar{e: e, at: f.Location()}, err
}

// zoned types what stands before AT TIME ZONE: a literal is a time with a zone, and so is a date.
func (b *binder) zoned(s scalar) (scalar, error) {
	s, err := b.asType(s, value.Type{Kind: value.TimestampTZ})
	if err != nil || s.typ().Kind != value.Date {
		return s, err
	}
	e, err := b.castTo(s, value.Type{Kind: value.TimestampTZ}, true)
	return scalar{e: e, at: s.at}, err
}

package bind

import (
	"strconv"
	"strings"

	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/expr"
	"weir/stream/sql/parse"
	"weir/stream/value"
)

// exprCtx is where an expression stands.
type exprCtx struct {
	scope  *scope
	clause string // its name in messages, such as "WHERE"
	// aggs collects aggregate calls; nil: they are not allowed here.
	aggs        *aggregates
	inAggregate bool // inside the arguments of one
	// overs collects window functions; nil: they are not allowed here.
	overs  *overs
	inOver bool // inside the arguments or the window of one
	// sets collects set-returning functions; nil: they are not allowed here, in the operands of
	// noSets if it is not empty.
	sets   *setCalls
	noSets string
	// noTime: now() and its relatives are not allowed here either outside views.
	noTime bool
	match  *matchBinder // inside MATCH_RECOGNIZE
	seen   map[int]int  // column -> where it was first named; nil: nobody asks
}

// expr binds an expression.
func (b *binder) expr(n ast.Node, c *exprCtx) (scalar, error) {
	if parse.IsNil(n) {
		return scalar{}, b.errorf(0, stateSyntax, "an expression is missing")
	}
	switch e := n.(type) {
	case *ast.ParenExpr:
		return b.expr(e.Expr, c)
	case *ast.ColumnRef:
		if sub := subscripted(e); sub != nil {
			return b.indirection(sub, c)
		}
		return b.columnRef(e, c)
	case *ast.A_Const:
		return b.constant(e)
	case *ast.ParamRef:
		return b.param(e)
	case *ast.TypeCast:
		return b.typeCast(e, c)
	case *ast.BoolExpr:
		return b.boolExpr(e, c)
	case *ast.A_Expr:
		return b.operator(e, c)
	case *ast.NullTest:
		return b.nullTest(e, c)
	case *ast.BooleanTest:
		names := map[ast.BoolTestType]string{
			ast.IS_TRUE: "is_true", ast.IS_NOT_TRUE: "is_not_true", ast.IS_FALSE: "is_false",
			ast.IS_NOT_FALSE: "is_not_false", ast.IS_UNKNOWN: "is_unknown",
			ast.IS_NOT_UNKNOWN: "is_not_unknown",
		}
		return b.test(e.Arg, names[e.Booltesttype], e.Location(), c)
	case *ast.CaseExpr:
		return b.caseExpr(e, c)
	case *ast.CoalesceExpr:
		return b.coalesce(e, c)
	case *ast.MinMaxExpr:
		name := "greatest"
		if e.Op == ast.IS_LEAST {
			name = "least"
		}
		return b.unifiedCall(name, e.Args, e.Location(), c)
	case *ast.FuncCall:
		if expr.IsSet(lastPart(e.Funcname)) {
			return b.setCallExpr(e, c)
		}
		return b.funcCall(e, c)
	case *ast.SQLValueFunction:
		return b.valueFunction(e, c)
	case *ast.ArrayExpr:
		return b.array(e, nil, c)
	case *ast.A_Indirection:
		return b.indirection(e, c)
	case *ast.CollateClause:
		return b.collate(e, c)
	case *ast.GroupingFunc:
		return b.grouping(e, c)
	case *ast.RowExpr:
		return b.rowValue(e, c)
	case *ast.SubLink:
		return b.subLink(e, c)
	case *ast.SetToDefault:
		return scalar{}, b.errorf(e.Location(), stateSyntax, "DEFAULT is not allowed in this context")
	default:
		return scalar{}, b.unsupported(n.Location(), "this kind of expression is", "")
	}
}

// columnRef binds a column by its name.
func (b *binder) columnRef(e *ast.ColumnRef, c *exprCtx) (scalar, error) {
	if c.match != nil {
		return c.match.column(e)
	}
	if parts, star := nameParts(e.Fields); star && len(parts) == 1 {
		return b.starRow(e, parts[0], c)
	}
	s, err := b.find(c.scope, e)
	c.note(s)
	c.noteAll(s.fields)
	return s, err
}

// nullTest binds IS NULL and IS NOT NULL, of a row as well.
func (b *binder) nullTest(e *ast.NullTest, c *exprCtx) (scalar, error) {
	name := "is_null"
	if e.Nulltesttype == ast.IS_NOT_NULL {
		name = "is_not_null"
	}
	if row := rowOf(e.Arg); row != nil {
		return b.rowTest(row, name, e.Location(), c)
	}
	s, err := b.expr(e.Arg, c)
	if err != nil {
		return scalar{}, err
	}
	if s.typ().Kind == value.Record {
		return b.recordTest(s, name, e.Location())
	}
	return b.tested(s, name, e.Location())
}

func (b *binder) exprs(list *ast.NodeList, c *exprCtx) ([]scalar, error) {
	if list == nil {
		return nil, nil
	}
	out := make([]scalar, len(list.Items))
	for i, n := range list.Items {
		s, err := b.expr(exprString(n), c)
		if err != nil {
			return nil, err
		}
		out[i] = s
	}
	return out, nil
}

// condition binds an expression that must be boolean.
func (b *binder) condition(n ast.Node, c *exprCtx) (expr.Expr, error) {
	s, err := b.expr(n, c)
	if err != nil {
		return nil, err
	}
	return b.boolean(s, c.clause)
}

// constant binds a literal.
func (b *binder) constant(c *ast.A_Const) (scalar, error) {
	at := c.Location()
	if c.Isnull || c.Val == nil {
		return scalar{e: expr.Const{}, at: at}, nil
	}
	switch v := c.Val.(type) {
	case *ast.Null:
		return scalar{e: expr.Const{}, at: at}, nil
	case *ast.String:
		return scalar{e: expr.Const{D: value.NewText(v.SVal)}, at: at}, nil
	case *ast.Boolean:
		return scalar{e: expr.Const{D: value.NewBool(v.BoolVal), T: boolType}, at: at}, nil
	case *ast.Integer:
		return scalar{e: expr.Const{D: value.NewInt4(int32(v.IVal)), T: int4Type}, at: at}, nil
	case *ast.Float:
		if i, err := strconv.ParseInt(v.FVal, 10, 64); err == nil {
			return scalar{e: expr.Const{D: value.NewInt8(i), T: int8Type}, at: at}, nil
		}
		t := value.Type{Kind: value.Numeric}
		d, err := parseDatum(strings.ReplaceAll(v.FVal, "_", ""), t)
		if err != nil {
			return scalar{}, b.at(at, err)
		}
		return scalar{e: expr.Const{D: d, T: t}, at: at}, nil
	default:
		return scalar{}, b.unsupported(at, "bit strings are", `Write bytea as '\x...'::bytea.`)
	}
}

// boolExpr binds AND, OR and NOT. The grammar nests chains to the left; they become one node.
func (b *binder) boolExpr(e *ast.BoolExpr, c *exprCtx) (scalar, error) {
	if e.Boolop == ast.NOT_EXPR {
		s, err := b.expr(e.Args.Items[0], c)
		if err != nil {
			return scalar{}, err
		}
		cond, err := b.boolean(s, "NOT")
		if err != nil {
			return scalar{}, err
		}
		return b.call(e.Location(), "not", scalar{e: cond, at: s.at})
	}
	word, join := "AND", allOf
	if e.Boolop == ast.OR_EXPR {
		word, join = "OR", anyOf
	}
	var list []expr.Expr
	for _, n := range flatten(e) {
		s, err := b.expr(n, c)
		if err != nil {
			return scalar{}, err
		}
		cond, err := b.boolean(s, word)
		if err != nil {
			return scalar{}, err
		}
		list = append(list, cond)
	}
	return scalar{e: join(list), at: e.Location()}, nil
}

// flatten returns the operands of a chain of one of AND and OR, left to right. Chains can be as
// long as the text, so it does not recurse along them.
func flatten(e *ast.BoolExpr) []ast.Node {
	var rev []ast.Node
	stack := []ast.Node{e}
	for len(stack) > 0 {
		n := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if sub, ok := n.(*ast.BoolExpr); ok && sub.Boolop == e.Boolop {
			stack = append(stack, sub.Args.Items...)
			continue
		}
		rev = append(rev, n)
	}
	for i, j := 0, len(rev)-1; i < j; i, j = i+1, j-1 {
		rev[i], rev[j] = rev[j], rev[i]
	}
	return rev
}

// test binds x IS TRUE and its like.
func (b *binder) test(arg ast.Node, name string, at int, c *exprCtx) (scalar, error) {
	s, err := b.expr(arg, c)
	if err != nil {
		return scalar{}, err
	}
	return b.tested(s, name, at)
}

// tested applies IS NULL, IS TRUE and their like.
func (b *binder) tested(s scalar, name string, at int) (scalar, error) {
	if name != "is_null" && name != "is_not_null" {
		e, err := b.boolean(s, strings.ToUpper(strings.ReplaceAll(name, "_", " ")))
		if err != nil {
			return scalar{}, err
		}
		return b.call(at, name, scalar{e: e, at: s.at})
	}
	s, err := b.settled(s)
	if err != nil {
		return scalar{}, err
	}
	return b.call(at, name, s)
}

// coalesce binds COALESCE.
func (b *binder) coalesce(e *ast.CoalesceExpr, c *exprCtx) (scalar, error) {
	list, err := b.exprs(e.Args, c.withoutSets("COALESCE"))
	if err != nil {
		return scalar{}, err
	}
	if len(list) > expr.MaxArgs {
		return scalar{}, b.errorf(e.Location(), stateTooComplex,
			"COALESCE takes at most %d arguments", expr.MaxArgs)
	}
	args, t, err := b.unify(list, e.Location())
	if err != nil {
		return scalar{}, err
	}
	return scalar{e: &expr.Coalesce{Args: args, T: t}, at: e.Location()}, nil
}

// unifiedCall binds a function whose arguments take their common type.
func (b *binder) unifiedCall(
	name string, args *ast.NodeList, at int, c *exprCtx,
) (scalar, error) {
	list, err := b.exprs(args, c)
	if err != nil {
		return scalar{}, err
	}
	es, _, err := b.unify(list, at)
	if err != nil {
		return scalar{}, err
	}
	for i, e := range es {
		list[i] = scalar{e: e, at: list[i].at}
	}
	return b.call(at, name, list...)
}

// caseExpr binds both forms of CASE.
func (b *binder) caseExpr(e *ast.CaseExpr, c *exprCtx) (scalar, error) {
	if len(e.Args.Items) > expr.MaxArgs {
		return scalar{}, b.errorf(e.Location(), stateTooComplex,
			"CASE takes at most %d branches", expr.MaxArgs)
	}
	c = c.withoutSets("CASE")
	var arg *scalar
	if !parse.IsNil(e.Arg) {
		s, err := b.expr(e.Arg, c)
		if err != nil {
			return scalar{}, err
		}
		if s, err = b.settled(s); err != nil {
			return scalar{}, err
		}
		arg = &s
	}
	out := &expr.Case{}
	var results []scalar
	for _, n := range e.Args.Items {
		w, ok := n.(*ast.CaseWhen)
		if !ok {
			return scalar{}, b.errorf(e.Location(), stateSyntax, "malformed CASE")
		}
		cond, err := b.when(arg, w, c)
		if err != nil {
			return scalar{}, err
		}
		out.Whens = append(out.Whens, cond)
		r, err := b.expr(w.Result, c)
		if err != nil {
			return scalar{}, err
		}
		results = append(results, r)
	}
	if !parse.IsNil(e.Defresult) {
		r, err := b.expr(e.Defresult, c)
		if err != nil {
			return scalar{}, err
		}
		results = append(results, r)
	}
	es, t, err := b.unify(results, e.Location())
	if err != nil {
		return scalar{}, err
	}
	out.T, out.Thens = t, es[:len(out.Whens)]
	if !parse.IsNil(e.Defresult) {
		out.Else = es[len(es)-1]
	}
	return scalar{e: out, at: e.Location()}, nil
}

// when binds the condition of one branch: CASE x WHEN y compares.
func (b *binder) when(arg *scalar, w *ast.CaseWhen, c *exprCtx) (expr.Expr, error) {
	s, err := b.expr(w.Expr, c)
	if err != nil {
		return nil, err
	}
	if arg == nil {
		return b.boolean(s, "CASE/WHEN")
	}
	if err := b.repeat(*arg); err != nil {
		return nil, err
	}
	eq, err := b.call(w.Location(), "=", *arg, s)
	return eq.e, err
}

// collate accepts the one collation that there is.
func (b *binder) collate(e *ast.CollateClause, c *exprCtx) (scalar, error) {
	if name := lastPart(e.Collname); name != "C" && name != "POSIX" && name != "ucs_basic" {
		return scalar{}, b.unsupported(e.Location(), `collations other than "C" are`, "")
	}
	return b.expr(e.Arg, c)
}

func lastPart(names *ast.NodeList) string {
	parts, _ := nameParts(names)
	if len(parts) == 0 {
		return ""
	}
	return parts[len(parts)-1]
}

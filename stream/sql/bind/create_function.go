package bind

import (
	"strings"

	"github.com/multigres/multigres/go/common/parser/ast"

	"weir/stream/catalog"
	"weir/stream/expr"
	"weir/stream/sql/parse"
	"weir/stream/value"
)

// MaxFunctionNodes bounds the body of a function, with the functions that it calls; else 54001.
const MaxFunctionNodes = 1024

// createFunction binds CREATE FUNCTION ... LANGUAGE SQL whose body is one scalar expression.
func (b *binder) createFunction(s *ast.CreateFunctionStmt) (Statement, error) {
	at := b.raw.Offset
	parts, _ := nameParts(s.FuncName)
	if len(parts) > 2 || len(parts) == 2 && parts[0] != "public" {
		return nil, b.unsupported(at, "names with a schema are", "")
	}
	if s.IsProcedure {
		return nil, b.unsupported(at, "CREATE PROCEDURE is", "")
	}
	f := &catalog.Function{
		Name: parts[len(parts)-1], Owner: b.opts.Role, SQL: b.raw.Canonical,
		Functions: expr.LibraryVersion,
	}
	if err := b.functionShape(s, f); err != nil {
		return nil, err
	}
	body, err := b.functionOptions(s, f)
	if err != nil {
		return nil, err
	}
	if err := b.cat.CheckNewFunction(f, s.Replace); err != nil {
		return nil, b.at(at, err)
	}
	if err := b.builtinTaken(f); err != nil {
		return nil, err
	}
	old := b.cat.SameFunction(f)
	if old != nil && old.Result != f.Result {
		e := b.errorf(at, "42P13", "cannot change return type of existing function")
		e.Hint = "Use DROP FUNCTION " + old.Signature() + " first."
		return nil, e
	}
	if err := b.functionBody(f, body, s.SQLBody); err != nil {
		return nil, err
	}
	st := &CreateFunction{Function: f}
	if old != nil {
		st.Replaces = old.ID
	}
	return st, nil
}

// functionShape reads the parameters and the result.
func (b *binder) functionShape(s *ast.CreateFunctionStmt, f *catalog.Function) error {
	at := b.raw.Offset
	for _, n := range items(s.Parameters) {
		p, ok := n.(*ast.FunctionParameter)
		if !ok || p.Mode != ast.FUNC_PARAM_IN && p.Mode != ast.FUNC_PARAM_DEFAULT ||
			!parse.IsNil(p.DefExpr) {
			return b.unsupported(at, "parameters other than IN without a default are", "")
		}
		t, err := b.typeName(p.ArgType)
		if err != nil {
			return err
		}
		for _, o := range f.Args {
			if p.Name != "" && o.Name == p.Name {
				return b.errorf(at, "42P13", "parameter name %q used more than once", p.Name)
			}
		}
		f.Args = append(f.Args, catalog.Argument{Name: p.Name, Type: value.Of(t.Kind)})
	}
	if s.ReturnType == nil {
		return b.errorf(at, "42P13", "function result type must be specified")
	}
	if s.ReturnType.Setof {
		return b.unsupported(at, "a function that returns rows is", "")
	}
	t, err := b.typeName(s.ReturnType)
	f.Result = value.Of(t.Kind)
	return err
}

// functionOptions reads what stands behind the parameters and returns the text of the body.
func (b *binder) functionOptions(s *ast.CreateFunctionStmt, f *catalog.Function) (
	body string, err error,
) {
	at := b.raw.Offset
	language := ""
	for _, n := range items(s.Options) {
		d, ok := n.(*ast.DefElem)
		if !ok {
			continue
		}
		switch d.Defname {
		case "language":
			language, _ = settingText(d.Arg)
		case "as":
			list, ok := d.Arg.(*ast.NodeList)
			if ok && len(list.Items) == 1 {
				body, _ = settingText(list.Items[0])
			} else {
				body, _ = settingText(d.Arg)
			}
		case "strict":
			text, _ := settingText(d.Arg)
			f.Strict = text == "true"
		case "volatility", "parallel", "leakproof", "cost": // the body says all of it
		default:
			return "", b.unsupported(at, strings.ToUpper(d.Defname)+" of a function is", "")
		}
	}
	if language == "" && s.SQLBody == nil {
		return "", b.errorf(at, "42P13", "no language specified")
	}
	if language != "" && strings.ToLower(language) != "sql" {
		return "", b.unsupported(at, "language \""+language+"\" is", "Functions are in SQL.")
	}
	return body, nil
}

// builtinTaken refuses a signature that the function library or the grammar has already, since a
// call would never reach the new function.
func (b *binder) builtinTaken(f *catalog.Function) error {
	types := make([]value.Type, len(f.Args))
	for i, a := range f.Args {
		types[i] = a.Type
	}
	_, casts, _, err := expr.Resolve(f.Name, types)
	exact := err == nil
	for i := range casts {
		exact = exact && casts[i] == types[i]
	}
	_, aggregate := aggregateFuncs[f.Name]
	switch f.Name {
	case "now", "transaction_timestamp", "statement_timestamp", "tumble", "hop", "cumulate",
		"session", "timezone":
		exact = true
	}
	if !exact && !aggregate {
		return nil
	}
	return b.errorf(b.raw.Offset, "42723", "function %q already exists with same argument types",
		f.Name)
}

// functionBody binds the body: SELECT expression, or RETURN expression.
func (b *binder) functionBody(f *catalog.Function, text string, tree ast.Node) error {
	sub := *b
	sub.function, sub.params, sub.ctes = f, nil, nil
	sub.opts.ParamTypes, sub.opts.Args = nil, nil
	var n ast.Node
	var err error
	if ret, ok := tree.(*ast.ReturnStmt); ok {
		n = ret.ReturnVal
	} else if !parse.IsNil(tree) {
		return b.unsupported(b.raw.Offset, "BEGIN ATOMIC is", "Write RETURN expression.")
	} else if n, sub.raw, err = b.selectBody(f, text); err != nil {
		return err
	}
	sc := &scope{tables: []string{f.Name}}
	for i, a := range f.Args {
		if a.Name != "" {
			sc.cols = append(sc.cols, column{table: f.Name, name: a.Name, typ: a.Type, index: i})
		}
	}
	s, err := sub.expr(n, &exprCtx{scope: sc, clause: "a function"})
	if err != nil {
		return b.inFunction(f, err)
	}
	e, err := sub.assign(s, f.Result)
	if err != nil {
		perr := b.errorf(0, "42P13", "return type mismatch in function declared to return %s",
			f.Result)
		perr.Detail = "Actual return type is " + s.typ().String() + "."
		return perr
	}
	types := make([]value.Type, len(f.Args))
	for i, a := range f.Args {
		types[i] = a.Type
	}
	if err := expr.Check(e, types); err != nil {
		return b.inFunction(f, err)
	}
	if sizeOf(e, MaxFunctionNodes) > MaxFunctionNodes {
		return b.errorf(0, stateTooComplex, "the body of a function has at most %d parts",
			MaxFunctionNodes)
	}
	f.Body = expr.AppendExpr(nil, e)
	return nil
}

// selectBody parses a body that is a text: one SELECT of one expression, and nothing else.
func (b *binder) selectBody(f *catalog.Function, text string) (ast.Node, *parse.Raw, error) {
	raws, err := parse.Parse(text)
	if err != nil {
		return nil, nil, b.inFunction(f, err)
	}
	if len(raws) != 1 {
		return nil, nil, b.unsupported(b.raw.Offset, "a function of other than one SELECT is", "")
	}
	q, ok := raws[0].Tree.(*ast.SelectStmt)
	if !ok || hasItems(q.FromClause) || hasItems(q.ValuesLists) || q.WithClause != nil ||
		!parse.IsNil(q.WhereClause) || hasItems(q.GroupClause) || hasItems(q.SortClause) ||
		!parse.IsNil(q.HavingClause) || !parse.IsNil(q.LimitCount) || !parse.IsNil(q.LimitOffset) ||
		q.Op != ast.SETOP_NONE || q.DistinctClause != nil {
		return nil, nil, b.unsupported(b.raw.Offset, "a function other than SELECT expression is",
			"Write what reads relations as a view.")
	}
	list := items(q.TargetList)
	if len(list) != 1 {
		e := b.errorf(b.raw.Offset, "42P13",
			"return type mismatch in function declared to return %s", f.Result)
		e.Detail = "Final statement must return exactly one column."
		return nil, nil, e
	}
	t, ok := list[0].(*ast.ResTarget)
	if !ok {
		return nil, nil, b.errorf(b.raw.Offset, stateSyntax, "malformed body of a function")
	}
	return t.Val, &raws[0], nil
}

// inFunction is an error in the body, whose positions mean nothing in the statement.
func (b *binder) inFunction(f *catalog.Function, err error) error {
	e := *b.asError(err)
	e.Position = 0
	if e.Detail == "" {
		e.Detail = "It is in the body of SQL function \"" + f.Name + "\"."
	}
	return &e
}

// dropFunction binds DROP FUNCTION. Nothing depends on a function: who calls it has its body.
func (b *binder) dropFunction(s *ast.DropStmt) (Statement, error) {
	st := &DropFunction{}
	for _, n := range items(s.Objects) {
		o, ok := n.(*ast.ObjectWithArgs)
		if !ok {
			return nil, b.errorf(b.raw.Offset, stateSyntax, "malformed DROP FUNCTION")
		}
		f, err := b.droppedFunction(o, s.MissingOk)
		if err != nil {
			return nil, err
		}
		if f != nil {
			st.Functions = append(st.Functions, f.ID)
		}
	}
	return st, nil
}

func (b *binder) droppedFunction(o *ast.ObjectWithArgs, missingOK bool) (
	*catalog.Function, error,
) {
	want := &catalog.Function{Name: lastPart(o.Objname)}
	for _, n := range items(o.Objargs) {
		tn, ok := n.(*ast.TypeName)
		if !ok {
			return nil, b.errorf(b.raw.Offset, stateSyntax, "malformed DROP FUNCTION")
		}
		t, err := b.typeName(tn)
		if err != nil {
			return nil, err
		}
		want.Args = append(want.Args, catalog.Argument{Type: value.Of(t.Kind)})
	}
	f, named := b.cat.SameFunction(want), want.Signature()
	if o.ArgsUnspecified {
		f, named = nil, want.Name
		switch all := b.cat.Functions(want.Name); {
		case len(all) == 1:
			f = all[0]
		case len(all) > 1:
			e := b.errorf(b.raw.Offset, "42725", "function name %q is not unique", want.Name)
			e.Hint = "Specify the argument list to select the function unambiguously."
			return nil, e
		}
	}
	switch {
	case f != nil:
		return f, nil
	case missingOK:
		b.notice("00000", "function "+named+" does not exist, skipping", "")
		return nil, nil
	case o.ArgsUnspecified:
		return nil, b.errorf(b.raw.Offset, "42883", "could not find a function named %q", named)
	}
	return nil, b.errorf(b.raw.Offset, "42883", "function %s does not exist", named)
}

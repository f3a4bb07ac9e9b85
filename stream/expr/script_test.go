package expr_test

import (
	"fmt"
	"strings"

	"weir/stream/expr"
	"weir/stream/value"
)

// term is an expression of the scenario language, which both Weir and PostgreSQL can be asked:
//
//	int4 '5'   numeric(5,2) '1'   null int4   'untyped'   null
//	+(a, b)   lower(a)   cast(a, type)   and(a, b)   or(a, b)   coalesce(a, b)   case(w, t, e)
type term struct {
	op   string // "": a literal
	typ  string // of a literal ("": untyped) or a cast
	text string
	null bool
	args []term
}

func lit(typ, text string) term { return term{typ: typ, text: text} }

type scriptParser struct{ s string }

func parseTerm(s string) (t term, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%q: %v", s, r)
		}
	}()
	p := &scriptParser{s}
	t = p.term()
	if p.skip(); p.s != "" {
		panic("trailing " + p.s)
	}
	return t, nil
}

func (p *scriptParser) skip() { p.s = strings.TrimLeft(p.s, " ") }

func (p *scriptParser) accept(tok string) bool {
	p.skip()
	rest, ok := strings.CutPrefix(p.s, tok)
	if ok {
		p.s = rest
	}
	return ok
}

func (p *scriptParser) word() string {
	p.skip()
	n := strings.IndexAny(p.s, " (),'")
	if n < 0 {
		n = len(p.s)
	}
	w := p.s[:n]
	p.s = p.s[n:]
	if w == "numeric" && strings.HasPrefix(p.s, "(") {
		n := strings.IndexByte(p.s, ')') + 1
		w += p.s[:n]
		p.s = p.s[n:]
	}
	return w
}

func (p *scriptParser) quoted() string {
	var b strings.Builder
	for {
		n := strings.IndexByte(p.s, '\'')
		if n < 0 {
			panic("quote is open")
		}
		b.WriteString(p.s[:n])
		if p.s = p.s[n+1:]; !strings.HasPrefix(p.s, "'") {
			return b.String()
		}
		b.WriteByte('\'')
		p.s = p.s[1:]
	}
}

func (p *scriptParser) term() term {
	if p.accept("'") {
		return term{text: p.quoted()}
	}
	w := p.word()
	switch {
	case w == "":
		panic("term expected at " + p.s)
	case w == "null":
		return term{null: true, typ: p.word()}
	case p.accept("'"):
		return lit(w, p.quoted())
	case !p.accept("("):
		panic("( expected at " + p.s)
	}
	t := term{op: w}
	for !p.accept(")") {
		if len(t.args) > 0 && !p.accept(",") {
			panic(", expected at " + p.s)
		}
		if w == "cast" && len(t.args) == 1 {
			t.typ = p.word()
			continue
		}
		t.args = append(t.args, p.term())
	}
	return t
}

func typeOf(name string) value.Type {
	if elem, ok := strings.CutSuffix(name, "[]"); ok {
		return value.ArrayOf(typeOf(elem))
	}
	if rest, ok := strings.CutPrefix(name, "numeric("); ok {
		t := value.Of(value.Numeric)
		if _, err := fmt.Sscanf(rest, "%d,%d)", &t.Precision, &t.Scale); err != nil {
			panic(err)
		}
		return t
	}
	k, ok := value.KindByName(name)
	if !ok {
		panic("unknown type " + name)
	}
	return value.Of(k)
}

// typeName is the inverse of typeOf, without modifiers.
func typeName(t value.Type) string {
	if t.Kind == value.Array {
		return t.Elem.String() + "[]"
	}
	return t.Kind.String()
}

// overArray splits an operator over an array, such as "=any"; name is SQL's.
func (t term) overArray() (op, name string, ok bool) {
	if op, ok = strings.CutSuffix(t.op, "any"); ok && isSymbol(op) {
		return op, "ANY", true
	}
	op, ok = strings.CutSuffix(t.op, "all")
	return op, "ALL", ok && isSymbol(op)
}

func isSymbol(op string) bool { return op != "" && strings.Trim(op, "+-*/%|=<>!~^@&#?") == "" }

// bind makes the expression as a binder does; untyped literals have kind Null until typed.
func (t term) bind() (expr.Expr, *value.Error) {
	switch t.op {
	case "":
		return t.literal()
	case "cast":
		e, err := t.args[0].bind()
		if err != nil {
			return nil, err
		}
		return castTo(e, typeOf(t.typ))
	}
	args := make([]expr.Expr, len(t.args))
	types := make([]value.Type, len(t.args))
	for i, a := range t.args {
		e, err := a.bind()
		if err != nil {
			return nil, err
		}
		args[i], types[i] = e, e.Type()
	}
	switch t.op {
	case "and":
		return &expr.And{Args: args}, nil
	case "or":
		return &expr.Or{Args: args}, nil
	case "coalesce":
		return &expr.Coalesce{Args: args, T: types[0]}, nil
	case "case":
		return &expr.Case{
			Whens: args[:1], Thens: args[1:2], Else: args[2], T: types[1],
		}, nil
	}
	var fn expr.Func
	var casts []value.Type
	var err error
	result := value.Of(value.Bool)
	if op, name, ok := t.overArray(); ok {
		fn, casts, err = expr.ResolveArray(op, name == "ALL", types[0], types[1])
	} else {
		fn, casts, result, err = expr.Resolve(t.op, types)
	}
	if err != nil {
		return nil, err.(*value.Error)
	}
	for i := range args {
		var err *value.Error
		if args[i], err = castTo(args[i], casts[i]); err != nil {
			return nil, err
		}
	}
	return &expr.Call{Fn: fn, Args: args, T: result}, nil
}

func (t term) literal() (expr.Expr, *value.Error) {
	c := expr.Const{}
	if t.typ != "" {
		c.T = typeOf(t.typ)
	}
	if t.null {
		return c, nil
	}
	c.D = value.NewText(t.text)
	if t.typ == "" {
		return c, nil
	}
	d, err := value.Parse(t.text, c.T)
	c.D = d
	return c, err
}

func castTo(e expr.Expr, to value.Type) (expr.Expr, *value.Error) {
	if c, ok := e.(expr.Const); ok && c.T.Kind == value.Null {
		if c.D.IsNull() {
			return expr.Const{T: to}, nil
		}
		d, err := value.Parse(c.D.S, to)
		return expr.Const{D: d, T: to}, err
	}
	fn, err := expr.Cast(e.Type(), to, true)
	if err != nil {
		return nil, err.(*value.Error)
	}
	if fn == "" {
		return e, nil
	}
	return &expr.Call{Fn: fn, Args: []expr.Expr{e}, T: to}, nil
}

// answer is a result: a type and a text or NULL, or a SQLSTATE.
type answer struct {
	state string
	typ   string
	text  string
	null  bool
}

func (a answer) String() string {
	switch {
	case a.state != "":
		return "error " + a.state
	case a.null:
		return a.typ + " NULL"
	}
	return fmt.Sprintf("%s %q", a.typ, a.text)
}

// weir evaluates t with both evaluators, which must agree.
func (t term) weir(fail interface{ Fatalf(string, ...any) }) answer {
	e, err := t.bind()
	if err == nil && e.Type().Kind == value.Null {
		e, err = castTo(e, value.Of(value.Text))
	}
	if err != nil {
		return answer{state: err.SQLState}
	}
	checkEvaluators(fail, nil, [][]value.Datum{{}}, e)
	d, err := expr.EvalRow(e, nil, expr.Env{})
	if err != nil {
		return answer{state: err.SQLState}
	}
	return answer{typ: typeName(e.Type()), text: value.Format(d), null: d.IsNull()}
}

// infixForms are the forms of SQL that are not function calls; %s stands for the arguments.
var infixForms = map[string]string{
	"and": "(%s AND %s)", "or": "(%s OR %s)", "not": "(NOT %s)",
	"coalesce": "coalesce(%s, %s)", "case": "(CASE WHEN %s THEN %s ELSE %s END)",
	"is_null": "(%s IS NULL)", "is_not_null": "(%s IS NOT NULL)",
	"is_true": "(%s IS TRUE)", "is_not_true": "(%s IS NOT TRUE)", "is_false": "(%s IS FALSE)",
	"is_not_false": "(%s IS NOT FALSE)", "is_unknown": "(%s IS UNKNOWN)",
	"is_not_unknown": "(%s IS NOT UNKNOWN)", "is_distinct": "(%s IS DISTINCT FROM %s)",
	"is_not_distinct": "(%s IS NOT DISTINCT FROM %s)",
	"like":            "(%s LIKE %s ESCAPE %s)", "not_like": "(%s NOT LIKE %s ESCAPE %s)",
	"ilike": "(%s ILIKE %s ESCAPE %s)", "not_ilike": "(%s NOT ILIKE %s ESCAPE %s)",
}

// pathCalls have a path as their second argument.
var pathCalls = map[string]bool{
	"@?": true, "@@": true, "jsonb_path_exists": true, "jsonb_path_match": true,
	"jsonb_path_query_array": true, "jsonb_path_query_first": true,
}

// sql writes t for PostgreSQL. Typed literals are subqueries, lest PostgreSQL evaluates parts of
// the expression ahead of others or not at all.
func (t term) sql() string {
	if t.op == "" {
		text := "'" + strings.ReplaceAll(t.text, "'", "''") + "'"
		if t.null {
			text = "NULL"
		}
		if t.typ == "" {
			return text
		}
		return "(SELECT CAST(" + text + " AS " + t.typ + "))"
	}
	args := make([]string, len(t.args))
	anyArgs := make([]any, len(t.args))
	for i, a := range t.args {
		args[i] = a.sql()
		if i == 1 && pathCalls[t.op] {
			args[i] = "CAST(" + args[i] + " AS jsonpath)"
		}
		anyArgs[i] = args[i]
	}
	form, isForm := infixForms[t.op]
	symbol := isSymbol(t.op)
	over, word, isOver := t.overArray()
	switch {
	case isOver:
		return "(" + args[0] + " " + over + " " + word + " (coalesce(" + args[1] + ")))"
	case t.op == "ARRAY[]":
		return "ARRAY[" + strings.Join(args, ", ") + "]"
	case t.op == "[]":
		return "(" + args[0] + ")[" + args[1] + "]"
	case t.op == "[:]":
		return "(" + args[0] + ")[" + args[1] + ":" + args[2] + "]"
	case t.op == "cast":
		return "CAST(" + args[0] + " AS " + t.typ + ")"
	case isForm:
		return fmt.Sprintf(form, anyArgs...)
	case symbol && len(args) == 1:
		return "(" + t.op + " " + args[0] + ")"
	case symbol:
		return "(" + strings.Join(args, " "+t.op+" ") + ")"
	case t.op == "greatest" || t.op == "least":
		return t.op + "(" + strings.Join(args, ", ") + ")"
	}
	return `pg_catalog."` + t.op + `"(` + strings.Join(args, ", ") + ")"
}

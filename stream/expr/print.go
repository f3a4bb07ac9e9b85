package expr

import (
	"strings"

	"weir/stream/value"
)

// infix has the operators that Print writes between their operands.
var infix = map[string]string{
	"add": "+", "sub": "-", "mul": "*", "div": "/", "mod": "%", "concat_op": "||",
	"eq": "=", "ne": "<>", "lt": "<", "le": "<=", "gt": ">", "ge": ">=",
	"like": "LIKE", "not_like": "NOT LIKE", "ilike": "ILIKE", "not_ilike": "NOT ILIKE",
	"textregexeq": "~", "texticregexeq": "~*", "textregexne": "!~", "texticregexne": "!~*",
	"jsonb_object_field": "->", "jsonb_object_field_text": "->>", "jsonb_path_get": "#>",
	"jsonb_path_get_text": "#>>", "jsonb_exists": "?", "jsonb_exists_any": "?|",
	"jsonb_exists_all": "?&", "jsonb_delete_path": "#-",
	"jsonb_path_exists_opr": "@?", "jsonb_path_match_opr": "@@",
	"bit_and_op": "&", "bit_or_op": "|", "bit_xor_op": "#", "shift_left": "<<",
	"shift_right": ">>",
	"contains":    "@>", "contained": "<@", "overlap": "&&",
	"is_distinct": "IS DISTINCT FROM", "is_not_distinct": "IS NOT DISTINCT FROM",
}

// postfix has the tests that Print writes behind their operand.
var postfix = map[string]string{
	"is_null": "IS NULL", "is_not_null": "IS NOT NULL", "is_true": "IS TRUE",
	"is_not_true": "IS NOT TRUE", "is_false": "IS FALSE", "is_not_false": "IS NOT FALSE",
	"is_unknown": "IS UNKNOWN", "is_not_unknown": "IS NOT UNKNOWN",
	"row_is_null": "IS NULL", "row_is_not_null": "IS NOT NULL",
}

// Print writes e as SQL, for EXPLAIN: columns by name (or $i beyond names), every operator in
// parentheses, literals with their type. The text is for people and never hashed.
func Print(e Expr, names []string) string {
	var b strings.Builder
	p := printer{&b, names}
	p.expr(e)
	return b.String()
}

type printer struct {
	*strings.Builder
	names []string
}

func (p printer) expr(e Expr) {
	switch e := e.(type) {
	case Column:
		if e.Index < len(p.names) {
			p.WriteString(p.names[e.Index])
		} else {
			p.WriteString("$" + value.Format(value.NewInt8(int64(e.Index))))
		}
	case Outer:
		p.WriteString("outer" + value.Format(value.NewInt8(int64(e.ID))))
	case Const:
		p.constant(e)
	case *Call:
		p.call(e)
	case *And:
		p.WriteByte('(')
		p.list(e.Args, " AND ")
		p.WriteByte(')')
	case *Or:
		p.WriteByte('(')
		p.list(e.Args, " OR ")
		p.WriteByte(')')
	case *Coalesce:
		p.WriteString("coalesce(")
		p.list(e.Args, ", ")
		p.WriteByte(')')
	case *Row:
		p.WriteString("ROW(")
		p.list(e.Args, ", ")
		p.WriteByte(')')
	case *Field:
		p.WriteByte('(')
		p.expr(e.Arg)
		p.WriteString(").")
		p.WriteString(e.Arg.Type().RecordFields()[e.Index].Name)
	case *Case:
		p.caseForm(e)
	}
}

func (p printer) list(es []Expr, sep string) {
	for i, e := range es {
		if i > 0 {
			p.WriteString(sep)
		}
		p.expr(e)
	}
}

func (p printer) constant(e Const) {
	switch k := e.T.Kind; {
	case e.D.IsNull():
		p.WriteString("NULL::" + e.T.String())
	case k == value.Bool && e.D.Bool():
		p.WriteString("true")
	case k == value.Bool:
		p.WriteString("false")
	case k == value.Int4 || k == value.Numeric:
		p.WriteString(value.Format(e.D))
	default:
		p.WriteString("'" + strings.ReplaceAll(value.Format(e.D), "'", "''") + "'")
		if k != value.Text {
			p.WriteString("::" + e.T.String())
		}
	}
}

func (p printer) call(e *Call) {
	name, _, _ := strings.Cut(string(e.Fn), "(")
	if op, ok := infix[name]; ok && len(e.Args) == 2 {
		p.WriteByte('(')
		p.list(e.Args, " "+op+" ")
		p.WriteByte(')')
		return
	}
	if op, ok := postfix[name]; ok {
		p.WriteByte('(')
		p.expr(e.Args[0])
		p.WriteString(" " + op + ")")
		return
	}
	if op, word, ok := overName(name); ok {
		p.WriteByte('(')
		p.expr(e.Args[0])
		p.WriteString(" " + op + " " + word + " (")
		p.expr(e.Args[1])
		p.WriteString("))")
		return
	}
	switch name {
	case "array":
		p.WriteString("ARRAY[")
		p.list(e.Args, ", ")
		p.WriteByte(']')
	case "array_get":
		p.expr(e.Args[0])
		p.WriteByte('[')
		p.expr(e.Args[1])
		p.WriteByte(']')
	case "array_slice":
		p.expr(e.Args[0])
		p.WriteByte('[')
		p.list(e.Args[1:], ":")
		p.WriteByte(']')
	case castName:
		p.expr(e.Args[0])
		p.WriteString("::" + e.T.String())
	case "not":
		p.WriteString("(NOT ")
		p.expr(e.Args[0])
		p.WriteByte(')')
	case "neg", "pos", "bit_not_op":
		p.WriteString(map[string]string{"neg": "(- ", "pos": "(+ ", "bit_not_op": "(~ "}[name])
		p.expr(e.Args[0])
		p.WriteByte(')')
	default:
		p.WriteString(name + "(")
		p.list(e.Args, ", ")
		p.WriteByte(')')
	}
}

// overName spells a function over an array: the operator, and ANY or ALL.
func overName(name string) (op, word string, ok bool) {
	word = "ANY"
	base, ok := strings.CutPrefix(name, anyPrefix)
	if !ok {
		word = "ALL"
		if base, ok = strings.CutPrefix(name, allPrefix); !ok {
			return "", "", false
		}
	}
	if op, ok = infix[base]; !ok {
		op = base
	}
	return op, word, true
}

func (p printer) caseForm(e *Case) {
	p.WriteString("CASE")
	for i := range e.Whens {
		p.WriteString(" WHEN ")
		p.expr(e.Whens[i])
		p.WriteString(" THEN ")
		p.expr(e.Thens[i])
	}
	if e.Else != nil {
		p.WriteString(" ELSE ")
		p.expr(e.Else)
	}
	p.WriteString(" END")
}

package parse

import (
	"strings"

	"github.com/multigres/multigres/go/common/parser"
	"github.com/multigres/multigres/go/common/parser/ast"
)

// locator gives nodes their places. It visits the tree in the order in which the statement was
// written and finds, for each node that has a token of its own, the next such token. The tokens
// of nodes visited in source order are a subsequence of all tokens, and matching the earliest
// candidate never loses a later one, so the walk cannot get stuck.
type locator struct {
	toks []token
	at   int
}

// locate sets the location of every node below n to a byte offset of the whole text.
func locate(n ast.Node, toks []token) {
	l := locator{toks: toks}
	l.node(n)
}

// find moves past the next token that matches and returns its offset. Without a match it stays
// and returns the offset of the token that comes next.
func (l *locator) find(match func(token) bool) int {
	for i := l.at; i < len(l.toks); i++ {
		if match(l.toks[i]) {
			l.at = i + 1
			return l.toks[i].start
		}
	}
	return l.here()
}

func (l *locator) here() int {
	if l.at < len(l.toks) {
		return l.toks[l.at].start
	}
	return l.toks[len(l.toks)-1].start
}

func (l *locator) name(name string) int {
	return l.find(func(t token) bool { return t.word() && t.str == name })
}

func (l *locator) text(s string) int {
	return l.find(func(t token) bool { return t.str == s && t.kind != parser.SCONST })
}

// operator finds an operator as the grammar names it; ~~ is written LIKE, and so on.
func (l *locator) operator(e *ast.A_Expr) int {
	word := map[ast.A_Expr_Kind]string{
		ast.AEXPR_DISTINCT: "is", ast.AEXPR_NOT_DISTINCT: "is", ast.AEXPR_IN: "in",
		ast.AEXPR_LIKE: "like", ast.AEXPR_ILIKE: "ilike", ast.AEXPR_SIMILAR: "similar",
		ast.AEXPR_BETWEEN: "between", ast.AEXPR_NOT_BETWEEN: "between",
		ast.AEXPR_BETWEEN_SYM: "between", ast.AEXPR_NOT_BETWEEN_SYM: "between",
	}[e.Kind]
	if word == "" {
		word = lastName(e.Name)
	}
	return l.find(func(t token) bool {
		return t.str == word && t.kind != parser.SCONST || word == "<>" && t.str == "!="
	})
}

func (l *locator) list(nl *ast.NodeList) {
	if nl == nil {
		return
	}
	nl.SetLocation(l.here())
	for _, n := range nl.Items {
		l.node(n)
	}
}

// node visits any node; kinds it does not know get the place of the next token.
func (l *locator) node(n ast.Node) {
	if IsNil(n) {
		return
	}
	if l.expression(n) || l.query(n) || l.statement(n) {
		return
	}
	n.SetLocation(l.here())
}

// lastName is the last part of a dotted name.
func lastName(names *ast.NodeList) string {
	if names == nil || len(names.Items) == 0 {
		return ""
	}
	if s, ok := names.Items[len(names.Items)-1].(*ast.String); ok {
		return s.SVal
	}
	return ""
}

func (l *locator) call(f *ast.FuncCall) {
	name := lastName(f.Funcname)
	for i := l.at; i+1 < len(l.toks); i++ {
		if l.toks[i].word() && l.toks[i].str == name && l.toks[i+1].punct('(') {
			l.at = i + 1
			f.SetLocation(l.toks[i].start)
			l.callArgs(f)
			return
		}
	}
	// Written as an operator or with special syntax: AT TIME ZONE, TRIM, LIKE ... ESCAPE.
	f.SetLocation(l.here())
	l.callArgs(f)
}

func (l *locator) callArgs(f *ast.FuncCall) {
	l.list(f.Args)
	l.list(f.AggOrder)
	l.node(f.AggFilter)
	l.node(f.Over)
}

func (l *locator) constant(c *ast.A_Const) int {
	switch v := c.Val.(type) {
	case *ast.String:
		return l.find(func(t token) bool { return t.kind == parser.SCONST && t.str == v.SVal })
	case *ast.Boolean:
		word := "false"
		if v.BoolVal {
			word = "true"
		}
		return l.name(word)
	case *ast.Integer, *ast.Float:
		return l.find(func(t token) bool {
			return t.kind == parser.ICONST || t.kind == parser.FCONST
		})
	case *ast.BitString:
		return l.find(func(t token) bool {
			return t.kind == parser.BCONST || t.kind == parser.XCONST
		})
	default:
		return l.name("null")
	}
}

func (l *locator) typeName(t *ast.TypeName) {
	if t == nil {
		return
	}
	// The grammar renames types (int becomes int4), so only plain names can be found.
	name := lastName(t.Names)
	at := l.here()
	for i := l.at; i < len(l.toks) && i < l.at+2; i++ {
		if l.toks[i].word() && strings.EqualFold(l.toks[i].str, name) {
			at, l.at = l.toks[i].start, i+1
			break
		}
	}
	t.SetLocation(at)
}

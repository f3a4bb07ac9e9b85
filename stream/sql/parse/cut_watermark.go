package parse

import (
	"slices"
	"strings"

	"github.com/multigres/multigres/go/common/parser"
	"github.com/multigres/multigres/go/common/parser/ast"
)

// cutWatermark takes each WATERMARK FOR column AS expression [GLOBAL] out of the column list of a
// CREATE STREAM, with one of the commas beside it.
func (c *cutter) cutWatermark() error {
	if !c.words(0, "create", "table") {
		return nil
	}
	open := slices.IndexFunc(c.toks, func(t token) bool { return t.punct('(') })
	if open < 0 {
		return nil
	}
	for i := open; i < len(c.toks) && i >= 0; i = c.nextElement(i + 1) {
		if c.punct(i, ')') || !c.words(i+1, "watermark", "for") {
			continue
		}
		end := c.nextElement(i + 1)
		if end < 0 {
			return c.syntax(len(c.toks))
		}
		if err := c.readWatermark(i+1, end); err != nil {
			return err
		}
		switch {
		case c.punct(i, ','):
			c.cut(i, end)
		case c.punct(end, ','):
			c.cut(i+1, end+1)
		default:
			c.cut(i+1, end)
		}
		i--
	}
	return nil
}

// nextElement returns the index of the comma or closing parenthesis that ends the list element
// that holds token i, -1 if there is none.
func (c *cutter) nextElement(i int) int {
	for depth := 0; i < len(c.toks); i++ {
		t := c.toks[i]
		switch {
		case depth == 0 && (t.punct(',') || t.punct(')')):
			return i
		case t.punct('('):
			depth++
		case t.punct(')'):
			depth--
		}
	}
	return -1
}

// readWatermark reads the clause in tokens [i, end).
func (c *cutter) readWatermark(i, end int) error {
	col, err := c.name(i + 2)
	if err != nil {
		return err
	}
	if !c.words(i+3, "as") {
		return c.syntax(i + 3)
	}
	w := Watermark{Column: col}
	from, to := i+4, end
	if to > from+1 && c.toks[to-1].is("global") {
		w.Global = true
		to--
	}
	if from >= to {
		return c.syntax(from)
	}
	w.Expr, err = c.expression(c.toks[from:to])
	if err != nil {
		return err
	}
	c.clauses.Watermarks = append(c.clauses.Watermarks, w)
	return nil
}

// expression parses tokens as one expression in its place; those that are dropped stand between
// them and are no part of it.
func (c *cutter) expression(toks []token, dropped ...token) (ast.Node, error) {
	const lead = "SELECT "
	if len(toks) == 0 {
		return nil, c.syntax(len(c.toks))
	}
	start, end := toks[0].start, toks[len(toks)-1].end
	body := []byte(c.source[start:end])
	for _, t := range dropped {
		if t.start >= start {
			blank(body[t.start-start : t.end-start])
		}
	}
	text := strings.Repeat(" ", start-len(lead)) + lead + string(body)
	tree, err := grammar(c.source, text, toks)
	if err != nil {
		return nil, err
	}
	sel, ok := tree.(*ast.SelectStmt)
	if !ok || sel.TargetList == nil || len(sel.TargetList.Items) != 1 {
		return nil, syntaxAt(c.source, toks[0], "syntax error")
	}
	for _, t := range toks { // an expression, not the rest of a query
		switch t.kind {
		case parser.FROM, parser.WHERE, parser.GROUP_P, parser.HAVING, parser.ORDER, parser.LIMIT,
			parser.UNION, parser.EXCEPT, parser.INTERSECT, parser.INTO:
			return nil, syntaxAt(c.source, t, "syntax error")
		}
	}
	target, ok := sel.TargetList.Items[0].(*ast.ResTarget)
	if !ok || target.Name != "" {
		return nil, syntaxAt(c.source, toks[len(toks)-1], "syntax error")
	}
	locate(target.Val, toks)
	return target.Val, nil
}

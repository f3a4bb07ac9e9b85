package parse

import (
	"fmt"

	"github.com/multigres/multigres/go/common/parser"
)

// Limits of a text, judged before the grammar sees it: a stack overflow cannot be recovered.
const (
	MaxTextBytes = 64 << 10 // bytes of one text, all its statements together; else 54000
	MaxTokens    = 16384    // tokens of one text; else 54000
	MaxNesting   = 128      // nesting of one statement as checkNesting counts it; else 54001
	MaxNameBytes = 63       // bytes of a name; else 42622 (the grammar would cut it silently)
)

// level is one open parenthesis, bracket or CASE, or the statement itself.
type level struct {
	chain int // joins and set operations: left-deep, never closed before the level ends
	ops   int // operators since the last separator of the level
}

// checkNesting bounds the depth of the tree that the tokens can give. A level is a parenthesis,
// a bracket, a CASE; within one, each operator, NOT, cast, test, join or set operation may nest
// once more, until a comma or a clause keyword starts a new expression. AND and OR are flattened
// by the binder, so their operands count alone.
func checkNesting(source string, toks []token) error {
	levels := make([]level, 1, MaxNesting+2)
	sum := 0 // over all levels: 1 + chain + ops, less 1 for the statement itself
	drop := func(top *level) {
		sum -= top.ops
		top.ops = 0
	}
	for _, t := range toks {
		top := &levels[len(levels)-1]
		switch classOf(t) {
		case opens:
			levels = append(levels, level{})
			sum++
		case closes:
			if len(levels) > 1 {
				sum -= 1 + top.chain + top.ops
				levels = levels[:len(levels)-1]
			}
		case chains:
			drop(top)
			top.chain++
			sum++
		case separates:
			drop(top)
		case operates:
			top.ops++
			sum++
		}
		if sum > MaxNesting {
			return &Error{
				SQLState: stateTooComplex,
				Message:  fmt.Sprintf("the statement nests deeper than %d levels", MaxNesting),
				Position: position(source, t.start),
			}
		}
	}
	return nil
}

// class is what a token does to the nesting of a statement.
type class uint8

const (
	neutral class = iota
	opens
	closes
	chains
	separates
	operates
)

func classOf(t token) class {
	switch t.kind {
	case '(', '[', parser.CASE:
		return opens
	case ')', ']', parser.END_P:
		return closes
	case parser.UNION, parser.INTERSECT, parser.EXCEPT, parser.JOIN:
		return chains
	case ',', parser.SELECT, parser.FROM, parser.WHERE, parser.GROUP_P, parser.HAVING,
		parser.ORDER, parser.LIMIT, parser.OFFSET, parser.VALUES, parser.SET, parser.ON,
		parser.USING, parser.WHEN, parser.THEN, parser.ELSE, parser.AND, parser.OR:
		return separates
	case parser.NOT, parser.NOT_LA, parser.IS, parser.ISNULL, parser.NOTNULL, parser.TYPECAST,
		parser.LIKE, parser.ILIKE, parser.SIMILAR, parser.IN_P, parser.BETWEEN, parser.COLLATE,
		parser.AT, '+', '-', '*', '/', '%', '^', '<', '>', '=', parser.Op, parser.LESS_EQUALS,
		parser.GREATER_EQUALS, parser.NOT_EQUALS, parser.OPERATOR:
		return operates
	default:
		return neutral
	}
}

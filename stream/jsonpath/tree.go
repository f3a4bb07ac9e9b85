package jsonpath

import (
	"weir/stream/regex"
	"weir/stream/value"
)

// Limits of a path and of one evaluation; beyond are 54000, for MaxDepth 54001.
const (
	MaxPath  = 1024    // bytes
	MaxDepth = 64      // parentheses, filters, subscripts and signs within each other
	MaxSteps = 500_000 // items looked at, and steps of regular expressions
)

// Path is a parsed path.
type Path struct {
	strict bool
	root   *node
}

type kind uint8

const (
	kLiteral kind = iota
	kVariable
	kRoot    // $
	kCurrent // @
	kLast
	kBinary    // name: + - * / %
	kUnary     // name: + -
	kMember    // .name
	kAnyMember // .*
	kAnyArray  // [*]
	kIndex     // [a, b to c]
	kAnyLevel  // .**{from to to}
	kFilter    // ? (args[0])
	kMethod    // .name()
	// predicates
	kAnd
	kOr
	kNot
	kUnknown // (p) is unknown
	kCompare // name
	kStarts
	kRegex
	kExists
)

// node is an operator or a step; next is the step that is applied to its items.
type node struct {
	kind     kind
	name     string
	item     value.JSON // of a literal
	args     []*node    // of an index: pairs, whose second may be nil
	from, to int        // of kAnyLevel
	re       *regex.Regexp
	next     *node
}

// anyLast is the level "last" of .**{...}.
const anyLast = 1<<31 - 1

func (n *node) predicate() bool { return n.kind >= kAnd && n.next == nil }

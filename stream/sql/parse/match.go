package parse

import "github.com/multigres/multigres/go/common/parser/ast"

// Match is MATCH_RECOGNIZE (...) behind an item of FROM.
type Match struct {
	At int // of the word
	Of int // of the item's first token
	// PartitionBy and OrderBy are expressions; OrderBy is ascending.
	PartitionBy, OrderBy []ast.Node
	Measures             []NamedExpr
	AllRows              bool // ALL ROWS PER MATCH; else ONE ROW
	Skip                 MatchSkip
	SkipTo               Name
	Pattern              *Pattern
	Within               ast.Node // nil: no bound
	Subsets              []Subset
	Defines              []NamedExpr
}

// Subset is SUBSET Name = (Symbols).
type Subset struct {
	Name    Name
	Symbols []Name
}

// NamedExpr is expression AS name, or name AS expression.
type NamedExpr struct {
	Name Name
	Expr ast.Node
	// Final are the byte offsets of the functions, or of the one column, behind the word FINAL.
	Final []int
}

// MatchSkip is AFTER MATCH SKIP.
type MatchSkip uint8

// The modes.
const (
	SkipPastLast MatchSkip = iota
	SkipToNext
	SkipToFirst // of SkipTo
	SkipToLast
)

// Pattern is a row pattern: a symbol (no parts), or parts one after the other, or alternatives,
// repeated Min to Max times (-1: no bound).
type Pattern struct {
	Symbol    Name
	Alt       bool
	Parts     []*Pattern
	Min, Max  int
	Reluctant bool
}

// Limits of patterns.
const (
	MaxPatternDepth = 16     // else 54001
	MaxPatternCount = 10_000 // in {n,m}; else 54000
	MaxPermuted     = 5      // parts of PERMUTE; else 54001
	MaxPatternParts = 8192   // with the orders of PERMUTE written out; else 54001
)

// Package parse turns SQL text into syntax trees.
//
// The grammar is PostgreSQL's, by the parser of multigres. The streaming clauses that it does not
// know are found on the parser's own tokens, taken out and overwritten with spaces of equal
// length, so that every position in what remains is still a position in the text:
//
//	text ─ limits ─ tokens ─ split at ; ─ depth ─ cut streaming clauses ─ grammar ─ locate ─ Raw
//
// The grammar's trees carry no positions; the last stage walks them in source order beside the
// tokens and gives every node the byte offset of its first own token.
//
// Only this package and bind know the grammar's types. Nothing here knows a catalog.
//
// Invariants: limits hold before the grammar sees a byte; equal token sequences give equal trees
// and equal canonical text; no input panics.
package parse

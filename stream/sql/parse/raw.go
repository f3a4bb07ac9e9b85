package parse

import "github.com/multigres/multigres/go/common/parser/ast"

// Raw is one parsed statement.
type Raw struct {
	// Text is the statement as written, without its semicolon and the space around it.
	Text string
	// Offset is the byte offset of Text in the whole text.
	Offset int
	// Canonical is the statement's text in one spelling: comments dropped, space, case and
	// quotes normalised. Equal token sequences have equal canonical texts.
	Canonical string
	// Tree is what the grammar made of the statement without its streaming clauses; nil for
	// statements that the grammar does not know at all (Clauses.Alter, Clauses.Erase). Locations
	// are byte offsets in the whole text.
	Tree ast.Stmt
	// Clauses are the streaming clauses that were cut out.
	Clauses Clauses

	source string // the whole text
}

// Clauses are the streaming clauses of a statement.
type Clauses struct {
	Stream     bool        // CREATE, DROP, ALTER STREAM or SOURCE; ... APPEND ONLY
	Watermarks []Watermark // WATERMARK FOR c AS expr [GLOBAL], in written order
	// EmitOnClose is EMIT ON WINDOW CLOSE, at byte offset EmitAt.
	EmitOnClose bool
	EmitAt      int
	AsOf        *uint64     // AS OF HEIGHT h
	Writers     []Name      // GRANT ... WRITERS (...)
	Key         []Name      // WITH (key = (...)) of a materialised view
	Partitions  []Partition // PARTITION BY in SESSION(...)
	Matches     []Match     // MATCH_RECOGNIZE (...), in their order
	OrReplace   bool        // CREATE OR REPLACE MATERIALIZED VIEW
	ExplainView bool        // EXPLAIN MATERIALIZED VIEW v
	// Joins are the ASOF and temporal joins, by the byte offsets of their words JOIN.
	Joins map[int]*JoinClause
	// Versioned is CREATE TABLE ... WITH SYSTEM VERSIONING.
	Versioned bool
	Alter     *Alter // ALTER MATERIALIZED VIEW v SUSPEND | RESUME [CASCADE] [FROM RETAINED]
	Erase     *Erase // ERASE FROM s WHERE weir_offset BETWEEN a AND b [WITHIN 'interval']
	// Retained is FROM RETAINED of a CREATE MATERIALIZED VIEW.
	Retained bool
}

// Name is a name with its byte offset in the whole text.
type Name struct {
	Name string
	At   int
}

// Partition is PARTITION BY Keys in the window table function whose name is at byte offset At.
type Partition struct {
	At   int
	Keys []Name
}

// Watermark is WATERMARK FOR Column AS Expr [GLOBAL].
type Watermark struct {
	Column Name
	Expr   ast.Node
	Global bool
}

// Alter is ALTER MATERIALIZED VIEW View SUSPEND or RESUME.
type Alter struct {
	View            Name
	Resume, Cascade bool
	Retained        bool // FROM RETAINED
}

// Erase is ERASE FROM Stream: its rows with offsets First to Last.
type Erase struct {
	Stream      Name
	First, Last uint64
	Within      string // an interval, "": none
	WithinAt    int
}

// whole reports whether the clauses are all of their statement.
func (c *Clauses) whole() bool { return c.Alter != nil || c.Erase != nil }

// Position turns a byte offset of the whole text, as trees and clauses have it, into a 1-based
// character position; 0 for offsets that are not known.
func (r *Raw) Position(offset int) int {
	if offset <= 0 && r.Offset > 0 {
		return 0
	}
	return position(r.source, offset)
}

package catalog

import "weir/stream/value"

// Kind says what a relation is. The numbers are frozen: they stand in encoded definitions.
type Kind uint8

// The kinds of relations. Late, Rejected, Errors and History belong to a stream, view or table
// (Of).
const (
	Stream   Kind = 1
	Table    Kind = 2
	View     Kind = 3
	Late     Kind = 4 // <stream>_late
	Rejected Kind = 5 // <stream>_rejected
	Errors   Kind = 6 // <view>_errors
	History  Kind = 7 // <table>_history
)

// State is the life of a relation. Only Live relations answer.
type State uint8

// The states.
const (
	Live        State = 1
	Backfilling State = 2
	Suspended   State = 3
)

// FirstUserID is the first id of relations made by users; ids are counters, never reused.
const FirstUserID = 1024

// Column is a column of a relation.
type Column struct {
	Name    string
	Type    value.Type
	NotNull bool
	// Hidden columns stand at the end of views: the parts of the key that the query does not
	// show. SELECT * leaves them out.
	Hidden bool
	// Default is what INSERT gives a column that it does not name: bound expression bytes (expr
	// codec) over no columns, constant but for now(). Empty: NULL.
	Default []byte
	// Since is the schema version that added the column, 0 for one of the CREATE statement.
	Since uint32
	// Fill is the value of the column in rows of versions before Since, encoded as a row of this
	// one column. Empty: NULL.
	Fill []byte
}

// Hidden columns of a stream, in this order after its visible ones, in the stream's row space:
// weir_offset int8, weir_height int8, weir_time timestamptz, weir_producer text ("role/writer").
const (
	HiddenOffset   = 0
	HiddenHeight   = 1
	HiddenTime     = 2
	HiddenProducer = 3
	NumHidden      = 4
)

// MaxWatermarks is how many watermarks a stream may have, each on a column of its own; else 54000.
const MaxWatermarks = 8

// Watermark is WATERMARK FOR Column AS Column - DelayMicros.
type Watermark struct {
	Column      int // index of a visible timestamp or timestamptz column
	DelayMicros int64
	Global      bool // one watermark for all producers: the plain maximum
}

// Retention says which rows of a stream may be forgotten: those that are older than Micros, and
// the oldest while more than Bytes of payload are kept. 0: no bound.
type Retention struct {
	Micros int64
	Bytes  uint64
}

// Check is a CHECK constraint: its name, its SQL text and bound expression bytes (expr codec).
type Check struct {
	Name string
	SQL  string
	Expr []byte
}

// Relation is the definition of a relation: what its definition leaf in the ledger says.
// It changes only by DDL.
type Relation struct {
	ID       uint32
	Name     string // lower-cased unless quoted, unique
	Kind     Kind
	Of       uint32 // Late, Rejected, Errors, History: the relation it belongs to
	Owner    string // role
	Version  uint32 // schema version, from 1
	SQL      string // canonical text of the CREATE statement
	Columns  []Column
	Key      []int // columns of the key, in key order: primary key, derived key; empty: whole row
	Inputs   []uint32
	Plan     []byte // views: canonical plan bytes (plan codec)
	PlanHash [32]byte

	AppendOnly bool // nothing is ever retracted
	Versioned  bool // a table WITH (history = true): <table>_history keeps its versions
	// Frozen are the columns of a view or history that carry a watermark, ascending: no row below
	// it comes or goes any more. A stream's are those of Watermarks; that of a history is block
	// time.
	Frozen      []int
	Watermarks  []Watermark // of a stream, in written order
	Checks      []Check
	EmitOnClose bool
	// Retention is how long a stream keeps its rows.
	Retention Retention

	// PlanCodec and Functions are the versions of the plan codec and of the function library
	// under which Plan and Checks were bound; a binary runs exactly those it knows.
	PlanCodec, Functions uint32
}

// Status is what a relation's status leaf says; it changes as blocks are applied.
type Status struct {
	State  State
	Reason string // why suspended: stable words, no error text of libraries
	// CompleteFrom says from where on what the relation shows is complete; nil: from the start.
	// A stream's is one offset: rows below it are forgotten. A view has an entry for each of its
	// inputs, as they were when it began to be filled: of a log the offset that its rows were
	// read from, of a view the greatest of its own entries, 0 of what was whole.
	CompleteFrom []uint64
	ErrorCount   uint64
	Rows         uint64
	// Watermark is the stored watermark of a stream in microseconds, before the cap by block
	// time; nil: none yet.
	Watermark *int64
	// Debt is by how many metered rows a view has gone beyond its budget and not made up for yet.
	Debt uint64
}

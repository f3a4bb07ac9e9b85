package engine

import (
	"weir/stream/batch"
	"weir/stream/circuit"
	"weir/stream/state"
	"weir/stream/value"
)

// Limits are the agreed bounds of the engine.
type Limits struct {
	// StepRows is the budget of metered rows per view and step; 0 means DefaultStepRows. The
	// engine reports a view beyond it (ViewResult.OverBudget); the caller decides.
	StepRows int64
	// MaxStepRows bounds the rows that one operator may put out in one step; 0 means
	// DefaultMaxStepRows. A view beyond it is suspended (ReasonBudget) before the rows take
	// the memory of every node.
	MaxStepRows int64
}

// Defaults of Limits.
const (
	DefaultStepRows    = 200_000
	DefaultMaxStepRows = 2_000_000
)

// Runner runs n independent pieces of work and returns when all are done. It may use as many
// goroutines as it likes; a nil Runner in Config runs them one after the other.
type Runner interface {
	Run(n int, work func(i int))
}

// Config is how an engine is made.
type Config struct {
	Limits Limits
	Runner Runner
}

// Segment is the input of one step: a maximal run of transactions between DDL.
type Segment struct {
	Height    int64
	BlockTime int64 // microseconds since 1970-01-01 UTC
	// Deltas of the base relations, in transaction order. A batch has the relation's row
	// space: the visible columns, then, for logs, the hidden ones. Logs are append-only and
	// hold on-time rows only; tables come as +/- rows.
	Deltas map[uint32][]*batch.Batch
	// Watermarks of streams, each as it is used at the end of the segment (capped by block
	// time). A stream that is missing keeps the watermark that it had.
	Watermarks map[uint32][]int64
	// Relations are the stored relations at the end of the last accepted step.
	Relations state.Relations
}

// Result is what one step did. It refers to the engine's memory only until Accept or Discard.
type Result struct {
	Views       []ViewResult // every live or filling view, in ascending id
	Suspensions []Suspension // views that this step suspended, inputs before dependents
}

// ViewResult is what one step did to one view.
type ViewResult struct {
	ID      uint32
	Changes []state.Change // net writes of the view's relation, keys strictly ascending
	Delta   *batch.Batch   // the same as rows (-old, +new) in key order; never nil
	// ErrorsID is the id of <view>_errors, 0 when it was not defined.
	ErrorsID     uint32
	ErrorChanges []state.Change
	ErrorDelta   *batch.Batch
	ErrorCount   int64 // change of the number of error rows, weights counted
	Marks        []int64
	Meter        Meter
	OverBudget   bool
	Filling      bool // hidden: the view is not LIVE yet
}

// Meter counts the work of one view in one step. All figures are logical, so they are equal on
// every node: rows after consolidation, entries and bytes in their canonical encoding.
type Meter struct {
	RowsIn, RowsOut int64 // rows that entered the sources and left the sink
	// Rows are the rows that left any operator: what the budget counts. Rows that moved because
	// time passed, and what followed from them, do not count.
	Rows         int64
	StateEntries int64 // entries of operator state written
	StateBytes   int64
}

// Suspension says that a view was suspended and why; Reason is a stable word, not an error text.
type Suspension struct {
	ID     uint32
	Reason string
}

// Reasons of suspensions that the engine itself decides.
const (
	ReasonInternal = "INTERNAL" // the step of the view failed; it is a bug, equal on all nodes
	// An operator put out more than Limits.MaxStepRows rows, or a recursion took more than
	// plan.MaxRounds rounds.
	ReasonBudget = "BUDGET"
	ReasonInput  = "INPUT" // an input of the view is suspended
)

// History reads the on-time rows of logs, for backfills and one-shot queries.
type History interface {
	// Rows returns up to limit rows of a log whose offset is greater than after, in offset
	// order and in the log's row space; the offset up to which it has read, which the next
	// call passes as after; and whether more may follow. The first call passes -1. A call may
	// return no rows and yet more, when it has bounded what it looks through. An unknown log
	// is empty.
	Rows(relation uint32, after int64, limit int) (
		rows *batch.Batch, next int64, more bool, err error)
}

// Env is what a one-shot query sees beside its relations.
type Env struct {
	BlockTime  int64              // now()
	Watermarks map[uint32][]int64 // per stream, as used; for EMIT ON WINDOW CLOSE
	Relations  state.Relations
	History    History
	Indexes    Indexes // nil: none
	// MaxRows bounds the rows read, the rows that leave any operator, and the answer; 0: no
	// bound.
	MaxRows int64

	observe func(*circuit.Circuit) // told of the circuit before it runs; nil: nobody
}

// FillResult is what one bounded piece of a backfill did.
type FillResult struct {
	ViewResult
	RowsRead int
	Done     bool // all inputs are read: the view is LIVE from the next step on
}

// Rows is the answer of a one-shot query.
type Rows struct {
	Types []value.Type
	Names []string
	// Visible are the columns that SELECT * shows; the others are hidden.
	Visible []int
	// Rows has one row per weight: no weights, in the order of Sort, or by the whole visible
	// row if the query does not order.
	Rows [][]value.Datum
	// Errors counts the rows that left the answer because of a scalar error, and Fault is the
	// first such error in canonical order, nil if there is none. A client's query fails with it.
	Errors int64
	Fault  *value.Error
}

package plan

import (
	"weir/stream/expr"
	"weir/stream/value"
)

// Node is one operator of a typed logical plan. Plans are immutable trees; rules return new ones.
type Node interface {
	// Schema is the list of output columns.
	Schema() []Field
	// Children are the inputs, left to right.
	Children() []Node
	isNode()
}

// Field is an output column. Hidden fields take part in the row but not in SELECT *.
type Field struct {
	Name   string
	Type   value.Type
	Hidden bool
}

// Scan reads a relation: a stream's on-time rows with its hidden columns appended, a table, a
// view, or a late, rejected or error relation. Columns picks columns of the relation's row space
// (visible, then hidden) in output order.
type Scan struct {
	Relation uint32
	Name     string // for printing only; not in the canonical bytes' meaning
	Version  uint32 // schema version
	Columns  []int
	Fields   []Field
	// What the properties of the plan start from, copied from the catalog at binding.
	Key        []int // output columns that are the relation's key; nil: the whole row
	AppendOnly bool
	// TimeCol is the output column that carries the stream's watermark, -1 if none.
	TimeCol int
	// Stored: true when rows come from a keyed store (table, view), false for a log.
	Stored bool
}

// Filter keeps rows whose predicate is true.
type Filter struct {
	Input Node
	Pred  expr.Expr
}

// Project computes expressions.
type Project struct {
	Input Node
	Exprs []expr.Expr
	Names []string
	Hide  []bool // hidden outputs; nil: none
}

// WindowKind is the kind of a window table function.
type WindowKind uint8

// The window kinds.
const (
	Tumble   WindowKind = 1
	Hop      WindowKind = 2
	Cumulate WindowKind = 3
)

// Window is a window table function: it appends window_start and window_end (timestamps of the
// type of TimeCol) to every row, once per window that the row falls into. A NULL time drops it.
type Window struct {
	Input        Node
	Kind         WindowKind
	TimeCol      int
	SizeMicros   int64
	SlideMicros  int64 // Hop: hop size; Cumulate: step; Tumble: equals SizeMicros
	OffsetMicros int64
}

// AggFunc is an aggregate function.
type AggFunc uint8

// The aggregate functions; the numbers are frozen.
const (
	CountStar AggFunc = 1
	Count     AggFunc = 2
	Sum       AggFunc = 3
	Min       AggFunc = 4
	Max       AggFunc = 5
	Avg       AggFunc = 6
)

// AggCall is one aggregate over an input column.
type AggCall struct {
	Func     AggFunc
	Arg      int // input column; -1 for count(*)
	Distinct bool
	Filter   int // boolean input column of FILTER (WHERE ...); -1: none
	Type     value.Type
}

// Aggregate groups by input columns and computes aggregates. Output: the group columns in
// GroupBy order, then one column per call. Without group columns there is always one row.
type Aggregate struct {
	Input   Node
	GroupBy []int
	Calls   []AggCall
	Names   []string // of all outputs
}

// EmitOnClose holds back rows of its input until the watermark of WindowEnd passes: a row with
// window end e leaves once W >= e, and is never retracted. Output is append-only.
type EmitOnClose struct {
	Input     Node
	WindowEnd int // column of the input
}

// Join is an inner equi-join: columns of Left, then of Right. Residual is judged over the joined
// row; nil: none.
type Join struct {
	Left, Right         Node
	LeftKeys, RightKeys []int
	Residual            expr.Expr
}

// UnionAll concatenates inputs of equal schema.
type UnionAll struct{ Inputs []Node }

// Values is a constant relation.
type Values struct {
	Rows   [][]value.Datum
	Fields []Field
}

// SortKey orders by a column; ties break by the whole visible row.
type SortKey struct {
	Col        int
	Desc       bool
	NullsFirst bool
}

// Sort orders its input and cuts it. Only at the root of a query; Limit < 0: none.
type Sort struct {
	Input  Node
	Keys   []SortKey
	Limit  int64
	Offset int64
}

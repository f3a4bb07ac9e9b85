package operator

import (
	"weir/stream/batch"
	"weir/stream/expr"
	"weir/stream/state"
	"weir/stream/value"
	"weir/stream/window"
)

// Delta is what flows along an edge in one step. Rows is nil when nothing changed. Marks has
// one mark per column (window.None: none), or is nil when no column has one; a mark is in the
// unit of its column (microseconds, or days for dates) and never moves back.
type Delta struct {
	Rows  *batch.Batch
	Marks []int64
}

// Len returns the number of rows.
func (d Delta) Len() int {
	if d.Rows == nil {
		return 0
	}
	return d.Rows.Len
}

// Mark returns the mark of a column.
func (d Delta) Mark(col int) int64 {
	if d.Marks == nil {
		return window.None
	}
	return d.Marks[col]
}

// Context is what a step gives to the operators of one view.
type Context struct {
	Env    expr.Env
	Errors *Errors
	// MaxRows bounds the rows that one operator may put out in the step; 0: no bound.
	MaxRows int64
	// DrainRows bounds the rows that a Timed operator moves in the step because time passed; 0: it
	// moves all that are due.
	DrainRows int
	// Inner counts the rows that left operators inside of operators.
	Inner int64
	// Entries and Bytes count the state entries written, in their canonical encoding.
	Entries, Bytes int64
}

// TooManyRows is what a step panics with when an operator puts out more than Context.MaxRows
// rows, before they take the memory. Whoever runs the step recovers it.
type TooManyRows struct{}

// Bound panics with TooManyRows if n rows are too many.
func (c *Context) Bound(n int) {
	if c.MaxRows > 0 && int64(n) > c.MaxRows {
		panic(TooManyRows{})
	}
}

// wrote counts state writes.
func (c *Context) wrote(changes []state.Change) {
	c.Entries += int64(len(changes))
	for _, ch := range changes {
		c.Bytes += int64(len(ch.Key) + len(ch.Value))
	}
}

// Operator is one node of a circuit.
type Operator interface {
	// Name is the kind of operator, for drawings.
	Name() string
	// Types are the column types of the output.
	Types() []value.Type
	// Step consumes one delta per input and returns the output's.
	Step(ctx *Context, in []Delta) Delta
	// States are the operator's states, in a fixed order; none for linear operators.
	States() []state.Operator
}

// stateless is embedded by linear operators.
type stateless struct{}

// States implements Operator.
func (stateless) States() []state.Operator { return nil }

// rowsOrNil drops empty batches, so that "nothing" has one form.
func rowsOrNil(b *batch.Batch) *batch.Batch {
	if b == nil || b.Len == 0 {
		return nil
	}
	return b
}

// complement returns the rows 0..n-1 that are not in sorted bad.
func complement(n int, bad []expr.RowError) []int32 {
	sel := make([]int32, 0, n-len(bad))
	k := 0
	for i := range n {
		if k < len(bad) && bad[k].Row == i {
			k++
			continue
		}
		sel = append(sel, int32(i))
	}
	return sel
}

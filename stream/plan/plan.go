package plan

import (
	"weir/stream/expr"
	"weir/stream/value"
)

// Node is one operator of a typed logical plan. Plans are immutable trees; rules return new ones.
// Each kind of node has a file of its own with all that is known about it.
type Node interface {
	// Schema is the list of output columns.
	Schema() []Field
	// Children are the inputs, left to right.
	Children() []Node
	// With returns a copy over other inputs, as many as Children gives.
	With(children []Node) Node
	// Scalars are the scalar expressions that the node evaluates, over its inputs' columns side by
	// side; what WithScalars takes back.
	Scalars() []expr.Expr
	// WithScalars returns a copy with other expressions, as many as Scalars gives.
	WithScalars(es []expr.Expr) Node

	// props derives the properties of the output from those of the inputs.
	props(in []Props) Props
	// check judges the node alone; its inputs are well formed.
	check() error
	// describe is its line in EXPLAIN.
	describe() string
	// encode appends its tag and fields, without its inputs.
	encode(b []byte) []byte
}

// Field is an output column. Hidden fields take part in the row but not in SELECT *.
type Field struct {
	Name   string
	Type   value.Type
	Hidden bool
}

// SortKey orders by a column; ties break by the whole visible row.
type SortKey struct {
	Col        int
	Desc       bool
	NullsFirst bool
}

// Visible returns the indexes of the fields that SELECT * shows.
func Visible(fields []Field) []int {
	var out []int
	for i, f := range fields {
		if !f.Hidden {
			out = append(out, i)
		}
	}
	return out
}

// Types returns the column types of a schema.
func Types(fields []Field) []value.Type {
	out := make([]value.Type, len(fields))
	for i, f := range fields {
		out[i] = f.Type
	}
	return out
}

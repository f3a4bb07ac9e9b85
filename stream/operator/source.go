package operator

import (
	"weir/stream/value"
	"weir/stream/window"
)

// Source picks the columns of a relation that a view reads. The delta of the relation is shared
// by all views of a step; picking columns copies nothing.
type Source struct {
	stateless
	Relation uint32
	Columns  []int // of the relation's row space
	types    []value.Type
}

// NewSource returns a source; types are those of the picked columns.
func NewSource(relation uint32, columns []int, types []value.Type) *Source {
	return &Source{Relation: relation, Columns: columns, types: types}
}

// Name implements Operator.
func (s *Source) Name() string { return "source" }

// Types implements Operator.
func (s *Source) Types() []value.Type { return s.types }

// Step implements Operator.
func (s *Source) Step(_ *Context, in []Delta) Delta {
	out := Delta{}
	if r := in[0].Rows; r != nil {
		out.Rows = rowsOrNil(r.Project(s.Columns))
	}
	if in[0].Marks != nil {
		out.Marks = make([]int64, len(s.Columns))
		for i, c := range s.Columns {
			out.Marks[i] = window.None
			if c < len(in[0].Marks) {
				out.Marks[i] = in[0].Marks[c]
			}
		}
	}
	return out
}

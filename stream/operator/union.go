package operator

import (
	"weir/stream/batch"
	"weir/stream/value"
	"weir/stream/window"
)

// Union is UNION ALL: the sum of its inputs.
type Union struct {
	stateless
	types []value.Type
}

// NewUnion returns the union of inputs with these types.
func NewUnion(types []value.Type) *Union { return &Union{types: types} }

// Name implements Operator.
func (u *Union) Name() string { return "union" }

// Types implements Operator.
func (u *Union) Types() []value.Type { return u.types }

// Step implements Operator.
func (u *Union) Step(_ *Context, in []Delta) Delta {
	out := Delta{Marks: unionMarks(in, len(u.types))}
	var parts []*batch.Batch
	for _, d := range in {
		if d.Rows != nil {
			parts = append(parts, d.Rows)
		}
	}
	switch len(parts) {
	case 0:
	case 1:
		out.Rows = parts[0]
	default:
		out.Rows = batch.Concat(u.types, parts...)
	}
	return out
}

// unionMarks is the minimum over the inputs, per column.
func unionMarks(in []Delta, width int) []int64 {
	out := make([]int64, width)
	any := false
	for c := range out {
		out[c] = in[0].Mark(c)
		for _, d := range in[1:] {
			out[c] = min(out[c], d.Mark(c))
		}
		any = any || out[c] != window.None
	}
	if !any {
		return nil
	}
	return out
}

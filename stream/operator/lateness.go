package operator

import (
	"weir/stream/value"
	"weir/stream/window"
)

// Lateness is the sum of a stream's on-time rows and of late ones that are taken back. The mark
// of its time column stands behind the stream's, so that late rows lie above it.
type Lateness struct {
	stateless
	union Union
	time  int
	by    int64
}

// NewLateness returns the operator for rows of the given types, at most by microseconds late by
// column time.
func NewLateness(time int, by int64, types []value.Type) *Lateness {
	return &Lateness{union: Union{types: types}, time: time, by: by}
}

// Name implements Operator.
func (l *Lateness) Name() string { return "lateness" }

// Types implements Operator.
func (l *Lateness) Types() []value.Type { return l.union.types }

// Step implements Operator. The first input has the on-time rows, the second the late ones.
func (l *Lateness) Step(ctx *Context, in []Delta) Delta {
	out := l.union.Step(ctx, in)
	out.Marks = nil
	if w := in[0].Mark(l.time); w != window.None {
		out.Marks = make([]int64, len(l.union.types))
		for i := range out.Marks {
			out.Marks[i] = window.None
		}
		out.Marks[l.time] = max(w-l.by, value.MinTimestamp)
	}
	return out
}

package operator

import (
	"weir/stream/batch"
	"weir/stream/value"
	"weir/stream/window"
)

// WindowShape is how a window function cuts time; all in microseconds.
type WindowShape struct {
	Kind                WindowKind
	Size, Slide, Offset int64
}

// WindowKind is the kind of a window function.
type WindowKind uint8

// The kinds; Cumulate takes its step from Slide.
const (
	Tumble WindowKind = iota
	Hop
	Cumulate
)

// Assign appends window_start and window_end to every row, once per window that holds its time;
// a NULL time drops the row.
type Assign struct {
	stateless
	time  int
	shape WindowShape
	types []value.Type
}

// NewAssign returns a window function over column time of an input with the given types.
func NewAssign(shape WindowShape, time int, in []value.Type) *Assign {
	types := append(append([]value.Type{}, in...), in[time], in[time])
	return &Assign{time: time, shape: shape, types: types}
}

// Name implements Operator.
func (a *Assign) Name() string { return "window" }

// Types implements Operator.
func (a *Assign) Types() []value.Type { return a.types }

// Step implements Operator.
func (a *Assign) Step(ctx *Context, in []Delta) Delta {
	out := Delta{Marks: a.outMarks(in[0].Marks)}
	b := in[0].Rows
	if b == nil {
		return out
	}
	if ts := b.Cols[a.time]; ts.HasNulls() {
		sel := make([]int32, 0, b.Len)
		for i := range b.Len {
			if !ts.IsNull(i) {
				sel = append(sel, int32(i))
			}
		}
		b = b.Select(sel)
	}
	ctx.Bound(b.Len * a.shape.most())
	sel, starts, ends := a.assign(b.Cols[a.time].Ints[:b.Len])
	if sel != nil {
		b = b.Select(sel)
	}
	t := a.types[len(a.types)-1]
	cols := make([]*value.Vec, 0, len(a.types))
	cols = append(append(cols, b.Cols...), value.NewVecInts(t, starts, nil),
		value.NewVecInts(t, ends, nil))
	out.Rows = rowsOrNil(&batch.Batch{
		Cols: cols, Len: b.Len, Weights: b.Weights, Ord: b.Ord, AppendOnly: b.AppendOnly,
	})
	return out
}

// assign returns the windows of each time and the row that each belongs to; sel is nil when
// every row has one window.
func (a *Assign) assign(ts []int64) (sel []int32, starts, ends []int64) {
	starts = make([]int64, 0, len(ts))
	ends = make([]int64, 0, len(ts))
	if a.shape.Kind == Tumble {
		for _, t := range ts {
			s := window.TumbleStart(t, a.shape.Size, a.shape.Offset)
			starts, ends = append(starts, s), append(ends, s+a.shape.Size)
		}
		return nil, starts, ends
	}
	sel = make([]int32, 0, len(ts))
	for i, t := range ts {
		starts, ends = a.shape.windows(starts, ends, t)
		for len(sel) < len(starts) {
			sel = append(sel, int32(i))
		}
	}
	return sel, starts, ends
}

// most is the greatest number of windows that hold one time.
func (w WindowShape) most() int {
	if w.Kind == Tumble {
		return 1
	}
	return int(window.HopCount(w.Size, w.Slide))
}

// windows appends the windows that hold t, in ascending order of their ends.
func (w WindowShape) windows(starts, ends []int64, t int64) ([]int64, []int64) {
	n := len(starts)
	if w.Kind == Cumulate {
		start, all := window.CumulateEnds(ends, t, w.Size, w.Slide, w.Offset)
		for len(starts) < len(all) {
			starts = append(starts, start)
		}
		return starts, all
	}
	starts = window.HopStarts(starts, t, w.Size, w.Slide, w.Offset)
	for _, s := range starts[n:] {
		ends = append(ends, s+w.Size)
	}
	return starts, ends
}

// outMarks adds the marks of the window columns: those of the first window that holds the mark
// of time, or, between hops, of the next hop to come.
func (a *Assign) outMarks(in []int64) []int64 {
	if in == nil {
		return nil
	}
	start, end := int64(window.None), int64(window.None)
	if w := in[a.time]; w != window.None {
		start, end = a.shape.Mark(w)
	}
	return append(append(make([]int64, 0, len(in)+2), in...), start, end)
}

// Mark returns the least window_start and window_end that a time at or above w can get.
func (w WindowShape) Mark(t int64) (start, end int64) {
	switch w.Kind {
	case Tumble:
		start = window.TumbleStart(t, w.Size, w.Offset)
		return start, start + w.Size
	case Cumulate:
		s, ends := window.CumulateEnds(nil, t, w.Size, w.Slide, w.Offset)
		return s, ends[0]
	}
	start = window.TumbleStart(t, w.Slide, w.Offset) + w.Slide
	if all := window.HopStarts(nil, t, w.Size, w.Slide, w.Offset); len(all) > 0 {
		start = all[0]
	}
	return start, start + w.Size
}

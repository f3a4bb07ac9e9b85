package operator

import (
	"math"

	"weir/stream/state"
	"weir/stream/value"
	"weir/stream/window"
)

// RankKind says how TopN counts rows; the numbers are those of plans.
type RankKind uint8

// The kinds.
const (
	RowNumber RankKind = 0
	Rank      RankKind = 1
	DenseRank RankKind = 2
)

// TopNSpec is what a TopN does.
type TopNSpec struct {
	Order
	Kind          RankKind
	Limit, Offset int64 // Limit -1: none
	Numbered      bool  // append the number of each row
	AppendOnly    bool  // the input never retracts
	Freed         bool  // the first partition column carries a mark
	Timed         int   // ORDER BY column whose mark passes; -1: none
}

// TopN keeps the first rows of each partition.
//
//	delta ─► sorted by partition, order ─► merge with the run, partition by partition, up to the
//	                                       last row that can pass ─► difference of before and after
//
// State: partition ++ order ++ row -> weight. One walk per touched partition counts the rows twice,
// without the delta and with it, and emits where a row's copies that pass differ. It ends where
// both counts are beyond the limit or agree again; what the delta has behind is only stored.
//
// Over an input that only appends, a row that does not pass now never will, so the run holds just
// the rows within Offset + Limit. Without a limit and a number the rows that do not pass, the first
// Offset, are found in the same way and taken from the input.
type TopN struct {
	spec  TopNSpec
	types []value.Type
	bound int64 // rows with a greater number do not pass
	skip  int64 // nor do the first rows
	rest  bool  // the output is what does not pass
	rows  state.Runs
}

// NewTopN returns the operator.
func NewTopN(s TopNSpec) *TopN {
	t := &TopN{spec: s, types: s.Types, bound: s.Offset + s.Limit, skip: s.Offset}
	switch {
	case s.Limit == 0:
		t.bound, t.skip = 0, 0
	case s.Limit < 0 && !s.Numbered:
		t.rest, t.bound, t.skip = true, s.Offset, 0
		t.spec.Kind = RowNumber
	case s.Limit < 0 || t.bound < 0:
		t.bound = math.MaxInt64
	}
	if s.Numbered {
		t.types = append(append([]value.Type{}, s.Types...), value.Of(value.Int8))
	}
	return t
}

// Spec returns what the operator was made from.
func (t *TopN) Spec() TopNSpec { return t.spec }

// Name implements Operator.
func (t *TopN) Name() string { return "topn" }

// Types implements Operator.
func (t *TopN) Types() []value.Type { return t.types }

// States implements Operator.
func (t *TopN) States() []state.Operator { return []state.Operator{&t.rows} }

// Step implements Operator.
func (t *TopN) Step(ctx *Context, in []Delta) Delta {
	out := Delta{Marks: orderMarks(&t.spec.Order, t.spec.Timed, len(t.types), in[0].Marks)}
	if b := in[0].Rows; b != nil {
		l := t.spec.lay(b)
		w := newTopWalk(ctx, t, l)
		for i := 0; i < len(l.order); {
			j := l.partitionEnd(i)
			w.partition(i, j)
			i = j
		}
		t.rows.Apply(w.writes)
		ctx.wrote(w.writes)
		out.Rows = rowsOrNil(w.batch())
	}
	if t.spec.Freed {
		freePartitions(&t.rows, &t.spec.Order, in[0])
	}
	return out
}

// orderMarks passes the marks of partition columns and of the column timed.
func orderMarks(o *Order, timed, width int, in []int64) []int64 {
	if in == nil {
		return nil
	}
	out := make([]int64, width)
	for i := range out {
		out[i] = window.None
	}
	for _, c := range o.Partition {
		out[c] = in[c]
	}
	if timed >= 0 {
		out[timed] = in[timed]
	}
	return out
}

// freePartitions drops the partitions below the mark of the first partition column.
func freePartitions(r *state.Runs, o *Order, in Delta) {
	col := o.Partition[0]
	if w := in.Mark(col); w != window.None {
		r.FreeBelow(markKey(o.Types[col].Kind, w))
	}
}

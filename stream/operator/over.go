package operator

import (
	"weir/stream/state"
	"weir/stream/value"
)

// OverFunc is a window function; the numbers are those of plans.
type OverFunc uint8

// The functions.
const (
	OverAggregate   OverFunc = 0
	OverRowNumber   OverFunc = 1
	OverRank        OverFunc = 2
	OverDenseRank   OverFunc = 3
	OverPercentRank OverFunc = 4
	OverCumeDist    OverFunc = 5
	OverNtile       OverFunc = 6
	OverLag         OverFunc = 7
	OverLead        OverFunc = 8
	OverFirst       OverFunc = 9
	OverLast        OverFunc = 10
	OverNth         OverFunc = 11
)

// OverCall is one window function.
type OverCall struct {
	Func  OverFunc
	Args  []int // input columns
	Agg   Call  // of OverAggregate
	Frame Frame // of aggregates, first_value, last_value, nth_value
	Name  string
	Type  value.Type
	// Shift is the offset of lag or lead where it is the same for every row (Shifts).
	Shift  int64
	Shifts bool
}

// OverSpec is what an Over does.
type OverSpec struct {
	Order
	Calls []OverCall
	Freed bool // the first partition column carries a mark
	// Timed is the first ORDER BY column if it carries a mark that passes, since no function looks
	// ahead of its row; else -1.
	Timed int
}

// Over computes window functions.
//
//	delta ─► sorted by partition, order ─► per touched partition:
//
//	   needed before │ may change │ changed .. changed │ may change │ needed behind
//	   ──────────────┴────────────┴────────────────────┴────────────┴──────────────► order
//
//	a region around the change is read, the functions are computed over it without the delta and
//	with it, for the rows that may change, and the difference goes out
//
// How far the parts reach follows from the functions (see overreach.go): for frames and lags with
// bounds it is the neighbourhood, so that a row at the end of a partition costs one frame. Numbers
// (row_number, rank, dense_rank) and aggregates from the start of the partition to the current row
// are running: what they have counted stands beside each row, so they start with the row before
// the change, but all rows behind it are recomputed and rewritten. Everything else reads its whole
// partition.
//
// State 0: partition ++ order ++ row -> weight, and the running state if there is any. State 1,
// if the order is by a time with a mark and the functions look back a bounded way: time ++
// partition -> weight, for times whose rows may still be needed; it leads to the partitions of
// which rows can be freed.
type Over struct {
	op      int
	spec    OverSpec
	types   []value.Type
	running []Keeper // per call: its accumulator if it is running
	carries bool     // some call is running or counts rows
	faults  []*value.Error
	reach   overReach
	keep    overKeep
	reads   []int // columns that calls read
	rows    state.Runs
	times   state.Runs
}

// NewOver returns the operator; nil if an aggregate has no accumulator.
func NewOver(op int, s OverSpec) *Over {
	o := &Over{op: op, spec: s, types: append([]value.Type{}, s.Types...)}
	for i := range s.Calls {
		c := &s.Calls[i]
		if c.Func == OverAggregate && NewAccumulator(c.Agg, s.Types) == nil {
			return nil
		}
		o.types = append(o.types, c.Type)
		o.running = append(o.running, c.keeper(s.Types))
		o.carries = o.carries || o.running[i] != nil || c.numbers()
		var fault *value.Error
		if c.framed() {
			fault = c.Frame.fault()
		}
		o.faults = append(o.faults, fault)
	}
	o.reach = newOverReach(o)
	o.keep = newOverKeep(o)
	return o
}

// numbers reports whether the call counts the rows before its own.
func (c *OverCall) numbers() bool {
	return c.Func == OverRowNumber || c.Func == OverRank || c.Func == OverDenseRank
}

// framed reports whether the call sees a frame.
func (c *OverCall) framed() bool { return c.Func == OverAggregate || c.Func >= OverFirst }

// keeper returns an accumulator if the call is running: its frame goes from the start of the
// partition to the current row, and its state can be kept.
func (c *OverCall) keeper(in []value.Type) Keeper {
	f := c.Frame
	if !c.framed() || f.Start.Kind != UnboundedPreceding || f.End.Kind != CurrentRow ||
		f.Exclude != ExcludeNone {
		return nil
	}
	switch c.Func {
	case OverFirst:
		return &firstFold{arg: c.Args[0], t: in[c.Args[0]]}
	case OverLast:
		return &lastFold{arg: c.Args[0]}
	case OverAggregate:
		k, _ := NewAccumulator(c.Agg, in).(Keeper)
		return k
	}
	return nil
}

// Spec returns what the operator was made from.
func (o *Over) Spec() OverSpec { return o.spec }

// Name implements Operator.
func (o *Over) Name() string { return "over" }

// Types implements Operator.
func (o *Over) Types() []value.Type { return o.types }

// States implements Operator.
func (o *Over) States() []state.Operator {
	if o.keep.frees {
		return []state.Operator{&o.rows, &o.times}
	}
	return []state.Operator{&o.rows}
}

// Step implements Operator.
func (o *Over) Step(ctx *Context, in []Delta) Delta {
	out := Delta{Marks: orderMarks(&o.spec.Order, o.spec.Timed, len(o.types), in[0].Marks)}
	if b := in[0].Rows; b != nil {
		l := o.spec.lay(b)
		w := newOverWalk(ctx, o, l)
		for i := 0; i < len(l.order); {
			j := l.partitionEnd(i)
			w.partition(i, j)
			i = j
		}
		o.rows.Apply(w.writes)
		ctx.wrote(w.writes)
		if o.keep.frees {
			o.noteTimes(ctx, l)
		}
		out.Rows = rowsOrNil(w.batch())
	}
	if o.spec.Freed {
		freePartitions(&o.rows, &o.spec.Order, in[0])
	}
	if o.keep.frees {
		o.free(in[0].Mark(o.spec.Timed))
	}
	return out
}

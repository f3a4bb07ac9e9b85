package agg

import (
	"weir/internal/invariant"
	"weir/stream/value"
)

// Input is what an additive call reads of a delta.
type Input struct {
	Arg, Extra, Filter *value.Vec // nil: none
	Weights            []int64    // nil: all 1
	Of                 []int32    // the local group of each row
}

// takes reports whether row i takes part.
func (in *Input) takes(i int) bool {
	return (in.Filter == nil || in.Filter.Ints[i] != 0) &&
		(in.Arg == nil || !in.Arg.IsNull(i)) && (in.Extra == nil || !in.Extra.IsNull(i))
}

func (in *Input) weight(i int) int64 {
	if in.Weights == nil {
		return 1
	}
	return in.Weights[i]
}

// Linear is the state of additive calls over the same columns, for the local groups of a step and
// for one stored group in hand. Its memory is kept between steps.
type Linear interface {
	// Reset makes room for local groups, all empty.
	Reset(groups int)
	// Add adds rows to their local groups.
	Add(in *Input)
	// AddRow adds row i, which takes part, to one local group.
	AddRow(arg, extra *value.Vec, i int, w int64, g int32)
	// Load takes the stored state at the head of b, empty if b is nil, and returns the rest.
	Load(b []byte) []byte
	// Merge adds a local group to the state in hand.
	Merge(g int32)
	// Append appends the state in hand; equal states give equal bytes.
	Append(dst []byte) []byte
	// Result is what a function makes of the state in hand.
	Result(f Func, t value.Type) (value.Datum, *value.Error)
}

// stateKind says which functions share a state.
type stateKind uint8

const (
	counting stateKind = iota
	summing
	judging
	bitwise
	squaring
	pairing
)

// Shares reports whether two additive calls can have one state.
func Shares(c, d Call) bool {
	if c.Arg != d.Arg || c.Extra != d.Extra || c.Filter != d.Filter ||
		c.DistinctMatters() != d.DistinctMatters() {
		return false
	}
	a, b := c.Func.def().state, d.Func.def().state
	return a == b || c.Arg >= 0 && (a == counting && b == summing)
}

// NewLinear returns the state of an additive call over an input with types in.
func NewLinear(c Call, in []value.Type) Linear {
	kind := value.Null
	if c.Arg >= 0 {
		kind = in[c.Arg].Kind
	}
	floats := kind == value.Float4 || kind == value.Float8
	switch state := c.Func.def().state; {
	case state == counting:
		return &counts{}
	case state == summing && floats:
		return &grouped[floatTotal, *floatTotal]{}
	case state == summing && kind == value.Interval:
		return &grouped[spanTotal, *spanTotal]{}
	case state == summing && kind == value.Numeric && in[c.Arg].Precision == 0:
		return &grouped[total, *total]{}
	case state == summing:
		return newExact(in[c.Arg])
	case state == judging:
		return &grouped[verdicts, *verdicts]{}
	case state == bitwise:
		return &grouped[bitCounts, *bitCounts]{}
	case state == squaring && floats:
		return &grouped[floatSquares, *floatSquares]{}
	case state == squaring:
		return &grouped[squares, *squares]{}
	case state == pairing:
		return &grouped[pairs, *pairs]{}
	}
	invariant.Fail("aggregate %d is not additive", c.Func)
	return nil
}

// state is the state of one group.
type state[T any] interface {
	*T
	reset()
	add(arg, extra *value.Vec, i int, w int64)
	merge(o *T)
	append(dst []byte) []byte
	load(b []byte) []byte
	result(f Func, t value.Type) (value.Datum, *value.Error)
}

// grouped is a Linear that keeps a state per group.
type grouped[T any, P state[T]] struct {
	local []T
	now   T
}

// Reset implements Linear.
func (l *grouped[T, P]) Reset(groups int) {
	if cap(l.local) < groups {
		old := l.local[:cap(l.local)]
		l.local = make([]T, groups, groups+groups/4)
		copy(l.local, old) // whose memory is used again
	}
	l.local = l.local[:groups]
	for g := range l.local {
		P(&l.local[g]).reset()
	}
}

// Add implements Linear.
func (l *grouped[T, P]) Add(in *Input) {
	for i, g := range in.Of {
		if in.takes(i) {
			P(&l.local[g]).add(in.Arg, in.Extra, i, in.weight(i))
		}
	}
}

// AddRow implements Linear.
func (l *grouped[T, P]) AddRow(arg, extra *value.Vec, i int, w int64, g int32) {
	P(&l.local[g]).add(arg, extra, i, w)
}

// Load implements Linear.
func (l *grouped[T, P]) Load(b []byte) []byte {
	P(&l.now).reset()
	if b == nil {
		return nil
	}
	return P(&l.now).load(b)
}

// Merge implements Linear.
func (l *grouped[T, P]) Merge(g int32) { P(&l.now).merge(&l.local[g]) }

// Append implements Linear.
func (l *grouped[T, P]) Append(dst []byte) []byte { return P(&l.now).append(dst) }

// Result implements Linear.
func (l *grouped[T, P]) Result(f Func, t value.Type) (value.Datum, *value.Error) {
	return P(&l.now).result(f, t)
}

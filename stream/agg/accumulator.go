package agg

import (
	"bytes"
	"encoding/binary"
	"slices"

	"weir/internal/invariant"
	"weir/stream/row"
	"weir/stream/value"
)

// Accumulator computes one call over rows that come and go one at a time, such as the frame of a
// window function, with the results of a grouped aggregate. Rows may come in any order. Adding is
// O(1) for additive functions without DISTINCT and costs a search in a sorted list for all others;
// the result of an ordered function reads the whole list.
type Accumulator struct {
	call   Call
	in     []value.Type
	order  Order
	linear Linear // nil unless the function is additive
	base   []byte // what was loaded of its state; nil: nothing
	rows   int64
	list   []listed // ascending keys, no weight of 0
	key    []byte
	cols   []*value.Vec
}

// listed is a row, or equal ones, of a call that is not simply additive.
type listed struct {
	key, rest []byte
	weight    int64
}

// NewAccumulator returns an empty accumulator of a call over rows with types in.
func NewAccumulator(c Call, in []value.Type) *Accumulator {
	a := &Accumulator{call: c, in: in}
	if c.Func.Family() == Additive && !c.SumsRows() {
		a.linear = NewLinear(c, in)
		a.linear.Reset(1)
	}
	if c.Arg >= 0 {
		a.order = OrderOf(c, in)
		for _, col := range a.order.Args {
			a.cols = append(a.cols, value.NewVec(in[col], 0))
		}
	}
	return a
}

// Reset takes all rows out.
func (a *Accumulator) Reset() {
	a.rows, a.list, a.base = 0, a.list[:0], nil
	if a.linear != nil {
		a.linear.Reset(1)
	}
}

// Add adds row i of cols.
func (a *Accumulator) Add(cols []*value.Vec, i int) { a.AddTimes(cols, i, 1) }

// Remove takes a row out that is in; it always can.
func (a *Accumulator) Remove(cols []*value.Vec, i int) bool {
	a.AddTimes(cols, i, -1)
	return true
}

// AddTimes adds row i of cols, w times; a negative w takes rows out again.
func (a *Accumulator) AddTimes(cols []*value.Vec, i int, w int64) {
	a.rows += w
	c := a.call
	if a.linear == nil && c.Arg < 0 {
		return
	}
	in := Input{Weights: nil}
	for _, p := range []struct {
		to  **value.Vec
		col int
	}{{&in.Arg, c.Arg}, {&in.Extra, c.Extra}, {&in.Filter, c.Filter}} {
		if p.col >= 0 {
			*p.to = cols[p.col]
		}
	}
	switch {
	case a.linear == nil:
		if a.order.Takes(cols, i) {
			a.listRow(cols, i, w)
		}
	case !in.takes(i):
	case c.DistinctMatters():
		before, after := a.listRow(cols, i, w)
		if turn := TurnOf(before, after); turn != 0 {
			one := a.canonical(cols, i)
			a.linear.AddRow(one[0], one[len(one)-1], 0, turn, 0)
		}
	default:
		a.linear.AddRow(in.Arg, in.Extra, i, w, 0)
	}
}

// TurnOf says what a DISTINCT call sees when the weight of a value changes: +1 when it appears,
// -1 when it is gone.
func TurnOf(before, after int64) int64 {
	switch {
	case before <= 0 && after > 0:
		return 1
	case before > 0 && after <= 0:
		return -1
	}
	return 0
}

// canonical are the arguments of a row in their canonical representation.
func (a *Accumulator) canonical(cols []*value.Vec, i int) []*value.Vec {
	out := make([]*value.Vec, len(a.order.Args))
	for k, col := range a.order.Args {
		t := a.in[col]
		out[k] = value.FromDatums(t, row.Canonical(t, cols[col].Datum(i)))
	}
	return out
}

// listRow adds to the weight of a row in the list.
func (a *Accumulator) listRow(cols []*value.Vec, i int, w int64) (before, after int64) {
	a.key = a.order.AppendKey(a.key[:0], cols, i)
	at, found := slices.BinarySearchFunc(a.list, a.key, func(l listed, key []byte) int {
		return bytes.Compare(l.key, key)
	})
	if !found {
		a.list = slices.Insert(a.list, at, listed{
			key: bytes.Clone(a.key), rest: a.order.AppendRest(nil, cols, i),
		})
	}
	l := &a.list[at]
	before = l.weight
	l.weight += w
	after = l.weight
	if after == 0 {
		a.list = slices.Delete(a.list, at, at+1)
	}
	return before, after
}

// Result computes the call over the rows that are in.
func (a *Accumulator) Result() (value.Datum, *value.Error) {
	c := a.call
	switch {
	case c.SumsRows():
		return value.NewInt8(a.rows), nil
	case a.linear != nil:
		a.linear.Load(a.base)
		a.linear.Merge(0)
		return a.linear.Result(c.Func, c.Type)
	}
	list := a.list
	if c.Func.Family() == Extreme {
		if len(list) == 0 {
			return value.Datum{}, nil
		}
		if c.Func.Last() {
			list = list[len(list)-1:]
		}
		list = list[:1]
	}
	for _, v := range a.cols {
		v.Reset()
	}
	weights := make([]int64, len(list))
	for i, l := range list {
		key := append([]byte{row.KeyTag}, l.key...)
		err := a.order.DecodeInto(a.cols, key, l.rest)
		invariant.Check(err == nil, "own row does not decode: %v", err)
		weights[i] = l.weight
	}
	if c.Func.Family() == Extreme {
		return a.cols[0].Datum(0), nil
	}
	if c.DistinctMatters() {
		Once(a.cols, weights)
	}
	return c.Func.Fold()(c, a.cols, weights)
}

// Append encodes what is in; equal multisets of rows give equal bytes.
func (a *Accumulator) Append(dst []byte) []byte {
	dst = binary.AppendVarint(dst, a.rows)
	if a.linear != nil {
		a.linear.Load(a.base)
		a.linear.Merge(0)
		dst = a.linear.Append(dst)
	}
	dst = binary.AppendUvarint(dst, uint64(len(a.list)))
	for _, l := range a.list {
		for _, part := range [...][]byte{l.key, l.rest} {
			dst = append(binary.AppendUvarint(dst, uint64(len(part))), part...)
		}
		dst = binary.AppendVarint(dst, l.weight)
	}
	return dst
}

// Load replaces what is in by what Append wrote at the front of b, and returns the rest.
func (a *Accumulator) Load(b []byte) []byte {
	a.Reset()
	a.rows, b = cutVarint(b)
	if a.linear != nil {
		rest := a.linear.Load(b)
		a.base, b = bytes.Clone(b[:len(b)-len(rest)]), rest
	}
	n, b := cutUvarint(b)
	for range n {
		var l listed
		for _, part := range [...]*[]byte{&l.key, &l.rest} {
			var size uint64
			size, b = cutUvarint(b)
			*part, b = bytes.Clone(b[:size]), b[size:]
		}
		l.weight, b = cutVarint(b)
		a.list = append(a.list, l)
	}
	return b
}

package operator

import (
	"bytes"
	"encoding/binary"

	"weir/stream/agg"
	"weir/stream/batch"
	"weir/stream/row"
	"weir/stream/state"
	"weir/stream/value"
)

// SinkExpression names the materialisation in the error relation.
const SinkExpression = "row"

// Sink turns the output of a circuit into net writes of a stored relation: key -> (row, weight),
// with the key columns in their canonical representation, so that the row is a function of what
// is equal and not of what came first. The stored relation is probed once, with sorted keys. A
// row whose key or encoding is over its limit goes to the error relation (54000).
type Sink struct {
	key   []int // columns of the key; all columns if there is no key
	types []value.Type
}

// NewSink returns a sink; an empty key means the whole row.
func NewSink(key []int, types []value.Type) *Sink {
	if len(key) == 0 {
		for i := range types {
			key = append(key, i)
		}
	}
	return &Sink{key: key, types: types}
}

// Written is what one step does to a stored relation.
type Written struct {
	Changes []state.Change // keys strictly ascending
	Delta   *batch.Batch   // -old +new rows, in key order; never nil
	Weight  int64          // change of the sum of weights
}

// Conflict is what a sink panics with when rows of one key differ, or a weight is negative: the
// plan's key was wrong, or an operator was. The view that owns it cannot go on.
type Conflict struct{ Reason string }

func (c Conflict) Error() string { return "sink: " + c.Reason }

// Write computes the net writes for a delta against the stored relation. errs may be nil for a
// relation whose rows are bounded by construction.
func (s *Sink) Write(b *batch.Batch, stored state.Reader, errs *Errors) Written {
	if b == nil {
		return Written{Delta: batch.FromRows(s.types, nil, nil)}
	}
	b = s.canonical(b)
	e := s.entries(b, errs)
	groups, keys := e.grouped()
	w := writer{
		b: b, e: e, changes: make([]state.Change, 0, len(groups)),
		arena: make([]byte, 0, 96*len(groups)+16), stored: batch.NewBuilder(s.types, 0),
		from: make([]int32, 0, b.Len), weights: make([]int64, 0, b.Len),
	}
	stored.ProbeSorted(keys, func(i int, old []byte) { w.one(keys[i], groups[i], old) })
	return Written{Changes: w.changes, Delta: w.delta(), Weight: w.weight}
}

// canonical rewrites key columns whose equal values can look different.
func (s *Sink) canonical(b *batch.Batch) *batch.Batch {
	cols := b.Cols
	for _, c := range s.key {
		if !variable(s.types[c]) {
			continue
		}
		if &cols[0] == &b.Cols[0] {
			cols = append([]*value.Vec{}, b.Cols...)
		}
		cols[c] = canonicalVec(b.Cols[c], b.Len)
	}
	z := *b
	z.Cols = cols
	return &z
}

// variable reports whether equal values of a type can have different representations.
func variable(t value.Type) bool { return agg.Variable(t) }

// entries encodes key of each row; rows over a limit become errors.
func (s *Sink) entries(b *batch.Batch, errs *Errors) *entries {
	e := newEntries(b.Len, 32)
	cols := make([]*value.Vec, len(s.key))
	for i, c := range s.key {
		cols[i] = b.Cols[c]
	}
	for i := range b.Len {
		start := len(e.arena)
		e.arena = row.AppendKey(e.arena, cols, i)
		if errs != nil && (len(e.arena)-start > row.MaxKey || row.Size(b.Cols, i) > row.MaxRow) {
			e.arena = e.arena[:start]
			errs.Add(SinkOp, SinkExpression, value.StateTooLarge, b.Cols, i, b.Weight(i))
			continue
		}
		e.close(i, b.Weight(i))
	}
	return e
}

// grouped returns the entries of each distinct key, and the keys, in key order.
func (e *entries) grouped() (groups [][]int32, keys [][]byte) {
	order := e.sorted()
	groups, keys = make([][]int32, 0, len(order)), make([][]byte, 0, len(order))
	for i := 0; i < len(order); {
		j := i + 1
		for j < len(order) && bytes.Equal(e.key(order[j]), e.key(order[i])) {
			j++
		}
		groups = append(groups, order[i:j])
		keys = append(keys, e.key(order[i]))
		i = j
	}
	return groups, keys
}

// writer collects the writes of one step.
type writer struct {
	b       *batch.Batch
	e       *entries
	changes []state.Change
	arena   []byte
	weight  int64
	cand    []candidate
	from    []int32 // rows of the delta to come: of b, then of stored
	weights []int64
	stored  *batch.Builder // rows that the stored relation has and b has not
}

// candidate is a row that an entry may hold after the step.
type candidate struct {
	row    []byte
	weight int64
	index  int32 // a row of the batch that is equal, -1: none
	stored bool
}

// one nets the rows of one key with the stored entry.
func (w *writer) one(key []byte, group []int32, old []byte) {
	if old == nil && len(group) == 1 && w.e.weights[group[0]] > 0 {
		w.fresh(key, group[0])
		return
	}
	w.cand = w.cand[:0]
	var oldWeight int64
	if old != nil {
		weight, enc, err := row.SplitEntry(old)
		if err != nil {
			panic(Conflict{"a stored entry does not decode"})
		}
		oldWeight = int64(weight)
		w.cand = append(w.cand, candidate{enc, oldWeight, -1, true})
	}
	for _, at := range group {
		w.add(w.e.rows[at], w.e.weights[at])
	}
	var keep *candidate
	for i := range w.cand {
		switch c := &w.cand[i]; {
		case c.weight == 0:
		case c.weight < 0:
			panic(Conflict{"negative weight"})
		case keep != nil:
			panic(Conflict{"two rows under one key"})
		default:
			keep = c
		}
	}
	w.settle(key, old, oldWeight, keep)
}

// fresh writes the only row of a key that is not stored, which most rows of a view that only
// grows are.
func (w *writer) fresh(key []byte, at int32) {
	i, weight, start := w.e.rows[at], w.e.weights[at], len(w.arena)
	w.arena = binary.AppendUvarint(w.arena, uint64(weight))
	w.arena = row.AppendRow(w.arena, w.b.Cols, int(i))
	value := w.arena[start:len(w.arena):len(w.arena)]
	w.changes = append(w.changes, state.Change{Key: key, Value: value})
	w.from, w.weights = append(w.from, i), append(w.weights, weight)
	w.weight += weight
}

// add adds weight to the candidate that equals row i of the batch.
func (w *writer) add(i int32, weight int64) {
	start := len(w.arena)
	w.arena = row.AppendRow(w.arena, w.b.Cols, int(i))
	enc := w.arena[start:len(w.arena):len(w.arena)]
	for k := range w.cand {
		if bytes.Equal(w.cand[k].row, enc) {
			w.cand[k].weight += weight
			w.cand[k].index = i
			w.arena = w.arena[:start]
			return
		}
	}
	w.cand = append(w.cand, candidate{enc, weight, i, false})
}

func (w *writer) settle(key, old []byte, oldWeight int64, keep *candidate) {
	switch {
	case keep == nil && old == nil:
		return
	case keep != nil && keep.stored && keep.weight == oldWeight:
		return
	}
	change := state.Change{Key: key}
	if keep != nil && keep.stored {
		w.emit(keep, keep.weight-oldWeight)
	} else {
		if old != nil {
			w.emit(&w.cand[0], -oldWeight)
		}
		if keep != nil {
			w.emit(keep, keep.weight)
		}
	}
	w.weight -= oldWeight
	if keep != nil {
		w.weight += keep.weight
		start := len(w.arena)
		w.arena = appendEntry(w.arena, keep.weight, keep.row)
		change.Value = w.arena[start:len(w.arena):len(w.arena)]
	}
	w.changes = append(w.changes, change)
}

// emit adds a row to the delta. A stored row mostly stands in the batch too, as its retraction.
func (w *writer) emit(c *candidate, weight int64) {
	at := c.index
	if at < 0 {
		at = int32(w.b.Len + w.stored.Len())
		if err := row.DecodeRowInto(w.stored.Cols, c.row); err != nil {
			panic(Conflict{"a stored row does not decode"})
		}
		w.stored.Close(1)
	}
	w.from, w.weights = append(w.from, at), append(w.weights, weight)
}

func (w *writer) delta() *batch.Batch {
	all := &batch.Batch{Cols: w.b.Cols, Len: w.b.Len}
	if w.stored.Len() > 0 {
		all = batch.Concat(w.b.Types(), all, w.stored.Batch())
	}
	out := all
	if !identity(w.from, all.Len) {
		out = all.Select(w.from)
	}
	out.Weights, out.AppendOnly = w.weights, true
	for _, x := range w.weights {
		out.AppendOnly = out.AppendOnly && x > 0
	}
	return out
}

// identity reports whether a selection takes each of n rows, in order.
func identity(from []int32, n int) bool {
	if len(from) != n {
		return false
	}
	for i, at := range from {
		if int(at) != i {
			return false
		}
	}
	return true
}

// appendEntry encodes the value of a stored entry from an encoded row.
func appendEntry(dst []byte, weight int64, enc []byte) []byte {
	return append(binary.AppendUvarint(dst, uint64(weight)), enc...)
}

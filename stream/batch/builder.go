package batch

import "weir/stream/value"

// Builder collects rows into a batch.
type Builder struct {
	Cols    []*value.Vec
	weights []int64
	ord     []Ordinal
	plain   bool // every weight so far is +1
	appends bool // no weight so far is negative
	n       int
}

// NewBuilder returns a builder for rows of the given types.
func NewBuilder(types []value.Type, capacity int) *Builder {
	b := &Builder{plain: true, appends: true}
	for _, t := range types {
		b.Cols = append(b.Cols, value.NewVec(t, capacity))
	}
	return b
}

// Len returns the number of rows so far.
func (b *Builder) Len() int { return b.n }

// Add appends a row of single values; a weight of 0 adds nothing.
func (b *Builder) Add(row []value.Datum, weight int64) {
	if weight == 0 {
		return
	}
	for j, d := range row {
		b.Cols[j].AppendDatum(d)
	}
	b.Close(weight)
}

// AddFrom appends row i of cols; a weight of 0 adds nothing.
func (b *Builder) AddFrom(cols []*value.Vec, i int, weight int64) {
	if weight == 0 {
		return
	}
	for j, c := range cols {
		b.Cols[j].AppendFrom(c, i)
	}
	b.Close(weight)
}

// Close ends a row whose values the caller has appended to every one of Cols itself. The weight
// must not be 0.
func (b *Builder) Close(weight int64) {
	if b.plain && weight != 1 {
		b.plain = false
		for range b.n {
			b.weights = append(b.weights, 1)
		}
	}
	if !b.plain {
		b.weights = append(b.weights, weight)
	}
	b.appends = b.appends && weight > 0
	b.n++
}

// Place sets the ordinal of the last row; either every row is placed or none.
func (b *Builder) Place(o Ordinal) { b.ord = append(b.ord, o) }

// Batch returns the rows; the builder must not be used afterwards.
func (b *Builder) Batch() *Batch {
	return &Batch{
		Cols: b.Cols, Len: b.n, Weights: b.weights, Ord: b.ord, AppendOnly: b.appends,
	}
}

// FromRows makes a batch of single values; weights nil means +1 each.
func FromRows(types []value.Type, rows [][]value.Datum, weights []int64) *Batch {
	b := NewBuilder(types, len(rows))
	for i, r := range rows {
		w := int64(1)
		if weights != nil {
			w = weights[i]
		}
		b.Add(r, w)
	}
	return b.Batch()
}

// Rows returns the rows as single values, with their weights.
func (b *Batch) Rows() (rows [][]value.Datum, weights []int64) {
	for i := range b.Len {
		rows = append(rows, b.Row(i))
		weights = append(weights, b.Weight(i))
	}
	return rows, weights
}

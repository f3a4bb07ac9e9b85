package batch

import "weir/stream/value"

// Ordinal places a row in the agreed history: block height, transaction in the block, row in
// the transaction. Sources set it; arrival order is asked for through weir_offset, so no
// operator may let results depend on it.
type Ordinal struct {
	Height  int64
	Tx, Row uint32
}

// Batch is a Z-set of rows as typed columns.
type Batch struct {
	Cols       []*value.Vec
	Len        int
	Weights    []int64
	Ord        []Ordinal
	AppendOnly bool
}

// Weight returns the weight of row i.
func (b *Batch) Weight(i int) int64 {
	if b.Weights == nil {
		return 1
	}
	return b.Weights[i]
}

// Package batch is the unit that flows between operators: a Z-set of rows held as columns.
//
// A batch is a multiset delta: row i counts Weights[i] times (negative = retraction). The order
// of rows means nothing between operators; only sinks sort. A batch is immutable once it has
// been handed on; operators share columns freely.
//
// Invariants: all columns have Len values; Weights is nil (every weight +1) or has Len values
// and no zero; AppendOnly implies that no weight is negative; Ord is nil or has Len entries.
package batch

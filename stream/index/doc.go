// Package index makes the entries of an index: where a row of a relation stands in another order.
// It knows how keys sort and what a change of the relation changes in its indexes; which indexes
// there are, and where their entries lie, its callers know.
package index

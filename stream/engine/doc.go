// Package engine is the facade of the incremental engine: it keeps every view of a network up
// to date, one step per segment.
//
//	Segment ──► base deltas ──► views in dependency order, each in its own overlay ──► Result
//	             one concat       │ a panic suspends that view and its dependents
//	             for all views    └ Accept merges all overlays, Discard drops them
//
// The caller applies a Result's changes to the stored relations, then calls Accept; the next
// step reads them. The same plan runs once over the whole history (Query), in bounded pieces
// over it (Fill), or incrementally (Step), and gives the same rows.
//
// The package has no I/O, no clock and no goroutine of its own; independent views run on the
// caller's Runner and are joined in a fixed order. It knows nothing of blocks and trees.
package engine

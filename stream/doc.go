// Package stream is the deterministic engine, room by room: relations are Z-sets (rows with
// integer weights), and operators map deltas to deltas (DBSP, https://arxiv.org/abs/2203.16684).
//
//	sql text -> parse -> bind -> plan -> rewrite -> compile -> circuit
//	                                                              |
//	   deltas of base relations + watermarks  -- engine.Step -->  deltas of views
//	                                                              |
//	                                          one net batch of changes per relation
//
// The rooms: value and batch (columns), row (bytes), expr and agg (functions), window (event
// time), catalog, plan, access (which key ranges a plan reads), sql, operator, circuit, compile,
// engine, and oracle, the naive second evaluator that tests and verifiers use.
//
// It must never do input or output, read a clock, start a goroutine, let a map's order show, or
// know of blocks, trees or networks.
//
// The law of the floor: the same plan, run incrementally or once over the history, gives the
// same rows.
package stream

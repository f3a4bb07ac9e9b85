// Package machine runs SQL over an engine alone: no ledger, no consensus, no clock. Benchmarks and
// differential tests drive it.
//
//	Exec (DDL) ─► catalog, engine        Step (batches by name) ─► views in memory
//	Query ─► the engine's batch evaluation      Oracle ─► the naive evaluator's answer
//
// The caller makes the rows: those of a stream in its row space with the hidden columns, those of
// a table as +/- rows. The machine keeps the history of streams only when asked to.
package machine

// Package enginebench measures the engine alone: no network, no signatures, no ledger.
//
//	generated flights ──► segments of 8,192 rows ──► one view ──► stored relation in memory
//
// The flights are a pure function of their number, so two runs do the same work; only the clock
// differs. The package must never be imported by anything that runs in a node.
package enginebench

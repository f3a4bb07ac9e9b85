// Package circuit wires operators into a graph and steps it.
//
//	source ─► filter ─► project ─► aggregate ─┐
//	source ─────────────────────────────────► join ─► out
//
// Nodes stand in topological order: an input has a lower number than its consumers, so one pass
// in order is a step. The package never decides what an operator does; it only moves deltas,
// counts rows, and checks the contracts of edges when asked to.
//
// Invariants on every edge, checked under the build tag "invariants" and in tests: columns have
// the declared types, no weight is zero, and no mark moves back.
package circuit
